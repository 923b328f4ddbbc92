"""The beginning of a house: whether nobody is there yet, and who may open the page on which it is founded."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from klarfall.accounts.models import Kind, User
from klarfall.core.isolation import SYSTEM, viewing_as

_SALT = "klarfall.accounts.founding"
_VALID_FOR = 24 * 60 * 60  # seconds


def is_founded() -> bool:
    """Is there anybody besides the system? From then on nobody founds the house any more."""
    with viewing_as(SYSTEM):
        return User.objects.exclude(kind=Kind.SYSTEM).exists()


def may_found(key: str) -> bool:
    """May whoever brings this key found the house?

    On an embedded database that only this machine reaches no key is asked for; anywhere else the address may be
    known to the world before the vendor sits down, so that the operator's key decides.
    """
    return not is_founded() and (settings.DEMO_ALLOWED or _is_key(key))


def new_key() -> str:
    """A key for one day; it ends at once when the house is founded."""
    return signing.dumps("found", salt=_SALT)


def link(address: str) -> str:
    """Where the house is founded, with a new key."""
    return f"{address}{reverse('house-start')}?key={new_key()}"


def _is_key(key: str) -> bool:
    try:
        return bool(signing.loads(key, salt=_SALT, max_age=_VALID_FOR) == "found")
    except signing.BadSignature:
        return False

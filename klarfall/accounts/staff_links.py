"""The link by which a new colleague chooses a password: signed, good for 14 days and for one password."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from klarfall.accounts.models import Kind, User

VALID_FOR = timedelta(days=14)
_SALT = "klarfall.accounts.staff_links"


def link_of(user: User) -> str:
    """The absolute link; a newer invitation, a chosen password or another address ends it."""
    token = signing.dumps([user.pk, _state(user)], salt=_SALT)
    return f"{settings.BASE_URL}{reverse('staff-invitation', args=[token])}"


def invited_by(token: str) -> User | None:
    """The colleague whom the link invites; None when it was used, replaced, is too old or was never ours."""
    try:
        pk, state = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, kind=Kind.STAFF, is_active=True).first()
    if user is None or user.has_usable_password() or not constant_time_compare(state, _state(user)):
        return None
    return user


def _state(user: User) -> str:
    """Changes with address and password: an unusable password is a new secret each time it is set."""
    return salted_hmac(_SALT, f"{user.pk}:{user.email}:{user.password}", algorithm="sha256").hexdigest()

"""Which mail addresses are ours: what comes from one of them is not a customer's, and may be an echo of our own."""

from django.conf import settings
from django.core.cache import cache

from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor

_KEY = "klarfall.channels.own_addresses"
_SECONDS = 30


def own_addresses() -> frozenset[str]:
    """Senders of our mails and the addresses that customers write to, in small letters; also those switched off.

    Kept per process until master data change (`core/master_data.py`).
    """
    found: frozenset[str] | None = cache.get(_KEY)
    if found is None:
        found = _read()
        cache.set(_KEY, found, _SECONDS)
    return found


def is_own(address: str) -> bool:
    """Is it one of ours, also with a subaddress (`support+…@`)?"""
    small = address.strip().lower()
    local, _at, domain = small.rpartition("@")
    own = own_addresses()
    return small in own or f"{local.partition('+')[0]}@{domain}" in own


def forget() -> None:
    """Read them anew, also in the request that has changed them."""
    cache.delete(_KEY)


def _read() -> frozenset[str]:
    channels = ContactChannel.objects.filter(kind=ChannelKind.EMAIL).values_list("value", flat=True)
    senders = Product.objects.values_list("mail_from", flat=True)
    house = (vendor.current().mail_from, settings.DEFAULT_FROM_EMAIL)
    return frozenset(one.strip().lower() for one in (*house, *senders, *channels) if "@" in one)

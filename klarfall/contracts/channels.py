"""Which ways of contact a product has now: what is switched off is gone from pages, mails and forms at once (R11)."""

from collections.abc import Iterable

from django.core.cache import cache

from klarfall.contracts.models.product import ChannelKind, ContactChannel

_KEY = "klarfall.contracts.channels_off"
_SECONDS = 30


def switched_off(product_id: int) -> frozenset[str]:
    """Kinds of contact that the product has, all of them switched off. A kind that was never set up is not among them.

    Read once per change of master data: every new request asks.
    """
    found: tuple[tuple[int, str], ...] | None = cache.get(_KEY)
    if found is None:
        found = _read()
        cache.set(_KEY, found, _SECONDS)
    return frozenset(kind for product, kind in found if product == product_id)


def open_kinds(product_id: int, kinds: Iterable[str] = tuple(ChannelKind.values)) -> list[str]:
    """Those of the kinds that are not switched off for the product, in their order."""
    off = switched_off(product_id)
    return [kind for kind in kinds if kind not in off]


def forget() -> None:
    """Read it anew, also in the request that has changed it."""
    cache.delete(_KEY)


def _read() -> tuple[tuple[int, str], ...]:
    rows = set(ContactChannel.objects.values_list("product_id", "kind", "active"))
    return tuple((product, kind) for product, kind, active in rows if not active and (product, kind, True) not in rows)

"""About which product a mail is: by the address to which it was sent, by its mailbox, by the contracts."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone

from klarfall.contracts.models import ContactChannel, ContractLine, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import local_day
from klarfall.core.prepared import prepared
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.receiving.sources import product_code

_KEY = "klarfall.incoming.products"
_SECONDS = 30
#: Headers in which servers write down to whom they delivered.
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


class _Products:
    """The active products in their order, and by the addresses that belong to one of them alone."""

    def __init__(self) -> None:
        self.active = list(Product.objects.filter(active=True).select_related("calendar"))
        by_pk = {one.pk: one for one in self.active}
        owners: dict[str, set[int]] = {}
        channels = ContactChannel.objects.filter(kind=ChannelKind.EMAIL).values_list("value", "product_id")
        senders = [(one.mail_from, one.pk) for one in self.active]
        for address, product in (*channels, *senders):
            if address and product in by_pk:
                owners.setdefault(address.strip().lower(), set()).add(product)
        self.by_address = {address: by_pk[min(ids)] for address, ids in owners.items() if len(ids) == 1}


def _products() -> _Products:
    found: _Products | None = cache.get(_KEY)
    if found is None:
        found = _Products()
        cache.set(_KEY, found, _SECONDS)
    return found


def recipients(mail: IncomingMail, parsed: ParsedMail) -> Iterator[str]:
    """The addresses to which a mail was sent, the envelope first: it is what the server acted on."""
    yield from (one.strip().strip("<>").lower() for one in mail.envelope_to)
    yield from (value.strip().strip("<>").lower() for name in _DELIVERED for value in parsed.headers.get(name, ()))
    yield from (one.address for one in (*parsed.to, *parsed.cc))


def product_named(mail: IncomingMail, parsed: ParsedMail) -> Product | None:
    """The product that the mailbox or a recipient's address stands for; None where they stand for none or several."""
    products = _products()
    code = product_code(mail.source, settings.MAIL_IN)
    if code:
        return next((one for one in products.active if one.code == code), None)
    return _by_address(recipients(mail, parsed), products.by_address)


def _by_address(addresses: Iterable[str], known: dict[str, Product]) -> Product | None:
    for address in addresses:
        local, _at, domain = address.rpartition("@")
        found = known.get(address) or known.get(f"{local.partition('+')[0]}@{domain}")
        if found is not None:
            return found
    return None


def usual_product(customer_id: int) -> Product | None:
    """The first product that the customer has under contract, else the first of all."""
    ours, active = contracted(customer_id), _products().active
    return next((one for one in active if one.pk in ours), next(iter(active), None))


def contracted(customer_id: int) -> set[int]:
    """Ids of the products that the customer has under contract today."""
    return {line.product_id for line in _lines(customer=customer_id, day=local_day(timezone.now()))}


@prepared
def _lines(*, customer: int, day: date) -> QuerySet[Any]:
    return ContractLine.objects.filter(
        Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=day),
        customer_id=customer,
        contract__terminated=False,
        contract__starts_on__lte=day,
    )

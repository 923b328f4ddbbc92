"""Where a typed number leads: a request, customer, contract, invoice or cost notice."""

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.billing.models import CostOffer, Invoice
from klarfall.contracts.models import Contract
from klarfall.core import vendor
from klarfall.customers.models import Customer
from klarfall.tickets.models import Ticket

_MOST_DIGITS = 15
_LONGEST = 40


@dataclass(frozen=True)
class Jump:
    """A page that a number names: what it is, its number as it is written, more about it, and its address."""

    what: str
    number: str
    about: str
    url: str
    icon: str


def jumps(typed: str) -> list[Jump]:
    """What a single typed word with a digit names exactly; at most five statements by unique keys."""
    word = typed.strip().lstrip("#")
    if not word or len(word) > _LONGEST or " " in word or not re.search(r"\d", word):
        return []
    prefix = vendor.current().number_prefix
    digits = re.fullmatch(rf"(?:{re.escape(prefix)}-?)?(\d{{1,{_MOST_DIGITS}}})", word, re.IGNORECASE)
    numbered = _by_digits(int(digits[1]), prefix) if digits else []
    return [*numbered, *_by_words(word)]


def _by_digits(number: int, prefix: str) -> list[Jump]:
    found = []
    for one in Ticket.objects.filter(number=number).select_related("customer"):
        url = reverse("desk:ticket", args=[one.number])
        found.append(Jump(_("Request"), f"{prefix}-{one.number}", f"{one.title} · {one.customer.name}", url, "chat"))
    for offer in CostOffer.objects.filter(number=number).select_related("ticket__customer"):
        url = reverse("desk:ticket", args=[offer.ticket.number])
        about = f"{offer.ticket.title} · {offer.ticket.customer.name}"
        found.append(Jump(_("Cost notice"), str(offer.number), about, url, "coins"))
    return found


def _by_words(word: str) -> list[Jump]:
    found = []
    for customer in Customer.objects.filter(number=word):
        url = reverse("desk:customer", args=[customer.number])
        found.append(Jump(_("Customer"), customer.number, customer.name, url, "building"))
    for contract in Contract.objects.filter(number=word).select_related("customer"):
        url = reverse("desk:contract", args=[contract.pk])
        found.append(Jump(_("Contract"), contract.number, contract.customer.name, url, "clause"))
    for invoice in Invoice.objects.filter(number=word).select_related("customer"):
        url = reverse("desk:invoice", args=[invoice.serial])
        found.append(Jump(_("Invoice"), invoice.number, invoice.customer.name, url, "file"))
    return found

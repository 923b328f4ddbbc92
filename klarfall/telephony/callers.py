"""Who is calling: contacts with the number, people behind the same house's number, or whoever is called so."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from klarfall.core import vendor
from klarfall.customers.models import Contact
from klarfall.customers.phone_numbers import beginning, e164, is_number, shares_house, stems

#: More nobody reads while the telephone rings.
MOST = 12
#: Of a house's people so many are looked at.
_HOUSE = 60
_WORDS = 6


@dataclass(frozen=True)
class Callers:
    """`known` have the number (several may share it) or match the words; `perhaps` sit in the same house."""

    known: Sequence[Contact] = ()
    perhaps: Sequence[Contact] = ()

    @property
    def first(self) -> Contact | None:
        """Whom Enter takes."""
        return next(iter((*self.known, *self.perhaps)), None)

    @property
    def everybody(self) -> list[Contact]:
        """All of them, the surer ones first."""
        return [*self.known, *self.perhaps]


def find(query: str) -> Callers:
    """The callers for what somebody types: a number, the beginning of one, or words. For staff; three small queries."""
    query = query.strip()
    if not query:
        return Callers()
    if not is_number(query):
        return Callers(known=_named(query))
    found = by_number(e164(query, vendor.current().country))
    if found.everybody:
        return found
    return Callers(known=_beginning(query) or _named(query))


def by_number(number: str) -> Callers:
    """The callers behind a number in E.164; nobody for a hidden one."""
    if not number:
        return Callers()
    known = _ordered(_active().filter(phone_e164=number))[:MOST]
    return Callers(known=known, perhaps=[] if known else _in_house(number))


def _in_house(number: str) -> list[Contact]:
    """People whose house the number could belong to: its last digits are an extension."""
    possible = stems(number)
    if not possible:
        return []
    near = reduce(or_, (Q(phone_e164__startswith=one) for one in possible))
    rows = _ordered(_active().filter(near))[:_HOUSE]
    return [one for one in rows if shares_house(number, one.phone_e164, one.phone)][:MOST]


def _beginning(query: str) -> list[Contact]:
    return _ordered(_active().filter(phone_e164__startswith=beginning(query, vendor.current().country)))[:MOST]


def _named(query: str) -> list[Contact]:
    """Contacts in whom every word occurs: name, mail, phone as written, customer's name or number."""
    rows = _active()
    for word in query.split()[:_WORDS]:
        rows = rows.filter(
            Q(user__name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(phone__icontains=word)
            | Q(customer__name__icontains=word)
            | Q(customer__number__istartswith=word)
        )
    return _ordered(rows)[:MOST]


def _active() -> QuerySet[Any]:
    return Contact.objects.filter(is_active=True).select_related("user", "customer")


def _ordered(rows: QuerySet[Any]) -> Any:
    return list(rows.order_by("customer__name", "user__name", "pk")[:_HOUSE])

"""What stands beside a call: the person, their open requests, what is known of the product, earlier calls."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from klarfall.contracts.models import CatalogueItem, ContractLine
from klarfall.contracts.queries import local_day, terms_in_force
from klarfall.customers.models import Contact
from klarfall.desk.forms.call import callable_for_desk, covered_items
from klarfall.knowledge.problems import for_customer
from klarfall.telephony.models import Call, CallbackWish
from klarfall.telephony.open_wish import callback_column, callback_when
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.models import Concern, Ticket

_OPEN, _KNOWN, _CALLS, _TODAY = 12, 5, 4, 60
#: A defect that was found longer ago is solved or forgotten.
_LATELY = timedelta(days=180)
_DEFECT = "COV-DEFECT"


@dataclass
class CallPage:
    """A contact on the phone. Products: those under contract first."""

    contact: Contact
    now: datetime
    lines: list[Any] = field(default_factory=list)
    tickets: list[Any] = field(default_factory=list)
    items: list[CatalogueItem] = field(default_factory=list)

    @property
    def product_id(self) -> int | None:
        """The product they probably call about: that of the contract, else the first."""
        offered = [one.pk for one in callable_for_desk()]
        agreed = (one.product_id for one in self.lines if one.product_id in offered)
        return next(agreed, None) or next(iter(offered), None)

    @property
    def product_ids(self) -> set[int]:
        """What the company has under contract, else the product they probably call about."""
        return {one.product_id for one in self.lines} or ({self.product_id} if self.product_id else set())

    def beside(self) -> dict[str, Any]:
        """What the template shows beside the form."""
        known = for_customer(self.contact.customer_id, self.product_ids, self.now)
        return {
            "contact": self.contact,
            "lines": self.lines,
            "tickets": self.tickets,
            # Who keeps known problems need not guess them from defects that were found.
            "problems": [] if known else known_problems(self.product_id, self.now),
            "known": known,
            "calls": list(calls().filter(contact=self.contact)[:_CALLS]),
            "wishes": [(one, callback_when(one, self.now)) for one in self.tickets if one.callback],
        }


def call_page(contact: Contact, now: datetime) -> CallPage:
    """Read what the form and its side need."""
    today, terms = local_day(now), terms_in_force(now)
    running = Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=today)
    lines = ContractLine.objects.filter(running, customer=contact.customer_id, contract__terminated=False)
    found = CallPage(
        contact=contact,
        now=now,
        lines=list(lines.filter(contract__starts_on__lte=today).select_related("contract", "product").order_by("pk")),
        tickets=list(_open_tickets(contact)[:_OPEN]),
    )
    found.items = covered_items(terms.pk if terms else None, found.product_id)
    return found


def _open_tickets(contact: Contact) -> QuerySet[Any]:
    """Open requests of the company, the caller's own first."""
    own = Case(When(contact=contact, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Ticket.objects.live().filter(customer=contact.customer_id)
    return rows.select_related("product", "contact__user").annotate(callback=callback_column()).order_by(own, "-pk")


def known_problems(product_id: int | None, now: datetime) -> list[Any]:
    """The newest concerns in which a defect of the product was found, of any customer: staff sees them all."""
    rows = Concern.objects.filter(
        current_assessment__item__code=_DEFECT,
        current_assessment__published_at__gt=now - _LATELY,
        ticket__product=product_id,
    )
    return list(rows.select_related("ticket__version").order_by("-current_assessment__published_at")[:_KNOWN])


def calls() -> QuerySet[Any]:
    """Recorded calls with whom and what they name, the newest first."""
    rows = Call.objects.select_related("contact__user", "customer", "ticket", "agent")
    return rows.order_by("-started_at", "-pk")


def calls_of_today(now: datetime) -> list[Any]:
    """Everybody's calls since midnight here."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return list(calls().filter(started_at__gte=midnight)[:_TODAY])


def strangers(query: str) -> list[Any]:
    """Calls of people nobody knows, found by any part of name, company, number or note."""
    rows = calls().filter(contact__isnull=True)
    for word in query.split()[:4]:
        digits = "".join(sign for sign in word if sign.isdecimal()).removeprefix("0")
        by_number = Q(number_e164__contains=digits) if len(digits) > 3 else Q(pk__in=[])  # noqa: PLR2004
        text = Q(name__icontains=word) | Q(company__icontains=word) | Q(note__icontains=word)
        rows = rows.filter(text | Q(number__icontains=word) | by_number)
    return list(rows[:_OPEN])


def open_wishes() -> QuerySet[Any]:
    """Who waits to be called back, whoever is due first on top."""
    rows = CallbackWish.objects.filter(status=CallbackStatus.OPEN).order_by("due_at", "pk")
    return rows.select_related("ticket", "contact__user", "customer")

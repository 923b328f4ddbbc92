"""The service record of a ticket as it would be issued now, beside the last one that was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from klarfall.billing.models import ServiceRecord, TimeEntry
from klarfall.billing.records.content import Inputs, content_of, stored_inputs
from klarfall.billing.records.inputs import inputs_of
from klarfall.billing.status import EntryStatus, RecordStatus
from klarfall.core import vendor
from klarfall.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What would be issued, and what was issued last; `timers` run on the ticket, their minutes are not in it."""

    ticket: Ticket
    until: datetime
    inputs: Inputs
    currency: str
    content: dict[str, Any]
    last: ServiceRecord | None
    timers: int

    @property
    def revision(self) -> int:
        """The number it would get."""
        return self.last.revision + 1 if self.last else 1

    @property
    def has_entries(self) -> bool:
        """Was anything recorded that is over: work or review?"""
        return any(concern.facts.entries for concern in self.inputs)

    @property
    def is_new(self) -> bool:
        """Does it say anything else than the last one?"""
        return self.last is None or self.last.content != self.content

    @property
    def answers(self) -> bool:
        """Would it answer a dispute? Then it may also say the same again."""
        return self.last is not None and self.last.status == RecordStatus.DISPUTED

    @property
    def may_be_issued(self) -> bool:
        """Is there nothing against issuing it?"""
        return self.has_entries and not self.timers and (self.is_new or self.answers)

    @property
    def is_due(self) -> bool:
        """Does the customer owe, or no longer owe, something that no record says yet? Then closing issues it."""
        told = _owed(self.last.content) if self.last else {}
        return self.may_be_issued and _owed(self.content) != told

    def stored_inputs(self) -> dict[str, Any]:
        """The inputs as the row keeps them."""
        return stored_inputs(self.inputs, self.currency)


def draft_of(ticket: Ticket, now: datetime) -> Draft:
    """Compute the record of a ticket as it stands; running timers count nothing before they stop."""
    inputs, currency = inputs_of(ticket), vendor.current().currency
    return Draft(
        ticket=ticket,
        until=now,
        inputs=inputs,
        currency=currency,
        content=content_of(inputs, currency),
        last=ServiceRecord.objects.filter(ticket=ticket.pk).order_by("-revision").first(),
        timers=TimeEntry.objects.filter(ticket=ticket.pk, status=EntryStatus.RUNNING).count(),
    )


def _owed(content: dict[str, Any]) -> dict[int, Any]:
    """The bill by concern, of those that have one."""
    return {one["id"]: (one["exact"], one["lines"]) for one in content["concerns"] if one["lines"]}

"""The service records of a ticket for pages: one of them with everything it names, and the list of its revisions."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.sheet import Sheet, sheet_of
from klarfall.billing.status import RecordStatus


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A record as a page shows it; `revisions` are all of its ticket, newest first, without what they say."""

    record: Any
    sheet: Sheet
    revisions: list[Any]

    @property
    def latest(self) -> Any:
        return self.revisions[0]

    @property
    def is_latest(self) -> bool:
        return bool(self.latest.pk == self.record.pk)

    @property
    def objection(self) -> str:
        """What the customer wrote in a dispute; empty without one."""
        sealed = self.record.answer
        return (sealed.text or _("This text was erased.")) if sealed else ""

    @property
    def may_confirm(self) -> bool:
        """Does it wait for an answer?"""
        return self.is_latest and self.record.status == RecordStatus.ISSUED

    @property
    def may_dispute(self) -> bool:
        """Can the customer still see it differently?"""
        return self.is_latest and self.record.status in (RecordStatus.ISSUED, RecordStatus.CONFIRMED)


def rows() -> QuerySet[Any]:
    """Records with everything their page names, as the viewer sees them."""
    return ServiceRecord.objects.select_related("ticket__customer", "ticket__contact", "answered_by", "answer")


def revisions(ticket_id: int) -> list[Any]:
    """All revisions of a ticket, newest first, without content and inputs."""
    found = ServiceRecord.objects.filter(ticket=ticket_id).defer("content", "inputs")
    return list(found.order_by("-revision"))


def shown(record: Any) -> Shown:
    """A record from `rows()` in the words of the reader."""
    sheet = sheet_of(record.ticket, record.content, until=record.until, revision=record.revision, issued=record)
    return Shown(record=record, sheet=sheet, revisions=revisions(record.ticket_id))

"""What mails say about a service record: its figures as on the page, and the PDF beside them."""

from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.pdf import file_name
from klarfall.billing.records.sheet import Part, Sheet, sheet_of
from klarfall.billing.status import RecordStatus
from klarfall.channels import addresses
from klarfall.core import mail
from klarfall.tickets.models import Ticket, TicketEvent

#: Notices that bring the document itself.
_WITH_PDF = frozenset({"service_record"})


def record_words(ticket: Ticket, event: TicketEvent | None, *, staff: bool) -> dict[str, Any]:
    """The record that an event is about, in words; nothing for other events and for records out of sight."""
    wanted = event.data.get("record") if event is not None and event.kind.startswith("record.") else None
    record = ServiceRecord.objects.filter(pk=wanted).first() if wanted else None
    if record is None:
        return {}
    sheet = sheet_of(ticket, record.content, until=record.until, revision=record.revision, issued=record)
    return {
        "record": record,
        "sheet": sheet,
        "record_url": addresses.page("desk:record" if staff else "portal:record", pk=record.pk),
        "record_card": _card(sheet),
        "calculations": [(_heading(part), _calculation(part)) for part in sheet.parts if part.lines],
        "answers": record.revision > 1 and _answers(record),
    }


def _answers(record: ServiceRecord) -> bool:
    """Does this revision answer a dispute of the one before it?"""
    before = ServiceRecord.objects.filter(ticket=record.ticket_id, revision=record.revision - 1)
    return before.filter(status=RecordStatus.DISPUTED).exists()


def _card(sheet: Sheet) -> dict[str, Any]:
    return {
        "meaning": "open",
        "verdict": f"{sheet.title}, {sheet.revision}",
        "lead": ", ".join(f"{label}: {value}" for label, value in sheet.figures),
        "rows": sheet.sums,
        "button": None,
        "note": "",
    }


def _heading(part: Part) -> str:
    return ": ".join(filter(None, [_("Calculation"), part.title]))


def _calculation(part: Part) -> str:
    """The lines of one concern and what they come to, a line each."""
    rows = [f"{line.name}: {line.why} {line.net}" for line in part.lines]
    return "\n".join([*rows, *part.goodwill, f"{part.minutes}: {part.net}"])


def attached(kind: str, context: dict[str, Any]) -> tuple[mail.Attachment, ...]:
    """The files that go with a notice of this kind."""
    record = context.get("record")
    if kind not in _WITH_PDF or record is None or not record.pdf_key:
        return ()
    with default_storage.open(record.pdf_key, "rb") as file:
        return (mail.Attachment(file_name(record), file.read(), "application/pdf"),)

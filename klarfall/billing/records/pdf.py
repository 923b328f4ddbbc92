"""The PDF of a service record: tagged, PDF/UA-1, set from the same words as the page, stored once."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.sheet import Sheet, sheet_of
from klarfall.billing.typesetting import typeset
from klarfall.core import vendor
from klarfall.tickets.models import Ticket

#: Not the folder of a day: files of tickets that no row names are swept there.
_FOLDER = "documents"


@dataclass(frozen=True)
class Stored:
    """A document in the private store."""

    key: str
    size: int
    sha256: str


@contextmanager
def stored(record: ServiceRecord) -> Iterator[Stored]:
    """Set and store the document; an error in the block deletes it again."""
    content = document(record)
    key = default_storage.save(f"{_FOLDER}/{secrets.token_hex(16)}", ContentFile(content))
    try:
        yield Stored(key, len(content), hashlib.sha256(content).hexdigest())
    except BaseException:
        default_storage.delete(key)
        raise


def document(record: ServiceRecord) -> bytes:
    """The PDF of an issued record, in its language."""
    ticket = Ticket.objects.select_related("customer", "contact").get(pk=record.ticket_id)
    with translation.override(record.language), timezone.override(vendor.current().time_zone):
        sheet = sheet_of(ticket, record.content, until=record.until, revision=record.revision, issued=record)
        return typeset("service_record", data_of(sheet, record), standard="ua-1")


def data_of(sheet: Sheet, record: ServiceRecord) -> dict[str, Any]:
    """What the template gets; the state of the record is not in it, for that changes and the document does not."""
    profile, at = vendor.current(), record.issued_at.astimezone(UTC)
    title = f"{sheet.title} {sheet.number}, {sheet.revision}"
    return {
        "document": {
            "title": title,
            "author": profile.legal_name or profile.name,
            "language": record.language,
            "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
            "vendor": profile.legal_name or profile.name,
            "running": title,
            "page_of": _("Page {page} of {pages}"),
            "note": _("Check sum of the figures: %(hash)s") % {"hash": record.content_hash[:16]},
        },
        "sheet": asdict(sheet),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """The headings of the document."""
    return {
        "work": _("Work, every entry"),
        "day": _("Day"),
        "time": _("Time"),
        "minutes": _("Minutes"),
        "activity": _("Activity"),
        "kind": _("What it is, and why"),
        "class": _("What it is"),
        "free": _("Minutes that cost nothing"),
        "why": _("Reason"),
        "calculation": _("Calculation"),
        "line": _("Line"),
        "net": _("Net"),
        "goodwill": _("Goodwill"),
        "total": _("Altogether"),
        "no_entries": _("No work was recorded here."),
    }


def file_name(record: ServiceRecord) -> str:
    """`Leistungsnachweis-KF-1837-1.pdf`, in the language of the record."""
    with translation.override(record.language):
        name = _("Service record").replace(" ", "-")
    return f"{name}-{vendor.current().number_prefix}-{record.ticket.number}-{record.revision}.pdf"

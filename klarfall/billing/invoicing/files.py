"""The stored files of an invoice: handed out as they are, saved and never run."""

from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse

from klarfall.billing.models import Invoice
from klarfall.tickets.files import Content, headers

#: Kind -> type of its content. "xml" is the XRechnung; the data inside the PDF are in the PDF.
TYPES = {"pdf": "application/pdf", "xml": "application/xml"}


def name_of(invoice: Invoice, kind: str) -> str:
    """The name under which it is saved: `RE-2026-00012.pdf`."""
    return f"{invoice.number.replace('/', '-')}.{kind}"


def opened(invoice: Invoice, kind: str) -> IO[bytes] | None:
    """The content of a file; None where there is none (not made yet, no XRechnung) or it is gone."""
    key = getattr(invoice, f"{kind}_key") if kind in TYPES else ""
    try:
        return default_storage.open(key, "rb") if key else None
    except FileNotFoundError:
        return None


def response(invoice: Invoice, kind: str) -> FileResponse | None:
    """A file of an invoice the viewer has fetched, as a stream; None where there is none."""
    content = opened(invoice, kind)
    if content is None:
        return None
    key, sha256 = getattr(invoice, f"{kind}_key"), getattr(invoice, f"{kind}_sha256")
    file = Content(name_of(invoice, kind), TYPES[kind], default_storage.size(key), sha256, key)
    answer = FileResponse(content)
    for name, value in headers(file).items():
        answer[name] = value  # afterwards: the response makes a name of its own from the stored key
    return answer

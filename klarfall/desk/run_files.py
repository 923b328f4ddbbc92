"""The files of an exported run, handed out so that no browser runs them."""

from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from klarfall.billing.models import BillingBatch
from klarfall.billing.status import BatchStatus
from klarfall.tickets.files import Content, headers

CONTENT_TYPES = {"csv": "text/csv", "json": "application/json"}


def file_response(run: BillingBatch, kind: str) -> FileResponse:
    """One file of a run as a stream; Http404 before the export or where its content is gone."""
    key = getattr(run, f"{kind}_key", "")
    if run.status != BatchStatus.EXPORTED or not key:
        raise Http404
    stored = _open(key)
    file = Content(
        name=f"Abrechnungslauf-{run.number}.{kind}",
        content_type=CONTENT_TYPES[kind],
        size=default_storage.size(key),
        sha256=getattr(run, f"{kind}_sha256"),
        key=key,
    )
    response = FileResponse(stored)
    for name, value in headers(file).items():
        response[name] = value  # afterwards: the response makes a name of its own from the stored key
    return response


def _open(key: str) -> IO[bytes]:
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError:
        raise Http404 from None

"""Service records: look at one, confirm it, see it differently, take its PDF along."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.billing.actions import service_records
from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.handing_out import handed_out
from klarfall.billing.records.shelf import Shown, rows, shown
from klarfall.core.action import Refused
from klarfall.portal.forms.records import DisputeForm
from klarfall.portal.shell import show
from klarfall.ui.rendering import go


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows a service record with its revisions, and what can be answered."""
    found = _found(pk)
    return show(request, "portal/records/page.html", here="requests", **_context(found))


def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirms a record; GET shows what is confirmed before anything is recorded."""
    if request.method != "POST":
        return show(request, "portal/records/sign_off.html", here="requests", **_context(_found(pk)))
    try:
        found = get_object_or_404(ServiceRecord, pk=pk)
        service_records.confirm_record(found, actor=request.user, now=timezone.now())
        messages.success(request, _("You have confirmed the service record."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:record", pk)


def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Sees a record differently: free, and answered with the next revision."""
    found, form = _found(pk), DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            words = form.cleaned_data["reason"]
            service_records.dispute_record(found.record, reason=words, actor=request.user, now=timezone.now())
            messages.success(request, _("We check the service record and answer with the next revision."))
            return go(request, "portal:record", pk)
        except Refused as problem:
            form.refuse(problem)
    status = 422 if form.errors else 200
    return show(request, "portal/records/objection.html", here="requests", status=status, form=form, **_context(found))


def document(request: HttpRequest, pk: int) -> FileResponse:
    """The PDF."""
    return handed_out(get_object_or_404(ServiceRecord.objects.select_related("ticket"), pk=pk))


def _found(pk: int) -> Shown:
    return shown(get_object_or_404(rows(), pk=pk))


def _context(found: Shown) -> dict[str, Any]:
    return {"found": found, "record": found.record, "sheet": found.sheet, "ticket": found.record.ticket}

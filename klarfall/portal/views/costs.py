"""Costs: the page with its sections, the export of what it shows, and the files of invoices."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from klarfall.billing.invoicing import files
from klarfall.billing.models import Invoice
from klarfall.core.action import Refused
from klarfall.portal.cost_export import export, file_name
from klarfall.portal.cost_page import asked, chosen_section, cost_page
from klarfall.portal.shell import customers_with_costs, show, viewer_of
from klarfall.ui.rendering import go


@require_GET
def costs(request: HttpRequest) -> HttpResponse:
    """Shows what was billed, what is running, and the papers about it."""
    now = timezone.now()
    context = cost_page(request, now)
    return show(request, "portal/costs/page.html", here="costs", part="result", now=now, **context)


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """Sends the filtered rows of a section as CSV."""
    section = chosen_section(request)
    ask = asked(request, section, timezone.now())
    try:
        content = export(section.key, ask, viewer_of(request))
    except Refused as problem:
        messages.error(request, str(problem))
        return go(request, f"{reverse('portal:costs')}?{request.GET.urlencode()}")
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file_name(section.label, ask)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def invoice(request: HttpRequest, serial: int, form: str) -> HttpResponseBase:
    """Sends an invoice as PDF or XML; it exists for those who see the costs of its company."""
    if not customers_with_costs(viewer_of(request)):
        raise Http404
    response = files.response(get_object_or_404(Invoice, serial=serial), form)
    if response is None:  # not made yet, no XRechnung, or gone
        raise Http404
    return response

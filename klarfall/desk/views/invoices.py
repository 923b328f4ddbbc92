"""Invoices and credit notes: the list, one of them with its files, sending it."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import invoices as actions
from klarfall.billing.invoicing import files
from klarfall.billing.invoicing.content import Content
from klarfall.billing.models import BillingBatch, Invoice
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.paging import page_of
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page

_HERE = "billing"
_RUN = re.compile(r"[0-9]{1,9}")


@needs("invoice.write")
def invoices(request: HttpRequest) -> HttpResponse:
    """All invoices, newest first; with ?run= those of one billing run."""
    query = request.GET
    run = named.group() if (named := _RUN.fullmatch(query.get("run", ""))) else ""
    rows = _rows().filter(batch__number=int(run)) if run else _rows()
    found = page_of(rows, after=query.get("after", ""), before=query.get("before", ""), newest=True)
    return page(request, "desk/billing/invoices.html", **shell(scope_of(request), _HERE), found=found, run=run)


def _rows() -> QuerySet[Invoice]:
    return Invoice.objects.select_related("customer", "batch").defer("content", "seller", "buyer")


def _invoice(serial: int) -> Invoice:
    return get_object_or_404(Invoice.objects.select_related("customer", "batch", "created_by"), serial=serial)


@needs("invoice.write")
def invoice(request: HttpRequest, serial: int) -> HttpResponse:
    """One invoice: its figures, what is wrong with it, its files."""
    found = _invoice(serial)
    context: dict[str, Any] = {"invoice": found, "content": Content.from_json(found.content)}
    return page(request, "desk/billing/invoice.html", **shell(scope_of(request), _HERE), **context)


@needs("invoice.write")
def invoice_file(request: HttpRequest, serial: int, kind: str) -> FileResponse:
    """The PDF or the XRechnung as it was stored."""
    response = files.response(_invoice(serial), kind)
    if response is None:
        raise Http404
    return response


@needs("invoice.write")
@require_POST
def dispatch(request: HttpRequest, serial: int) -> HttpResponse:
    """Mail it to the customer."""
    found = _invoice(serial)
    try:
        actions.send_invoice(found, actor=request.user, now=timezone.now())
        messages.success(request, _("The invoice is being sent."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:invoice", args=[serial]))


@needs("invoice.write")
@require_POST
def of_run(request: HttpRequest, number: int) -> HttpResponse:
    """Have the invoices of a frozen run written that are not there yet."""
    run = get_object_or_404(BillingBatch, number=number)
    try:
        actions.request_invoices(run, actor=request.user, now=timezone.now())
        messages.success(request, _("The invoices are being written. They appear here in a moment."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(f"{reverse('desk:invoices')}?run={run.number}")

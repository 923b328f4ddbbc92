"""Service records at the desk: what one would say now, issue it, look at those that were issued."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.billing.actions import service_records
from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.drafting import draft_of
from klarfall.billing.records.handing_out import handed_out
from klarfall.billing.records.sheet import sheet_of
from klarfall.billing.records.shelf import revisions, rows, shown
from klarfall.core.action import Refused
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.workspace import ticket_for_page
from klarfall.ui.rendering import SeeOther, page


def records(request: HttpRequest, number: int) -> HttpResponse:
    """The record as it would be issued now, and those that were; POST issues it."""
    scope, ticket = scope_of(request), ticket_for_page(number)
    if request.method == "POST":
        try:
            issued = service_records.issue_record(ticket, actor=scope.user, now=scope.now)
        except Refused as problem:
            messages.error(request, str(problem.message))
            return SeeOther(reverse("desk:records", args=[number]))
        messages.success(request, _("Service record issued. The customer gets it by e-mail."))
        return SeeOther(reverse("desk:record", args=[issued.pk]))
    draft = draft_of(ticket, scope.now)
    sheet = sheet_of(ticket, draft.content, until=draft.until, revision=draft.revision)
    context = {"ticket": ticket, "draft": draft, "sheet": sheet, "revisions": revisions(ticket.pk)}
    return page(request, "desk/record/draft.html", **shell(scope), **context)


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """A record that was issued, with the customer's answer."""
    found = shown(get_object_or_404(rows(), pk=pk))
    context = {"found": found, "record": found.record, "sheet": found.sheet, "ticket": found.record.ticket}
    return page(request, "desk/record/page.html", **shell(scope_of(request)), **context)


def document(request: HttpRequest, pk: int) -> FileResponse:
    """The PDF as the customer got it."""
    return handed_out(get_object_or_404(ServiceRecord.objects.select_related("ticket"), pk=pk))

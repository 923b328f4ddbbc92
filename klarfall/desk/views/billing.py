"""Billing runs: the list, the preview with every line, freezing and export."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import batches
from klarfall.billing.invoicing.missing import missing_data
from klarfall.billing.models import BillingBatch
from klarfall.billing.status import BatchStatus
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.desk import billing_runs, line_trace, run_lines
from klarfall.desk.access import needs
from klarfall.desk.forms.billing import PeriodForm, RunFilter, next_period
from klarfall.desk.paging import page_of
from klarfall.desk.refusals import done
from klarfall.desk.run_files import CONTENT_TYPES, file_response
from klarfall.desk.run_totals import totals_of
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.worklists import Scope
from klarfall.tickets.models import Concern
from klarfall.ui.rendering import SeeOther, page

_HERE = "billing"


@needs("batch.prepare")
def runs(request: HttpRequest) -> HttpResponse:
    """All runs, newest first, with what waits; a POST opens the next run."""
    scope = scope_of(request)
    today = local_day(scope.now)
    start = next_period(billing_runs.last_run(), today)
    form = PeriodForm(request.POST if request.method == "POST" else None, today=today, initial=start)
    opened: list[BillingBatch] = []

    def act() -> None:
        opened.append(batches.open_batch(**form.cleaned_data, actor=scope.user, now=scope.now))

    if form.is_bound and done(form, act):
        return SeeOther(_address(opened[0]))
    return _list(request, scope, form)


def _list(request: HttpRequest, scope: Scope, form: PeriodForm) -> HttpResponse:
    query = request.GET
    found = page_of(billing_runs.runs(), after=query.get("after", ""), before=query.get("before", ""), newest=True)
    busy = [one for one in found.rows if one.stage]
    return page(
        request,
        "desk/billing/list.html",
        status=422 if form.is_bound else 200,
        **shell(scope, _HERE),
        form=form,
        found=found,
        open_run=billing_runs.open_run(),
        working={one.pk: billing_runs.working(one, scope.now) for one in busy},
        waiting=billing_runs.waiting(),
        most=billing_runs.MOST,
        missing=missing_data(None),
    )


@needs("batch.prepare")
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run: totals and its lines by customer and concern, one page at a time."""
    found, scope, chosen = _run(number), scope_of(request), RunFilter(request.GET)
    shown = run_lines.shown(found, chosen, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    return page(
        request,
        "desk/billing/run.html",
        **shell(scope, _HERE),
        run=found,
        working=billing_runs.working(found, scope.now),
        totals=totals_of(found),
        form=chosen,
        shown=shown,
        **_neighbours(number, chosen, shown),
    )


def _neighbours(number: int, chosen: RunFilter, shown: run_lines.Shown) -> dict[str, Any]:
    """Addresses of the pages before and after, with the filter kept."""
    path = reverse("desk:run", args=[number])

    def address(name: str, cursor: str) -> str:
        return f"{path}?{urlencode({**chosen.chosen, name: cursor})}#lines" if cursor else ""

    return {"earlier": address("before", shown.before), "later": address("after", shown.after)}


@needs("batch.prepare")
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """How far the worker is, for htmx; everybody else gets the run itself."""
    found, scope = _run(number), scope_of(request)
    if not request.headers.get("HX-Request"):
        return redirect(_address(found))
    working, compact = billing_runs.working(found, scope.now), "compact" in request.GET
    answer = page(request, "desk/billing/progress.html", run=found, working=working, compact=compact)
    if working is None or working.failed:
        answer["HX-Refresh"] = "true"  # done: the whole page is another one now
    return answer


@needs("batch.prepare")
@require_POST
def computation(request: HttpRequest, number: int) -> HttpResponse:
    """Have the preview computed anew."""
    return _step(request, number, batches.recompute, _("The preview is being computed anew."))


@needs("batch.prepare")
def discarding(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether the preview goes, then throw it away."""
    found, scope = _run(number), scope_of(request)
    if request.method != "POST":
        return page(request, "desk/billing/discard.html", **shell(scope, _HERE), run=found)
    try:
        batches.discard_batch(found, actor=scope.user, now=scope.now)
    except Refused as problem:
        messages.error(request, str(problem.message))
        return SeeOther(_address(found))
    messages.success(request, _("Billing run %(number)s is discarded. Nothing was billed.") % {"number": number})
    return SeeOther(reverse("desk:billing"))


@needs("batch.freeze")
def freezing(request: HttpRequest, number: int) -> HttpResponse:
    """The summary before the final step, then the step; a preview that changed meanwhile is shown again."""
    found, scope = _run(number), scope_of(request)
    working = billing_runs.working(found, scope.now)
    if found.status != BatchStatus.OPEN or found.computed_at is None or (working and not working.failed):
        return redirect(_address(found))
    if request.method == "POST" and request.POST.get("seen") == found.computed_at.isoformat():
        return _step(request, number, batches.freeze_batch, _("The billing run is being frozen."))
    if request.method == "POST":
        messages.error(request, _("The preview was computed anew meanwhile. Please look at the figures once more."))
    missing = missing_data(found)
    return page(
        request, "desk/billing/freeze.html", **shell(scope, _HERE), run=found, totals=totals_of(found), missing=missing
    )


@needs("batch.export")
@require_POST
def export(request: HttpRequest, number: int) -> HttpResponse:
    """Have the files of a frozen run written."""
    return _step(request, number, batches.export_batch, _("The export is being written."))


@needs("batch.export")
def file(request: HttpRequest, number: int, kind: str) -> HttpResponseBase:
    """Download one file of an exported run."""
    if kind not in CONTENT_TYPES:
        raise Http404
    return file_response(_run(number), kind)


@needs("batch.prepare")
def concern(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Every line of one concern with the minutes, the decisions and the offers behind it."""
    found, scope = _run(number), scope_of(request)
    part = run_lines.part_of(found, pk)
    if part is None:
        raise Http404
    subject = Concern.objects.select_related("ticket__customer").get(pk=pk)
    return page(
        request,
        "desk/billing/concern.html",
        **shell(scope, _HERE),
        run=found,
        item=part,
        shown=run_lines.named(part),
        concern=subject,
        minutes=line_trace.minutes_behind(subject, found),
        commissions=line_trace.commissions(subject),
        grants=line_trace.grants(subject),
    )


def _run(number: int) -> BillingBatch:
    return get_object_or_404(billing_runs.runs(), number=number)


def _address(found: BillingBatch) -> str:
    return reverse("desk:run", args=[found.number])


def _step(request: HttpRequest, number: int, act: Callable[..., Any], words: str) -> HttpResponse:
    """One action on a run; its refusal becomes a message on the page of the run."""
    found = _run(number)
    try:
        act(found, actor=request.user, now=timezone.now())
        messages.success(request, words)
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(_address(found))

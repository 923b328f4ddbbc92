"""Known problems for customers and visitors: list, page, *this affects me too*, and putting a banner away."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.knowledge.actions.affected import report_affected, take_report_back
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemStep, ProblemTicket, Visibility
from klarfall.knowledge.problems import Seen, for_viewer, said, seen
from klarfall.knowledge.rendering import preview
from klarfall.knowledge.shelf import living
from klarfall.knowledge.status import TROUBLING, ProblemStatus
from klarfall.portal.offering import offering
from klarfall.portal.paging import page_of
from klarfall.portal.problem_banners import back_from, banners_for, put_away
from klarfall.portal.public import public_page
from klarfall.portal.shell import is_contact, show, viewer_of
from klarfall.portal.typed import whole_number
from klarfall.ui.rendering import SeeOther, page, wants_part

_MOST_TICKETS = 25
_STATES = {"open": TROUBLING, "fixed": (ProblemStatus.FIXED,), "closed": (ProblemStatus.CLOSED,)}


@public_page
def problems(request: HttpRequest) -> HttpResponse:
    """Shows a page of the problems this reader may know of; those that trouble somebody unless others are asked for."""
    now, state = timezone.now(), request.GET.get("state", "open")
    product = whole_number(request.GET.get("product", ""))
    found = page_of(for_viewer(_chosen(state, product), now), request.GET)
    return show(
        request,
        "portal/problems/list.html",
        here="help",
        part="result",
        now=now,
        problems=[seen(one) for one in found.rows],
        page=found,
        states=_states(state),
        products=offering(now).products,
        product=product,
        is_contact=is_contact(request),
    )


@public_page
def problem(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows one problem: how one meets it, the way around it, versions, history, and the reader's own requests."""
    now = timezone.now()
    row = seen(get_object_or_404(for_viewer(_readable(), now), pk=pk))
    return show(request, "portal/problems/page.html", here="help", now=now, **_about(request, row))


def _about(request: HttpRequest, row: Seen) -> dict[str, Any]:
    mine = ProblemTicket.objects.filter(problem=row.problem).select_related("ticket") if is_contact(request) else None
    steps = ProblemStep.objects.filter(problem=row.problem).select_related("version")
    language = request.LANGUAGE_CODE[:2]
    return {
        "one": row,
        "symptoms": preview(said(row.problem, "symptoms"), None, language=language),
        "workaround": preview(said(row.problem, "workaround"), None, language=language),
        "steps": list(steps.order_by("-pk")),
        "tickets": [one.ticket for one in mine.order_by("-pk")[:_MOST_TICKETS]] if mine is not None else [],
        "is_contact": is_contact(request),
        "troubles": row.problem.status in TROUBLING,
        "article": _article(row.problem),
    }


def above(request: HttpRequest) -> HttpResponse:
    """The problems above the form of a new request, once more for another product or area."""
    query, now = request.GET, timezone.now()
    chosen = {"product_id": whole_number(query.get("product", "")), "area_id": whole_number(query.get("area", ""))}
    found = banners_for(request, now, **chosen)
    return page(request, "portal/problems/above.html", problems=found, next=reverse("portal:new"))


@require_POST
def affected(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that the problem affects the person too, in each company for which that can be, or takes it back."""
    row, now = get_object_or_404(KnownProblem, pk=pk), timezone.now()
    if not is_contact(request):
        raise Http404
    try:
        _take_back(request, row, now) if "undo" in request.POST else _report(request, row, now)
    except Refused as refused:
        messages.error(request, str(refused.message))
    if not wants_part(request):
        return SeeOther(back_from(request, reverse("portal:problem", args=[pk])))
    shown = seen(get_object_or_404(for_viewer(KnownProblem.objects.all(), now), pk=pk))
    return page(request, "portal/problems/affects.html", part="affects", one=shown, next=back_from(request, ""))


@public_page
@require_POST
def dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a banner away in this browser."""
    row = get_object_or_404(KnownProblem, pk=pk)
    part = wants_part(request)
    response = HttpResponse() if part else SeeOther(back_from(request, reverse("portal:problems")))
    put_away(request, response, row)
    return response


def _article(problem: KnownProblem) -> int | None:
    """The article about it, for whoever reads that."""
    if problem.article_id is None:
        return None
    found: int | None = living().filter(pk=problem.article_id).values_list("pk", flat=True).first()
    return found


def _chosen(state: str, product: int | None) -> Any:
    rows = _readable()
    if state in _STATES:
        rows = rows.filter(status__in=_STATES[state])
    return rows if product is None else rows.filter(product=product)


def _readable() -> Any:
    """What stands on pages of the portal; staff who look at them see no more than customers may."""
    return KnownProblem.objects.filter(live=True).exclude(visibility=Visibility.INTERNAL)


def _report(request: HttpRequest, row: KnownProblem, now: datetime) -> None:
    """For each company of the person; refused only where it is for all of them."""
    refusals, done = [], 0
    for contact in Contact.objects.filter(pk__in=viewer_of(request).contact_ids).order_by("pk"):
        try:
            report_affected(row, contact=contact, actor=request.user, now=now)
            done += 1
        except Refused as refused:
            refusals.append(refused)
    if refusals and not done:
        raise refusals[0]


def _take_back(request: HttpRequest, row: KnownProblem, now: datetime) -> None:
    for report in list(ProblemReport.objects.filter(problem=row, contact__in=viewer_of(request).contact_ids)):
        take_report_back(report, actor=request.user, now=now)


def _states(chosen: str) -> list[dict[str, Any]]:
    labels = [("open", _("Open")), ("fixed", _("Fixed")), ("closed", _("Closed without a fix")), ("all", _("All"))]
    return [{"value": value, "label": label, "current": value == chosen} for value, label in labels]

"""Assess a concern: publish, answer at once, send a cost notice, hand over; second review and defects."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import assessments
from klarfall.billing.story import Story
from klarfall.contracts.models import Outcome
from klarfall.desk.concern_panel import items_of
from klarfall.desk.forms.money import DefectForm
from klarfall.desk.forms.verdicts import FORMS, CostForm, CoveredForm, NotOfferedForm, VerdictForm
from klarfall.desk.forms.work import ReviewForm
from klarfall.desk.refusals import done
from klarfall.desk.workspace import back, concern_at, show, story_for
from klarfall.tickets.models import Objection


def _bound(request: HttpRequest, story: Story, position: int, outcome: str) -> Any:
    """The form of an outcome with what was sent."""
    form: Any = {str(key): value for key, value in FORMS.items()}.get(outcome)
    if form is None:
        raise Http404
    return form(request.POST, request.FILES, story=story, concern=concern_at(story, position), proposed=None)


def _answered(request: HttpRequest, story: Story, form: VerdictForm, act: Callable[[], Any], said: str) -> HttpResponse:
    number = story.ticket.number
    if done(form, act):
        return back(request, number, said)
    return show(request, number, bound={form.outcome: form}, opened="assess", position=form.concern.position)


@require_POST
def assessment(request: HttpRequest, number: int, position: int, outcome: str) -> HttpResponse:
    """Publish an assessment without an offer; a visit goes to the consultants at once."""
    story, scope = story_for(request, number)
    form = _bound(request, story, position, outcome)
    common: Any = {"actor": scope.user, "now": scope.now}

    def act() -> None:
        if isinstance(form, NotOfferedForm) and form.goes_to_consultants:
            wish = {name: form.cleaned_data[name] for name in ("wish", "place", "preferred_dates")}
            assessments.refer(form.concern, verdict=form.verdict(), **wish, **common)
        else:
            assessments.publish(form.concern, verdict=form.verdict(), **common)

    return _answered(request, story, form, act, _("Assessed. The customer gets a mail."))


@require_POST
def answer(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """The one button: answer, covered by the contract, solved."""
    story, scope = story_for(request, number)
    form: CoveredForm = _bound(request, story, position, Outcome.COVERED)
    for name in ("answer", "resolution_kind"):
        form.fields[name].required = True

    def act() -> None:
        data = form.cleaned_data
        assessments.answer_covered(
            story.ticket,
            verdict=form.verdict(),
            answer=data["answer"],
            resolution_kind=data["resolution_kind"],
            files=data["attachments"],
            actor=scope.user,
            now=scope.now,
        )

    return _answered(request, story, form, act, _("Answered, covered by the contract, solved."))


@require_POST
def cost_notice(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Assess as chargeable and send the cost notice in the same step."""
    story, scope = story_for(request, number)
    form: CostForm = _bound(request, story, position, Outcome.CHARGEABLE)

    def act() -> None:
        assessments.send_cost_notice(
            form.concern, verdict=form.verdict(), offer=form.terms(), actor=scope.user, now=scope.now
        )

    return _answered(request, story, form, act, _("Cost notice sent. The request rests until the decision."))


@require_POST
def objection_review(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """The second review of an assessment."""
    story, scope = story_for(request, number)
    objection = get_object_or_404(Objection.objects.select_related("concern"), pk=pk, ticket=story.ticket)
    form = ReviewForm(request.POST, items=items_of(story), auto_id="id_review_%s")

    def act() -> None:
        data = form.cleaned_data
        common: Any = {"verdict": form.verdict(), "actor": scope.user, "now": scope.now}
        assessments.review_objection(objection, result=data["result"], text=data["text"], **common)

    if done(form, act):
        return back(request, number, _("Second review recorded."))
    return show(request, number, bound={"review": form}, opened="review", position=objection.concern.position)


@require_POST
def defect(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """A product defect was found, maybe after the request was closed: covered from the beginning."""
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    form = DefectForm(request.POST, auto_id="id_defect_%s")

    def act() -> None:
        assessments.report_defect(concern, reason=form.cleaned_data["reason"], actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number, _("Recorded as a defect. It costs the customer nothing."))
    return show(request, number, bound={"defect": form}, opened="defect", position=position)

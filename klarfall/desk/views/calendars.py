"""Service hours: the list, one calendar with its week, targets, special days and a trial of a moment."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.models import ContractLine
from klarfall.core.action import Refused
from klarfall.desk import calendar_view
from klarfall.desk.access import needs
from klarfall.desk.confirmation import ask, is_confirmed
from klarfall.desk.forms.calendars import CalendarForm, OwnDayForm, SinceForm, TargetsForm, TrialForm, WeekForm
from klarfall.desk.refusals import done, refuse
from klarfall.desk.shell import scope_of, shell
from klarfall.service_levels.actions import calendars as actions
from klarfall.service_levels.clock import ServiceHours, week
from klarfall.service_levels.models import OwnDay, ServiceCalendar
from klarfall.service_levels.phrases import week_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.ui.formats import day as day_text
from klarfall.ui.rendering import SeeOther, page

_HERE = "calendars"
_TRIAL_AT = time(16, 30)
#: What a new calendar begins with.
_USUAL = ServiceHours("UTC", week((day, time(8), time(17)) for day in range(5)))


@needs("house.set_up")
def calendars(request: HttpRequest) -> HttpResponse:
    """All calendars with their week in words."""
    now = timezone.now()
    rows = [(one, hours_of(one).at(now)) for one in ServiceCalendar.objects.order_by("pk")]
    return page(
        request,
        "desk/calendars/list.html",
        **shell(scope_of(request), _HERE),
        rows=rows,
        words=week_phrase,
    )


@needs("house.set_up")
def new(request: HttpRequest) -> HttpResponse:
    """A calendar that does not exist yet, with its week."""
    data = request.POST or None
    form, week_form = CalendarForm(data), WeekForm(data, hours=_USUAL, is_new=True)
    made: list[ServiceCalendar] = []

    def act() -> None:
        who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
        made.append(actions.add_calendar(data=form.given, rows=week_form.rows, **who))

    if request.method == "POST" and _both_done(form, week_form, act):
        messages.success(request, _("The service hours are there. Now set the targets and the days off."))
        return SeeOther(reverse("desk:calendar", args=[made[0].pk]))
    status, frame = (422 if form.is_bound else 200), shell(scope_of(request), _HERE)
    return page(request, "desk/calendars/new.html", status=status, **frame, form=form, week_form=week_form)


def _both_done(form: CalendarForm, week_form: WeekForm, act: Any) -> bool:
    """Run `act` if both forms are valid; a refusal stands in the form that has its field."""
    if not (form.is_valid() & week_form.is_valid()):
        return False
    try:
        act()
    except Refused as problem:
        refuse(week_form if problem.field in week_form.fields else form, problem)
        return False
    return True


@needs("house.set_up")
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One calendar: what it is, its hours, targets and special days."""
    found = get_object_or_404(ServiceCalendar, pk=pk)
    form = CalendarForm.of(found, request.POST or None)
    if request.method != "POST":
        return _page(request, found)

    def act() -> None:
        actions.change_calendar(found, data=form.given, actor=request.user, now=timezone.now())

    return _saved(request, found, "place", form, done(form, act))


@needs("house.set_up")
@require_POST
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """Weekly hours that begin on a day."""
    found, form = get_object_or_404(ServiceCalendar, pk=pk), WeekForm(request.POST)

    def act() -> None:
        given = {"rows": form.rows, "valid_from": form.cleaned_data["valid_from"]}
        actions.set_hours(found, **given, actor=request.user, now=timezone.now())

    return _saved(request, found, "week", form, done(form, act))


@needs("house.set_up")
@require_POST
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """Service time until the first answer."""
    found = get_object_or_404(ServiceCalendar, pk=pk)
    form = TargetsForm(request.POST, minutes={})

    def act() -> None:
        actions.set_targets(found, minutes=form.minutes, actor=request.user, now=timezone.now())

    return _saved(request, found, "targets", form, done(form, act))


@needs("house.set_up")
@require_POST
def own_days(request: HttpRequest, pk: int) -> HttpResponse:
    """A day with its own hours, or closed."""
    found, form = get_object_or_404(ServiceCalendar, pk=pk), OwnDayForm(request.POST)

    def act() -> None:
        actions.set_own_day(found, data=form.given, actor=request.user, now=timezone.now())

    return _saved(request, found, "own-days", form, done(form, act))


@needs("house.set_up")
@require_POST
def own_day(request: HttpRequest, pk: int, day_pk: int) -> HttpResponse:
    """Remove an own day: it has its usual hours again."""
    found = get_object_or_404(OwnDay.objects.select_related("calendar"), calendar_id=pk, pk=day_pk)
    back = reverse("desk:calendar", args=[pk])
    if not is_confirmed(request):
        title = _("Remove %(day)s (%(name)s)?") % {"day": day_text(found.day), "name": found.name}
        points = [_("The day has its usual hours again; a public holiday stays one.")]
        return ask(request, _HERE, title=title, points=points, label=_("Remove"), back=back)
    return _step(request, back, lambda **who: actions.remove_own_day(found, **who))


@needs("house.set_up")
@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a calendar, or hours of it that have not begun (`valid_from`)."""
    found, back = get_object_or_404(ServiceCalendar, pk=pk), reverse("desk:calendar", args=[pk])
    form = SinceForm(request.POST)
    valid_from = form.cleaned_data["valid_from"] if form.is_valid() else None
    if valid_from is not None:
        return _step(request, back, lambda **who: actions.remove_hours(found, valid_from=valid_from, **who))
    if not is_confirmed(request):
        title = _("Remove “%(name)s”?") % {"name": found.name}
        return ask(request, _HERE, title=title, points=[_("This cannot be undone.")], label=_("Remove"), back=back)
    return _step(request, back, lambda **who: actions.remove_calendar(found, **who), reverse("desk:calendars"))


def _step(request: HttpRequest, back: str, act: Any, after: str | None = None) -> HttpResponse:
    try:
        act(actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
        return SeeOther(back)
    messages.success(request, _("Saved."))
    return SeeOther(after or back)


def _saved(request: HttpRequest, found: ServiceCalendar, part: str, form: Any, was_done: bool) -> HttpResponse:
    if not was_done:
        return _page(request, ServiceCalendar.objects.get(pk=found.pk), {part: form})
    messages.success(request, _("Saved. The service hours count at once."))
    return SeeOther(f"{reverse('desk:calendar', args=[found.pk])}#{part}")


def _page(request: HttpRequest, found: ServiceCalendar, sent: dict[str, Any] | None = None) -> HttpResponse:
    """The page of a calendar; a form that was sent and refused stands in it with the reason."""
    now, sent = timezone.now(), sent or {}
    return page(
        request,
        "desk/calendars/page.html",
        status=422 if sent else 200,
        **shell(scope_of(request), _HERE),
        **_forms(found, sent, now),
        calendar=found,
        weeks=calendar_view.weeks_of(found, now),
        drawn=calendar_view.drawn(hours_of(found).at(now)),
        years=calendar_view.years_of(found, now),
        own_days={one.day: one.pk for one in found.own_days.all()},
        today=calendar_view.today_at(found, now),
        line_count=ContractLine.objects.filter(calendar=found).count(),
        **_trial(request, found),
    )


def _forms(found: ServiceCalendar, sent: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The forms as they stand; the week begins with the hours that count now."""
    week_now, today = hours_of(found).at(now), calendar_view.today_at(found, now)
    return {
        "form": sent.get("place") or CalendarForm.of(found),
        "week_form": sent.get("week") or WeekForm(None, hours=week_now, valid_from=today),
        "targets_form": sent.get("targets") or TargetsForm(None, minutes=calendar_view.targets_of(found)),
        "own_day_form": sent.get("own-days") or OwnDayForm(),
    }


def _trial(request: HttpRequest, found: ServiceCalendar) -> dict[str, Any]:
    """By when a request of the chosen moment would be answered; without a choice, of today half past four."""
    usual: dict[str, Any] = {"day": calendar_view.today_at(found, timezone.now()), "time": _TRIAL_AT}
    asked = request.GET if "day" in request.GET else None
    form = TrialForm(asked, initial=usual)
    chosen = form.cleaned_data if asked is not None and form.is_valid() else usual
    answers = calendar_view.trial(found, chosen["day"], chosen["time"])
    return {"trial_form": form, "trial_at": chosen, "answers": answers}

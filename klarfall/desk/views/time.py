"""Recorded time of a ticket: timer, entries by hand, corrections, every minute with its class; remote consent."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import time as recording
from klarfall.billing.models import TimeEntry, WorkChannel
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.desk import customer_facts
from klarfall.desk.forms.work import ConsentForm, TimeForm, TimerForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.time_list import time_list
from klarfall.desk.time_panel import latest_session
from klarfall.desk.workspace import back, concern_at, show, story_for
from klarfall.tickets.actions import remote
from klarfall.tickets.models import Concern, Ticket
from klarfall.ui.rendering import SeeOther, page


def times(request: HttpRequest, number: int) -> HttpResponse:
    """Every entry of a ticket with the class of its minutes and why."""
    story, scope = story_for(request, number)
    return page(
        request, "desk/ticket/times.html", **shell(scope), ticket=story.ticket, concerns=time_list(story, scope)
    )


@require_POST
def timer(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Start the timer; one that runs elsewhere is stopped and recorded."""
    concern = get_object_or_404(Concern, ticket__number=number, position=position)
    scope, form = scope_of(request), TimerForm(request.POST)

    def act() -> None:
        data = form.cleaned_data
        session = latest_session(concern) if data["channel"] == WorkChannel.REMOTE else None
        recording.start_timer(concern, **data, remote_session=session, actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number)
    messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return back(request, number)


@require_POST
def timer_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the timer and record its time."""
    entry = get_object_or_404(TimeEntry.objects.select_related("ticket"), pk=pk)
    scope = scope_of(request)
    try:
        recording.stop_timer(entry, activity=request.POST.get("activity", "")[:240], actor=scope.user, now=scope.now)
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, entry.ticket.number)
    return back(request, entry.ticket.number, _("Time recorded."))


@require_POST
def entry_by_hand(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Record time that no timer measured."""
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    form = TimeForm(request.POST, auto_id="id_time_%s")

    def act() -> None:
        data = form.cleaned_data
        session = latest_session(concern, data["start"]) if data["channel"] == WorkChannel.REMOTE else None
        recording.record_time(concern, **data, remote_session=session, actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number, _("Time recorded."))
    return show(request, number, bound={"time": form}, opened="time", position=position)


def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct or delete an entry that is not locked yet."""
    found = get_object_or_404(TimeEntry.objects.select_related("ticket"), pk=pk)
    scope = scope_of(request)
    names = ("purpose", "channel", "start", "end", "activity", "late_reason")
    start = {name: getattr(found, name) for name in names}
    form = TimeForm(request.POST or None, initial=start, auto_id="id_entry_%s")
    for fixed in ("channel",):
        form.fields[fixed].disabled = True
    if request.method == "POST" and done(form, lambda: _correct(found, form, scope)):
        messages.success(request, _("Corrected."))
        return SeeOther(reverse("desk:times", args=[found.ticket.number]))
    status = 422 if form.is_bound else 200
    return page(request, "desk/ticket/entry.html", status=status, **shell(scope), entry=found, form=form)


def _correct(entry: TimeEntry, form: TimeForm, scope: Any) -> None:
    """Only what was changed: whoever corrects a word later need not say why the time is late."""
    changed = {name: form.cleaned_data[name] for name in form.changed_data}
    recording.correct_entry(entry, **changed, actor=scope.user, now=scope.now)


@require_POST
def deletion(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an entry that is not locked yet."""
    found = get_object_or_404(TimeEntry.objects.select_related("ticket"), pk=pk)
    scope, number = scope_of(request), found.ticket.number
    try:
        recording.delete_entry(found, actor=scope.user, now=scope.now)
        messages.success(request, _("Deleted."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:times", args=[number]))


@require_POST
def consent(request: HttpRequest, number: int) -> HttpResponse:
    """Record who agreed to a remote session; no remote time without it (INV-28)."""
    story, scope = story_for(request, number)
    ticket: Ticket = story.ticket
    form = ConsentForm(request.POST, people=customer_facts.contact_choices(ticket), auto_id="id_consent_%s")

    def act() -> None:
        data = form.cleaned_data
        contact = get_object_or_404(Contact, pk=data.pop("contact"), customer_id=ticket.customer_id)
        remote.record_consent(ticket, contact=contact, **data, actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number, _("Consent recorded."))
    return show(request, number, bound={"consent": form}, opened="consent")

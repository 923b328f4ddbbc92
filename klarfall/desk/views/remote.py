"""Remote sessions at the desk: ask for one, see the consent arrive, start, end; the page with every fact."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing import remote_story
from klarfall.billing.actions import remote as held
from klarfall.billing.consumption import consumption
from klarfall.billing.remote_story import mark_of, sitting
from klarfall.customers.models import Contact
from klarfall.desk import customer_facts
from klarfall.desk.forms.remote import AccessForm, AnswerForm, EndForm, InviteForm, ParticipantForm, StartForm
from klarfall.desk.forms.work import local_now
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.time_panel import options
from klarfall.desk.worklists import Scope
from klarfall.desk.workspace import back, chosen_concern, show, story_for, ticket_for_page
from klarfall.tickets import remote_rules
from klarfall.tickets.actions import remote
from klarfall.tickets.models import Concern, RemoteSession, RemoteStatus
from klarfall.ui.rendering import SeeOther, page, wants_part

_UNCHANGED = 204


def sessions(request: HttpRequest, number: int) -> HttpResponse:
    """POST asks a contact for a session; GET leads to the request."""
    if request.method != "POST":
        return SeeOther(f"{reverse('desk:ticket', args=[number])}#remote")
    story, scope = story_for(request, number)
    form = InviteForm(request.POST, people=customer_facts.contact_choices(story.ticket), auto_id="id_invite_%s")
    concern = chosen_concern(request, story)

    def act() -> None:
        data = form.cleaned_data
        contact = get_object_or_404(Contact, pk=data.pop("contact"), customer_id=story.ticket.customer_id)
        given = {"contact": contact, "concern": concern, **data}
        remote.invite_to_session(story.ticket, **given, actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number, _("Asked. You see here as soon as the answer is there."))
    return show(request, number, bound={"invite": form}, opened="invite", position=concern.position)


def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Every fact of a session; while it waits or runs the page asks for news and gets 204 while there are none."""
    found = _found(pk)
    if wants_part(request) and request.GET.get("seen") == mark_of(found):
        return HttpResponse(status=_UNCHANGED)
    return _show(request, found)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Records that somebody agreed on the phone or by mail."""
    found, scope = _found(pk), scope_of(request)
    people = customer_facts.contact_choices(ticket_for_page(found.ticket.number))
    form = AnswerForm(request.POST, people=people, auto_id="id_answer_%s")

    def act() -> None:
        data = form.cleaned_data
        contact = get_object_or_404(Contact, pk=data.pop("contact"), customer_id=found.customer_id)
        given = {"contact": contact, "purpose": found.purpose, "session": found, **data}
        remote.record_consent(found.ticket, **given, actor=scope.user, now=scope.now)

    return _after(request, found, form, "answer", act, _("Consent recorded."))


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Starts the session and its timer, for the concern it is about."""
    found, scope, form = _found(pk), scope_of(request), StartForm(request.POST)

    def act() -> None:
        held.start_session(
            found, concern=_concern(found), purpose=form.cleaned_data["purpose"], actor=scope.user, now=scope.now
        )

    return _after(request, found, form, "start", act, _("The session is running, and so is your timer."))


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends the session with all its timers."""
    found, scope, form = _found(pk), scope_of(request), EndForm(request.POST)

    def act() -> None:
        held.end_session(found, note=form.cleaned_data["note"], actor=scope.user, now=scope.now)

    return _after(request, found, form, "end", act, _("The session is over, the time is recorded."))


@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that a long session goes on."""
    found, scope = _found(pk), scope_of(request)
    return _after(
        request, found, forms.Form(request.POST), "end",
        lambda: held.still_there(found, actor=scope.user, now=scope.now), _("Noted: the session goes on."),
    )  # fmt: skip


@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an invitation back, or gives up what never began."""
    found, scope = _found(pk), scope_of(request)
    return _after(
        request, found, forms.Form(request.POST), "cancel",
        lambda: remote.cancel_session(found, actor=scope.user, now=scope.now), _("Cancelled."),
    )  # fmt: skip


@require_POST
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes code and address: codes expire."""
    found, scope, form = _found(pk), scope_of(request), AccessForm(request.POST, auto_id="id_access_%s")
    return _after(
        request, found, form, "access",
        lambda: remote.change_access(found, **form.cleaned_data, actor=scope.user, now=scope.now), _("Saved."),
    )  # fmt: skip


@require_POST
def participants(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes who else is there."""
    found, scope = _found(pk), scope_of(request)
    people = customer_facts.contact_choices(ticket_for_page(found.ticket.number))
    form = ParticipantForm(request.POST, people=people, auto_id="id_person_%s")

    def act() -> None:
        data = form.cleaned_data
        contact = Contact.objects.filter(pk=data["contact"], customer_id=found.customer_id).first()
        remote.name_participant(found, contact=contact, name=data["name"], actor=scope.user, now=scope.now)

    return _after(request, found, form, "person", act, _("Saved."))


def _after(
    request: HttpRequest, found: RemoteSession, form: forms.Form, name: str, act: Callable[[], Any], said: str
) -> HttpResponse:
    """The page again: as a redirect with what was done, or with the form that was refused."""
    if done(form, act):
        messages.success(request, said)
        return SeeOther(reverse("desk:remote-session", args=[found.pk]))
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return _show(request, _found(found.pk), {name: form})


def _show(request: HttpRequest, found: RemoteSession, bound: dict[str, Any] | None = None) -> HttpResponse:
    scope = scope_of(request)
    shown = sitting(found, get_language() or "de")
    context = {"session": found, "shown": shown, "ticket": found.ticket, "mark": mark_of(found)}
    context |= {"paragraphs": shown.words.split("\n\n"), "seconds": remote_story.running_for(found, scope.now)}
    status = 422 if bound else 200
    ways = _ways_on(found, scope, bound or {})
    return page(request, "desk/remote/page.html", part="state", status=status, **shell(scope), **context, **ways)


def _ways_on(found: RemoteSession, scope: Scope, bound: dict[str, Any]) -> dict[str, Any]:
    """The forms that are possible now, and before the start what a minute of it would be."""
    ways: dict[str, Any] = {"forms": bound, "why_not": "", "stand": None, "options": []}
    if not found.is_open:
        return ways
    ticket = ticket_for_page(found.ticket.number)
    people = customer_facts.contact_choices(ticket)
    first = {"contact": found.contact_id, "at": local_now(scope.now)}
    bound.setdefault("access", AccessForm(initial={"code": found.code, "link": ""}, auto_id="id_access_%s"))
    bound.setdefault("person", ParticipantForm(people=people, auto_id="id_person_%s"))
    bound.setdefault("end", EndForm(auto_id="id_end_%s"))
    bound.setdefault("answer", AnswerForm(people=people, initial=first, auto_id="id_answer_%s"))
    ways["why_not"] = remote_rules.why_not(ticket)
    if found.status == RemoteStatus.AGREED:
        concern = _concern(found)
        stand = consumption(concern, scope.now)
        locked = "" if stand.billable else str(stand.why)
        ways |= {"stand": stand, "locked": locked, "options": options(concern, locked)}
    return ways


def _concern(found: RemoteSession) -> Concern:
    """What the session is about; where it was agreed for the whole request, its first concern."""
    rows = Concern.objects.select_related("current_assessment__item").filter(ticket=found.ticket_id)
    chosen: Concern = get_object_or_404(rows, pk=found.concern_id) if found.concern_id else rows.earliest("position")
    return chosen


def _found(pk: int) -> RemoteSession:
    found: RemoteSession = get_object_or_404(remote_story.session_rows(), pk=pk)
    return found

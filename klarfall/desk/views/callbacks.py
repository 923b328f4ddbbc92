"""Who waits to be called back, whoever is due first on top; and the link into a request by mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.desk.call_page import open_wishes
from klarfall.desk.forms.callback import AttemptForm, CallbackForm
from klarfall.desk.paging import PAGE
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.workspace import back, story_for
from klarfall.telephony.actions.callbacks import cancel_callback, request_callback
from klarfall.telephony.actions.calls import CallNote, add_call
from klarfall.telephony.actions.portal_link import suggest_portal
from klarfall.telephony.booking import free_slots
from klarfall.telephony.models import CallbackWish, CallOutcome, Direction
from klarfall.tickets.callback_words import slot_words
from klarfall.ui.rendering import SeeOther, page


def callbacks(request: HttpRequest) -> HttpResponse:
    """The open wishes by the time at which they are due; what is over is marked."""
    scope = scope_of(request)
    wishes = list(open_wishes()[:PAGE])
    return page(request, "desk/callbacks/list.html", **shell(scope, "callbacks"), wishes=wishes, slot_words=slot_words)


@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody reached, with a note; or taken back. A call that took place is recorded on its own page."""
    wish = get_object_or_404(CallbackWish.objects.select_related("ticket", "contact"), pk=pk)
    form, now = AttemptForm(request.POST), timezone.now()

    def act() -> None:
        if form.cleaned_data["result"] == "cancelled":
            cancel_callback(wish, actor=request.user, now=now)
            return
        call = CallNote(
            started_at=now, ended_at=now, outcome=CallOutcome.NOBODY, note=form.cleaned_data["note"],
            number=wish.number, direction=Direction.OUTGOING, callback=wish,
        )  # fmt: skip
        add_call(wish.ticket, contact=wish.contact, call=call, actor=request.user, now=now)

    if done(form, act):
        messages.success(request, _("Noted. The customer sees it."))
    else:
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
    return SeeOther(reverse("desk:callbacks"))


def new(request: HttpRequest, number: int) -> HttpResponse:
    """Write down that the contact of a request wants to be called back."""
    story, scope = story_for(request, number)
    contact = get_object_or_404(Contact.objects.select_related("user"), pk=story.ticket.contact_id)
    slots = free_slots(story.ticket.calendar, scope.now)
    form = CallbackForm(request.POST or None, slots=slots, now=scope.now, initial={"phone": contact.phone})

    def act() -> None:
        request_callback(story.ticket, contact=contact, wish=form.wish(), actor=scope.user, now=scope.now)

    if request.method == "POST" and done(form, act):
        return back(request, number, _("Agreed. The customer gets a mail."))
    context: dict[str, Any] = {"ticket": story.ticket, "contact": contact, "form": form}
    status = 422 if form.is_bound else 200
    return page(request, "desk/callbacks/new.html", status=status, **shell(scope, "callbacks"), **context)


@require_POST
def portal_link(request: HttpRequest, number: int) -> HttpResponse:
    """*Add it in the portal*: mail the link into this very request (R57)."""
    story, scope = story_for(request, number)
    try:
        suggest_portal(story.ticket, actor=scope.user, now=scope.now)
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, number)
    return back(request, number, _("The link into this request is on its way by mail."))

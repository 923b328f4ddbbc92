"""What a customer does with a request: reply, ask whether it is covered, withdraw, reopen, rate."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.portal.forms.conversation import RatingForm, ReopenForm, ReplyForm
from klarfall.portal.rows import number_of
from klarfall.portal.shell import show
from klarfall.portal.views.ticket import show_ticket
from klarfall.tickets.actions import cancel as cancel_actions
from klarfall.tickets.actions import rate as rate_actions
from klarfall.tickets.actions import reopen as reopen_actions
from klarfall.tickets.actions import reply as reply_actions
from klarfall.tickets.actions import review as review_actions
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import go


@require_POST
def replies(request: HttpRequest, number: int) -> HttpResponse:
    """Sends a message; after the end of a request it opens a new one that points back."""
    ticket, form = get_object_or_404(Ticket, number=number), ReplyForm(request.POST)
    if form.is_valid():
        try:
            sent = reply_actions.reply(
                ticket,
                text=form.cleaned_data["text"],
                files=request.FILES.getlist("files"),
                actor=request.user,
                now=timezone.now(),
            )
            return _after_reply(request, ticket, sent)
        except Refused as problem:
            form.refuse(problem)
    return show_ticket(request, number, status=422, reply_form=form)


def _after_reply(request: HttpRequest, ticket: Ticket, sent: Any) -> HttpResponse:
    if sent.ticket_id == ticket.pk:
        messages.success(request, _("Your message is sent."))
        return go(request, "portal:ticket", ticket.number)
    follow_up = Ticket.objects.get(pk=sent.ticket_id)
    values = {"old": number_of(ticket.number), "new": number_of(follow_up.number)}
    messages.success(request, _("%(old)s is closed. Your message has become the new request %(new)s.") % values)
    return go(request, "portal:ticket", follow_up.number)


@require_POST
def coverage_question(request: HttpRequest, number: int) -> HttpResponse:
    """Asks whether the request is covered by the contract; free of charge."""
    ticket = get_object_or_404(Ticket, number=number)
    try:
        review_actions.ask_coverage(ticket, actor=request.user, now=timezone.now())
        messages.success(request, _("We tell you whether it is covered by the contract. Asking costs nothing."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:ticket", number)


def withdrawal(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraws a request nobody has worked on; GET asks first."""
    ticket = get_object_or_404(Ticket, number=number)
    if request.method != "POST":
        return show(request, "portal/tickets/withdrawal.html", here="requests", ticket=ticket)
    try:
        cancel_actions.cancel(ticket, actor=request.user, now=timezone.now())
        messages.success(request, _("The request is withdrawn."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:ticket", number)


def reopening(request: HttpRequest, number: int) -> HttpResponse:
    """Opens a solved request again, with a word about what is still open."""
    ticket = get_object_or_404(Ticket, number=number)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reopen_actions.reopen(ticket, text=form.cleaned_data["text"], actor=request.user, now=timezone.now())
            messages.success(request, _("The request is open again."))
            return go(request, "portal:ticket", number)
        except Refused as problem:
            form.refuse(problem)
    status = 422 if form.errors else 200
    return show(request, "portal/tickets/reopening.html", here="requests", ticket=ticket, form=form, status=status)


@require_POST
def rating(request: HttpRequest, number: int) -> HttpResponse:
    """Rates the help with one to five stars."""
    ticket, form = get_object_or_404(Ticket, number=number), RatingForm(request.POST)
    if form.is_valid():
        try:
            rate_actions.rate(ticket, **form.cleaned_data, actor=request.user, now=timezone.now())
            messages.success(request, _("Thank you for the rating."))
            return go(request, "portal:ticket", number)
        except Refused as problem:
            form.refuse(problem)
    return show_ticket(request, number, status=422, rating_form=form)

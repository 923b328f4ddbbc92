"""Agree a call back about a request or a decision, and take it back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.story import numbered
from klarfall.core.action import Refused
from klarfall.portal.callbacks import can_be_called, contact_in
from klarfall.portal.rows import number_of
from klarfall.portal.shell import show
from klarfall.telephony.actions.callbacks import cancel_callback, request_callback
from klarfall.telephony.booking import free_slots
from klarfall.telephony.forms import SlotForm
from klarfall.telephony.models import CallbackWish
from klarfall.ui.rendering import SeeOther, go


def ticket_callback(request: HttpRequest, number: int) -> HttpResponse:
    """Choose a time at which we call about this request."""
    now = timezone.now()
    ticket = next(iter(numbered(number=number)), None)
    contact = contact_in(request, ticket) if ticket else None
    if ticket is None or contact is None or not ticket.is_live or not can_be_called(ticket.product_id):
        raise Http404
    slots = free_slots(ticket.calendar, now)
    form = SlotForm(request.POST or None, slots=slots, now=now, initial={"phone": contact.phone, **_about(request)})
    if request.method == "POST" and form.is_valid():
        try:
            request_callback(ticket, contact=contact, wish=form.wish(), actor=request.user, now=now)
        except Refused as problem:
            refuse(form, problem)
        else:
            messages.success(request, _("We call you back. You get a mail with the time."))
            return go(request, "portal:ticket", number)
    context: dict[str, Any] = {"ticket": ticket, "number": number_of(number), "form": form}
    return show(request, "portal/callbacks/page.html", here="requests", status=422 if form.errors else 200, **context)


@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an open wish back; whoever sees the request may."""
    wish = get_object_or_404(CallbackWish.objects.select_related("ticket"), pk=pk)
    try:
        cancel_callback(wish, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
    else:
        messages.success(request, _("Taken back. Nobody calls you about it."))
    return SeeOther(reverse("portal:ticket", args=[wish.ticket.number]))


def _about(request: HttpRequest) -> dict[str, str]:
    """From the page of a decision the cost notice is what it is about."""
    offer = request.GET.get("offer", "")
    if not offer.isdecimal() or len(offer) > 12:  # noqa: PLR2004
        return {}
    return {"about": _("Question about the cost notice %(number)s") % {"number": offer}}


def refuse(form: SlotForm, problem: Refused) -> None:
    """Show why an action refused, beside its field."""
    form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))

"""Cost notices: preview, further ones, extensions, withdrawal, decisions on the phone."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts.access import client_address
from klarfall.billing import pricing, wording
from klarfall.billing.actions import links, offers
from klarfall.billing.models import CostOffer
from klarfall.billing.story import Story
from klarfall.contracts.models import Outcome
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.desk import customer_facts
from klarfall.desk.forms.verdicts import CostForm, terms_of
from klarfall.desk.forms.work import OfferForm, PhoneDecisionForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.workspace import back, concern_at, show, story_for
from klarfall.tickets.models import Concern
from klarfall.ui.rendering import SeeOther, page, wants_part


@require_POST
def preview(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """The text of a cost notice as it would be sent now, with its amounts; nothing is written."""
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    found, problem = _previewed(request, story, concern)
    frame = {} if wants_part(request) else shell(scope)
    return page(
        request,
        "desk/ticket/preview.html",
        part="preview",
        **frame,
        ticket=story.ticket,
        concern=concern,
        found=found,
        problem=problem,
        sent=[(name, value) for name, values in request.POST.lists() for value in values if name[:4] != "csrf"],
    )


def _previewed(request: HttpRequest, story: Story, concern: Concern) -> tuple[Any, str]:
    """The preview, or in words why there is none yet."""
    form: Any = CostForm(request.POST, story=story, concern=concern, proposed=None)
    if f"{Outcome.CHARGEABLE}-item" not in request.POST:
        form = OfferForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    item = data.get("item") or (concern.current_assessment and concern.current_assessment.item)
    if item is None or not data.get("estimate"):
        return None, _("Estimate and service make the amount.")
    try:
        return offers.preview(concern, terms_of(data), item=item, actor=request.user, now=story.now), ""
    except Refused as problem:
        return None, str(problem.message)


@require_POST
def offer(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Send a further cost notice: a new one, or an extension while one is running."""
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    form = OfferForm(request.POST, auto_id="id_offer_%s")

    def act() -> None:
        offers.send_offer(concern, terms=terms_of(form.cleaned_data), actor=scope.user, now=scope.now)

    if done(form, act):
        return back(request, number, _("Cost notice sent."))
    return show(request, number, bound={"offer": form}, opened="offer", position=position)


@require_POST
def withdrawal(request: HttpRequest, offer_number: int) -> HttpResponse:
    """Withdraw a cost notice that waits for its decision."""
    found = get_object_or_404(CostOffer.objects.select_related("ticket"), number=offer_number)
    scope = scope_of(request)
    try:
        offers.withdraw_offer(found, actor=scope.user, now=scope.now)
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, found.ticket.number)
    return back(request, found.ticket.number, _("Cost notice withdrawn."))


@require_POST
def phone_decision(request: HttpRequest, offer_number: int) -> HttpResponse:
    """Type in the code which a contact reads out; without it a yes on the phone has no effect."""
    found, form, scope = _by_phone(request, offer_number)

    def act() -> None:
        _accept(request, found, form.cleaned_data, scope)

    if done(form, act):
        return back(request, found.ticket.number, _("Commissioned. The customer gets the confirmation by mail."))
    where: Any = {"opened": "phone", "position": found.concern.position}
    return show(request, found.ticket.number, bound={"phone": form}, **where)


@require_POST
def phone_code(request: HttpRequest, offer_number: int) -> HttpResponse:
    """Have the code mailed to the chosen contact, who reads it out then; the desk never shows it."""
    found, form, scope = _by_phone(request, offer_number)
    form.fields["code"].required = False

    def act() -> None:
        links.send_phone_code(found, contact=_contact(found, form.cleaned_data), actor=scope.user, now=scope.now)

    where: Any = {"opened": "phone", "position": found.concern.position}
    if not done(form, act):
        return show(request, found.ticket.number, bound={"phone": form}, **where)
    messages.success(request, _("The code is on its way to this person by mail. It counts once, for 15 minutes."))
    if wants_part(request):
        return show(request, found.ticket.number, bound={"phone": form}, **where)
    return SeeOther(f"{reverse('desk:ticket', args=[found.ticket.number])}?{_place(request, found)}#phone")


def _place(request: HttpRequest, offer: CostOffer) -> str:
    """The open form of the offer's concern, beside the same list as before."""
    kept = {"list": request.GET["list"]} if "list" in request.GET else {}
    return urlencode({**kept, "concern": offer.concern.position, "open": "phone"})


def _by_phone(request: HttpRequest, offer_number: int) -> tuple[CostOffer, PhoneDecisionForm, Any]:
    """The offer, the form as it was sent, and the scope."""
    found = get_object_or_404(CostOffer.objects.select_related("ticket", "concern"), number=offer_number)
    story, scope = story_for(request, found.ticket.number)
    shown = [(index, wording.cap_text(found, cap)) for index, cap in enumerate(pricing.listed_caps(found))]
    people = customer_facts.contact_choices(story.ticket)
    return found, PhoneDecisionForm(request.POST, people=people, caps=shown, auto_id="id_phone_%s"), scope


def _contact(offer: CostOffer, data: dict[str, Any]) -> Contact:
    contact: Contact = get_object_or_404(Contact, pk=data["contact"], customer_id=offer.customer_id)
    return contact


def _accept(request: HttpRequest, offer: CostOffer, data: dict[str, Any], scope: Any) -> None:
    links.accept_by_phone(
        offer,
        contact=_contact(offer, data),
        code=data["code"],
        cap=None if data["cap"] is None else pricing.listed_caps(offer)[data["cap"]],
        order_number=data["order_number"],
        evidence={"address": client_address(request), "browser": request.headers.get("User-Agent", "")[:200]},
        actor=scope.user,
        now=scope.now,
    )

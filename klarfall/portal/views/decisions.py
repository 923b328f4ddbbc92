"""Cost decisions: the list, the page with its summary, passing on, and the code for the phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import decisions as decision_actions
from klarfall.billing.actions import links as link_actions
from klarfall.billing.models import CostOffer
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.portal import deciding
from klarfall.portal.forms.decision import DECLINE, DecisionForm
from klarfall.portal.rows import asks, waiting_offers
from klarfall.portal.shell import show
from klarfall.portal.typed import whole_number
from klarfall.ui.rendering import go


def decisions(request: HttpRequest) -> HttpResponse:
    """Shows what waits for a decision, and what was decided lately."""
    now, offers = timezone.now(), waiting_offers()
    decided = CostOffer.objects.exclude(status="sent").select_related("ticket", "concern").order_by("-number")[:10]
    context: dict[str, Any] = {
        "asks": asks(offers, now),
        "decided": deciding.decided_rows(decided),
        "open_count": len(offers),
    }
    return show(request, "portal/decisions/list.html", here="decisions", now=now, **context)


def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Shows a cost offer and takes the answer in two steps: choose, then confirm the summary."""
    offer = deciding.offer_for(number=number)
    decider = deciding.decider_of(request, offer)
    page = deciding.decision_page(offer, decider, deciding.portal_addresses(offer), timezone.now())
    return answer(request, page)


def answer(request: HttpRequest, page: deciding.DecisionPage) -> HttpResponse:
    """Serves the decision page of the portal and of the personal link."""
    form = page.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        # Declining is one click, without questions; everything else is shown once more before it is recorded.
        if not (request.POST.get("confirmed") or form.cleaned_data["choice"] == DECLINE):
            return _show(request, page, form, "portal/decisions/summary.html", summary=deciding.summary_of(page, form))
        try:
            deciding.record(page, form, request)
            return go(request, page.addresses.decide)
        except Refused as problem:
            form.refuse(problem)
            return _show(request, _again(page), form, status=409)
    return _show(request, page, form, status=422 if form.errors else 200)


def _again(page: deciding.DecisionPage) -> deciding.DecisionPage:
    """The page as things stand after a refusal: somebody else may have decided meanwhile."""
    offer = deciding.offer_for(pk=page.offer.pk)
    return deciding.decision_page(offer, page.decider, page.addresses, timezone.now())


def _show(
    request: HttpRequest,
    page: deciding.DecisionPage,
    form: DecisionForm,
    template: str = "portal/decisions/page.html",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = deciding.context_of(page)
    if not page.addresses.ticket:  # who came by a link sees this one offer and nothing around it
        context |= {"nav": [], "footer_links": [], "home_url": page.addresses.decide, "open_count": 0}
    return show(request, template, here="decisions", status=status, form=form, now=page.now, **context, **more)


@require_POST
def passing_on(request: HttpRequest, number: int) -> HttpResponse:
    """Asks a colleague with cost release to decide."""
    offer = get_object_or_404(CostOffer, number=number)
    to = get_object_or_404(
        Contact, pk=whole_number(request.POST.get("to")), customer_id=offer.customer_id, is_active=True
    )
    comment = request.POST.get("comment", "")
    try:
        decision_actions.pass_on(offer, to=to, comment=comment, actor=request.user, now=timezone.now())
        messages.success(request, _("Passed on. Your colleague gets an e-mail with the cost notice."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:decision", number)


@require_POST
def phone_code(request: HttpRequest, number: int) -> HttpResponse:
    """Shows the code which the person reads out on the phone, once."""
    offer = get_object_or_404(CostOffer.objects.select_related("ticket", "concern"), number=number)
    try:
        code = link_actions.issue_phone_code(offer, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem))
        return go(request, "portal:decision", number)
    response = show(request, "portal/decisions/phone_code.html", here="decisions", offer=offer, code=code)
    response["Cache-Control"] = "no-store"
    return response

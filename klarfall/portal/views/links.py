"""The personal link to one cost offer: a GET opens it and consumes nothing; a code sent by mail proves who it is."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from klarfall.billing.actions import links as link_actions
from klarfall.core.action import Refused
from klarfall.core.isolation import viewing_as
from klarfall.portal import deciding, visiting
from klarfall.portal.views.decisions import answer
from klarfall.ui.rendering import go, page

_FORBIDDEN = 403


def _for_customers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever is signed in as one of us gets no further, even with link and code of a customer (INV-6)."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        if not getattr(request.user, "is_staff", False):
            return view(request, token)
        words = _("Only the customer decides about a cost notice. You are signed in as a specialist; sign out first.")
        return page(
            request,
            "portal/links/over.html",
            status=_FORBIDDEN,
            title=_("This link is for the customer"),
            problem=words,
        )

    return guarded


@login_not_required
@never_cache
@_for_customers
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for the code; whoever is signed in as that person goes on without one."""
    now = timezone.now()
    if visiting.visitor(request, token, now) is not None:
        return go(request, "portal:link-decision", token)
    visit = visiting.visit(token, now)
    if visit.problem or visit.contact is None:
        return page(request, "portal/links/over.html", status=visit.status, problem=visit.problem)
    if request.user.pk == visit.contact.user_id:
        return go(request, "portal:decision", visit.offer_number)
    return page(request, "portal/links/code.html", visit=visit, token=token, sent=request.GET.get("sent"))


@login_not_required
@require_POST
@_for_customers
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Sends the code, or takes the one that was typed."""
    visit = visiting.visit(token, timezone.now())
    if visit.problem or visit.link is None:
        return page(request, "portal/links/over.html", status=visit.status, problem=visit.problem)
    try:
        if "code" not in request.POST:
            link_actions.send_link_code(visit.link, now=visit.now)
            messages.success(request, _("The code is on its way to %(mail)s.") % {"mail": visit.mail})
            return go(request, request.path.removesuffix("code/") + "?sent=1")
        proof = link_actions.check_link_code(visit.link, request.POST["code"], now=visit.now)
        visiting.remember(request, token, visit.link, proof, visit.now)
        return go(request, "portal:link-decision", token)
    except Refused as problem:
        context: dict[str, Any] = {
            "visit": visit,
            "token": token,
            "sent": "code" in request.POST,
            "error": str(problem),
        }
        return page(request, "portal/links/code.html", status=422, **context)


@login_not_required
@never_cache
@_for_customers
def decision(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the one offer of the link and takes the answer, in the sight of that contact only."""
    now = timezone.now()
    visitor = visiting.visitor(request, token, now)
    if visitor is None:
        return go(request, "portal:link", token)
    with viewing_as(visitor.viewer(now), actor_id=visitor.contact.user_id):
        offer = deciding.offer_for(pk=visitor.offer_id)
        decider = deciding.Decider(visitor.contact.user, visitor.contact, "personal_link", visitor.proof)
        ways = deciding.Addresses(decide=request.path)
        return answer(request, deciding.decision_page(offer, decider, ways, now))

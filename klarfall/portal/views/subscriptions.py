"""Subscriptions to news of the help: choose, end, the feed, and the way out of a mail without signing in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from klarfall.channels import addresses
from klarfall.contracts.models import Product
from klarfall.core.action import Refused
from klarfall.knowledge import feeds
from klarfall.knowledge.actions import subscriptions as actions
from klarfall.knowledge.models import Subscription
from klarfall.knowledge.subscribers import subscriptions_of
from klarfall.portal.shell import show
from klarfall.portal.subscribing import contact_for, page_of, subscribing_contacts
from klarfall.portal.typed import whole_number
from klarfall.ui.rendering import go, page

_TOO_MANY = 429


def subscriptions(request: HttpRequest) -> HttpResponse:
    """Shows every product with what one hears of it; a POST takes the choice for one of them."""
    if request.method == "POST":
        return _subscribe(request)
    return _shown(request)


def _subscribe(request: HttpRequest) -> HttpResponse:
    product = get_object_or_404(Product, pk=whole_number(request.POST.get("product")) or 0, active=True)
    contact = contact_for(subscribing_contacts(request), product)
    if contact is None:
        raise Http404
    wanted: dict[str, Any] = {"kinds": request.POST.getlist("kinds"), "pace": request.POST.get("pace", "")}
    try:
        actions.subscribe(contact, product=product, **wanted, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem))
        return _shown(request, status=422)
    messages.success(request, _("You now hear of news about %(product)s.") % {"product": product.name})
    return go(request, "portal:subscriptions")


@require_POST
def ending(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a subscription."""
    subscription = get_object_or_404(Subscription.objects.select_related("product"), pk=pk)
    actions.unsubscribe(subscription, actor=request.user, now=timezone.now())
    messages.success(request, _("You hear no more of %(product)s.") % {"product": subscription.product.name})
    return go(request, "portal:subscriptions")


@require_POST
@never_cache
def feed_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes the address of a feed and shows it once; an earlier one ends. `end` takes it away."""
    subscription = get_object_or_404(Subscription, pk=pk)
    if "end" in request.POST:
        actions.end_feed(subscription, actor=request.user, now=timezone.now())
        messages.success(request, _("The feed has ended."))
        return go(request, "portal:subscriptions")
    token = actions.renew_feed(subscription, actor=request.user, now=timezone.now())
    address = addresses.page("portal:help-feed", token=token)
    return _shown(request, fresh_feed=(subscription.product_id, address))


def _shown(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    context = page_of(request, **more)
    return show(request, "portal/help/subscriptions.html", here="help", status=status, **context)


@csrf_exempt  # mail programs post here by one click (RFC 8058); the signed link is the proof
@login_not_required
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a mail: opening it changes nothing, the button ends the subscriptions of that mail."""
    found = subscriptions_of(token)
    if found is None:
        raise Http404
    names = list(dict.fromkeys(one.product.name for one in found))
    if request.method == "POST":
        for one in found:
            actions.unsubscribe(one, actor=one.contact.user, now=timezone.now())
        found = []
    return page(request, "portal/help/unsubscribe.html", token=token, names=names, is_over=not found)


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of one subscription as Atom; 304 where nothing is new, 429 for programs that ask too often."""
    now = timezone.now()
    if not feeds.may_ask(request, token, now=now):
        return HttpResponse(status=_TOO_MANY, headers={"Retry-After": str(feeds.RETRY_AFTER)})
    subscription = feeds.subscription_of(token)
    if subscription is None:
        raise Http404
    found = feeds.news_of(subscription)
    own = request.build_absolute_uri(reverse("portal:help-feed", args=[token]))
    return feeds.answer(request, subscription, found, own)

"""How to reach us, per product, with service hours; and the wish to be called back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from klarfall.contracts.models import Product
from klarfall.core.action import Refused
from klarfall.portal.faq import ways_of_support
from klarfall.portal.forms.callback import CallbackForm
from klarfall.portal.offering import offering
from klarfall.portal.problem_banners import banners_for
from klarfall.portal.public import public_page
from klarfall.portal.reach import callable_products, reachable
from klarfall.portal.shell import is_contact, is_staff, show
from klarfall.portal.views.callbacks import refuse
from klarfall.portal.writing import Writing, writing
from klarfall.telephony.actions.callbacks import request_call
from klarfall.telephony.booking import slots_for_new
from klarfall.tickets.actions.submit import AlreadySent, NewRequest
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import go


@public_page
def contact(request: HttpRequest) -> HttpResponse:
    """Shows all ways of contact."""
    now = timezone.now()
    return show(
        request,
        "portal/contact/page.html",
        here="contact",
        now=now,
        reach=reachable(request, now),
        problems=banners_for(request, now),
        is_contact=is_contact(request),
        is_staff=is_staff(request),
        callback=bool(callable_products(now)),
        ways=get_text_list(ways_of_support(offering(now)), _("and")),
    )


def callback(request: HttpRequest) -> HttpResponse:
    """Asks for a call back about a product that has a telephone: becomes a request like any other (R62)."""
    now = timezone.now()
    desk = writing(request, now)
    products = callable_products(now)
    if not desk.contacts or not products:
        raise Http404
    form = _form(desk, products)
    if request.method == "POST" and form.is_valid():
        try:
            return go(request, "portal:receipt", _send(desk, form).number)
        except AlreadySent as twice:
            return go(request, "portal:receipt", twice.ticket.number)
        except Refused as problem:
            refuse(form, problem)
    status = 422 if form.errors else 200
    week = {one["title"]: one["week"] for one in reachable(request, now)}
    return show(request, "portal/contact/callback.html", here="contact", now=now, form=form, week=week, status=status)


def _form(desk: Writing, products: list[Product]) -> CallbackForm:
    """The form with the free times of the chosen product, else of the first."""
    wanted = desk.request.POST.get("product")
    product = next((one for one in products if str(one.pk) == wanted), products[0])
    slots = slots_for_new(desk.contact, product, desk.now)
    data = desk.request.POST or None
    return CallbackForm(data, contacts=desk.contacts, products=products, slots=slots, now=desk.now)


def _send(desk: Writing, form: CallbackForm) -> Ticket:
    data = form.cleaned_data
    product = data["product"]
    wanted = NewRequest(product=product, title=form.title, description=data["about"], version=desk.version_of(product))
    actor: Any = desk.request.user
    return request_call(data["contact"], request=wanted, wish=form.wish(), actor=actor, now=desk.now).ticket

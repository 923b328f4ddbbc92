"""How to reach us, per product, with service hours; and the wish to be called back."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.core.action import Refused
from klarfall.portal.forms.callback import CallbackForm
from klarfall.portal.public import public_page
from klarfall.portal.reach import callable_products, reachable
from klarfall.portal.shell import is_contact, is_staff, show
from klarfall.portal.writing import Writing, writing
from klarfall.tickets.actions.submit import AlreadySent, NewRequest, submit
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
        is_contact=is_contact(request),
        is_staff=is_staff(request),
        callback=bool(callable_products(now)),
    )


def callback(request: HttpRequest) -> HttpResponse:
    """Asks for a call back about a product that has a telephone: becomes a request like any other (R62)."""
    now = timezone.now()
    desk = writing(request, now)
    products = callable_products(now)
    if not desk.contacts or not products:
        raise Http404
    form = CallbackForm(request.POST or None, contacts=desk.contacts, products=products)
    if request.method == "POST" and form.is_valid():
        try:
            return go(request, "portal:receipt", _send(desk, form).number)
        except AlreadySent as twice:
            return go(request, "portal:receipt", twice.ticket.number)
        except Refused as problem:
            form.refuse(problem)
    status = 422 if form.errors else 200
    week = {one["title"]: one["week"] for one in reachable(request, now)}
    return show(request, "portal/contact/callback.html", here="contact", now=now, form=form, week=week, status=status)


def _send(desk: Writing, form: CallbackForm) -> Ticket:
    data = form.cleaned_data
    product = data["product"]
    wanted = NewRequest(
        product=product, title=form.title, description=form.description, version=desk.version_of(product)
    )
    return submit(data["contact"], request=wanted, keep_draft=True, actor=desk.request.user, now=desk.now)

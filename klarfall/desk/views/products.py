"""The vendor's products: the list, one product with its facts, its place in the list and its state."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import products as actions
from klarfall.contracts.models import ContractLine, Product
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.confirmation import ask, is_confirmed
from klarfall.desk.forms.products import AreaForm, ChannelForm, ProductForm, VersionForm, facts_of
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE
from klarfall.ui.rendering import SeeOther, page

HERE = "products"
#: Forms of the parts of a product that were sent and refused, by part and id ("new" for a new one).
Sent = dict[tuple[str, Any], Any]


@needs("house.set_up")
def products(request: HttpRequest) -> HttpResponse:
    """All products in their order, with their state."""
    active = Q(channels__active=True)
    counted = Product.objects.select_related("parent").annotate(
        area_count=Count("areas", filter=Q(areas__active=True), distinct=True),
        channel_count=Count("channels", filter=active, distinct=True),
    )
    found = list(counted.order_by("order", "name"))
    return page(request, "desk/products/list.html", **shell(scope_of(request), HERE), products=found)


@needs("house.set_up")
def new(request: HttpRequest) -> HttpResponse:
    """A product that does not exist yet."""
    form = ProductForm(request.POST or None, products=Product.objects.all())
    made: list[Product] = []

    def act() -> None:
        made.append(actions.add_product(data=form.given, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The product is there. Now add areas, versions and ways of contact."))
        return SeeOther(reverse("desk:product", args=[made[0].code]))
    status = 422 if form.is_bound else 200
    return page(request, "desk/products/new.html", status=status, **shell(scope_of(request), HERE), form=form)


@needs("house.set_up")
def product(request: HttpRequest, code: str) -> HttpResponse:
    """One product: facts to change here, areas, versions and ways of contact with forms of their own."""
    found = of_code(code)
    if request.method != "POST":
        return product_page(request, found)
    form = ProductForm(request.POST, products=Product.objects.all(), product=found)

    def act() -> None:
        actions.change_product(found, data=form.given, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:product", args=[of_pk(found.pk).code]))
    return product_page(request, of_pk(found.pk), {("facts", found.pk): form})


@needs("house.set_up")
@require_POST
def state(request: HttpRequest, code: str) -> HttpResponse:
    """Move a product up or down, switch it off or on, or remove it (`do`)."""
    found, do = of_code(code), request.POST.get("do", "")
    if do in ("off", "remove") and not is_confirmed(request):
        return _question(request, found, do)
    now, actor = timezone.now(), request.user
    try:
        if do in ("up", "down"):
            actions.move_product(found, up=do == "up", actor=actor, now=now)
        elif do in ("off", "on"):
            actions.change_product(found, data=facts_of(found, active=do == "on"), actor=actor, now=now)
        elif do == "remove":
            actions.remove_product(found, actor=actor, now=now)
    except Refused as problem:
        messages.error(request, str(problem.message))
        return SeeOther(reverse("desk:product", args=[code]))
    return SeeOther(reverse("desk:product", args=[code]) if do in ("off", "on") else reverse("desk:products"))


def _question(request: HttpRequest, found: Product, do: str) -> HttpResponse:
    back, values = reverse("desk:product", args=[found.code]), {"product": found.name}
    if do == "remove":
        title, label = _("Remove %(product)s?") % values, _("Remove")
        points = [_("Its areas, versions and ways of contact go with it."), _("This cannot be undone.")]
        return ask(request, HERE, title=title, points=points, label=label, back=back)
    title, label = _("Switch %(product)s off?") % values, _("Switch off")
    return ask(request, HERE, title=title, points=_what_remains(found), label=label, back=back)


def _what_remains(found: Product) -> list[str]:
    """What switching a product off means, with figures."""
    lines = ContractLine.objects.filter(Q(product=found) | Q(product__parent=found), contract__terminated=False).count()
    tickets = Ticket.objects.filter(product=found, status__in=LIVE).count()
    points = [_("Nobody can choose it any more, and contact pages no longer show it.")]
    if lines:
        words = ngettext("%(count)s contract names it.", "%(count)s contracts name it.", lines)
        points.append(words % {"count": lines})
    if tickets:
        words = ngettext("%(count)s open request goes on.", "%(count)s open requests go on.", tickets)
        points.append(words % {"count": tickets})
    return [*points, _("You can switch it on again at any time.")]


def of_code(code: str) -> Product:
    """The product of an address; 404 for another."""
    return get_object_or_404(_with_parts(), code=code)


def of_pk(pk: int) -> Product:
    """The product as it is now, after a form was refused."""
    return _with_parts().get(pk=pk)


def _with_parts() -> Any:
    return Product.objects.select_related("parent").prefetch_related("linked", "areas", "versions", "channels")


def product_page(request: HttpRequest, found: Product, sent: Sent | None = None) -> HttpResponse:
    """The page of a product; what was sent and refused stands in its form, opened, with the reason."""
    sent = sent or {}
    facts = sent.get(("facts", found.pk)) or ProductForm(None, products=Product.objects.all(), product=found)
    refused = any(form.is_bound for form in sent.values())
    return page(
        request,
        "desk/products/page.html",
        status=422 if refused else 200,
        **shell(scope_of(request), HERE),
        product=found,
        form=facts,
        areas=[(one, sent.get(("area", one.pk)) or AreaForm.of(one)) for one in found.areas.all()],
        versions=[(one, sent.get(("version", one.pk)) or VersionForm.of(one)) for one in found.versions.all()],
        channels=[(one, sent.get(("channel", one.pk)) or ChannelForm(None, channel=one)) for one in _ways(found)],
        new_area=sent.get(("area", "new")) or AreaForm.of(None),
        new_version=sent.get(("version", "new")) or VersionForm.of(None),
        new_channel=sent.get(("channel", "new")) or ChannelForm(None),
        today=timezone.localdate(),
    )


def _ways(found: Product) -> list[Any]:
    return sorted(found.channels.all(), key=lambda one: (one.order, one.pk))

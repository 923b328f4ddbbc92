"""Areas, versions and ways of contact of a product; each has a form of its own on the page of the product."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import contact_channels as ways
from klarfall.contracts.actions import products as actions
from klarfall.contracts.models import Area, ContactChannel, Product, ProductVersion
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.confirmation import ask, is_confirmed
from klarfall.desk.forms.products import AreaForm, ChannelForm, VersionForm, way_of
from klarfall.desk.refusals import done
from klarfall.desk.views.products import HERE, of_code, of_pk, product_page
from klarfall.ui.rendering import SeeOther

Steps = dict[str, Callable[..., Any]]


@needs("house.set_up")
@require_POST
def areas(request: HttpRequest, code: str) -> HttpResponse:
    """Add an area."""
    product, form = of_code(code), AreaForm.of(None, request.POST)
    return _saved(request, product, "area", form, lambda who: actions.add_area(product, **form.cleaned_data, **who))


@needs("house.set_up")
@require_POST
def area(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Rename, move, switch or remove an area (`do`)."""
    product = of_code(code)
    found = get_object_or_404(Area, product=product, pk=pk)
    do, form = request.POST.get("do", "save"), AreaForm.of(found, request.POST)
    if do != "save":
        return _step(request, product, do, _area_steps(found), name=found.name, gone=_area_gone())

    def act(who: dict[str, Any]) -> None:
        actions.change_area(found, **form.cleaned_data, active=found.active, **who)

    return _saved(request, product, "area", form, act, pk)


def _area_steps(found: Area) -> Steps:
    return {
        "up": lambda **who: actions.move_area(found, up=True, **who),
        "down": lambda **who: actions.move_area(found, up=False, **who),
        "off": lambda **who: actions.change_area(found, name=found.name, active=False, **who),
        "on": lambda **who: actions.change_area(found, name=found.name, active=True, **who),
        "remove": lambda **who: actions.remove_area(found, **who),
    }


@needs("house.set_up")
@require_POST
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """Add a version."""
    product, form = of_code(code), VersionForm.of(None, request.POST)
    return _saved(request, product, "version", form, lambda who: actions.add_version(product, data=form.given, **who))


@needs("house.set_up")
@require_POST
def version(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change or remove a version (`do`)."""
    product = of_code(code)
    found = get_object_or_404(ProductVersion, product=product, pk=pk)
    do, form = request.POST.get("do", "save"), VersionForm.of(found, request.POST)
    if do == "save":
        return _saved(
            request, product, "version", form, lambda who: actions.change_version(found, data=form.given, **who), pk
        )
    steps: Steps = {"remove": lambda **who: actions.remove_version(found, **who)}
    return _step(request, product, do, steps, name=found.name, gone=[])


@needs("house.set_up")
@require_POST
def channels(request: HttpRequest, code: str) -> HttpResponse:
    """Add a way of contact."""
    product, form = of_code(code), ChannelForm(request.POST)
    return _saved(request, product, "channel", form, lambda who: ways.add_channel(product, data=form.given, **who))


@needs("house.set_up")
@require_POST
def channel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change, move, switch or remove a way of contact (`do`)."""
    product = of_code(code)
    found = get_object_or_404(ContactChannel, product=product, pk=pk)
    do, form = request.POST.get("do", "save"), ChannelForm(request.POST, channel=found)
    if do != "save":
        name = f"{ChannelKind(found.kind).label} {found.value}".strip()
        return _step(request, product, do, _channel_steps(found), name=name, gone=_channel_gone())

    def act(who: dict[str, Any]) -> None:
        ways.change_channel(found, data=form.given, **who)

    return _saved(request, product, "channel", form, act, pk)


def _channel_steps(found: ContactChannel) -> Steps:
    return {
        "up": lambda **who: ways.move_channel(found, up=True, **who),
        "down": lambda **who: ways.move_channel(found, up=False, **who),
        "off": lambda **who: ways.change_channel(found, data=way_of(found, active=False), **who),
        "on": lambda **who: ways.change_channel(found, data=way_of(found, active=True), **who),
        "remove": lambda **who: ways.remove_channel(found, **who),
    }


def _saved(
    request: HttpRequest,
    product: Product,
    part: str,
    form: Any,
    act: Callable[[dict[str, Any]], Any],
    pk: Any = "new",
) -> HttpResponse:
    """Back to the section after saving; else the page with what was typed and why it cannot be."""
    who = {"actor": request.user, "now": timezone.now()}
    if done(form, lambda: act(who)):
        messages.success(request, _("Saved."))
        return SeeOther(f"{reverse('desk:product', args=[product.code])}#{part}s")
    return product_page(request, of_pk(product.pk), {(part, pk): form})


def _step(request: HttpRequest, product: Product, do: str, steps: Steps, *, name: str, gone: list[str]) -> HttpResponse:
    """One of the steps without a form; whatever takes something away asks first."""
    if do in ("off", "remove") and not is_confirmed(request):
        return _question(request, product, do, name=name, gone=gone)
    if do in steps:
        try:
            steps[do](actor=request.user, now=timezone.now())
        except Refused as problem:
            messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:product", args=[product.code]))


def _question(request: HttpRequest, product: Product, do: str, *, name: str, gone: list[str]) -> HttpResponse:
    values, removed = {"name": name, "product": product.name}, do == "remove"
    title = _("Remove “%(name)s” from %(product)s?") if removed else _("Switch “%(name)s” off for %(product)s?")
    points = [_("This cannot be undone.")] if removed else gone
    label, back = _("Remove") if removed else _("Switch off"), reverse("desk:product", args=[product.code])
    return ask(request, HERE, title=title % values, points=points, label=label, back=back)


def _area_gone() -> list[str]:
    return [
        _("Nobody can choose it in new requests any more."),
        _("Requests that name it keep it."),
        _("You can switch it on again at any time."),
    ]


def _channel_gone() -> list[str]:
    return [
        _("It disappears at once: contact page, start page, footers of mails, help at registration."),
        _("New requests can no longer be recorded as having come that way."),
        _("Requests that came that way stay as they are."),
        _("You can switch it on again at any time."),
    ]

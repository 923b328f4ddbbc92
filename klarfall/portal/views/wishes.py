"""Wishes to the other teams: a consultant's appointment or a training, without a request to support."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.contracts.models import TrainingOffer
from klarfall.core.action import Refused
from klarfall.portal.forms.wishes import WishForm
from klarfall.portal.shell import show
from klarfall.portal.typed import whole_number
from klarfall.portal.writing import Writing, writing
from klarfall.tickets.actions import draft as drafts
from klarfall.tickets.actions import handover
from klarfall.tickets.models import Concern, ConsultantRequest, TrainingRequest
from klarfall.ui.rendering import go

_MOST_OFFERS = 200
#: Sends a wish of the form, from a concern or directly; returns its number.
_Ask = Callable[[Writing, WishForm, Concern | None], int]


def wishes(request: HttpRequest) -> HttpResponse:
    """Shows what this person has asked of the other teams."""
    consulting = ConsultantRequest.objects.select_related("product").order_by("-pk")[:50]
    training = TrainingRequest.objects.select_related("product").order_by("-pk")[:50]
    context: dict[str, Any] = {"consulting": list(consulting), "training": list(training)}
    return show(request, "portal/wishes/list.html", here="requests", **context)


def new_consulting(request: HttpRequest) -> HttpResponse:
    """Asks for a consultant: on site, or for what support does not offer. It is not assessed and costs no support."""
    return _new(request, "consulting", _consulting)


def new_training(request: HttpRequest) -> HttpResponse:
    """Asks for a training, one on offer or another."""
    return _new(request, "training", _training)


def trainings(request: HttpRequest) -> HttpResponse:
    """Shows the trainings on offer, with price and date or *on request*."""
    offers = list(TrainingOffer.objects.filter(active=True).select_related("product")[:_MOST_OFFERS])
    may_ask = bool(writing(request, timezone.now()).contacts)
    return show(request, "portal/wishes/trainings.html", here="requests", offers=offers, may_ask=may_ask)


def _consulting(desk: Writing, form: WishForm, concern: Concern | None) -> int:
    data = form.cleaned_data
    wanted = {name: data[name] for name in ("product", "wish", "place", "preferred_dates")}
    made = handover.request_consulting(
        data["contact"],
        **wanted,
        preferred_on=form.preferred_on,
        concern=concern,
        actor=desk.request.user,
        now=desk.now,
    )
    return int(made.number)


def _training(desk: Writing, form: WishForm, concern: Concern | None) -> int:
    data = form.cleaned_data
    made = handover.request_training(
        data["contact"],
        product=data["product"],
        wish=data["wish"],
        offer=data["offer"],
        preferred_on=form.preferred_on,
        concern=concern,
        actor=desk.request.user,
        now=desk.now,
    )
    return int(made.number)


def _new(request: HttpRequest, kind: str, ask: _Ask) -> HttpResponse:
    desk = writing(request, timezone.now())
    if not desk.contacts:
        return show(request, "portal/new/nobody.html", here="requests", status=403)
    concern = _concern(desk)
    offers = list(TrainingOffer.objects.filter(active=True)[:_MOST_OFFERS]) if kind == "training" else []
    choices = {"contacts": desk.contacts, "products": desk.offered.own_products(), "offers": offers}
    form = WishForm(request.POST or None, **choices, initial=_initial(desk, offers, concern))
    if request.method == "POST" and form.is_valid():
        try:
            number = ask(desk, form, concern)
            _drop_draft(desk)
            return go(request, f"portal:{kind}", number)
        except Refused as problem:
            form.refuse(problem)
    context: dict[str, Any] = {"form": form, "kind": kind, "desk": desk, "concern": concern, "offers": offers}
    return show(request, "portal/wishes/new.html", here="requests", status=422 if form.errors else 200, **context)


def _concern(desk: Writing) -> Concern | None:
    """The concern from which somebody asks, as far as they see it."""
    pk = whole_number(desk.request.GET.get("concern", ""))
    if pk is None:
        return None
    mine = {one.customer_id for one in desk.contacts}
    found: Concern = get_object_or_404(Concern.objects.select_related("ticket__product"), pk=pk, customer__in=mine)
    return found


def _initial(desk: Writing, offers: list[TrainingOffer], concern: Concern | None) -> dict[str, Any]:
    initial = desk.initial()
    if desk.request.GET.get("from") == "draft":
        parts = [initial.get(name, "") for name in ("title", "description")]
        initial["wish"] = "\n\n".join(filter(None, parts))
    if concern is not None:
        own = next((one for one in desk.contacts if one.customer_id == concern.customer_id), desk.contacts[0])
        initial |= {"wish": concern.title, "product": str(concern.ticket.product_id), "contact": str(own.pk)}
    wanted = next((one for one in offers if str(one.pk) == desk.request.GET.get("offer")), None)
    if wanted is not None:
        initial |= {"offer": str(wanted.pk), "wish": wanted.said("title")}
        initial |= {"product": str(wanted.product_id)} if wanted.product_id else {}
    return initial


def _drop_draft(desk: Writing) -> None:
    """The draft has become this wish."""
    if desk.request.GET.get("from") == "draft" and desk.draft is not None:
        drafts.discard_draft(desk.draft, actor=desk.request.user, now=desk.now)
        messages.info(desk.request, _("Your draft has become this wish."))


def consulting(request: HttpRequest, number: int) -> HttpResponse:
    """Shows one wish to the consultants."""
    found = get_object_or_404(ConsultantRequest.objects.select_related("product", "concern__ticket"), number=number)
    return show(request, "portal/wishes/page.html", here="requests", wish=found, kind="consulting")


def training(request: HttpRequest, number: int) -> HttpResponse:
    """Shows one wish for a training."""
    found = get_object_or_404(
        TrainingRequest.objects.select_related("product", "offer", "concern__ticket"), number=number
    )
    return show(request, "portal/wishes/page.html", here="requests", wish=found, kind="training")

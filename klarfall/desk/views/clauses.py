"""Clauses of the draft: add, change, remove, put in order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import clauses as actions
from klarfall.contracts.models import CatalogueItem
from klarfall.contracts.models.terms import Outcome
from klarfall.contracts.readiness import FIXED
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.forms.terms import ClauseForm
from klarfall.desk.refusals import done
from klarfall.desk.views.terms import draft_or_404, show
from klarfall.ui.rendering import SeeOther

_NEEDED = "terms.publish"


@needs(_NEEDED)
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Add a clause to the draft; `?outcome=` chooses one before."""
    draft = draft_or_404(number)
    form = ClauseForm(request.POST or None)
    if not form.is_bound and request.GET.get("outcome") in Outcome.values:
        form.initial["outcome"] = request.GET["outcome"]

    def act() -> None:
        code = form.cleaned_data["code"].upper()
        actions.add_item(draft, code=code, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The clause is added."))
        return SeeOther(reverse("desk:terms-version", args=[number]))
    return show(request, "clause.html", status=422 if form.is_bound else 200, terms=draft, item=None, form=form)


@needs(_NEEDED)
def clause(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Change a clause of the draft."""
    item = _item(number, code)
    form = ClauseForm(request.POST or None, item=item)

    def act() -> None:
        actions.change_item(item, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:terms-version", args=[number]) + f"#{item.code}")
    status = 422 if form.is_bound else 200
    return show(request, "clause.html", status=status, terms=item.terms, item=item, form=form, fixed=item.code in FIXED)


@needs(_NEEDED)
@require_POST
def removal(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Take a clause out of the draft."""
    try:
        actions.remove_item(_item(number, code), actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The clause is removed from the draft."))
    return SeeOther(reverse("desk:terms-version", args=[number]))


@needs(_NEEDED)
@require_POST
def place(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Move a clause up (`to=up`) or down."""
    item = _item(number, code)
    try:
        actions.move_item(item, up=request.POST.get("to") == "up", actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.warning(request, str(problem))
    return SeeOther(reverse("desk:terms-version", args=[number]) + f"#{item.code}")


def _item(number: int, code: str) -> CatalogueItem:
    return get_object_or_404(CatalogueItem.objects.select_related("terms"), terms=draft_or_404(number), code=code)

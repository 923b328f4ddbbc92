"""Words that mean the same: list, add, change, switch off, and try out what a search finds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.desk.access import needs
from klarfall.desk.forms.synonyms import SynonymsForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import synonyms as actions
from klarfall.knowledge.models import SynonymGroup
from klarfall.knowledge.search.finding import find
from klarfall.ui.rendering import SeeOther, page

_HERE = "synonyms"
#: Groups that the page lists; more are reached by searching for a word of them.
_MOST = 200


@needs("synonym.change")
def synonyms(request: HttpRequest) -> HttpResponse:
    """All groups with the form for another one, and what a search finds with them."""
    form = SynonymsForm(request.POST or None)

    def act() -> None:
        actions.add_synonyms(words=form.cleaned_data["words"], actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Added. The search knows it from the next question on."))
        return SeeOther(reverse("desk:synonyms"))
    return _page(request, form)


@needs("synonym.change")
@require_POST
def synonym(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a group, or switch it off and on."""
    group = get_object_or_404(SynonymGroup, pk=pk)
    form = SynonymsForm.of(group, request.POST)
    who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    if (wish := request.POST.get("do")) in ("on", "off"):
        actions.switch_synonyms(group, active=wish == "on", **who)
        messages.success(request, _("Switched on.") if wish == "on" else _("Switched off."))
        return SeeOther(reverse("desk:synonyms"))
    if done(form, lambda: actions.change_synonyms(group, words=form.cleaned_data["words"], **who)):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:synonyms"))
    return _page(request, SynonymsForm(), refused=(group.pk, form))


def _page(request: HttpRequest, form: SynonymsForm, refused: tuple[int, SynonymsForm] | None = None) -> HttpResponse:
    words, part = request.GET.get("q", "").strip()[:200], request.GET.get("word", "").strip()[:60]
    rows = SynonymGroup.objects.order_by("-changed_at", "-pk")
    if part:
        rows = rows.filter(words__icontains=part)
    groups = list(rows[:_MOST])
    forms = {one.pk: refused[1] if refused and refused[0] == one.pk else SynonymsForm.of(one) for one in groups}
    return page(
        request,
        "desk/articles/synonyms.html",
        part="found",
        status=422 if form.is_bound or refused else 200,
        **shell(scope_of(request), _HERE),
        form=form,
        groups=[(one, forms[one.pk]) for one in groups],
        cut=len(groups) == _MOST,
        words=words,
        word=part,
        tried=find(words, limit=8) if words else None,
    )

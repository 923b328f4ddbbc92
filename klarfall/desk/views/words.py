"""The terms of the interface: a table, a preview of real sentences, and saving."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts.actions.words import change_words
from klarfall.accounts.word_table import table_with
from klarfall.core.words import TERMS
from klarfall.desk.access import needs
from klarfall.desk.forms.words import WordsForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.house import profile_now
from klarfall.desk.word_preview import preview
from klarfall.ui.rendering import SeeOther, page


@needs("house.set_up")
def words(request: HttpRequest) -> HttpResponse:
    """What things are called; with `preview` the page shows how it would read, with `reset` one term is as before."""
    table = profile_now().words
    if request.POST.get("reset") in TERMS:
        return _reset(request, request.POST["reset"])
    form = WordsForm(request.POST or None, table=table)
    looks = request.method == "POST" and "preview" in request.POST
    wanted: dict[str, Any] = {}

    def act() -> None:
        if looks:
            wanted.update(table_with(table, form.given))
        else:
            change_words(words=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act) and not looks:
        messages.success(request, _("Saved. All pages, mails and new documents say it from now on."))
        return SeeOther(reverse("desk:words"))
    return _page(request, form, wanted if looks and form.is_valid() else None)


def _reset(request: HttpRequest, key: str) -> HttpResponse:
    term = TERMS[key]
    change_words(words={key: {"de": term.de, "en": term.en}}, actor=request.user, now=timezone.now())
    messages.success(request, _("The default words are back."))
    return SeeOther(reverse("desk:words"))


def _page(request: HttpRequest, form: WordsForm, wanted: dict[str, Any] | None) -> HttpResponse:
    shown = form if wanted is None else _proposed(wanted)
    return page(
        request,
        "desk/settings/words.html",
        status=422 if form.is_bound and form.errors else 200,
        **shell(scope_of(request), "words"),
        form=shown,
        looks=None if wanted is None else preview(wanted),
    )


def _proposed(wanted: dict[str, Any]) -> WordsForm:
    """The form with what was typed and the forms that were proposed, not stored yet."""
    return WordsForm(table=wanted)

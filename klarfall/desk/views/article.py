"""One article: its words with preview and automatic saving, what holds for it as a whole, new editions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts import permissions
from klarfall.core.action import Refused
from klarfall.desk import article_checks, article_page, article_trail
from klarfall.desk.access import needs
from klarfall.desk.article_page import Opened, address, opened
from klarfall.desk.forms.articles import VISIBILITY_NOTES
from klarfall.desk.forms.edition import USE_NAMES, EditionForm, FactsForm, MediaForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import articles as actions
from klarfall.knowledge.models import Edition
from klarfall.knowledge.rendering import preview as previewed
from klarfall.ui.formats import time_of_day
from klarfall.ui.rendering import SeeOther, page

HERE = "articles"
#: Characters of a text that are shown while it is typed; a longer one is looked at on its reading page.
_PREVIEWED = 200_000


@needs("article.write")
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of an article: the form of its draft, or what is published. Saving may lead to the next step."""
    found = opened(request, pk)
    if request.method != "POST" or found.edition is None:
        return written(request, found)
    form = EditionForm.of(found.edition, _versions(found), request.POST)
    if not form.is_valid():
        return written(request, found, form=form)
    try:
        actions.save_draft(found.edition, content=form.given, **form.state, **_who(request))
    except actions.DraftChanged as problem:
        return conflict(request, found, form, problem)
    except Refused as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
        return written(request, found, form=form)
    return _after_saving(request, found)


def _after_saving(request: HttpRequest, found: Opened) -> HttpResponse:
    """Back to the text, or on to what was asked for with the button."""
    wanted = next(
        (one for one in article_page.steps(found, request.user) if one["name"] == request.POST.get("do")), None
    )
    if wanted:
        return SeeOther(wanted["url"])
    messages.success(request, _("Saved."))
    name = "article-translation" if "side" in request.GET else "article"
    return SeeOther(address(name, found.article, found.language if name == "article" else "de"))


def conflict(request: HttpRequest, found: Opened, form: EditionForm, problem: actions.DraftChanged) -> HttpResponse:
    """Two have written: both texts, each whole. Saving the own one again keeps it; the other stays in view."""
    newer = problem.newer
    given = request.POST.copy()
    given["saved"] = str(newer.saved)
    mine = EditionForm.of(newer, _versions(found), given)
    mine.is_valid()
    frame = shell(scope_of(request), HERE)
    context = {"found": found, "article": found.article, "form": mine, "newer": newer, "problem": problem.message}
    return page(request, "desk/articles/conflict.html", status=409, **frame, **context)


def _versions(found: Opened) -> list[Any]:
    return list(article_page.product_of(found.article).versions.all())


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def written(request: HttpRequest, found: Opened, **forms: Any) -> HttpResponse:
    """The page with the forms as they stand, or as they were refused."""
    edition = found.edition
    writes = found.is_written_by(request.user)
    form = forms.get("form") or (EditionForm.of(edition, _versions(found)) if writes and edition else None)
    return page(
        request,
        "desk/articles/page.html",
        status=422 if forms else 200,
        **shell(scope_of(request), HERE),
        **_around(request, found),
        form=form,
        facts=forms.get("facts") or FactsForm(article=found.article),
        media_form=forms.get("media") or MediaForm(initial={"language": found.language}, auto_id="id_media_%s"),
        shown=_shown(edition, forms.get("form")),
        may_change=may_change(request, found),
    )


def _around(request: HttpRequest, found: Opened) -> dict[str, Any]:
    """What the page shows beside its forms."""
    rows = article_page.all_files_of(found.article)
    files = [one for one in rows if one.removed_at is None]
    return {
        "found": found,
        "article": found.article,
        "edition": found.edition,
        "files": files,
        "removed_files": [one for one in rows if one.removed_at is not None],
        "may_delete": permissions.may("article.publish", request.user),
        "uses": USE_NAMES,
        "checks": article_checks.of(found.edition, files) if found.edition else [],
        "steps": article_page.steps(found, request.user),
        "trail": article_trail.of(found.article),
        "tabs": article_page.tabs(found, "article"),
        "article_languages": article_page.languages(found),
        "visibility_notes": VISIBILITY_NOTES,
    }


def may_change(request: HttpRequest, found: Opened) -> bool:
    """May this person change what holds for the article as a whole? What readers meet, only who may publish."""
    needed = "article.publish" if found.article.published_at else "article.write"
    return permissions.may(needed, request.user)


def _shown(edition: Edition | None, form: EditionForm | None) -> Any:
    if edition is None:
        return ""
    body = str(form["body"].value() or "") if form is not None else edition.body
    return previewed(body[:_PREVIEWED], edition.article, language=edition.language)


@needs("article.write")
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Save while somebody writes: JSON with the time and the new count; 409 when somebody else has saved."""
    found = opened(request, pk)
    if found.edition is None:
        return JsonResponse({"error": _("This draft is no longer there.")}, status=410)
    form = EditionForm.of(found.edition, _versions(found), request.POST)
    if not form.is_valid():
        return JsonResponse({"error": str(next(iter(form.errors.values()))[0])}, status=422)
    who = _who(request)
    try:
        kept = actions.save_draft(found.edition, content=form.given, **form.state, **who)
    except actions.DraftChanged as problem:
        return _saved_meanwhile(problem)
    except Refused as problem:
        return JsonResponse({"error": str(problem.message)}, status=422)
    return JsonResponse({"saved_at": time_of_day(who["now"]), "fields": {"saved": kept.saved}})


def _saved_meanwhile(problem: actions.DraftChanged) -> HttpResponse:
    words = _("%(name)s has saved meanwhile. Press Save to see both texts.")
    return JsonResponse({"error": words % {"name": problem.newer.changed_by.name}}, status=409)


@needs("article.write")
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The text as readers will see it, as a part of the page."""
    found = opened(request, pk)
    shown = previewed(request.POST.get("body", "")[:_PREVIEWED], found.article, language=found.language)
    return HttpResponse(shown)


@needs("article.write")
@require_POST
def editions(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a new edition, or a translation; where one is in work already, that one."""
    found = opened(request, pk)
    try:
        actions.start_edition(found.article, language=found.language, **_who(request))
    except actions.EditionInWork as problem:
        messages.info(request, str(problem.message))
    except Refused as problem:
        messages.error(request, str(problem.message))
    if "side" in request.GET:
        return SeeOther(address("article-translation", found.article))
    return SeeOther(address("article", found.article, found.language))


@needs("article.write")
@require_POST
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what holds for the article as a whole: area, readers, who looks after it, its days."""
    found = opened(request, pk)
    form = FactsForm(request.POST, article=found.article)

    def act() -> None:
        actions.change_article(found.article, data=form.given, **_who(request))

    if done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(address("article", found.article, found.language))
    return written(request, found, facts=form)

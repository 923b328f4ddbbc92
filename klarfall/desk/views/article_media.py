"""Pictures, videos and files of an article: add, describe, remove, hand out; and the articles that a text can name."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from klarfall.accounts import permissions
from klarfall.core.action import Refused
from klarfall.desk import article_list, article_page
from klarfall.desk.access import needs
from klarfall.desk.article_page import Opened, address, opened
from klarfall.desk.forms.edition import USE_NAMES, EditionForm, MediaForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.article import conflict, written
from klarfall.knowledge.actions import articles, media
from klarfall.knowledge.handing_out import handed_out
from klarfall.knowledge.media_places import places_of
from klarfall.knowledge.models import Media
from klarfall.ui.rendering import SeeOther, page

HERE = "articles"


@needs("article.write")
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file. Without script the text that is being written comes along and is saved first."""
    found = opened(request, pk)
    form = MediaForm(request.POST, request.FILES, auto_id="id_media_%s")
    by_script = request.headers.get("Accept", "").startswith("application/json")
    refused = None if by_script else _text_saved(request, found)
    if refused is not None:
        return refused
    added: list[Media] = []

    def act() -> None:
        added.append(media.add_media(found.article, **form.cleaned_data, **_who(request)))

    if done(form, act):
        return _added(found, added[0], by_script=by_script)
    if by_script:
        return JsonResponse({"error": " ".join(str(one[0]) for one in form.errors.values())}, status=422)
    return written(request, opened(request, pk), media=form)


def _text_saved(request: HttpRequest, found: Opened) -> HttpResponse | None:
    """Save the text that came along; the page to show instead where that was refused."""
    if found.edition is None or "saved" not in request.POST or not found.is_written_by(request.user):
        return None
    versions = list(article_page.product_of(found.article).versions.all())
    form = EditionForm.of(found.edition, versions, request.POST)
    if not form.is_valid():
        return written(request, found, form=form)
    try:
        articles.save_draft(found.edition, content=form.given, **form.state, **_who(request))
    except articles.DraftChanged as problem:
        return conflict(request, found, form, problem)
    except Refused as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
        return written(request, found, form=form)
    return None


def _added(found: Opened, row: Media, *, by_script: bool) -> HttpResponse:
    if by_script:
        shown = row.use in ("picture", "video", "file")
        return JsonResponse(
            {"reference": article_page.named_in_text(row) if shown else "", "said": _("The file is added.")}
        )
    return SeeOther(f"{address('article', found.article, found.language)}#media-{row.pk}")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@needs("article.write")
@require_safe
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of files alone, after one was added by script."""
    found = opened(request, pk)
    rows = article_page.all_files_of(found.article)
    return page(
        request,
        "desk/articles/files.html",
        part="files",
        **shell(scope_of(request), HERE),
        found=found,
        article=found.article,
        form=found.is_written_by(request.user),
        files=[one for one in rows if one.removed_at is None],
        removed_files=[one for one in rows if one.removed_at is not None],
        may_delete=permissions.may("article.publish", request.user),
        uses=USE_NAMES,
    )


@needs("article.write")
@require_POST
def one(request: HttpRequest, pk: int, media_pk: int) -> HttpResponse:
    """Describe a file, or take it out of the article."""
    found = opened(request, pk)
    row = get_object_or_404(Media, pk=media_pk, article=found.article, removed_at__isnull=True)
    try:
        if request.POST.get("do") == "remove":
            media.remove_media(row, **_who(request))
            messages.success(request, _("The file is removed. Published editions show it still."))
        else:
            media.describe_media(row, description=request.POST.get("description", "")[:300], **_who(request))
            messages.success(request, _("Saved."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(f"{address('article', found.article, found.language)}#files")


@needs("article.publish")
def deletion(request: HttpRequest, pk: int, media_pk: int) -> HttpResponse:
    """Delete a file for good, also from older editions: says first what shows it."""
    found = opened(request, pk)
    row = get_object_or_404(Media.objects.defer("text"), pk=media_pk, article=found.article)
    back = f"{address('article', found.article, found.language)}#files"
    if request.method == "POST":
        media.remove_media(row, for_good=True, **_who(request))
        messages.success(request, _("The file is deleted for good."))
        return SeeOther(back)
    frame = shell(scope_of(request), HERE)
    context = {"found": found, "article": found.article, "file": row, "places": places_of(row), "uses": USE_NAMES}
    return page(request, "desk/articles/deletion.html", **frame, **context, back=back)


@needs("article.write")
@require_safe
def file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The content of a file, also of drafts; parts of it for players."""
    return handed_out(get_object_or_404(Media, pk=pk, name=name), request)


@needs("article.write")
@require_safe
def titles(request: HttpRequest) -> HttpResponse:
    """Articles by words of their title, with the reference that a text needs."""
    words = request.GET.get("q", "").strip()
    found = article_list.titles(words) if words else []
    return page(
        request, "desk/articles/titles.html", part="titles", **shell(scope_of(request), HERE), found=found, words=words
    )

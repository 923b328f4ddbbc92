"""Editions of an article: read one, see what differs between two, take an older one up again; translations."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.desk import article_page
from klarfall.desk.access import needs
from klarfall.desk.article_page import Opened, address, opened
from klarfall.desk.forms.edition import EditionForm
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import articles as actions
from klarfall.knowledge.history import difference
from klarfall.knowledge.models import Edition
from klarfall.knowledge.rendering import rendered
from klarfall.knowledge.status import READABLE
from klarfall.ui.rendering import SeeOther, page

_HERE = "articles"
#: Editions that the history lists; older ones are reached by their number.
_MOST = 100


@needs("article.write")
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """An article as readers see it, also a draft, an internal one or an older edition (`?edition=N`)."""
    found = opened(request, pk)
    number = request.GET.get("edition", "")
    edition = _numbered(found, number) if number else found.edition
    if edition is None:
        raise Http404
    return page(
        request,
        "desk/articles/reading.html",
        **shell(scope_of(request), _HERE),
        found=found,
        article=found.article,
        edition=edition,
        text=rendered(edition),
        tabs=article_page.tabs(found, "article-reading"),
    )


def _numbered(found: Opened, number: str) -> Edition:
    """The edition of this number in the language of the page; 404 without it."""
    if not (number.isascii() and number.isdecimal() and len(number) < 6):  # noqa: PLR2004 - no article has so many
        raise Http404
    rows = Edition.objects.select_related("changed_by", "version_from", "version_to")
    edition: Edition = get_object_or_404(rows, article=found.article, language=found.language, number=int(number))
    edition.article = found.article
    return edition


@needs("article.write")
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """All editions in a language, and what differs between two of them: the newest and the one before, or any."""
    found = opened(request, pk)
    editions = _editions(found)
    older, newer = _compared(request, found, editions)
    return page(
        request,
        "desk/articles/history.html",
        **shell(scope_of(request), _HERE),
        found=found,
        article=found.article,
        editions=editions,
        older=older,
        newer=newer,
        change=difference(_whole(older), _whole(newer)) if older and newer else None,
        tabs=article_page.tabs(found, "article-history"),
        article_languages=article_page.languages(found),
        readable=READABLE,
        free=found.language not in found.work,
    )


def _editions(found: Opened) -> list[Any]:
    """The editions in the language of the page, the newest first, without their text."""
    rows = Edition.objects.filter(article=found.article, language=found.language).defer("body", "summary")
    return list(rows.select_related("changed_by", "reviewed_by").order_by("-number")[:_MOST])


def _compared(request: HttpRequest, found: Opened, editions: list[Any]) -> tuple[Edition | None, Edition | None]:
    """The two editions to compare, the lower number first."""
    last = [str(one.number) for one in editions[:2]]
    wanted = {request.GET.get("from") or (last[1] if len(last) > 1 else ""), request.GET.get("to") or "".join(last[:1])}
    numbers = sorted(int(one) for one in wanted if one.isascii() and one.isdecimal() and len(one) < 6)  # noqa: PLR2004
    if len(numbers) < 2:  # noqa: PLR2004 - two are compared
        return None, None
    return _numbered(found, str(numbers[0])), _numbered(found, str(numbers[1]))


def _whole(edition: Edition) -> str:
    """What is compared: title, sentence and text."""
    return f"{edition.title}\n{edition.summary}\n\n{edition.body}"


@needs("article.write")
@require_POST
def restoration(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Begin a draft with the words of an older edition."""
    found = opened(request, pk)
    try:
        actions.restore_edition(_numbered(found, str(number)), actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    except Refused as problem:
        messages.error(request, str(problem.message))
        path = reverse("desk:article-history", args=[pk])
        return SeeOther(f"{path}?language={found.language}")
    messages.success(request, _("A new draft begins with the words of edition %(number)s.") % {"number": number})
    return SeeOther(address("article", found.article, found.language))


@needs("article.write")
def translation(request: HttpRequest, pk: int) -> HttpResponse:
    """German on the left, English on the right; says which German words came after the translation."""
    german = opened(request, pk)
    english = Opened(german.article, "en", german.work, german.current)
    source, edition = german.work.get("de") or german.current.get("de"), english.edition
    versions = list(article_page.product_of(german.article).versions.all())
    writes = edition is not None and english.is_written_by(request.user)
    return page(
        request,
        "desk/articles/translation.html",
        **shell(scope_of(request), _HERE),
        found=english,
        article=german.article,
        source=source,
        edition=edition,
        form=EditionForm.of(edition, versions) if writes and edition else None,
        newer=_since(english),
        steps=article_page.steps(english, request.user),
        tabs=article_page.tabs(english, "article-translation"),
    )


def _since(english: Opened) -> Any:
    """What changed in German after the English text was last touched; None where nothing did."""
    edition, german = english.edition, english.current.get("de")
    if not (edition and english.german_is_newer):
        return None
    rows = Edition.objects.filter(article=english.article, language="de", published_at__lte=edition.changed_at)
    then = rows.order_by("-number").first()
    now = english.work.get("de") or german
    return difference(_whole(then), _whole(now)) if then and now and then.pk != now.pk else None

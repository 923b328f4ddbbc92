"""What the page of one article shows: the edition that is written or read, its files, and where it can go from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product
from klarfall.desk import reference
from klarfall.desk.article_list import IN_WORK
from klarfall.desk.forms.articles import LANGUAGES
from klarfall.knowledge.models import Article, Edition, Media, MediaUse
from klarfall.knowledge.status import EditionStatus

#: Files of an article that its page lists.
MOST_FILES = 200
_PEOPLE = ("created_by", "changed_by", "reviewed_by", "version_from", "version_to")


@dataclass(frozen=True)
class Opened:
    """An article in one language: the edition in work or else the current one, and what there is beside it."""

    article: Article
    language: str
    #: Editions in work and current ones, by language and state; without their text, but for the one that is shown.
    work: dict[str, Edition]
    current: dict[str, Edition]

    @property
    def edition(self) -> Edition | None:
        """The one that is shown: what is in work comes first."""
        return self.work.get(self.language) or self.current.get(self.language)

    @property
    def at_hand(self) -> Edition:
        """The same for who needs one; 404 without it."""
        if self.edition is None:
            raise Http404
        return self.edition

    @property
    def title(self) -> str:
        """The title in this language, else in the one there is."""
        found = self.edition or next(iter([*self.work.values(), *self.current.values()]), None)
        return found.title if found else _("Article without a text")

    def is_written_by(self, user: Any) -> bool:
        """Can this person change the words of the shown edition? In review, who may publish does."""
        status = self.edition.status if self.edition else ""
        mends = status == EditionStatus.REVIEW and permissions.may("article.publish", user)
        return status == EditionStatus.DRAFT or mends

    @property
    def german_is_newer(self) -> bool:
        """Was the German text changed after this translation?"""
        german, own = self.work.get("de") or self.current.get("de"), self.edition
        return bool(self.language != "de" and german and own and german.changed_at > own.changed_at)


def language_of(request: HttpRequest) -> str:
    """The language that the address asks for; 404 for one that articles do not have."""
    asked = request.GET.get("language", "de")
    if asked not in dict(LANGUAGES):
        raise Http404
    return asked


def opened(request: HttpRequest, pk: int) -> Opened:
    """The article as this page is asked for; 404 without it."""
    rows = Article.objects.select_related("product", "area", "owner")
    return of_article(get_object_or_404(rows, pk=pk), language_of(request))


def of_article(article: Article, language: str) -> Opened:
    """An article that is at hand already; one query."""
    rows = Edition.objects.filter(article=article, status__in=[*IN_WORK, EditionStatus.PUBLISHED])
    editions = list(rows.select_related(*_PEOPLE))
    for one in editions:
        one.article = article
    return Opened(
        article,
        language,
        work={one.language: one for one in editions if one.status in IN_WORK},
        current={one.language: one for one in editions if one.status == EditionStatus.PUBLISHED},
    )


def product_of(article: Article) -> Product:
    """The article's product with its areas and versions; from memory while it is active."""
    known = next((one for one in reference.products() if one.pk == article.product_id), None)
    return known or article.product


def files_of(article: Article) -> Sequence[Media]:
    """The files that are part of the article, the newest first."""
    return [one for one in all_files_of(article) if one.removed_at is None]


def all_files_of(article: Article) -> Sequence[Media]:
    """The same with those that were removed: older editions may show them still."""
    rows = Media.objects.filter(article=article).defer("text")
    return list(rows.order_by(F("removed_at").desc(nulls_first=True), "-pk")[:MOST_FILES])


def named_in_text(row: Media) -> str:
    """How a text names a file: shown in place, or as a link."""
    words = (row.description or row.name).replace("[", "(").replace("]", ")")
    shown = "!" if row.use in (MediaUse.PICTURE, MediaUse.VIDEO) else ""
    return f"{shown}[{words}](media:{row.pk})"


def address(name: str, article: Article, language: str = "de") -> str:
    """The address of a page of the article, in its language."""
    path = reverse(f"desk:{name}", args=[article.pk])
    return f"{path}?language={language}" if language != "de" else path


def tabs(found: Opened, here: str) -> list[dict[str, Any]]:
    """The pages of one article."""
    names = [
        ("article", _("Write"), "edit"),
        ("article-reading", _("Read"), "eye"),
        ("article-translation", _("Translation"), "globe"),
        ("article-history", _("History"), "clock"),
    ]
    return [
        {
            "label": label,
            "url": address(name, found.article, "de" if name == "article-translation" else found.language),
            "icon": icon,
            "current": name == here,
        }
        for name, label, icon in names
    ]


def languages(found: Opened) -> list[dict[str, Any]]:
    """The same page in each language, with what there is of it."""
    return [
        {
            "label": label,
            "url": address("article", found.article, code),
            "current": code == found.language,
            "missing": code not in found.work and code not in found.current,
        }
        for code, label in LANGUAGES
    ]


def steps(found: Opened, user: Any) -> list[dict[str, Any]]:
    """Where the shown edition and the article can go from here, for this person: name, label, kind of button."""
    edition, article = found.edition, found.article
    publishes, writes = permissions.may("article.publish", user), permissions.may("article.write", user)
    status = edition.status if edition else ""
    open_ones = (EditionStatus.DRAFT, EditionStatus.REVIEW)
    return [
        {"name": name, "label": label, "kind": kind, "url": address_of_step(found, name)}
        for name, label, kind, fits in (
            ("publish", _("Publish"), "primary", publishes and status in IN_WORK),
            ("schedule", _("Schedule"), "", publishes and status in open_ones),
            ("submit", _("Give to review"), "" if publishes else "primary", writes and status == EditionStatus.DRAFT),
            ("send-back", _("Send back"), "", publishes and status == EditionStatus.REVIEW),
            ("take-back", _("Back to writing"), "", writes and status in IN_WORK[1:]),
            ("discard", _("Discard the draft"), "quiet", writes and status == EditionStatus.DRAFT),
            ("withdraw", _("Withdraw"), "quiet", publishes and bool(found.current) and article.live),
            ("bring-back", _("Bring back"), "", publishes and bool(found.current) and not article.live),
        )
        if fits
    ]


def address_of_step(found: Opened, name: str) -> str:
    """The page that asks before it is done."""
    path = reverse("desk:article-step", args=[found.article.pk, name])
    return f"{path}?language={found.language}" if found.language != "de" else path

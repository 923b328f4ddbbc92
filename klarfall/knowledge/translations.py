"""German and English of an article side by side: which edition of a language is meant, and which one is behind."""

from collections.abc import Iterable
from dataclasses import dataclass

from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus

IN_WORK = (EditionStatus.DRAFT, EditionStatus.REVIEW, EditionStatus.SCHEDULED)


@dataclass(frozen=True)
class Tongue:
    """What there is of an article in one language."""

    language: str
    current: Edition | None
    in_work: Edition | None
    #: The German edition came out after this one: the translation may be out of date.
    behind: bool


def tongues(article: Article) -> list[Tongue]:
    """Both languages, German first; one query."""
    return of_editions(article.editions.select_related("changed_by", "created_by", "reviewed_by"))


def of_editions(editions: Iterable[Edition]) -> list[Tongue]:
    """The same of editions that are fetched already."""
    rows = sorted(editions, key=lambda one: one.number)
    current = {one.language: one for one in rows if one.status == EditionStatus.PUBLISHED}
    in_work = {one.language: one for one in rows if one.status in IN_WORK}
    found = []
    for language in ("de", "en"):
        mine, german = current.get(language), current.get("de")
        behind = language != "de" and mine is not None and german is not None and _is_newer(german, mine)
        found.append(Tongue(language, mine, in_work.get(language), behind))
    return found


def _is_newer(german: Edition, other: Edition) -> bool:
    return bool(german.published_at and other.published_at and german.published_at > other.published_at)

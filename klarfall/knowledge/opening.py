"""Open an article for reading: the edition that is asked for, beside it all others that may be read; one query."""

from dataclasses import dataclass

from django.db.models import Case, F, QuerySet, TextField, Value, When

from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import READABLE, EditionStatus

_MOST_EDITIONS = 200


@dataclass(frozen=True)
class Opened:
    """An edition with its article, product, area and versions; and the other readable editions, the newest first.

    Only `edition` has its body; `current` is the published one of each language, by the language's code.
    """

    article: Article
    edition: Edition
    editions: tuple[Edition, ...]
    current: dict[str, Edition]

    @property
    def is_current(self) -> bool:
        """Is this what one reads today, or an older edition?"""
        return self.current.get(self.edition.language) == self.edition

    @property
    def newer(self) -> Edition | None:
        """What took the place of an older edition: the current one of its language, else of any."""
        if self.is_current:
            return None
        return self.current.get(self.edition.language) or next(iter(self.current.values()), None)

    @property
    def siblings(self) -> list[Edition]:
        """The editions in the same language."""
        return [one for one in self.editions if one.language == self.edition.language]


def opened(pk: int, *, languages: tuple[str, ...], number: int | None = None, only: str = "") -> Opened | None:
    """The article for the viewer in force; None for what is not there, not published or not theirs.

    The current edition in the first of `languages` in which there is one; `only` insists on a language, `number` on an
    older edition (in `only`, else the first of `languages`).
    """
    rows = list(_editions(pk, number))
    current = {one.language: one for one in rows if one.status == EditionStatus.PUBLISHED}
    found = _asked(rows, current, languages=languages, number=number, only=only)
    if found is None:
        return None
    found.body = found.words  # type: ignore[attr-defined]
    return Opened(found.article, found, tuple(rows), current)


def _editions(pk: int, number: int | None) -> QuerySet[Edition]:
    asked = [When(status=EditionStatus.PUBLISHED, then=F("body"))]
    if number is not None:
        asked.append(When(number=number, then=F("body")))
    words = Case(*asked, default=Value(""), output_field=TextField())
    rows = Edition.objects.filter(article=pk, article__live=True, status__in=[one.value for one in READABLE])
    beside = ("article__product", "article__area", "version_from", "version_to")
    found: QuerySet[Edition] = rows.select_related(*beside).defer("body").annotate(words=words)
    return found.order_by("-number", "-pk")[:_MOST_EDITIONS]


def _asked(
    rows: list[Edition], current: dict[str, Edition], *, languages: tuple[str, ...], number: int | None, only: str
) -> Edition | None:
    if number is not None:
        wanted = (only,) if only else languages
        own = [one for one in rows if one.number == number and one.language in wanted]
        return min(own, key=lambda one: wanted.index(one.language), default=None)
    if only:
        return current.get(only)
    return next((current[one] for one in (*languages, *current) if one in current), None)

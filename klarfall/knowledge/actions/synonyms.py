"""Keep the words that mean the same to readers, and what was searched in vain."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.search.terms import analyse
from klarfall.knowledge.models import SearchMiss, SynonymGroup

MOST_WORDS = 12
LONGEST = 60


class SynonymsRefused(Refused):
    """Words that cannot stand for each other; `field` is always `words`."""

    code = "synonyms_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="words")


@action
def add_synonyms(*, words: Iterable[str], actor: Any, now: datetime) -> SynonymGroup:
    """Add a group of words that mean the same; the search knows them from the next query on. Raises SynonymsRefused."""
    permissions.require("synonym.change", actor)
    group = SynonymGroup.objects.create(words=_checked(words, None), changed_at=now)
    audit.record("synonyms.added", group, actor=actor, now=now, data={"words": len(group.words)})
    return group


@action
def change_synonyms(group: SynonymGroup, *, words: Iterable[str], actor: Any, now: datetime) -> SynonymGroup:
    """Exchange the words of a group. Raises SynonymsRefused."""
    permissions.require("synonym.change", actor)
    group = _locked(group)
    group.words, group.changed_at = _checked(words, group), now
    group.save(update_fields=["words", "changed_at"])
    audit.record("synonyms.changed", group, actor=actor, now=now, data={"words": len(group.words)})
    return group


@action
def switch_synonyms(group: SynonymGroup, *, active: bool, actor: Any, now: datetime) -> SynonymGroup:
    """Have the search use a group, or pass it over."""
    permissions.require("synonym.change", actor)
    group = _locked(group)
    group.active, group.changed_at = active, now
    group.save(update_fields=["active", "changed_at"])
    audit.record("synonyms.switched", group, actor=actor, now=now, data={"active": active})
    return group


@action
def settle_miss(miss: SearchMiss, *, done: bool, actor: Any, now: datetime) -> SearchMiss:
    """Note that somebody took care of what was searched in vain, or take that note back."""
    permissions.require("article.write", actor)
    miss = SearchMiss.objects.select_for_update(no_key=True).get(pk=miss.pk)
    miss.done_at = now if done else None
    miss.save(update_fields=["done_at"])
    return miss


def _locked(group: SynonymGroup) -> SynonymGroup:
    return SynonymGroup.objects.select_for_update(no_key=True).get(pk=group.pk)


def _checked(words: Iterable[str], own: SynonymGroup | None) -> list[str]:
    """The words in order, each once. Raises SynonymsRefused."""
    found = list({" ".join(one.split()).lower(): " ".join(one.split()) for one in words if one.strip()}.values())
    if len(found) < 2:  # noqa: PLR2004 - one word alone means what it means
        raise SynonymsRefused(_("Please give at least two words that mean the same."))
    if len(found) > MOST_WORDS:
        raise SynonymsRefused(_("At most %(most)s words in one group.") % {"most": MOST_WORDS})
    for one in found:
        _check_word(one)
    _check_new(found, own)
    return found


def _check_word(word: str) -> None:
    if len(word) > LONGEST:
        raise SynonymsRefused(_("“%(word)s…” is longer than %(most)s signs.") % {"word": word[:20], "most": LONGEST})
    if not any(token.terms for token in analyse(word)):
        raise SynonymsRefused(_("“%(word)s” is nothing the search looks for.") % {"word": word})


def _check_new(words: Sequence[str], own: SynonymGroup | None) -> None:
    """The same group twice helps nobody."""
    wanted = {one.lower() for one in words}
    for other in SynonymGroup.objects.all():
        if other != own and wanted <= {one.lower() for one in other.words}:
            raise SynonymsRefused(_("These words stand in a group already: %(words)s.") % {"words": str(other)})

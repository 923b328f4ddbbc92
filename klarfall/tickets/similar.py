"""Open requests like one that is being written, so that colleagues need not ask the same twice (R21)."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log

from klarfall.core.search.terms import analyse
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE

#: The newest open requests that are compared; it costs the same however many there are.
_COMPARED = 200
#: Characters of a text that count.
_READ = 2_000
#: Words in common, below which two titles are not alike.
_ENOUGH = 2


def similar_open(text: str, *, customer_ids: Sequence[int], limit: int = 3) -> list[Ticket]:
    """Open requests of these companies whose titles share rare words with a text, the most alike first.

    Only what the viewer in force sees: the manager of tickets narrows. One query.
    """
    words = _words(text[:_READ])
    if len(words) < _ENOUGH:
        return []
    known = frozenset[str]().union(*words)
    rows = Ticket.objects.filter(customer_id__in=list(customer_ids), status__in=LIVE)
    some = rows.only("number", "title", "status", "contact", "customer", "submitted_at").select_related("contact")
    titles = [(one, _words(one.title)) for one in some.order_by("-changed_at", "-pk")[:_COMPARED]]
    often = Counter(term for _one, title in titles for term in frozenset[str]().union(*title))
    scored = [(_score(known, title, often, len(titles)), one) for one, title in titles]
    best = sorted((found for found in scored if found[0]), key=lambda found: (-found[0], -found[1].pk))
    return [one for _worth, one in best[:limit]]


def _score(known: frozenset[str], title: Sequence[frozenset[str]], often: Counter[str], total: int) -> float:
    """How much the words in common say, rare ones more; nothing for a single one, however many parts it has."""
    common = [min(often[term] for term in word & known) for word in title if word & known]
    return sum(log(1 + total / times) for times in common) if len(common) >= _ENOUGH else 0.0


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[frozenset[str], ...]:
    """The different words of a text, each with its terms: the whole and its parts."""
    return tuple(dict.fromkeys(frozenset(token.terms) for token in analyse(text) if token.terms))

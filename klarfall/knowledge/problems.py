"""Known problems as pages show them: whom they affect, what stands above a page, what fits a text, who will be told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import get_language

from klarfall.contracts.models import Product
from klarfall.contracts.queries import local_day
from klarfall.core.isolation import NoViewer, Viewer, ViewerKind, current_viewer
from klarfall.core.search.terms import analyse
from klarfall.knowledge import reach
from klarfall.knowledge.installed import installed_column, installed_of
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemTicket
from klarfall.knowledge.status import TROUBLING
from klarfall.knowledge.versions import Affected, affects

#: Problems that are compared with a text: the newest ones that trouble somebody.
_COMPARED, _BANNERS = 200, 3
_KEY, _SECONDS = "klarfall.knowledge.troubling.", 30
#: A text is read no further: what a request is about stands at its beginning.
_READ = 4_000
#: One word in common says little, unless nobody wrote more.
_ENOUGH = 2
_TITLE_WEIGHT = 2.0
_VERSIONS = ("affected_from", "affected_to", "fixed_in")


@dataclass(frozen=True)
class Seen:
    """A problem as one viewer sees it: whether it affects them, by which versions, and whether they said so."""

    problem: Any
    affected: Affected
    #: Names of the versions that the viewer's companies run.
    installed: tuple[str, ...] = ()
    reported: bool = False

    @property
    def title(self) -> str:
        """In the language of the page."""
        return said(self.problem, "title")

    @property
    def may_affect(self) -> bool:
        """Yes, or nobody knows."""
        return self.affected is not Affected.NO


def said(problem: KnownProblem, name: str) -> str:
    """A text of the problem (title, symptoms, workaround) in the active language; German where there is no other."""
    english = getattr(problem, f"{name}_en") if (get_language() or "de").startswith("en") else ""
    return str(english or getattr(problem, name))


def for_viewer(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Problems with their versions, and for contacts with what they run and have said; read them with `seen`."""
    rows = rows.select_related("product", "area", *_VERSIONS)
    viewer = _viewer()
    if viewer.kind is not ViewerKind.CONTACT:
        return rows
    reported = ProblemReport.objects.filter(problem=OuterRef("pk"), contact__in=viewer.contact_ids)
    running = installed_column(local_day(now), viewer.customer_ids)
    return rows.annotate(running=running, reported=Exists(reported))


def seen(problem: Any) -> Seen:
    """A row of `for_viewer` with the answer to *does this affect me?*; visitors may be affected."""
    running = installed_of(getattr(problem, "running", ())).values()
    answers = {affects(problem, version) for _name, version in running} or {Affected.MAYBE}
    best = next(one for one in (Affected.YES, Affected.MAYBE, Affected.NO) if one in answers)
    names = tuple(dict.fromkeys(name for name, _version in running))
    return Seen(problem, best, names, getattr(problem, "reported", False))


def banners(
    now: datetime,
    *,
    product_id: int | None = None,
    area_id: int | None = None,
    hidden: Collection[tuple[int, str]] = (),
) -> list[Seen]:
    """What stands above a page for the viewer in force, in one query: problems that trouble and may affect them.

    Contacts get those of products under contract. `hidden`: (id, state) of those they put away in that state.
    """
    rows = KnownProblem.objects.filter(status__in=TROUBLING, live=True, banner=True)
    viewer = _viewer()
    if viewer.kind is ViewerKind.CONTACT:
        rows = rows.filter(product__in=Product.objects.filter(reach.contracted(viewer)).values("pk"))
    if product_id is not None:
        rows = rows.filter(product=product_id)
    if area_id is not None:
        rows = rows.filter(Q(area=area_id) | Q(area__isnull=True))
    found = (seen(one) for one in for_viewer(rows, now).order_by("-changed_at", "-pk")[:_COMPARED])
    return [one for one in found if one.may_affect and (one.problem.pk, one.problem.status) not in hidden][:_BANNERS]


def for_customer(customer_id: int, product_ids: Iterable[int], now: datetime, *, most: int = 5) -> list[Seen]:
    """For staff who talk to a customer: what troubles it now, in these products."""
    products = {one for one in product_ids if troubling(one)}  # remembered; mostly there is nothing
    if not products:
        return []
    rows = KnownProblem.objects.filter(status__in=TROUBLING, product__in=products)
    rows = rows.select_related("product", "area", *_VERSIONS)
    rows = rows.annotate(running=installed_column(local_day(now), [customer_id]))
    found = (seen(one) for one in rows.order_by("-changed_at", "-pk")[:_COMPARED])
    return [one for one in found if one.may_affect][:most]


def troubling(product_id: int) -> list[KnownProblem]:
    """What troubles users of a product, the newest first, for staff only: nobody else's sight is asked for.

    Kept for half a minute: every page of a request compares with it.
    """
    rows = KnownProblem.objects.filter(status__in=TROUBLING, product=product_id).order_by("-changed_at", "-pk")
    found: Any = cache.get_or_set(f"{_KEY}{product_id}", lambda: list(rows[:_COMPARED]), _SECONDS)
    return list(found)


def forget_troubling(product_id: int) -> None:
    """Read what troubles anew; other processes do so within half a minute."""
    cache.delete(f"{_KEY}{product_id}")


def links_column() -> ArraySubquery:
    """A column for requests: the problems on which they hang, in one JSON row each."""
    rows = ProblemTicket.objects.filter(customer=OuterRef("customer_id"), ticket=OuterRef("pk")).order_by("pk")
    link = JSONObject(
        link="pk", pk="problem_id", title="problem__title", status="problem__status", to_check="to_check",
        fixed_in="problem__fixed_in__name",
    )  # fmt: skip
    return ArraySubquery(rows.values(found=link)[:_COMPARED])


def fitting_problems(text: str, product_id: int | None = None, limit: int = 3) -> list[KnownProblem]:
    """Problems that trouble and have words in common with a text, best first, as the viewer in force may read them.

    For what customers write while they ask, for the help's search and for the desk. Rare words count more.
    """
    if not _terms(text[:_READ]):
        return []
    rows = KnownProblem.objects.filter(status__in=TROUBLING).select_related("product", "area")
    if product_id is not None:
        rows = rows.filter(product=product_id)
    return ranked_problems(text, list(rows.order_by("-changed_at", "-pk")[:_COMPARED]), limit)


def ranked_problems(text: str, problems: Iterable[KnownProblem], limit: int) -> list[KnownProblem]:
    """Those of the problems that have words in common with a text, best first."""
    ranked = _ranked(_terms(text[:_READ]), [(one, *_terms_of(one)) for one in problems])
    return [problem for _score, problem in ranked[:limit]]


def similarity(text: str, problem: KnownProblem) -> int:
    """How many words a text has in common with a problem; none where the title is about something else."""
    (title, rest), words = _terms_of(problem), _terms(text[:_READ])
    return len(words & (title | rest)) if words & title else 0


def _ranked(words: frozenset[str], rows: list[tuple[KnownProblem, frozenset[str], frozenset[str]]]) -> list[Any]:
    """(score, problem), best first; a word that every problem has says nothing."""
    often = {word: sum(word in title or word in rest for _one, title, rest in rows) for word in words}
    found = []
    for problem, title, rest in rows:
        common = [word for word in words if word in title or word in rest]
        if len(common) < min(_ENOUGH, len(words)) or not title.intersection(common):
            continue
        score = sum((_TITLE_WEIGHT if word in title else 1.0) / often[word] for word in common)
        found.append((score, problem))
    return sorted(found, key=lambda pair: (-pair[0], -pair[1].pk))


def _terms_of(problem: KnownProblem) -> tuple[frozenset[str], frozenset[str]]:
    """The words of the title, and those of symptoms in both languages; remembered per process as long as they hold."""
    rest = "\n".join((problem.symptoms, problem.symptoms_en))[:_READ]
    return _terms(f"{problem.title}\n{problem.title_en}"), _terms(rest)


@lru_cache(maxsize=1024)
def _terms(text: str) -> frozenset[str]:
    return frozenset(term for token in analyse(text) for term in token.terms)


def _viewer() -> Viewer:
    viewer = current_viewer()
    if viewer is None:
        raise NoViewer("Known problems are read in somebody's sight.")
    return viewer

"""Known problems: open, describe, publish, and move them along their table; on a fix all affected are told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models.product import Area, Product, ProductVersion
from klarfall.core import audit, workflow
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.core.jobs import enqueue
from klarfall.knowledge.models import Article, KnownProblem, ProblemStep, ProblemTicket, Visibility
from klarfall.knowledge.problems import forget_troubling
from klarfall.knowledge.status import ProblemStatus
from klarfall.knowledge.versions import release_of
from klarfall.knowledge.workflow import PROBLEM
from klarfall.tickets.status import LIVE
from klarfall.tickets.text import line, optional, required

#: The job that tells everybody whom a step concerns (`knowledge/jobs.py`).
TELL = "knowledge.tell_problem"
#: Steps that people wait for.
_TOLD = (ProblemStatus.WORKAROUND, ProblemStatus.FIXED)
_TITLE, _TEXT = 200, 20_000


class ProblemRefused(Refused):
    """Something about a known problem cannot be right; `field` names it."""

    code = "problem_refused"


@dataclass(frozen=True, kw_only=True)
class ProblemData:
    """What is said of a known problem. Texts are Markdown; the English ones may be empty.

    Versions are inclusive, None is an open end. `banner`: it stands above the pages of those it may affect.
    """

    title: str
    title_en: str = ""
    symptoms: str = ""
    symptoms_en: str = ""
    area: Area | None = None
    affected_from: ProductVersion | None = None
    affected_to: ProductVersion | None = None
    article: Article | None = None
    visibility: str = Visibility.CUSTOMERS.value
    banner: bool = True


@action
def open_problem(
    *, product: Product, data: ProblemData, actor: Any, now: datetime, published: bool = False
) -> KnownProblem:
    """Write down a problem of a product; nobody but staff sees it before it is published.

    Raises ProblemRefused or UnusableText (with `field`).
    """
    permissions.require("problem.manage", actor)
    values = _checked(data, product)
    problem = KnownProblem.objects.create(
        product=product, live=published, created_by=actor, created_at=now, changed_at=now, **values
    )
    ProblemStep.objects.create(problem=problem, state=ProblemStatus.OPEN, actor=actor, at=now, finished_at=now)
    forget_troubling(product.pk)
    what = {"product": product.pk, "visibility": problem.visibility, "live": published}
    audit.record("problem.opened", problem, actor=actor, now=now, data=what)
    return problem


@action
def change_problem(problem: KnownProblem, *, data: ProblemData, actor: Any, now: datetime) -> KnownProblem:
    """Say something else of a problem. Raises ProblemRefused or UnusableText (with `field`)."""
    problem = _locked(problem, actor)
    values = _checked(data, problem.product)
    _check_fix(problem.fixed_in, values)
    _save(problem, values, "problem.changed", actor, now)
    return problem


@action
def publish_problem(problem: KnownProblem, *, actor: Any, now: datetime) -> KnownProblem:
    """Show the problem to those who may read it; who waits for its latest step is told now."""
    problem = _locked(problem, actor)
    if _save(problem, {"live": True}, "problem.published", actor, now):
        step = ProblemStep.objects.filter(problem=problem).order_by("pk").last()
        if step is not None and step.finished_at is None:
            enqueue(TELL, step=step.pk)
    return problem


@action
def hide_problem(problem: KnownProblem, *, actor: Any, now: datetime) -> KnownProblem:
    """Show the problem to staff only; what was told stays told."""
    problem = _locked(problem, actor)
    _save(problem, {"live": False}, "problem.hidden", actor, now)
    return problem


@action
def work_around(
    problem: KnownProblem, *, workaround: str, actor: Any, now: datetime, workaround_en: str = ""
) -> KnownProblem:
    """There is a way around it: all affected who said so, or asked about it, are told. Raises UnusableText."""
    problem = _locked(problem, actor)
    values = {
        "workaround": required(workaround, field="workaround", limit=_TEXT),
        "workaround_en": optional(workaround_en, field="workaround_en", limit=_TEXT),
    }
    _move(problem, "work_around", actor, now, values)
    return problem


@action
def change_workaround(
    problem: KnownProblem, *, workaround: str, actor: Any, now: datetime, workaround_en: str = ""
) -> KnownProblem:
    """Describe the way around it in other words; nobody is told again. Raises UnusableText or ProblemRefused."""
    problem = _locked(problem, actor)
    if problem.status == ProblemStatus.OPEN:
        raise ProblemRefused(_("No workaround is known yet."), field="workaround")
    values = {
        "workaround": required(workaround, field="workaround", limit=_TEXT),
        "workaround_en": optional(workaround_en, field="workaround_en", limit=_TEXT),
    }
    _save(problem, values, "problem.changed", actor, now)
    return problem


@action
def doubt_workaround(problem: KnownProblem, *, actor: Any, now: datetime) -> KnownProblem:
    """The way around it does not work: the problem is examined again, and the description goes."""
    problem = _locked(problem, actor)
    _move(problem, "doubt", actor, now, {"workaround": "", "workaround_en": ""})
    return problem


@action
def fix_problem(problem: KnownProblem, *, fixed_in: ProductVersion, actor: Any, now: datetime) -> KnownProblem:
    """It is fixed in a version: all affected who said so, or asked about it, are told once, by a job.

    Requests that hang on it stay open; whoever works on them finds them in a list. Raises ProblemRefused.
    """
    problem = _locked(problem, actor)
    _check_versions({"fixed_in": fixed_in}, problem.product)
    _check_fix(fixed_in, {"affected_from": problem.affected_from, "affected_to": problem.affected_to})
    hanging = ProblemTicket.objects.filter(problem=problem, ticket__status__in=LIVE)
    ProblemTicket.objects.filter(pk__in=hanging.values("pk")).update(to_check=True)
    _move(problem, "fix", actor, now, {"fixed_in": fixed_in, "fixed_at": now})
    return problem


@action
def close_problem(problem: KnownProblem, *, actor: Any, now: datetime) -> KnownProblem:
    """It will not be fixed, or it was none. Nobody is mailed; readers find the state on its page."""
    problem = _locked(problem, actor)
    _move(problem, "close", actor, now, {})
    return problem


@action
def reopen_problem(problem: KnownProblem, *, actor: Any, now: datetime) -> KnownProblem:
    """It is not fixed after all: it is examined again, and the next fix is told again."""
    problem = _locked(problem, actor)
    ProblemTicket.objects.filter(problem=problem, to_check=True).update(to_check=False)
    _move(problem, "reopen", actor, now, {"fixed_in": None, "fixed_at": None})
    return problem


def _locked(problem: KnownProblem, actor: Any) -> KnownProblem:
    permissions.require("problem.manage", actor)
    rows = KnownProblem.objects.select_for_update(of=("self",), no_key=True)
    found: KnownProblem = rows.select_related("product", "affected_from", "affected_to", "fixed_in").get(pk=problem.pk)
    return found


def _move(problem: KnownProblem, name: str, actor: Any, now: datetime, values: dict[str, Any]) -> None:
    """One step along the table, in its history and the audit trail; what people wait for is told by a job."""
    old, new = workflow.move(PROBLEM, problem, name, changed_at=now, **values)
    forget_troubling(problem.product_id)
    told, version = new in _TOLD, values.get("fixed_in")
    step = ProblemStep.objects.create(
        problem=problem, state=new, version=version, actor=actor, at=now, finished_at=None if told else now
    )
    what = {"from": old, "to": new, "version": version.pk if version else None}
    audit.record(f"problem.{name}", problem, actor=actor, now=now, data=what)
    if told and problem.live:
        enqueue(TELL, step=step.pk)


def _save(problem: KnownProblem, values: dict[str, Any], verb: str, actor: Any, now: datetime) -> bool:
    changed = change(problem, values)
    if changed:
        problem.changed_at = now
        forget_troubling(problem.product_id)
        problem.save(update_fields=["changed_at"])
        audit.record(verb, problem, actor=actor, now=now, data={"fields": changed})
    return bool(changed)


def _checked(data: ProblemData, product: Product) -> dict[str, Any]:
    """The values as they are stored. Raises ProblemRefused or UnusableText (with `field`)."""
    if data.visibility not in Visibility.values:
        raise ProblemRefused(_("Please choose who reads it."), field="visibility")
    if data.area is not None and data.area.product_id != product.pk:
        raise ProblemRefused(_("This area belongs to another product."), field="area")
    versions = {"affected_from": data.affected_from, "affected_to": data.affected_to}
    _check_versions(versions, product)
    first, last = release_of(data.affected_from), release_of(data.affected_to)
    if first is not None and last is not None and last < first:
        raise ProblemRefused(_("The last affected version is older than the first one."), field="affected_to")
    return {
        "title": line(data.title, field="title", limit=_TITLE),
        "title_en": line(data.title_en, field="title_en", limit=_TITLE) if data.title_en.strip() else "",
        "symptoms": optional(data.symptoms, field="symptoms", limit=_TEXT),
        "symptoms_en": optional(data.symptoms_en, field="symptoms_en", limit=_TEXT),
        **versions,
        "area": data.area,
        "article": data.article,
        "visibility": data.visibility,
        "banner": data.banner,
    }


def _check_versions(versions: dict[str, ProductVersion | None], product: Product) -> None:
    for field, version in versions.items():
        if version is not None and version.product_id != product.pk:
            raise ProblemRefused(_("This version belongs to another product."), field=field)


def _check_fix(fixed_in: ProductVersion | None, values: dict[str, Any]) -> None:
    """The fix is newer than every version that is named as affected."""
    fix = release_of(fixed_in)
    for field in ("affected_from", "affected_to"):
        named = release_of(values[field])
        if fix is not None and named is not None and fix <= named:
            raise ProblemRefused(_("This version is named as affected itself."), field="fixed_in")

"""Look at a package and carry it out: in the request while it is small, by the worker else; article by article.

Each article is a transaction of its own that also counts it: a worker that dies loses one, and the next goes on behind
it. What somebody stops keeps what is written; of articles that had only been begun nothing stays.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext as _

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import Reporter
from klarfall.knowledge.actions import packages
from klarfall.knowledge.importing import package, planning, reading, running
from klarfall.knowledge.models.package import ArticleImport, PackageStage

#: What is looked at and imported while somebody waits: files, and bytes of all of them unpacked.
SMALL_FILES, SMALL_BYTES = 25, 1_000_000


def is_small(file: IO[bytes], name: str) -> bool:
    """Whether a package is done in a moment. Raises PackageRefused for what is none."""
    found = package.opened(file, name)
    return len(found.names) <= SMALL_FILES and sum(found.sizes.values()) <= SMALL_BYTES


def progress_key(run: ArticleImport) -> str:
    """Under which the worker reports how far the package is."""
    return f"articles-{run.pk}"


def check(run_id: int, language: str, *, now: datetime) -> None:
    """Find out what an import would do; changes nothing but the run. Opens its own transactions."""
    run = _run(run_id, PackageStage.CHECKING)
    if run is None:
        return
    actor = run.started_by
    with translation.override(language):
        try:
            with _planned(run) as plan:
                found = [_told(step) for step in plan.steps]
                left_out = sum(one.fatal for one in plan.problems)
                counts = {"total": len(plan.steps), "new": plan.new, "changed": plan.known, "left_out": left_out}
                packages.keep_plan(run, counts=counts, articles=found, problems=plan.problems, actor=actor)
        except package.PackageRefused as refused:
            packages.refuse(run, reason=str(refused.message), actor=actor, now=now)


def write(run_id: int, actor_id: int, language: str, *, now: datetime) -> None:
    """Import a confirmed package behind what is written already, with a report of how far it is."""
    run = _run(run_id, PackageStage.IMPORTING, PackageStage.STOPPING)
    if run is None:
        return
    with Reporter(progress_key(run), run.total) as reporter:
        carry_out(run, actor_id, language, reporter.report, now=now)


def carry_out(
    run: ArticleImport, actor_id: int, language: str, report: Callable[[int], None], *, now: datetime
) -> None:
    """Write article by article until all are settled or somebody wants it to stop. Opens its own transactions."""
    with viewing_as(SYSTEM, fresh=True):
        actor = User.objects.get(pk=actor_id)
    with translation.override(language):
        try:
            with _planned(run) as plan:
                _write(run, running.Runner(plan, run.publish, announce=False, actor=actor, now=now), actor, report)
        except package.PackageRefused as refused:
            packages.refuse(run, reason=str(refused.message), actor=actor, now=now)
            return
        packages.end(run, actor=actor, now=now)


def _write(run: ArticleImport, runner: running.Runner, actor: User, report: Callable[[int], None]) -> None:
    """First all articles are begun, so that each can name the others; then each gets its words."""
    steps = runner.plan.steps[run.reached :]
    refused: dict[int, list[package.Problem]] = {}
    for place, step in enumerate(steps):
        with viewing_as(SYSTEM, actor_id=actor.pk):
            if _goes_on(run) and not runner.begin(step):
                refused[place] = runner.result.problems[-1:]
    for place, step in enumerate(steps):
        with viewing_as(SYSTEM, actor_id=actor.pk):
            if not _goes_on(run):
                runner.undo(step)
                continue
            before = len(runner.result.problems)
            outcome = "left_out" if place in refused else runner.finish(step)
            told = refused.get(place) or runner.result.problems[before:]
            packages.keep_step(run, counts={outcome: 1}, problems=told, actor=actor)
        report(run.reached + place + 1)


def _goes_on(run: ArticleImport) -> bool:
    return ArticleImport.objects.filter(pk=run.pk, stage=PackageStage.IMPORTING).exists()


def _run(run_id: int, *stages: PackageStage) -> ArticleImport | None:
    with viewing_as(SYSTEM, fresh=True):
        rows = ArticleImport.objects.select_related("started_by", "product")
        return rows.filter(pk=run_id, stage__in=stages).first()


@contextmanager
def _planned(run: ArticleImport) -> Iterator[planning.Plan]:
    """What an import of the package would do; its files can be read meanwhile. Raises PackageRefused."""
    words = {name: getattr(run, name) for name in ("product", "kind", "visibility", "language")}
    try:
        file = default_storage.open(run.file_key)
    except FileNotFoundError:
        raise package.PackageRefused(_("The file of this package is gone. Please hand it in again.")) from None
    with file:
        batch = reading.read(package.opened(file, run.file_name))
        with viewing_as(SYSTEM):
            plan = planning.plan(batch, planning.Defaults(**words))
        yield plan


def _told(step: planning.Step) -> dict[str, Any]:
    """An article of the dry run as its page names it."""
    return {
        "title": step.text.title,
        "file": step.text.file,
        "product": step.product.name,
        "area": step.area.name if step.area else "",
        "language": step.language,
        "known": step.known,
    }

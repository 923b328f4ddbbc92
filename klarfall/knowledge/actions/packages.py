"""Take in a package of articles, import it or stop that; the worker notes here how far it is."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue, is_pending
from klarfall.knowledge.importing.package import MOST_BYTES, PackageRefused, Problem
from klarfall.knowledge.models.package import ArticleImport, PackageStage

CHECK, WRITE = "knowledge.check_package", "knowledge.import_package"
#: Beside the files that other rows name.
FOLDER = ".imports"
#: A package about which nobody decides goes after so long.
UNDECIDED = timedelta(days=2)
#: Articles that are imported while somebody waits; a small table may hold many more.
MOST_AT_ONCE = 25
#: Articles and problems that a page shows.
MOST_SHOWN = 300
#: Packages wait for each other: the second sees what the first brought.
_LOCK = "knowledge.packages"
_COUNTS = ("new", "changed", "same", "left_out")
_RUNNING = (PackageStage.IMPORTING, PackageStage.STOPPING)


class PackageBusy(Refused):
    """The package does not stand where this could be done."""

    code = "package_busy"

    def __init__(self) -> None:
        super().__init__(_("This package does not wait for that any more."))


@action
def take_in(
    *, file: File, name: str, options: Mapping[str, Any], in_background: bool, actor: User, now: datetime
) -> ArticleImport:
    """Keep a package, and have the worker look at it where the caller does not itself. Raises PackageRefused."""
    permissions.require("article.import", actor)
    if file.size > MOST_BYTES:
        raise PackageRefused(_("A package has at most %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
    key = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}", file)
    run: ArticleImport = ArticleImport.objects.create(
        file_name=name[:200], file_key=key, in_background=in_background, started_by=actor, created_at=now, **options
    )
    if in_background:
        enqueue(CHECK, lock=_LOCK, run_id=run.pk, language=get_language() or actor.language)
    return run


@action
def keep_plan(
    run: ArticleImport, *, counts: Mapping[str, int], articles: Sequence[Any], problems: Sequence[Problem], actor: User
) -> None:
    """The dry run is over: now a person decides. One who has discarded it meanwhile has decided."""
    permissions.require("article.import", actor)
    run = _locked(run)
    if run.stage != PackageStage.CHECKING:
        return
    _count(run, counts)
    run.in_background = run.in_background or run.total > MOST_AT_ONCE
    run.stage, run.articles, run.problems = PackageStage.CHECKED, list(articles[:MOST_SHOWN]), _shown(problems)
    run.save()


@action
def refuse(run: ArticleImport, *, reason: str, actor: User, now: datetime) -> None:
    """The package as a whole cannot be read."""
    permissions.require("article.import", actor)
    run = _locked(run)
    run.refusal = reason[:300]
    _ended(run, PackageStage.FAILED, now)


@action
def confirm(run: ArticleImport, *, actor: User, now: datetime) -> ArticleImport:
    """Have a package imported that was looked at; one that is not the worker's, the caller carries out.

    Raises PackageBusy.
    """
    permissions.require("article.import", actor)
    run = _locked(run)
    if run.stage != PackageStage.CHECKED or not run.total:
        raise PackageBusy
    run.stage, run.problems, run.reached = PackageStage.IMPORTING, [], 0
    _count(run, {"total": run.total})
    run.save()
    audit.record("articles.import_confirmed", run, actor=actor, now=now, data={"articles": run.total})
    if run.in_background:
        _go_on(run, actor)
    return run


@action
def stop(run: ArticleImport, *, actor: User, now: datetime) -> ArticleImport:
    """Discard a package of which nothing is imported yet, else end it behind the article at hand.

    Raises PackageBusy.
    """
    permissions.require("article.import", actor)
    run = _locked(run)
    if run.stage in (PackageStage.CHECKING, PackageStage.CHECKED):
        return _ended(run, PackageStage.DISCARDED, now)
    if run.stage != PackageStage.IMPORTING:
        raise PackageBusy
    run.stage = PackageStage.STOPPING
    run.save(update_fields=["stage"])
    if not is_pending(WRITE, run_id=run.pk):  # its worker gave up
        _go_on(run, actor)
    return run


@action
def start_over(run: ArticleImport, *, actor: User, now: datetime) -> ArticleImport:
    """Have a step begun again whose worker gave up; an import goes on behind what is written. Raises PackageBusy."""
    permissions.require("article.import", actor)
    run = _locked(run)
    if run.stage == PackageStage.CHECKING:
        enqueue(CHECK, lock=_LOCK, run_id=run.pk, language=get_language() or actor.language)
    elif run.stage in _RUNNING:
        _go_on(run, actor)
    else:
        raise PackageBusy
    return run


@action
def keep_step(run: ArticleImport, *, counts: Mapping[str, int], problems: Sequence[Problem], actor: User) -> None:
    """One article more is settled: written, left as it was, or named among the problems."""
    permissions.require("article.import", actor)
    run = _locked(run)
    for name in _COUNTS:
        setattr(run, name, getattr(run, name) + counts.get(name, 0))
    run.reached += 1
    run.problems = [*run.problems, *_shown(problems)][:MOST_SHOWN]
    run.save(update_fields=[*_COUNTS, "reached", "problems"])


@action
def end(run: ArticleImport, *, actor: User, now: datetime) -> None:
    """Everything is settled, or what was wanted of it; the trail says how much it was."""
    permissions.require("article.import", actor)
    run = _locked(run)
    if run.stage not in _RUNNING:
        return
    _ended(run, PackageStage.STOPPED if run.stage == PackageStage.STOPPING else PackageStage.DONE, now)
    counts = {name: getattr(run, name) for name in ("total", "reached", *_COUNTS)}
    audit.record("articles.imported", run, actor=actor, now=now, data={"stage": str(run.stage), **counts})


@action
def discard_old(*, actor: User, now: datetime) -> int:
    """Discard packages that wait for a decision for too long; returns how many. Leftover files go, too."""
    permissions.require("article.import", actor)
    _delete_leftovers(now - UNDECIDED)
    waiting = (PackageStage.CHECKING, PackageStage.CHECKED)
    old = ArticleImport.objects.filter(stage__in=waiting, created_at__lte=now - UNDECIDED)
    return len([_ended(run, PackageStage.DISCARDED, now) for run in old.select_for_update()])


def _delete_leftovers(before: datetime) -> None:
    """Files that were kept for a run whose transaction failed, or that a process could not delete any more."""
    with suppress(FileNotFoundError):  # no package ever
        keys = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
        known = set(ArticleImport.objects.filter(file_key__in=keys).values_list("file_key", flat=True))
        for key in keys - known:
            if default_storage.get_modified_time(key) < before:
                default_storage.delete(key)


def _go_on(run: ArticleImport, actor: User) -> None:
    enqueue(WRITE, lock=_LOCK, run_id=run.pk, actor_id=actor.pk, language=get_language() or actor.language)


def _locked(run: ArticleImport) -> ArticleImport:
    found: ArticleImport = ArticleImport.objects.select_for_update().get(pk=run.pk)
    return found


def _count(run: ArticleImport, counts: Mapping[str, int]) -> None:
    for name in ("total", *_COUNTS):
        setattr(run, name, counts.get(name, 0))


def _shown(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [asdict(one) for one in problems[:MOST_SHOWN]]


def _ended(run: ArticleImport, stage: PackageStage, now: datetime) -> ArticleImport:
    """The file is needed no longer: it goes once the transaction is over."""
    if run.file_key:
        transaction.on_commit(partial(default_storage.delete, run.file_key))
    run.stage, run.finished_at, run.file_key = stage, now, ""
    run.save()
    return run

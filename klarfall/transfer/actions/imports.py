"""Take a table in, import or discard what the dry run found, and invite whom it brought."""

import hashlib
import secrets
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.imports.importer import Importer, Outcome, Plan
from klarfall.transfer.imports.people import waiting_for_invitation
from klarfall.transfer.models import ImportKind, ImportProblem, ImportRun, ImportStage
from klarfall.transfer.reading.lines import MAX_BYTES, Unreadable

CHECK, WRITE, INVITE = "transfer.check_table", "transfer.import_table", "transfer.invite_imported"
FOLDER = "imports"
#: Imports wait for each other: the second sees what the first brought.
_LOCK = "transfer.import"


#: A table about which nobody decides goes after so long, and so do the cells of skipped rows.
UNDECIDED, EXPLAINED = timedelta(days=14), timedelta(days=90)


class ImportRefused(Refused):
    """The table cannot be taken in, or not now; `field` names what is wrong."""

    code = "import_refused"


@action
def take_in(*, kind: str, file: IO[bytes], name: str, size: int, actor: User, now: datetime) -> ImportRun:
    """Keep an uploaded table and have it checked; nothing is imported yet. Raises ImportRefused (`kind`, `file`)."""
    permissions.require("data.import", actor)
    if kind not in ImportKind.values:
        raise ImportRefused(_("Please choose one of the possibilities."), field="kind")
    if size > MAX_BYTES:
        words = _("The file is larger than %(most)s MB. Please divide the table.")
        raise ImportRefused(words % {"most": MAX_BYTES >> 20}, field="file")
    if size == 0:
        raise ImportRefused(_("The file is empty."), field="file")
    key = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}", File(file))
    run = ImportRun.objects.create(
        kind=kind, file_name=name[:200], file_key=key, file_hash=_hash(key), started_by=actor, created_at=now
    )
    enqueue(CHECK, lock=_LOCK, run_id=run.pk, language=_language(actor))
    return run


def _hash(key: str) -> str:
    with default_storage.open(key) as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()


def _language(actor: User) -> str:
    """In which the reasons of skipped rows are written: that of the page from which the step was begun."""
    return get_language() or actor.language


@action
def confirm(run: ImportRun, *, actor: User, now: datetime) -> ImportRun:
    """Have a checked table imported. Each row is judged once more: the house may have changed since the dry run."""
    permissions.require("data.import", actor)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.stage != ImportStage.CHECKED:
        raise ImportRefused(_("This table is not waiting for a decision any more."))
    if not run.added and not run.changed:
        raise ImportRefused(_("There is nothing to import: no row is new or changed."))
    run.stage = ImportStage.IMPORTING
    run.added = run.changed = run.unchanged = run.skipped = run.cursor = 0
    run.save()
    run.problems.all().delete()
    audit.record("import.confirmed", run, actor=actor, now=now, data={"kind": run.kind, "file": run.file_hash})
    enqueue(WRITE, lock=_LOCK, run_id=run.pk, actor_id=actor.pk, language=_language(actor))
    return run


@action
def discard(run: ImportRun, *, actor: User, now: datetime) -> ImportRun:
    """Throw a checked table away; nothing of it was imported."""
    permissions.require("data.import", actor)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.stage != ImportStage.CHECKED:
        raise ImportRefused(_("This table is not waiting for a decision any more."))
    audit.record("import.discarded", run, actor=actor, now=now, data={"kind": run.kind, "rows": run.rows})
    return _ended(run, ImportStage.DISCARDED, now)


@action
def discard_old(*, actor: User, now: datetime) -> int:
    """Discard tables that wait for a decision for too long, and forget skipped rows of long ago; returns how many."""
    permissions.require("data.import", actor)
    old = ImportRun.objects.filter(stage=ImportStage.CHECKED, created_at__lte=now - UNDECIDED)
    found = [_ended(run, ImportStage.DISCARDED, now) for run in old.select_for_update()]
    ImportProblem.objects.filter(run__finished_at__lte=now - EXPLAINED).delete()
    return len(found)


@action
def start_over(run: ImportRun, *, actor: User, now: datetime) -> ImportRun:
    """Have a step begun again whose worker gave up; an import goes on behind what is written already."""
    permissions.require("data.import", actor)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.stage not in (ImportStage.CHECKING, ImportStage.IMPORTING):
        raise ImportRefused(_("This table is not being worked on."))
    if run.stage == ImportStage.CHECKING:
        enqueue(CHECK, lock=_LOCK, run_id=run.pk, language=_language(actor))
    else:
        enqueue(WRITE, lock=_LOCK, run_id=run.pk, actor_id=actor.pk, language=_language(actor))
    return run


@action
def keep_found(run: ImportRun, *, plans: list[Plan], importer: Importer, cursor: int, actor: User) -> None:
    """Count what becomes of a chunk of rows, keep what is wrong in it, and write it where the run is imported."""
    permissions.require("data.import", actor)
    if importer.writing:
        importer.write(plans)
    counts = Counter(one.outcome.value for one in plans)
    ImportRun.objects.filter(pk=run.pk).update(
        cursor=cursor, **{outcome.value: F(outcome.value) + counts[outcome.value] for outcome in Outcome}
    )
    headings = {one.name: one.heading(_language(actor)) for one in COLUMNS[run.kind]}
    ImportProblem.objects.bulk_create(
        ImportProblem(
            run=run,
            line=one.row.line,
            column=headings.get(one.wrong.column, ""),
            value=one.row.texts.get(one.wrong.column, "")[:80],
            reason=one.wrong.reason[:300],
        )
        for one in plans
        if one.wrong is not None
    )


@action
def begin_check(run: ImportRun, *, rows: int, unknown: list[str], actor: User) -> None:
    """The table can be read: forget what an earlier attempt found."""
    permissions.require("data.import", actor)
    run.problems.all().delete()
    run.rows, run.unknown_columns = rows, unknown
    run.added = run.changed = run.unchanged = run.skipped = run.cursor = 0
    run.save()


@action
def end_check(run: ImportRun, *, actor: User) -> None:
    """The dry run is over: now a person decides."""
    permissions.require("data.import", actor)
    ImportRun.objects.filter(pk=run.pk).update(stage=ImportStage.CHECKED, cursor=0)


@action
def refuse(run: ImportRun, *, problem: Unreadable, actor: User, now: datetime) -> None:
    """The table as a whole cannot be read."""
    permissions.require("data.import", actor)
    run.problem = str(problem.message)[:250]
    _ended(run, ImportStage.FAILED, now)


@action
def end_import(run: ImportRun, *, actor: User, now: datetime) -> None:
    """Everything is written: one entry in the trail says what it was."""
    permissions.require("data.import", actor)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.stage != ImportStage.IMPORTING:
        return
    _ended(run, ImportStage.DONE, now)
    counts = {name: getattr(run, name) for name in ("rows", "added", "changed", "unchanged", "skipped")}
    data = {"kind": run.kind, "file": run.file_hash, **counts}
    audit.record("import.done", run, actor=actor, now=now, data=data)


def _ended(run: ImportRun, stage: ImportStage, now: datetime) -> ImportRun:
    """The table is needed no longer: it goes once the transaction is over."""
    if run.file_key:
        transaction.on_commit(partial(default_storage.delete, run.file_key))
    run.stage, run.finished_at, run.file_key = stage, now, ""
    run.save()
    return run


@action
def invite_imported(run: ImportRun, *, actor: User, now: datetime) -> int:
    """Have everybody invited whom the import brought and who has neither account nor invitation; returns how many."""
    permissions.require("data.import", actor)  # each invitation asks for its own permission
    waiting = waiting_for_invitation(run).count()
    if not waiting:
        raise ImportRefused(_("There is nobody left to invite."))
    audit.record("import.invited", run, actor=actor, now=now, data={"people": waiting})
    enqueue(INVITE, key=f"{INVITE}.{run.pk}", run_id=run.pk, actor_id=actor.pk)
    return waiting

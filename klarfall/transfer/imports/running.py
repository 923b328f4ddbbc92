"""The dry run and the import of a table: the same steps, chunk by chunk, of which only the second one writes.

Every chunk is a transaction of its own that also moves the cursor: a worker that dies leaves whole chunks, and the
next one goes on behind them. What the rows before the cursor said (keys, contracts) is noted again on the way.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.core.files.storage import default_storage
from django.utils import translation

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import Reporter
from klarfall.customers.actions.invite import NotInvitable, invite
from klarfall.transfer.actions import imports as actions
from klarfall.transfer.imports.contacts import ContactImporter
from klarfall.transfer.imports.contracts import ContractImporter
from klarfall.transfer.imports.customers import CustomerImporter
from klarfall.transfer.imports.importer import Importer
from klarfall.transfer.imports.people import waiting_for_invitation
from klarfall.transfer.imports.rows import Row, heading_of, rows_of
from klarfall.transfer.imports.versions import VersionImporter
from klarfall.transfer.models import ImportRun, ImportStage
from klarfall.transfer.reading.lines import Unreadable
from klarfall.transfer.reading.tables import open_table

CHUNK = 500
_INVITED_AT_ONCE = 100
_IMPORTERS: dict[str, type[Importer]] = {
    one.kind: one for one in (CustomerImporter, ContactImporter, ContractImporter, VersionImporter)
}


def progress_key(run: ImportRun) -> str:
    """Under which the worker reports how far the run is."""
    return f"import-{run.pk}"


def invitations_key(run: ImportRun) -> str:
    """Under which the worker reports how many were invited."""
    return f"import-invitations-{run.pk}"


def check(run_id: int, language: str, *, now: datetime) -> None:
    """Find out what an import would do; changes nothing but the run. Opens its own transactions."""
    with viewing_as(SYSTEM, fresh=True):
        run = _run(run_id, ImportStage.CHECKING)
    if run is None:
        return
    actor = run.started_by
    with translation.override(language):
        try:
            _survey(run, actor)
            _work(run, actor, now, writing=False)
        except Unreadable as problem:
            actions.refuse(run, problem=problem, actor=actor, now=now)
        else:
            actions.end_check(run, actor=actor)


def write(run_id: int, actor_id: int, language: str, *, now: datetime) -> None:
    """Import a confirmed table, behind the rows that are written already. Opens its own transactions."""
    with viewing_as(SYSTEM, fresh=True):
        run, actor = _run(run_id, ImportStage.IMPORTING), User.objects.get(pk=actor_id)
    if run is not None:
        with translation.override(language):
            _work(run, actor, now, writing=True)
            actions.end_import(run, actor=actor, now=now)


def invite_all(run_id: int, actor_id: int, *, now: datetime) -> None:
    """Invite everybody who waits for it, in batches with a transaction each; who is invited is left out next time."""
    with viewing_as(SYSTEM, fresh=True):
        run, actor = ImportRun.objects.get(pk=run_id), User.objects.get(pk=actor_id)
        total = waiting_for_invitation(run).count()
    done, last = 0, 0
    with Reporter(invitations_key(run), total) as reporter:
        while True:
            with viewing_as(SYSTEM):
                batch = list(waiting_for_invitation(run).filter(pk__gt=last)[:_INVITED_AT_ONCE])
                for contact in batch:
                    try:
                        invite(contact, actor=actor, now=now)
                    except NotInvitable:
                        continue  # somebody closed the contact, or it has an account meanwhile
            if not batch:
                return
            done, last = done + len(batch), batch[-1].pk
            reporter.report(done)


def _run(run_id: int, stage: ImportStage) -> ImportRun | None:
    return ImportRun.objects.select_related("started_by").filter(pk=run_id, stage=stage).first()


def _survey(run: ImportRun, actor: User) -> None:
    """Count the lines before anything else: what cannot be read to its end is refused as a whole."""
    with default_storage.open(run.file_key) as file:
        table = open_table(file)
        heading = heading_of(run.kind, table.heading)
        rows = sum(1 for _line in table.lines)
    actions.begin_check(run, rows=rows, unknown=heading.unknown, actor=actor)


def _work(run: ImportRun, actor: User, now: datetime, *, writing: bool) -> None:
    """Judge every chunk and write it where that is wanted."""
    importer = _IMPORTERS[run.kind](run, now, writing=writing)
    done, start = 0, run.cursor if writing else 0
    with default_storage.open(run.file_key) as file, Reporter(progress_key(run), run.rows) as reporter:
        table = open_table(file)
        rows = rows_of(table, heading_of(run.kind, table.heading))
        for chunk in _chunks(rows):
            done += len(chunk)
            with viewing_as(SYSTEM):
                for row in chunk:
                    importer.note(row)
                if done > start:
                    plans = importer.judged(chunk)
                    actions.keep_found(run, plans=plans, importer=importer, cursor=done, actor=actor)
            reporter.report(done)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Always the same chunks of the same table: a cursor stands at the end of one."""
    while chunk := list(islice(rows, CHUNK)):
        yield chunk

"""The pages of imports: the runs, and how far the worker is with one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from klarfall.core.jobs import is_pending
from klarfall.core.progress import progress
from klarfall.transfer.actions import imports as actions
from klarfall.transfer.imports.running import invitations_key, progress_key
from klarfall.transfer.models import ImportRun, ImportStage

#: Skipped rows that a page shows; the file has all of them.
SHOWN = 200
#: A worker that has said nothing for so long has probably died; its job is done anew by itself.
SILENT = timedelta(minutes=3)
_BUSY = {ImportStage.CHECKING, ImportStage.IMPORTING}


@dataclass(frozen=True, slots=True)
class Working:
    """What a worker does: `stage`, how far it is, whether it has been silent for long or has given up."""

    stage: str
    percent: int = 0
    done: int = 0
    total: int = 0
    silent: bool = False
    failed: bool = False


def runs() -> QuerySet[ImportRun]:
    """All imports with the people who began them."""
    return ImportRun.objects.select_related("started_by")


def working(run: ImportRun, now: datetime) -> Working | None:
    """How far the worker is with the table; None while a person decides, and at the end."""
    if run.stage not in _BUSY:
        return None
    if not is_pending(actions.CHECK, actions.WRITE, run_id=run.pk):
        return Working(run.stage, failed=True)
    if run.stage == ImportStage.IMPORTING and not run.cursor:
        return Working(run.stage, total=run.rows)  # what was reported last is of the dry run
    return told(run.stage, progress_key(run), now)


def inviting(run: ImportRun, now: datetime) -> Working | None:
    """How far the worker is with inviting people; None when nobody is being invited."""
    if run.stage != ImportStage.DONE or not is_pending(actions.INVITE, run_id=run.pk):
        return None
    return told("inviting", invitations_key(run), now)


def told(stage: str, key: str, now: datetime) -> Working:
    """What the worker reported last under a key."""
    found = progress(key)
    if found is None:
        return Working(stage)
    return Working(stage, found.percent, found.done, found.total, silent=now - found.updated_at > SILENT)

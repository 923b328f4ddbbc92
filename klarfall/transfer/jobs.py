"""Jobs of transfer: tables are checked and imported, people invited, exports written, old files removed."""

from django.utils import timezone

from klarfall.core.jobs import job
from klarfall.transfer.actions import imports
from klarfall.transfer.imports import running


@job(imports.CHECK, own_transactions=True)
def check_table(*, run_id: int) -> None:
    """Find out what importing a table would do; begun anew when a worker died over it."""
    running.check(run_id, now=timezone.now())


@job(imports.WRITE, own_transactions=True)
def import_table(*, run_id: int, actor_id: int) -> None:
    """Import a confirmed table, a chunk per transaction; goes on where a dead worker ended."""
    running.write(run_id, actor_id, now=timezone.now())


@job(imports.INVITE, own_transactions=True)
def invite_imported(*, run_id: int, actor_id: int) -> None:
    """Invite whom an import brought, a batch per transaction."""
    running.invite_all(run_id, actor_id, now=timezone.now())

"""Jobs of transfer: tables are checked and imported, people invited, exports written, old files removed."""

from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.core.jobs import every, job
from klarfall.transfer import leftovers
from klarfall.transfer.actions import exports, imports
from klarfall.transfer.exports import running as exporting
from klarfall.transfer.imports import running


@job(imports.CHECK, own_transactions=True)
def check_table(*, run_id: int, language: str) -> None:
    """Find out what importing a table would do; begun anew when a worker died over it."""
    running.check(run_id, language, now=timezone.now())


@job(imports.WRITE, own_transactions=True)
def import_table(*, run_id: int, actor_id: int, language: str) -> None:
    """Import a confirmed table, a chunk per transaction; goes on where a dead worker ended."""
    running.write(run_id, actor_id, language, now=timezone.now())


@job(imports.INVITE, own_transactions=True)
def invite_imported(*, run_id: int, actor_id: int) -> None:
    """Invite whom an import brought, a batch per transaction."""
    running.invite_all(run_id, actor_id, now=timezone.now())


@job(exports.WRITE, own_transactions=True)
def export_house(*, export_id: int) -> None:
    """Write the archive of a full export."""
    exporting.write(export_id, now=timezone.now())


@every("50 1 * * *")
@job("transfer.sweep")
def sweep() -> None:
    """Remove what is not needed any more: archives, tables nobody decided about, and what dead workers left."""
    actor, now = User.objects.system(), timezone.now()
    exports.remove_old(actor=actor, now=now)
    imports.discard_old(actor=actor, now=now)
    leftovers.remove(now)

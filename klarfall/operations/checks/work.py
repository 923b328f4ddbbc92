"""Checks of what should happen by itself: worker, queue, mails, backups, histories, files."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override
from psycopg import sql

from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations import queue
from klarfall.operations.checks.finding import Finding, fault, ok, warning
from klarfall.operations.models import Backup
from klarfall.operations.stored_files import columns

_WAITS = timedelta(minutes=10)
_BACKUP_DUE, _BACKUP_OLD = timedelta(hours=26), timedelta(days=7)
_NEWEST = 100  # files per column that are looked for


def check_worker(now: datetime) -> Iterator[Finding]:
    """A worker lives and the queue moves."""
    state = queue.look(now)
    if state.workers:
        yield ok(_("Job workers that are alive: %(count)s.") % {"count": state.workers})
    else:
        yield fault(
            _("No job worker is alive: no mails, no deadlines, no nightly work."),
            _("Start `manage.py serve` (systemd: klarfall.service) and look into its log."),
        )
    if state.oldest is not None and now - state.oldest > _WAITS:
        minutes = int((now - state.oldest).total_seconds() // 60)
        seen = _("A job has been waiting for %(minutes)s min; waiting in all: %(count)s.")
        advice = _("Is the worker busy with something long? Start another machine, or look into the log.")
        yield warning(seen % {"minutes": minutes, "count": state.waiting}, advice)


def check_failed_jobs(now: datetime) -> Iterator[Finding]:
    """No job has used up its attempts."""
    failed = queue.look(now).failed
    if failed:
        advice = _("Desk, Operation: read the reason, mend it, then run them again.")
        yield warning(_("Jobs that failed after all attempts: %(count)s.") % {"count": failed}, advice)
    else:
        yield ok(_("No job has failed."))


def check_backup(now: datetime) -> Iterator[Finding]:
    """The last backup is recent and complete."""
    with viewing_as(SYSTEM):
        last = Backup.objects.order_by("-finished_at").first()
    advice = _("Run `manage.py backup` every night (klarfall-backup.timer) and look into its log.")
    if last is None:
        with viewing_as(SYSTEM):
            is_demo = vendor.current().is_demo
        yield ok(_("No backup yet: this is the demo.")) if is_demo else warning(_("No backup was ever made."), advice)
        return
    age = now - last.finished_at
    seen = _("Last backup: %(hours)s h ago.") % {"hours": int(age.total_seconds() // 3600)}
    if last.missing:
        named = _("Files that the database names and the last backup lacks: %(count)s.") % {"count": last.missing}
        yield fault(named, _("Look for the files in older archives; `manage.py self_audit` names them."))
    yield fault(seen, advice) if age > _BACKUP_OLD else warning(seen, advice) if age > _BACKUP_DUE else ok(seen)


def check_histories(now: datetime) -> Iterator[Finding]:
    """No history was changed (INV-29)."""
    words = io.StringIO()
    try:
        with override("en"):
            call_command("verify_chains", stdout=words, stderr=words)
    except CommandError as problem:
        advice = _("`manage.py verify_chains` names them. Keep the database as it is, and compare with a backup.")
        yield fault(_("Histories were changed: %(what)s") % {"what": problem}, advice)
    else:
        yield ok(_("All histories are intact."))


def check_files(now: datetime) -> Iterator[Finding]:
    """The newest files that the database names are there."""
    missing = sum(not default_storage.exists(key) for key in _newest_keys())
    if missing:
        seen = _("Newest files that are missing in the file store: %(count)s.") % {"count": missing}
        yield fault(seen, _("Is DATA_DIR right and the volume mounted? Else take them from a backup."))
    else:
        yield ok(_("The newest files are all there."))


def _newest_keys() -> set[str]:
    found: set[str] = set()
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        for table, column in columns():
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            query = sql.SQL("SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY id DESC LIMIT %s")
            cursor.execute(query.format(**names), [_NEWEST])
            found.update(key for (key,) in cursor.fetchall())
    return found

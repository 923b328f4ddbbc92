"""The doctor: every check with its findings, worst first to read, in order to print."""

import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.operations.checks import addresses, calendars, database, machine, mail, mail_in, work
from klarfall.operations.checks.finding import Finding, State, fault

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One thing to look at; `quick` ones are also shown on the desk's page."""

    name: str
    title: str | Promise
    look: Callable[[datetime], Iterator[Finding]]
    quick: bool = True


@dataclass(frozen=True)
class Examined:
    """A check with what it found."""

    name: str
    title: str | Promise
    findings: list[Finding]

    @property
    def state(self) -> State:
        """The worst of its findings."""
        order = (State.FAULT, State.WARNING, State.OK)
        return next(state for state in order if any(one.state is state for one in self.findings))


CHECKS = (
    Check("database", gettext_lazy("Database"), database.check_server),
    Check("migrations", gettext_lazy("Migrations"), database.check_migrations),
    Check("login-role", gettext_lazy("Login role"), database.check_login_role),
    Check("rights", gettext_lazy("Roles and policies"), database.check_rights),
    Check("database-clock", gettext_lazy("Clock of the database"), database.check_database_clock),
    Check("clock", gettext_lazy("Clock"), machine.check_clock),
    Check("worker", gettext_lazy("Job worker"), work.check_worker),
    Check("failed-jobs", gettext_lazy("Failed jobs"), work.check_failed_jobs),
    Check("mail", gettext_lazy("Mail server"), mail.check_mail, quick=False),
    Check("mails", gettext_lazy("Mails going out"), mail.check_sending),
    Check("ways-in", gettext_lazy("Mailboxes and listeners"), mail_in.check_ways_in, quick=False),
    Check("mail-in", gettext_lazy("Arriving mail"), mail_in.check_mail_in),
    Check("backup", gettext_lazy("Backup"), work.check_backup),
    Check("histories", gettext_lazy("Histories"), work.check_histories, quick=False),
    Check("files", gettext_lazy("Stored files"), work.check_files, quick=False),
    Check("documents", gettext_lazy("Documents"), machine.check_documents, quick=False),
    Check("disk", gettext_lazy("Disk"), machine.check_disk),
    Check("secrets", gettext_lazy("Secrets"), machine.check_secrets),
    Check("addresses", gettext_lazy("Addresses and TLS"), addresses.check_addresses),
    Check("embedded", gettext_lazy("Kind of database"), addresses.check_embedded),
    Check("time-zones", gettext_lazy("Time zones"), machine.check_time_zones),
    Check("calendars", gettext_lazy("Service hours"), calendars.check_calendars),
)


def examine(now: datetime, *, quick: bool = False) -> list[Examined]:
    """Do all checks, or only those that a page can wait for. A check that breaks is a fault, not the end."""
    return [Examined(check.name, check.title, _looked(check, now)) for check in CHECKS if check.quick or not quick]


def _looked(check: Check, now: datetime) -> list[Finding]:
    try:
        # Within a request a savepoint, so that the page survives; a command goes on without a database, too.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return list(check.look(now))
    except Error as problem:
        _log.warning("check %s: the database refused", check.name, exc_info=True)
        seen = _("The database does not answer as it should (%(error)s).") % {"error": type(problem).__name__}
        return [fault(seen, _("Check DATABASE_URL, that the server runs, and that `manage.py migrate` was run."))]
    except Exception as problem:
        _log.exception("check %s broke", check.name)
        seen = _("This could not be checked (%(error)s).") % {"error": type(problem).__name__}
        return [fault(seen, _("The log says more."))]

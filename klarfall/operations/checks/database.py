"""Checks of the database: version, migrations, roles, rights and policies, its clock."""

import time
from collections.abc import Iterator

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from klarfall.core import rights_check
from klarfall.core.isolation import NOBODY, viewing_as
from klarfall.operations.checks.finding import Finding, fault, ok, warning

OLDEST = 15  # major version of PostgreSQL
_MOST_NAMED = 5
_SLOW, _WRONG = 2, 30  # seconds between the two clocks


def check_server(now: object = None) -> Iterator[Finding]:
    """Reachable, and new enough."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (major,) = cursor.fetchone()
    seen = _("PostgreSQL %(version)s answers.") % {"version": major}
    if major < OLDEST:
        yield fault(seen, _("Version %(oldest)s or newer is needed: upgrade the server.") % {"oldest": OLDEST})
    else:
        yield ok(seen)


def check_migrations(now: object = None) -> Iterator[Finding]:
    """Every migration of this version was applied."""
    waiting = pending_migrations()
    if waiting:
        seen = _("Missing migrations: %(count)s, the first is %(name)s.") % {
            "count": len(waiting),
            "name": waiting[0],
        }
        yield fault(seen, _("Stop Klarfall and run `manage.py migrate` as the owner."))
    else:
        yield ok(_("All migrations are applied."))


def pending_migrations() -> list[str]:
    """Names of migrations that this version has and the database has not."""
    with viewing_as(NOBODY):  # as the login role, also within a request: nobody else reads this table
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def check_rights(now: object = None) -> Iterator[Finding]:
    """Roles, rights, policies, keys and guards are what the models say."""
    found = rights_check.differences()
    if found:
        seen = _("Differences: %(count)s. %(what)s") % {"count": len(found), "what": "; ".join(found[:_MOST_NAMED])}
        advice = _("`manage.py migrate` brings roles, rights and policies back. Find out who changed them.")
        yield fault(seen, advice)
    else:
        yield ok(_("Roles, rights, policies and guards are what they should be."))


def check_login_role(now: object = None) -> Iterator[Finding]:
    """The application connects as a role that owns nothing and has no power."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS"
            " (SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = session_user)"
            " FROM pg_roles WHERE rolname = session_user"
        )
        (powerful,) = cursor.fetchone()
    if powerful:
        seen = _("The application connects as a superuser or as the owner of the tables.")
        yield fault(
            seen, _("Let DATABASE_URL name the restricted login role; the owner belongs to DATABASE_OWNER_URL.")
        )
    else:
        yield ok(_("The application connects as a restricted role."))


def check_database_clock(now: object = None) -> Iterator[Finding]:
    """This machine and the database have the same time."""
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (theirs,) = cursor.fetchone()
    apart = abs(theirs - (before + time.time()) / 2)
    seen = _("The clocks of this machine and the database differ by %(seconds)s s.") % {
        "seconds": number_format(apart, 1)
    }
    advice = _("Let both machines ask a time server (systemd-timesyncd or chrony).")
    yield fault(seen, advice) if apart > _WRONG else warning(seen, advice) if apart > _SLOW else ok(seen)

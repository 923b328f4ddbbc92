"""
Gives every test process a database of its own, seen through the restricted login role.

Tests that ran as the owner of the tables would pass whatever row-level security says. The owner's connection only
prepares: it migrates a template once per run, copies it for each process and brings a copy back after a test that
really committed. The server is a throw-away one of the bundled (or, with --postgres-programs, another) PostgreSQL;
with DATABASE_OWNER_URL it is the one named there.
"""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connection, connections
from django.test import TransactionTestCase
from django.test.signals import setting_changed
from psycopg import sql

from klarfall.config import env
from klarfall.config.embedded_postgres import Cluster
from klarfall.config.postgres_programs import EmbeddedPostgresError, bundled_programs
from klarfall.core import row_security
from klarfall.core.owner import as_owner, ensure_login_role
from tests import settings as test_settings
from tests.template_cache import TemplateCache

LOGIN = "test_klarfall_login"  # only made where DATABASE_URL names no login role
SHARED_WITH_WORKERS = ("klarfall_run", "klarfall_folder")
# Nothing here has to survive a power cut.
FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 128MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 128MB
"""
ROOM_NEEDED = 2_000_000_000  # bytes
#: Tables of which nearly every action changes one: the guard (tests/guard.py) counts their rows after each test.
WATCHED = (
    *("accounts_user", "customers_customer", "customers_contact", "tickets_ticket", "knowledge_article"),
    *("core_vendorprofile", "core_auditentry", "django_session", "procrastinate_jobs"),
)


class TestServer:
    """The server of one test run: where it is, as whom we connect, and what we made on it."""

    __test__ = False  # not a test, whatever its name says

    def __init__(self, run: str, folder: str, programs: str | None) -> None:
        self.prefix = f"test_klarfall_{run}"
        self.own = ""  # the database of this process, once it was made
        self.known: dict[str, dict[str, int]] = {}  # how many rows each database has while no test is running
        self._watching: dict[str, psycopg.Connection] = {}
        self.cluster: Cluster | None = None
        self.cache: TemplateCache | None = None
        if owner_url := os.environ.get("DATABASE_OWNER_URL"):
            self.owner = env.database(owner_url, "DATABASE_OWNER_URL")
            login_url = os.environ.get("DATABASE_URL")
            named = (
                env.database(login_url, "DATABASE_URL") if login_url else {"USER": LOGIN, "PASSWORD": uuid.uuid4().hex}
            )
            self.login = self.owner | {"USER": named["USER"], "PASSWORD": named["PASSWORD"]}
        else:
            binaries = Path(programs) if programs else bundled_programs()
            self.cluster = Cluster(Path(folder), binaries=binaries, configuration=FAST)
            self.owner, self.login = self.cluster.database("owner"), self.cluster.database("login")
            self.cache = TemplateCache(binaries, self.owner)

    def connect(self, who: dict[str, Any], database: str | None = None) -> psycopg.Connection:
        """Opens a connection outside Django, in autocommit; without a name to the database of the URL."""
        return psycopg.connect(
            host=who["HOST"] or None,
            port=who["PORT"] or None,
            user=who["USER"],
            password=who["PASSWORD"],
            dbname=database or self.owner["NAME"],
            autocommit=True,
            **who["OPTIONS"],
        )

    @contextmanager
    def alone(self) -> Iterator[psycopg.Connection]:
        """Holds a lock that all processes of the run respect: roles and templates are shared between them."""
        with self.connect(self.owner) as owner:
            owner.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.prefix])
            yield owner

    def make_database(self, name: str) -> None:
        """Makes the database of this process, points Django at it as the login role, and keeps a copy for later."""
        with self.alone() as owner:
            template = f"{self.prefix}_template"
            if not self._exists(owner, template):
                self._make_template(owner, template)
            self._copy(owner, template, name)
            self._point_django_at(name)
            with as_owner() as django_owner:
                row_security.apply(django_owner, self.login["USER"])
            self._copy(owner, name, f"{name}_base")
            self.own = name
        self.known[name] = self.rows(name)

    @contextmanager
    def beside(self, name: str, like: str = "base") -> Iterator[None]:
        """Uses another database than that of the process; it is made from its copy, or like another, if it is new."""
        with self.connect(self.owner) as owner:
            if is_new := not self._exists(owner, f"{self.own}_{name}"):
                self._copy(owner, f"{self.own}_{like}", f"{self.own}_{name}")
                if (files := self._files_of(f"{self.own}_{like}")).is_dir():
                    shutil.copytree(files, self._files_of(f"{self.own}_{name}"), dirs_exist_ok=True)
        self._point_django_at(f"{self.own}_{name}")
        try:
            if is_new:  # rights are named after the database
                with as_owner() as django_owner:
                    row_security.apply(django_owner, self.login["USER"])
            yield
        finally:
            self._point_django_at(self.own)
            if is_new:
                self.known[f"{self.own}_{name}"] = self.rows(f"{self.own}_{name}")
                self._stop_watching(f"{self.own}_{name}")

    def rows(self, name: str) -> dict[str, int]:
        """How many rows the tables of WATCHED have, whatever Django's own connection has not committed yet."""
        if name not in self._watching:
            self._watching[name] = self.connect(self.owner, name)
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in WATCHED)
        found = self._watching[name].execute(f"SELECT {counts}".encode()).fetchone()
        assert found is not None
        return dict(zip(WATCHED, found, strict=True))

    def _stop_watching(self, name: str) -> None:
        """A database that somebody is connected to can neither be dropped nor copied."""
        if name in self._watching:
            self._watching.pop(name).close()

    def go_to(self, name: str = "") -> None:
        """Uses the process's own database, or one beside it; the connection stays while that does not change."""
        wanted = f"{self.own}_{name}" if name else self.own
        # A test that changed settings while it was elsewhere takes these two back to what they were there.
        beside = (settings.DATABASE_OWNER["NAME"], settings.MEDIA_ROOT) != (wanted, self._files_of(wanted))
        if settings.DATABASE["NAME"] != wanted or (beside and not connection.in_atomic_block):
            self._point_django_at(wanted)

    def restore(self) -> None:
        """Replaces the database by its copy: every row and sequence is as after the migrations."""
        name = settings.DATABASE["NAME"]
        connections.close_all()
        self._stop_watching(name)
        with self.connect(self.owner) as owner:
            deadline = time.monotonic() + 10
            while True:
                self._end_sessions(name)
                try:
                    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
                    break
                except psycopg.errors.ObjectInUse:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
            self._copy(owner, f"{name}_base", name)

    def remove_everything(self) -> None:
        """Drops the databases and roles of this run; only a server that is not ours needs that."""
        with self.connect(self.owner) as owner:
            for (name,) in self._named_like(owner, "SELECT datname FROM pg_database WHERE datname LIKE %s"):
                self._end_sessions(name)
                owner.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            for (name,) in self._named_like(owner, "SELECT rolname FROM pg_roles WHERE rolname LIKE %s"):
                owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

    def _make_template(self, owner: psycopg.Connection, template: str) -> None:
        """Migrates once. Rights are named after the database, so they are applied to each copy, not here."""
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
        if self.cache is not None and self.cache.load(template):
            return
        self._point_django_at(template)
        with as_owner() as django_owner:
            if self.cluster is None:
                ensure_login_role(django_owner, self.login["USER"], self.login["PASSWORD"])
            call_command(DjangoMigrate(), verbosity=0, interactive=False)
        if self.cache is not None:
            self.cache.keep(template)

    def _point_django_at(self, name: str) -> None:
        connection.close()
        keys = ("USER", "PASSWORD", "HOST", "PORT")
        connection.settings_dict.update({key: self.login[key] for key in keys}, NAME=name)
        connection.settings_dict["OPTIONS"] |= self.login["OPTIONS"]
        settings.DATABASE_OWNER = self.owner | {"NAME": name}
        settings.DATABASE = connection.settings_dict
        settings.MEDIA_ROOT = self._files_of(name)
        setting_changed.send(sender=None, setting="MEDIA_ROOT", value=settings.MEDIA_ROOT, enter=True)

    def _files_of(self, name: str) -> Path:
        """Where the files of a database are: one beside the process's own has its own, which no other test sweeps."""
        beside = name.removeprefix(f"{self.own}_") if self.own and name != self.own else ""
        return test_settings.DATA_DIR / f"files-{beside}" if beside else test_settings.MEDIA_ROOT

    def _end_sessions(self, name: str) -> None:
        """Ends forgotten sessions as the login role itself: the owner has no power over the sessions of others."""
        with self.connect(self.login) as login:
            login.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )

    def _exists(self, owner: psycopg.Connection, name: str) -> bool:
        return bool(owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def _copy(self, owner: psycopg.Connection, source: str, target: str) -> None:
        self._stop_watching(source)
        names = sql.Identifier(target), sql.Identifier(source)
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def _named_like(self, owner: psycopg.Connection, query: str) -> list[Any]:
        return owner.execute(query.encode(), [self.prefix.replace("_", r"\_") + "%"]).fetchall()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres-programs", help="folder with initdb and postgres of another version to test on")


def pytest_configure(config: pytest.Config) -> None:
    """Names the run, in the process that starts the others; they are told in pytest_configure_node."""
    given = getattr(config, "workerinput", None)
    if given is None:
        given = {"klarfall_run": uuid.uuid4().hex[:6], "klarfall_folder": _make_folder()}
    config.klarfall = {name: given[name] for name in SHARED_WITH_WORKERS}  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput.update(node.config.klarfall)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leaves nothing behind: neither databases on a given server nor the folder of ours."""
    test_settings.folder.cleanup()  # here, because workers end without running what is registered for their exit
    if hasattr(config, "workerinput") or not hasattr(config, "klarfall"):
        return
    server = _server(config)
    folder = Path(config.klarfall["klarfall_folder"])
    if server.cluster is None:
        with suppress(psycopg.OperationalError):  # unreachable: the tests have said so already
            server.remove_everything()
    elif any(folder.iterdir()):
        server.cluster.delete()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `server` what depends on the version of PostgreSQL most: everything that really commits."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "committed_db" in fixtures and "page" not in fixtures:
            item.add_marker("server")


def _make_folder() -> str:
    """Makes the folder of the run, in memory if there is room: copying a database means creating a thousand files."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_NEEDED
    parent = memory if roomy else Path(tempfile.gettempdir())
    for left in parent.glob("klarfall-test-*/users.lock"):  # by a run that was killed
        if left.stat().st_uid == os.getuid():
            with suppress(EmbeddedPostgresError):  # still in use: another run, which removes it itself
                Cluster(left.parent).delete()
                shutil.rmtree(left.parent, ignore_errors=True)
    return tempfile.mkdtemp(prefix="klarfall-test-", dir=parent)


def _server(config: pytest.Config) -> TestServer:
    shared = config.klarfall  # type: ignore[attr-defined]
    return TestServer(shared["klarfall_run"], shared["klarfall_folder"], config.getoption("--postgres-programs"))


#: The server of the run, once a test has asked for a database.
SERVERS: dict[pytest.Config, TestServer] = {}


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> Iterator[TestServer]:
    """The running server of this test run."""
    server = SERVERS[pytestconfig] = _server(pytestconfig)
    if server.cluster is None:
        yield server
        return
    with server.cluster.in_use():
        yield server


@pytest.fixture(scope="session")
def django_db_setup(database_server: TestServer, django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """Replaces pytest-django's: a migrated database for this process, with Django connected as the login role."""
    with django_db_blocker.unblock():
        database_server.make_database(f"{database_server.prefix}_{worker_id}")
        # What pytest-django runs after a test that committed would TRUNCATE as the login role, which may not.
        patch = pytest.MonkeyPatch()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database_server.restore())
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    patch.undo()


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """A database in which transactions really commit: for browsers, threads, deferred triggers and killed jobs."""


@pytest.fixture
def owner_connection(database_server: TestServer, django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, outside Django, to look at what was committed or at the catalogue."""
    with database_server.connect(database_server.owner, settings.DATABASE["NAME"]) as owner:
        yield owner

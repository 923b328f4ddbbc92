"""
Starts and stops the bundled PostgreSQL when no DATABASE_URL is set.

Only the binaries of the package are used. The cluster listens on a socket in a private folder, never on the network,
and asks everybody for a password. Every process that uses it holds a shared lock; a keeper process waits for the
moment when the last one is gone, for whatever reason, and stops the server.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from klarfall.config.postgres_programs import (
    MAJOR_VERSION,
    EmbeddedPostgresError,
    bundled_programs,
    copied,
    reachable,
    run_as,
    server_uid,
    version,
)

DATABASE_NAME = "klarfall"
ROLES = {"superuser": "postgres", "owner": "klarfall_owner", "login": "klarfall_login"}
LONGEST_SOCKET_FOLDER = 85  # bytes; the kernel allows 107 for the whole socket path
LARGEST_LOG = 5_000_000  # bytes
START_TIMEOUT = 300  # seconds; recovery after a crash may take long
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
work_mem = 16MB
random_page_cost = 1.1
jit = off
log_min_messages = warning
"""


class Cluster:
    """One PostgreSQL cluster with its secrets, belonging to one data folder."""

    def __init__(self, data_dir: Path, *, binaries: Path | None = None, configuration: str = "") -> None:
        """`binaries` and `configuration` are for tests: another server's programs, further lines of settings."""
        self.data_dir = data_dir.resolve()
        self.key = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        self.as_root = os.getuid() == 0
        self.home = self._home()
        self.postgres_dir = self.home / "postgres"
        self.socket_dir = self._socket_dir()
        self.configuration = CONFIGURATION + configuration
        self._binaries = binaries
        self._users_lock: IO[str] | None = None

    # --- what settings need: computed, nothing is started ------------------------------------------------------

    def database(self, role: str) -> dict[str, Any]:
        """Returns Django's settings for a connection as "owner" or "login"."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE_NAME,
            "USER": ROLES[role],
            "PASSWORD": self.secret(role),
            "HOST": str(self.socket_dir),
            "PORT": "",
            "OPTIONS": {},
        }

    def secret(self, name: str) -> str:
        """Returns the secret of that name; all are drawn at first use and kept where only we can read them."""
        file = self.data_dir / "secrets.json"
        if not file.exists():
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            drawn = {purpose: secrets.token_urlsafe(48) for purpose in (*ROLES, "django")}
            with tempfile.NamedTemporaryFile("w", dir=self.data_dir, suffix=".new") as draft:  # mode 0600
                json.dump(drawn, draft)
                draft.flush()
                os.fsync(draft.fileno())
                with contextlib.suppress(FileExistsError):  # another process was faster: its secrets count
                    os.link(draft.name, file)
        kept: dict[str, str] = json.loads(file.read_text())
        return kept[name]

    # --- use --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keeps the server running for the time of the block; starts it, and makes the cluster, where necessary."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self) -> None:
        """Registers us as a user of the server and makes sure that it runs."""
        self._make_folders()
        self._users_lock = self._open_lock("users.lock")
        fcntl.flock(self._users_lock, fcntl.LOCK_SH)  # waits while a keeper is just stopping the server
        self.ensure_running()

    def ensure_running(self) -> None:
        """Starts the server unless it runs; called again and again by who has to outlive its crashes."""
        if self._users_lock is None:
            raise EmbeddedPostgresError("Only a registered user may start the server: call acquire() first")
        with self._open_lock("start.lock") as start_lock:
            fcntl.flock(start_lock, fcntl.LOCK_EX)
            if not (self.postgres_dir / "PG_VERSION").exists():
                self._create_cluster()
            if not self.is_running():
                self._start()
            self._provide_roles_and_database()
            self._ensure_keeper()

    def release(self) -> None:
        """Signs us off; if nobody else uses the server, returns only when it has stopped."""
        if self._users_lock is None:
            return
        self._users_lock.close()
        self._users_lock = None
        with self._open_lock("users.lock") as lock:
            deadline = time.monotonic() + START_TIMEOUT
            while self.is_running() and time.monotonic() < deadline:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()  # the keeper then finds nothing left to do
                    return
                if _shared_by_others(lock):
                    return
                time.sleep(0.05)

    def keep(self) -> None:
        """The keeper's work: waits until nobody uses the server any more and stops it."""
        with self._open_lock("keeper.lock") as mine, self._open_lock("users.lock") as users:
            try:
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # there is one already
            fcntl.flock(users, fcntl.LOCK_EX)
            self.stop()

    def stop(self) -> None:
        """Stops the server, if it runs, and waits for its end; a failure is an error, never silent."""
        pid, deadline = self._server_pid(), time.monotonic() + START_TIMEOUT
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)  # "fast": ends open sessions, then writes everything to disk
        while self._server_pid() == pid:
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL ({pid}) does not stop, see {self.postgres_dir}/server.log")
            time.sleep(0.02)

    def delete(self) -> None:
        """Stops the server and deletes cluster and secrets; refuses while somebody uses it."""
        with self._open_lock("users.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as problem:
                raise EmbeddedPostgresError(f"Klarfall still runs on {self.data_dir}: stop it first") from problem
            self.stop()
            for folder in (self.postgres_dir, self.socket_dir, self.home / f"postgresql-{MAJOR_VERSION}"):
                shutil.rmtree(folder, ignore_errors=True)
            for file in (self.data_dir / "secrets.json", *self.home.glob("*.lock")):
                file.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """True if the server of exactly this cluster is alive; a left-over file or a reused process id is not."""
        return self._server_pid() is not None

    # --- making and starting -----------------------------------------------------------------------------------

    def _create_cluster(self) -> None:
        """Runs initdb into a temporary folder first, so that an interrupted attempt leaves no half cluster."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._give(draft)
        password_file = self.home / "password.new"
        password_file.touch(0o600)
        password_file.write_text(self.secret("superuser"))
        self._give(password_file)
        locale = ["--locale=C.UTF-8"]
        if version(self._run("postgres", "--version")) >= MAJOR_VERSION:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            self._run("initdb", "-U", ROLES["superuser"], "-A", "scram-sha-256", f"--pwfile={password_file}",
                      "-E", "UTF8", *locale, "-k", "-D", str(draft))  # fmt: skip
        finally:
            password_file.unlink()
        with (draft / "postgresql.conf").open("a") as file:
            file.write(self.configuration)
        draft.rename(self.postgres_dir)

    def _start(self) -> None:
        """Starts the server in the background, removing what a killed one left behind."""
        for left in (self.postgres_dir / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)  # is_running() was false: nobody alive holds them
        log = self.postgres_dir / "server.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old"))
        deadline = time.monotonic() + 20
        while True:
            try:
                self._run("pg_ctl", "start", "-w", "-s", "-t", str(START_TIMEOUT), "-D", str(self.postgres_dir),
                          "-l", str(log), "-o", f"-k {shlex.quote(str(self.socket_dir))}")  # fmt: skip
                return
            except EmbeddedPostgresError as problem:
                # After kill -9 the orphaned backends hold the shared memory for a moment.
                if "shared memory" not in _tail(log) or time.monotonic() > deadline:
                    raise EmbeddedPostgresError(f"{problem}\n{_tail(log)}") from problem
                time.sleep(0.5)

    def _provide_roles_and_database(self) -> None:
        """
        Creates owner, login role and database if they are missing.

        The owner makes the group roles (CREATEROLE) and test databases (CREATEDB) but is no superuser: row-level
        security holds for it too. The login role inherits nothing; it must take on a group role for each scope.
        """
        with self.connect("superuser", "postgres") as connection:
            for role, rights in (("owner", "CREATEROLE CREATEDB"), ("login", "NOINHERIT")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLES[role]]).fetchone():
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS {} PASSWORD {}").format(
                            sql.Identifier(ROLES[role]), sql.SQL(rights), sql.Literal(self.secret(role))
                        )
                    )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                names = sql.Identifier(DATABASE_NAME), sql.Identifier(ROLES["owner"])
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def connect(self, role: str, database: str) -> psycopg.Connection:
        """Opens a connection of our own, outside Django; every statement is its own transaction."""
        return psycopg.connect(
            host=str(self.socket_dir), dbname=database, user=ROLES[role], password=self.secret(role), autocommit=True
        )

    def _ensure_keeper(self) -> None:
        """Starts the keeper unless one holds its lock. It is detached: it has to outlive whoever started it."""
        with self._open_lock("keeper.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "klarfall.config.embedded_postgres", "keep", str(self.data_dir)],
            cwd=Path(__file__).resolve().parent.parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    # --- folders, users, programs ------------------------------------------------------------------------------

    def _home(self) -> Path:
        """
        Returns the folder of cluster and socket: the data folder, or one that the server's user can reach.

        Only root meets the second case, e.g. with the project under /root. Where a cluster exists already, it stays.
        """
        elsewhere = Path("/var/lib/klarfall") / self.key
        made = [home for home in (self.data_dir, elsewhere) if (home / "postgres").exists()]
        if made:
            return made[0]
        return elsewhere if self.as_root and not reachable(self.data_dir.parent) else self.data_dir

    def _socket_dir(self) -> Path:
        """Returns a private folder whose path is short enough for a socket."""
        folder = self.home / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        return Path(tempfile.gettempdir()).resolve() / f"klarfall-{os.getuid()}-{self.key}"

    def _make_folders(self) -> None:
        """Makes all folders; the server's user may pass through ours but not list them."""
        for folder in {self.data_dir, self.home}:
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid():
                folder.chmod(0o711 if self.as_root else 0o700)
        if self.postgres_dir.exists() and not self.as_root and self.postgres_dir.stat().st_uid != os.getuid():
            raise EmbeddedPostgresError(
                f"{self.postgres_dir} belongs to another user: start as that user or choose DATA_DIR"
            )
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        self._give(self.socket_dir)
        facts = self.socket_dir.lstat()
        if facts.st_uid != server_uid(self.postgres_dir) or facts.st_mode & 0o077 or self.socket_dir.is_symlink():
            raise EmbeddedPostgresError(f"{self.socket_dir} must be a private folder (0700) of the server's user")

    def _open_lock(self, name: str) -> IO[str]:
        """Opens a lock file; the kernel frees a lock when its holder is gone, even by kill -9."""
        return open(self.home / name, "a", opener=lambda path, flags: os.open(path, flags, 0o600))

    def _server_pid(self) -> int | None:
        """Returns the process id of the running server, or None."""
        try:
            pid = int((self.postgres_dir / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline")
            if Path("/proc/self/cmdline").exists():
                return pid if os.fsencode(self.postgres_dir) in command.read_bytes().split(b"\0") else None
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    @property
    def programs(self) -> Path:
        """The folder of the server's and clients' programs; they are here also where another server is used."""
        return self._binaries or bundled_programs()

    def _run(self, program: str, *arguments: str) -> str:
        """Runs one of the server's programs as its user; copies the programs first if that user cannot reach them."""
        folder = self.programs
        if self.as_root and not reachable(folder):
            folder = copied(folder, self.home / f"postgresql-{MAJOR_VERSION}")
        return run_as(server_uid(self.postgres_dir), folder / program, *arguments)

    def _give(self, path: Path) -> None:
        """Hands a file or folder to the server's user, if that is somebody else."""
        if self.as_root:
            os.chown(path, server_uid(self.postgres_dir), -1, follow_symlinks=False)


def _shared_by_others(lock: IO[str]) -> bool:
    """True if the lock is held by users of the server, false if by a keeper that is just stopping it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(lock, fcntl.LOCK_UN)
    return True


def _tail(log: Path) -> str:
    """Returns the last lines of the server's log for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""


def main() -> None:
    """`keep DATA_DIR` is started by ourselves; `clean DATA_DIR` deletes the cluster of a copy for `make clean`."""
    command, data_dir = sys.argv[1:]
    cluster = Cluster(Path(data_dir))
    {"keep": cluster.keep, "clean": cluster.delete}[command]()


if __name__ == "__main__":
    main()

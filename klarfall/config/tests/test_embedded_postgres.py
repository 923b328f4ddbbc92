"""The embedded database survives what happens to it: kill -9, left-over files, several users at once."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from klarfall.config.embedded_postgres import LONGEST_SOCKET_FOLDER, Cluster
from klarfall.config.postgres_programs import EmbeddedPostgresError

ROOT = Path(__file__).resolve().parents[3]
FAST = "fsync = off\nshared_buffers = 16MB\nmax_connections = 20\n"
USER = """
import sys, time
from pathlib import Path
from klarfall.config.embedded_postgres import Cluster
with Cluster(Path(sys.argv[1])).in_use():
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One cluster for all tests of this file; each finds it stopped."""
    folder = Path(tempfile.mkdtemp(prefix="klarfall-cluster-"))
    made = Cluster(folder, configuration=FAST)
    yield made
    made.delete()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _nobody_uses_it(cluster):
    yield
    cluster.release()
    assert eventually(lambda: not cluster.is_running())


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """True as soon as the condition is, at the latest after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def another_user(cluster: Cluster) -> subprocess.Popen[str]:
    """Starts a process that uses the same cluster and waits until it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(cluster.data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def server_pid(cluster: Cluster) -> int:
    return int((cluster.postgres_dir / "postmaster.pid").read_text().split()[0])


def works(cluster: Cluster) -> bool:
    with cluster.connect("login", "klarfall") as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_runs_while_it_is_used_and_not_longer(cluster):
    with cluster.in_use():
        assert works(cluster)
    assert not cluster.is_running()
    with pytest.raises(psycopg.OperationalError):
        works(cluster)


def test_it_runs_as_long_as_anybody_uses_it(cluster):
    other = another_user(cluster)
    with cluster.in_use():
        assert works(cluster)
    assert works(cluster)
    other.kill()  # no chance to sign off
    other.wait()
    assert eventually(lambda: not cluster.is_running())


def test_it_starts_again_after_kill_9_of_the_server(cluster):
    cluster.acquire()
    os.kill(server_pid(cluster), signal.SIGKILL)
    assert eventually(lambda: not cluster.is_running())
    cluster.ensure_running()
    assert works(cluster)


def test_a_left_over_process_id_of_somebody_else_is_not_the_server(cluster):
    with cluster.in_use():
        pass
    facts = f"{os.getpid()}\n{cluster.postgres_dir}\n0\n5432\n{cluster.socket_dir}\n\n"
    (cluster.postgres_dir / "postmaster.pid").write_text(facts)
    assert not cluster.is_running()
    with cluster.in_use():
        assert works(cluster)


def test_roles_are_no_superusers_and_the_login_inherits_nothing(cluster):
    with cluster.in_use(), cluster.connect("superuser", "postgres") as connection:
        rights = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolinherit FROM pg_roles"
            " WHERE rolname LIKE 'klarfall%' ORDER BY 1"
        ).fetchall()
    assert rights == [("klarfall_login", False, False, False, False), ("klarfall_owner", False, False, True, True)]


def test_a_wrong_password_is_refused_and_nothing_listens_on_the_network(cluster):
    with cluster.in_use():
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(cluster.socket_dir), dbname="klarfall", user="klarfall_owner", password="guess")
        with cluster.connect("superuser", "postgres") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700


def test_it_is_not_deleted_under_somebody_who_uses_it(cluster):
    with cluster.in_use():
        with pytest.raises(EmbeddedPostgresError, match="still runs"):
            Cluster(cluster.data_dir).delete()
        assert works(cluster)


def test_starting_needs_a_registered_user(cluster):
    with pytest.raises(EmbeddedPostgresError, match="acquire"):
        Cluster(cluster.data_dir).ensure_running()


def test_a_long_path_gets_a_short_socket(tmp_path):
    long = Cluster(tmp_path / ("x" * 120))
    assert len(os.fsencode(long.socket_dir)) <= LONGEST_SOCKET_FOLDER
    assert long.socket_dir != Cluster(tmp_path / ("y" * 120)).socket_dir

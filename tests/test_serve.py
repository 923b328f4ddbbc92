"""`manage.py serve` as a newcomer starts it: from an empty folder to an answering page, and away again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
started: list[subprocess.Popen[str]] = []


def eventually(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def answer(address: str) -> int:
    """Returns the HTTP status of a page, 0 while nobody answers."""
    try:
        return urllib.request.urlopen(address, timeout=15).status  # noqa: S310 - our own address
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return 0


def processes_of(data_dir: Path) -> list[str]:
    """Returns the commands of all living processes that were started for this data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = os.fsencode(data_dir) in (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            if ours and int(folder.name) != os.getpid():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return [command for command in found if command]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="klarfall-serve-"))
    yield folder
    for process in started:
        process.kill()  # only those of a failed test are still there
        process.wait()
    assert eventually(lambda: not processes_of(folder), 30)
    shutil.rmtree(folder)


def start(data_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """Starts a copy on a free port and returns it with its address, as printed."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--prepare"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"Klarfall is at (http://localhost:\d+)/", line):
            return process, found.group(1)
    raise AssertionError("it ended without printing its address")


def test_it_answers_and_leaves_no_process_behind_however_it_ends(data_dir):
    process, address = start(data_dir)
    assert eventually(lambda: answer(f"{address}/account/login/") == 200, 60)
    page = urllib.request.urlopen(f"{address}/account/login/").read().decode()  # noqa: S310
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style is not None
    assert answer(address + style.group(1)) == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert processes_of(data_dir) == []

    process, address = start(data_dir)
    assert eventually(lambda: answer(f"{address}/account/login/") == 200, 60)
    process.kill()
    process.wait()
    assert eventually(lambda: not processes_of(data_dir), 30)

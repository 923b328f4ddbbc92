"""The supervisor restarts what crashes, stops everything together, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from klarfall.core import supervisor
from klarfall.core.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[3]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
SUPERVISE = """
import sys
from klarfall.core.supervisor import Child, Supervisor
# One write for each line: two children share the pipe.
sleeper = [sys.executable, "-c", r"import os, time; os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"]
Supervisor([Child("one", sleeper), Child("two", sleeper)]).run()
"""


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """True if the process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_survives_its_supervisor(number):
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    children = [int(process.stdout.readline()) for _ in range(2)]
    assert all(alive(pid) for pid in children)
    process.send_signal(number)
    process.wait(15)
    assert eventually(lambda: not any(alive(pid) for pid in children))


def test_a_crashed_child_is_started_again_and_waits_longer_each_time(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: clock[0])
    child = Child("crashing", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []
    for _ in range(7):
        child.look_after()
        assert child.process is not None
        child.process.wait()
        child.look_after()
        pauses.append(child.start_again_at - clock[0])
        child.look_after()
        assert child.process is None, "it must not start before the pause is over"
        clock[0] = child.start_again_at
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_crash_after_a_long_steady_time_starts_the_pauses_anew(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: clock[0])
    child = Child("steady", SLEEPER, crashes=5)
    child.look_after()
    clock[0] += supervisor.STEADY_AFTER + 1
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    child.look_after()
    assert child.start_again_at - clock[0] == 1


def test_what_does_not_stop_is_killed_with_everything_it_started(monkeypatch, capfd):
    monkeypatch.setattr(supervisor, "STOP_TIMEOUT", 0.5)
    stubborn = (
        "import signal, subprocess, sys, time, os; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    child = Child("stubborn", [sys.executable, "-c", stubborn])
    started: list[int] = []

    def stop_when_started() -> None:
        out = capfd.readouterr().out
        if out:
            started.append(int(out))
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(supervisor, "HEARTBEAT", 0.1)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        Supervisor([child], stop_when_started).run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    assert eventually(lambda: not alive(started[0]))

"""Runs the processes of one installation side by side, restarts what crashes and stops everything together."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
STOP_TIMEOUT = 15  # seconds until a child that does not stop is killed
STEADY_AFTER = 60  # seconds without a crash after which the back-off begins anew
LONGEST_PAUSE = 30  # seconds between two starts of a child that keeps crashing
TICK = 0.2  # seconds between two looks at the children
HEARTBEAT = 3  # seconds


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """
    Returns a function for the child to call: it then gets this signal when its parent is gone.

    Even `kill -9` of the parent leaves nothing behind. Linux only; elsewhere it does nothing.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)  # loaded before the fork: the child must not import anything
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


@dataclass
class Child:
    """One supervised process: its command and what we know about its past."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    crashes: int = 0
    start_again_at: float = 0.0

    def start(self) -> None:
        """Starts the process in a session of its own: Ctrl-C reaches only us, and we stop the children in order."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - commands are built by us
            self.command,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - there is one thread
        )

    def look_after(self) -> None:
        """Restarts the process if it ended by itself; every further crash waits longer."""
        if self.process is None:
            if time.monotonic() >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.signal(signal.SIGKILL)  # what it may have left of its group
        steady = time.monotonic() - self.started_at > STEADY_AFTER
        self.crashes = 1 if steady else self.crashes + 1
        pause = min(LONGEST_PAUSE, 2 ** (self.crashes - 1))
        logger.error("%s ended with code %s, starts again in %s s", self.name, code, pause)
        self.process, self.start_again_at = None, time.monotonic() + pause

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process and everything it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Supervisor:
    """Keeps children running until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, children: Sequence[Child], heartbeat: Callable[[], None] = lambda: None) -> None:
        """`heartbeat` is called every few seconds: it looks after what is not a child of ours."""
        self.children = children
        self.heartbeat = heartbeat
        self.stopping = False

    def run(self) -> None:
        """Starts all children, returns when they have ended after a signal to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            next_beat = 0.0
            while not self.stopping:
                if time.monotonic() >= next_beat:
                    self.heartbeat()
                    next_beat = time.monotonic() + HEARTBEAT
                for child in self.children:
                    child.look_after()
                time.sleep(TICK)
        finally:
            self._stop_children()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _stop_children(self) -> None:
        """Asks every child to finish, then kills what is left of their groups."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            assert child.process is not None  # noqa: S101 - for the type checker
            child.process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for child in running:
            assert child.process is not None  # noqa: S101
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("%s does not stop and is killed", child.name)
            child.signal(signal.SIGKILL)
            child.process.wait()

"""Ask a process of its own to read a mail: whatever the mail does to it, who asks goes on.

    mail = read(raw)            # everything, or headers and the message as a file where reading it took too much

A reader costs a tenth of a second to start and then reads many mails; each process keeps its own.
"""

import atexit
import logging
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from klarfall.incoming.bounded import reader, wire
from klarfall.incoming.parsing import headers
from klarfall.incoming.parsing.parsed import MailFile
from klarfall.incoming.reading.whole import ReadMail

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-m", "klarfall.incoming.bounded.reader"]
#: All that a reader learns of its surroundings: where programs and libraries are, no secret.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH")
#: Readers that wait for the next mail; a process with more threads starts others for the moment.
_MOST_IDLE = 2
#: Bytes; after a larger message a reader ends and gives its memory back.
LARGE = 1024 * 1024
#: Seconds beyond its own limit after which even a reader that cannot be ended by it is ended.
_GRACE = 15
#: Seconds in which a reader is ready, on a machine that has other work, too.
_START = 60
_idle: list["_Reader"] = []


class ReaderKilled(Exception):
    """Somebody else has ended the reader; the mail may be as good as any."""


def read(raw: bytes) -> ReadMail:
    """Everything that a mail says, in bounded time and memory.

    One that takes more comes back with its headers, the message as a file and the problem `too_costly`. Raises
    ReaderKilled, twice in a row, or OSError where no process can be started: that says nothing about the mail.
    """
    found = _asked(wire.WHOLE, raw)
    if found is not None:
        return found
    _log.warning("reading a mail of %d bytes took more time or memory than a mail may take", len(raw))
    found = _asked(wire.HEADERS_ONLY, raw[: headers.LONGEST_BLOCK]) or ReadMail()
    file = MailFile("message.eml", "message/rfc822", raw, problem="too_costly")
    return replace(found, files=(file,), problems=("too_costly", "no_text"))


def pid() -> int:
    """The process that would read the next mail."""
    return _idle[-1].process.pid


def close_all() -> None:
    """End the readers that wait."""
    while _idle:
        _idle.pop().close()


class _Reader:
    """One process that reads; used by one thread at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            PROGRAM,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.asks, self.answers = _there(self.process.stdin), _there(self.process.stdout)
        if not self._answers_within(_START) or self.answers.read(1) != reader.READY:
            self.process.kill()
            raise OSError(f"the process that reads mails does not start (ended with {self.close()})")

    def ask(self, kind: bytes, raw: bytes) -> ReadMail:
        """The answer; OSError or EOFError where the process is at its end."""
        self.asks.write(wire.ASKED.pack(kind, len(raw)))
        self.asks.write(raw)
        self.asks.flush()
        if not self._answers_within(reader.WALL_SECONDS + _GRACE):
            self.process.send_signal(signal.SIGALRM)  # as if it had ended itself
            self.process.kill()
            raise EOFError
        return wire.unpacked(self.answers.read)

    def _answers_within(self, seconds: int) -> bool:
        """Whether it has said something by then, or come to its end."""
        waiting = select.poll()
        waiting.register(self.answers, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def close(self) -> int:
        """End it and return how it ended: 0, or the number of a signal below zero."""
        for pipe in (self.asks, self.answers):
            with suppress(OSError):  # it is gone already, and what was not sent with it
                pipe.close()
        return self.process.wait()


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("the process has no pipe")
    return pipe


def _asked(kind: bytes, raw: bytes) -> ReadMail | None:
    """What a reader answers; None where the mail was too much for it."""
    for is_last in (False, True):
        one = _free() or _Reader()
        try:
            found = one.ask(kind, raw)
        except (OSError, EOFError):
            ended = one.close()
        except BaseException:  # nobody may read the rest of this answer as the next one
            one.process.kill()
            one.close()
            raise
        else:
            _keep(one, len(raw))
            return found
        if ended not in (0, -signal.SIGKILL):
            return None
        # 0: it had waited too long for us and ended at this very instant
        if is_last and ended:
            raise ReaderKilled
    return None


def _free() -> _Reader | None:
    """A reader that waits and still lives."""
    while _idle:
        try:
            one = _idle.pop()
        except IndexError:  # another thread was quicker
            return None
        if one.process.poll() is None:
            return one
        one.close()
    return None


def _keep(one: _Reader, size: int) -> None:
    if size > LARGE or len(_idle) >= _MOST_IDLE:
        one.close()
    else:
        _idle.append(one)


atexit.register(close_all)
# a child of ours must not share a reader with us
os.register_at_fork(after_in_child=_idle.clear)

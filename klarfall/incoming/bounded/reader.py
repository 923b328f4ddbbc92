"""The process that reads mails (`python -m klarfall.incoming.bounded.reader`), one after the other, within bounds.

It knows no settings, no database and no secret. Before each mail it bounds itself by what no code can put off: when the
bound is reached, the kernel ends it. Whoever has asked learns by that that the mail is one that cannot be read.
"""

import gc
import io
import math
import os
import resource
import select
import signal
import sys
import time

from klarfall.incoming.bounded import wire
from klarfall.incoming.parsing import message
from klarfall.incoming.reading.whole import ReadMail, completed, read_whole

#: Of the processor for one mail. The worst that were found among 25 MB take three.
CPU_SECONDS = 10
#: From the first byte to the last of the answer, on a machine that has other work, too.
WALL_SECONDS = 60
#: Bytes of address space beyond what the program has mapped when it is ready (machines with large locale archives map
#: far more than others), and what a message of that size may need.
MEMORY, MEMORY_PER_BYTE = 288 * 1024 * 1024, 10
#: The first byte that is sent: from here on whatever ends the process is the fault of a mail.
READY = b"r"
#: Without work the process ends after so long.
IDLE_SECONDS = 60
#: Who stops the worker lets it finish its mail; this process ends when nobody asks any more.
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Answer until nobody asks any more."""
    for one in _IGNORED:
        signal.signal(one, signal.SIG_IGN)
    for one in (signal.SIGXCPU, signal.SIGALRM):
        signal.signal(one, signal.SIG_DFL)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = io.TextIOWrapper(open(os.devnull, "wb"))  # noqa: SIM115 - what a library prints is no answer
    gc.freeze()
    own = _mapped()
    answers.write(READY)
    answers.flush()
    while select.select([asked], [], [], IDLE_SECONDS)[0]:
        head = asked.read(wire.ASKED.size)
        if len(head) < wire.ASKED.size:
            return
        kind, size = wire.ASKED.unpack(head)
        bound(size, own)
        for piece in wire.packed(_read(kind, asked.read(size))):
            answers.write(piece)
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def bound(size: int, own: int) -> None:
    """From now on the kernel ends this process at the limits for a message of so many bytes.

    `own`: bytes that the program itself has mapped. Where the machine allows less, that counts.
    """
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    limits = {
        resource.RLIMIT_CPU: math.ceil(time.process_time()) + CPU_SECONDS,
        resource.RLIMIT_AS: own + MEMORY + MEMORY_PER_BYTE * size,
        resource.RLIMIT_CORE: 0,
    }
    for name, limit in limits.items():
        most = resource.getrlimit(name)[1]
        resource.setrlimit(name, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _mapped() -> int:
    """Bytes of address space in use; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _read(kind: bytes, raw: bytes) -> ReadMail:
    return completed(message.headers_of(raw)) if kind == wire.HEADERS_ONLY else read_whole(raw)


if __name__ == "__main__":
    main()

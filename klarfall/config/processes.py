"""What the operating system has to know about our child processes."""

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """
    Returns a function for subprocess's preexec_fn: the child gets this signal when its parent is gone.

    Even `kill -9` of the parent then leaves nothing behind. Linux only; elsewhere it does nothing.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before the fork: the child must not import anything

    def preexec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)

    return preexec

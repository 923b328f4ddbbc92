"""`python -m bench.mail_kills [MAILS] [KILLS]`: kill the worker (SIGKILL) at random points while it files mails.

An embedded PostgreSQL of its own and real workers, one after the other. In the end every message stands in exactly one
request, with its copy, and nothing else does. Returns 1 when anything is lost or doubled. Part of the tests, in small.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from bench import mails

ROOT = Path(__file__).resolve().parent.parent
_WORKER = (
    "import django; django.setup(); from django.core.management import call_command;"
    "call_command('procrastinate', 'worker')"
)
#: Seconds in which a worker must get on.
_PATIENCE = 120

Worker = Callable[[], AbstractContextManager[subprocess.Popen[bytes]]]


def main() -> int:
    """Prepare a house, have it told; 1 when something is lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail_kills", description=__doc__)
    parser.add_argument("mails", nargs="?", type=int, default=1_000)
    parser.add_argument("kills", nargs="?", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    folder = Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench" / "mail-kills"
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "CRITICAL"}
    try:
        found = _in_a_house(options.mails, options.kills, random.Random(options.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{options.mails} mails, {options.kills} workers killed, seed {options.seed}: {found}")
    return 1 if wrong(found, options.mails) else 0


def _in_a_house(count: int, kills: int, dice: random.Random) -> dict[str, int]:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    with settings.CLUSTER.in_use():
        call_command("migrate", verbosity=0)
        mails.fill()
        return killed_over(_worker, count, kills, dice)


@contextmanager
def _worker() -> Any:
    process = subprocess.Popen([sys.executable, "-c", _WORKER], cwd=ROOT, start_new_session=True)
    try:
        yield process
    finally:
        _kill(process)


def killed_over(worker: Worker, count: int, kills: int, dice: random.Random) -> dict[str, int]:
    """Store so many mails, kill so many workers over them, let the last one finish; tells what is there then."""
    from django.utils import timezone

    from klarfall.incoming.storing import store

    for raw in mails.messages(count, seed=dice.randrange(1_000_000)):
        store(raw, way="lmtp", now=timezone.now())
    points = sorted(dice.sample(range(1, count), kills))
    for point in [*points, count]:
        _as_the_clock_does()
        with worker() as process:
            _wait(process, point)
            if point < count:
                time.sleep(dice.random() / 40)  # anywhere within a mail
            _kill(process)
    return counted()


def _as_the_clock_does() -> None:
    """Every minute the job is enqueued anew; here it need not be waited for."""
    from klarfall.core.jobs import enqueue
    from klarfall.incoming.storing import FILE

    enqueue(FILE, key=FILE)


def _wait(process: subprocess.Popen[bytes], point: int) -> None:
    """Until so many mails do not wait any more."""
    deadline = time.monotonic() + _PATIENCE
    while _filed() < point:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the worker does not get on: {_filed()} mails are filed")
        time.sleep(0.005)


def _filed() -> int:
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.incoming.models import IncomingMail, Outcome

    with viewing_as(SYSTEM):
        return IncomingMail.objects.exclude(outcome=Outcome.WAITING).count()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def counted() -> dict[str, int]:
    """What is in the tables: mails, those that became a request, and whatever there is once for each of them."""
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.incoming.models import IncomingMail, MailCopy, Outcome
    from klarfall.tickets.models import Message, Ticket, TicketEvent

    with viewing_as(SYSTEM):
        filed = IncomingMail.objects.filter(outcome=Outcome.NEW_TICKET)
        return {
            "mails": IncomingMail.objects.count(),
            "filed": filed.count(),
            "requests": Ticket.objects.count(),
            "different requests": filed.values("ticket").distinct().count(),
            "messages": Message.objects.values("mail_id").distinct().count(),
            "events": TicketEvent.objects.filter(kind="ticket.submitted").count(),
            "copies": MailCopy.objects.values("mail").distinct().count(),
        }


def wrong(found: dict[str, int], count: int) -> list[str]:
    """What is lost or doubled."""
    return [name for name, number in found.items() if number != count]


if __name__ == "__main__":
    sys.exit(main())

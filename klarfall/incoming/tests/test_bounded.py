"""Reading in a process of its own: the same result, and whatever a mail does to that process, it ends and is kept."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.bounded import readers
from klarfall.incoming.filing import file_mail
from klarfall.incoming.models import IncomingMail, MailCopy
from klarfall.incoming.reading.whole import read_whole
from klarfall.incoming.storing import put
from klarfall.incoming.tests.mails import OURS, taken_in, written
from klarfall.incoming.waiting import file_waiting
from klarfall.tickets.models import Attachment
from tests.cast import NOW

RAW = written(
    html='<p>Hallo <img src="cid:a@b"></p><blockquote type="cite">alt</blockquote>',
    files={"Plan ü.pdf": b"%PDF-1.7 \0\xff", "leer.bin": b""},
    reply_to="Zweite <zweite@acme.example>",
    in_reply_to="<n@vendor.example>",
).as_bytes()

_NEVER_ENDS = "import re; return re.match('(a+)+$', 'a' * 60 + 'b')"
Runs = Callable[..., None]


@pytest.fixture
def reads() -> Iterator[None]:
    """No reader of another test, and none for another test."""
    readers.close_all()
    yield
    readers.close_all()


@pytest.fixture
def runs(monkeypatch: Any, reads: None) -> Runs:
    """Has readers run a statement instead of reading whole mails, within other limits."""

    def program(statement: str, **limits: float) -> None:
        lines = [
            "import os, time, klarfall.incoming.bounded.reader as r, klarfall.incoming.reading.whole as whole",
            f"def broken(raw): {statement}",
            "r.read_whole = broken",
            *(f"r.{name} = {value}" for name, value in limits.items()),
            "r.main()",
        ]
        monkeypatch.setattr(readers, "PROGRAM", [sys.executable, "-c", "\n".join(lines)])

    return program


def _plain(mail: Any) -> dict[str, Any]:
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(mail).items()}
    return found | {"headers": {name: list(values) for name, values in mail.headers.items()}}


def test_what_a_reader_answers_is_what_was_read(reads: None):
    assert _plain(readers.read(RAW)) == _plain(read_whole(RAW))
    assert readers.read(b"").problems == ("no_text",)


@pytest.mark.parametrize(
    ("statement", "limits"),
    [
        (_NEVER_ENDS, {"CPU_SECONDS": 0}),
        ("time.sleep(30)", {"WALL_SECONDS": 0.2}),
        ("return bytes(900_000_000)", {}),
        ("raise KeyError('whatever nobody has thought of')", {}),
        ("os.abort()", {}),
        ("os._exit(3)", {}),
    ],
)
def test_a_mail_that_is_too_much_comes_back_with_its_headers_and_as_a_file(
    runs: Runs, statement: str, limits: dict[str, float]
):
    runs(statement, **limits)
    mail = readers.read(RAW)
    assert (mail.sender.address, mail.subject) == ("bernd@acme.example", "Saldo stimmt nicht")
    assert mail.in_reply_to == ("<n@vendor.example>",)
    assert [(file.name, file.content) for file in mail.files] == [("message.eml", RAW)]
    assert mail.problems == ("too_costly", "no_text")


def test_who_is_killed_by_others_says_nothing_about_the_mail(runs: Runs):
    runs(f"os.kill(os.getpid(), {signal.SIGKILL})")
    with pytest.raises(readers.ReaderKilled):
        readers.read(RAW)


def test_a_reader_that_has_ended_while_it_waited_is_replaced(reads: None):
    readers.read(RAW)
    waiting = readers._idle[0].process
    waiting.kill()
    waiting.wait()
    assert readers.read(RAW).subject == "Saldo stimmt nicht"
    assert readers._idle[0].process.pid != waiting.pid


def test_a_reader_knows_no_secret_and_outlives_the_signal_to_stop(reads: None):
    readers.read(RAW)
    process = readers._idle[0].process
    with open(f"/proc/{process.pid}/environ", "rb") as file:
        names = {one.partition(b"=")[0].decode() for one in file.read().split(b"\0") if one}
    assert names <= set(readers._ENVIRONMENT)
    os.kill(process.pid, signal.SIGTERM)
    assert readers.read(RAW).subject == "Saldo stimmt nicht"
    assert readers._idle[0].process.pid == process.pid


@pytest.fixture
def ours(cast: Any, system: None) -> None:
    ContactChannel.objects.create(product=cast.erp, kind="email", value=OURS)
    cache.clear()


def test_it_becomes_a_request_with_the_message_as_its_file(ours: None, runs: Runs):
    runs(_NEVER_ENDS, CPU_SECONDS=0)
    mail = taken_in(RAW)
    assert (mail.outcome, mail.subject, mail.files) == ("new_ticket", "Saldo stimmt nicht", 1)
    assert Attachment.objects.get(ticket=mail.ticket).name == "message.eml"
    assert "too_costly" in MailCopy.objects.get(mail=mail).notes


def test_of_a_reader_that_is_killed_again_and_again_the_mail_waits_for_a_person(
    ours: None, runs: Runs, monkeypatch: Any
):
    mail = put(RAW, way="lmtp", now=NOW)
    monkeypatch.setattr("klarfall.incoming.waiting.viewing_as", lambda scope, **_fresh: viewing_as(scope))
    runs(f"os.kill(os.getpid(), {signal.SIGKILL})")
    for _attempt in range(3):
        assert file_waiting() == 1
    mail.refresh_from_db()
    assert (mail.outcome, mail.reason, mail.error) == ("quarantine", "failed", "ReaderKilled")
    with viewing_as(SYSTEM):
        assert file_mail(mail, now=NOW).outcome == IncomingMail.objects.get(pk=mail.pk).outcome


def test_a_reader_that_does_not_start_says_nothing_about_the_mail(reads: None, monkeypatch: Any):
    monkeypatch.setattr(readers, "PROGRAM", [sys.executable, "-c", "raise ImportError('half of an upgrade')"])
    with pytest.raises(OSError, match="does not start"):
        readers.read(RAW)


@pytest.mark.parametrize(
    "setting",
    [
        "import mmap; big = mmap.mmap(-1, 700_000_000)",  # as with all locales of the world
        "import resource as s; s.setrlimit(s.RLIMIT_AS, (250_000_000, 250_000_000))",  # what the machine allows
    ],
)
def test_ordinary_mails_are_read_on_machines_of_all_kinds(reads: None, monkeypatch: Any, setting: str):
    program = f"{setting}; import klarfall.incoming.bounded.reader as r; r.main()"
    monkeypatch.setattr(readers, "PROGRAM", [sys.executable, "-c", program])
    assert readers.read(RAW).problems == read_whole(RAW).problems

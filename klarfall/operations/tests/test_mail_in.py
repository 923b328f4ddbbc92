"""What the doctor, the figures and the page of operation say about arriving mail."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import IncomingMail, Mailbox
from klarfall.incoming.receiving.sources import Listener, mailboxes
from klarfall.operations import metrics
from klarfall.operations.checks.finding import State
from klarfall.operations.checks.mail_in import check_mail_in, check_ways_in
from tests.cast import make_staff

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def one_mailbox(db, settings):
    settings.MAIL_IN = mailboxes(["imaps://support:s3cret@mail.example/Support"])
    return settings.MAIL_IN[0].name


def found(findings) -> list[tuple[State, str]]:
    return [(one.state, one.seen) for one in findings]


def arrived(outcome: str, age: timedelta, count: int = 1) -> None:
    with viewing_as(SYSTEM):
        for number in range(count):
            mark = f"{outcome}{age}{number}"
            IncomingMail.objects.create(received_at=NOW - age, way="imap", size=1, fingerprint=mark, outcome=outcome)


def looked(name: str, age: timedelta, error: str = "") -> None:
    with viewing_as(SYSTEM):
        Mailbox.objects.create(name=name, looked_at=NOW - age, error=error)


def test_a_house_without_arriving_mail_is_in_order(db):
    assert found(check_mail_in(NOW)) == [(State.OK, "All mails that have arrived are filed.")]
    assert [state for state, _seen in found(check_ways_in())] == [State.OK]


def test_a_mailbox_that_nobody_looks_at_is_a_fault_and_says_why(one_mailbox):
    (never, _filed) = found(check_mail_in(NOW))
    assert never == (State.FAULT, f"Mailbox {one_mailbox} was not looked at for 15 minutes.")
    looked(one_mailbox, timedelta(minutes=16), "sign-in")
    (stale, _filed) = found(check_mail_in(NOW))
    assert stale == (State.FAULT, f"Mailbox {one_mailbox}: The server refuses user or password.")


@pytest.mark.parametrize(("error", "state"), [("", State.OK), ("skipped", State.WARNING)])
def test_a_mailbox_is_in_order_while_it_is_looked_at(one_mailbox, error, state):
    looked(one_mailbox, timedelta(minutes=14), error)
    assert found(check_mail_in(NOW))[0][0] is state


def test_mail_that_nobody_files_is_a_fault(db):
    arrived("waiting", timedelta(minutes=9))
    assert found(check_mail_in(NOW))[0][0] is State.OK
    arrived("waiting", timedelta(minutes=11), 2)
    assert found(check_mail_in(NOW)) == [
        (State.FAULT, "Mails that have been waiting for more than ten minutes to be filed: 2.")
    ]


@pytest.mark.parametrize(
    ("age", "count", "full"), [(timedelta(hours=1), 50, False), (timedelta(hours=1), 51, True), (timedelta(4), 1, True)]
)
def test_mail_of_nobody_that_nobody_reads_is_a_warning(db, age, count, full):
    arrived("quarantine", age, count)
    assert (State.WARNING in [state for state, _seen in found(check_mail_in(NOW))]) is full


def test_a_mailbox_out_of_reach_and_a_dead_listener_are_faults_without_a_password(db, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers
        port = taken.getsockname()[1]
        settings.MAIL_IN = mailboxes([f"imap://support:s3cret@127.0.0.1:{port}/?tls=no"])
        settings.LMTP_LISTEN = Listener("127.0.0.1", port)
        findings = list(check_ways_in())
    assert [one.state for one in findings] == [State.FAULT, State.FAULT]
    assert "The server cannot be reached. (ConnectionRefusedError)" in findings[0].seen
    assert f"LMTP_LISTEN (127.0.0.1:{port})" in findings[1].seen
    assert "s3cret" not in repr(findings)


def test_a_listener_that_greets_is_in_order(db, settings, tmp_path):
    path = str(tmp_path / "lmtp")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        server.listen()
        threading.Thread(target=lambda: server.accept()[0].sendall(b"220 hello\r\n"), daemon=True).start()
        settings.LMTP_LISTEN = Listener(path=path)
        assert found(check_ways_in()) == [(State.OK, "LMTP_LISTEN answers.")]


def test_the_figures_name_a_mailbox_by_its_place(one_mailbox):
    looked(one_mailbox, timedelta(0))
    arrived("waiting", timedelta(0), 2)
    text = metrics.exposition().decode()
    assert 'klarfall_arrived_mails{state="waiting"} 2.0' in text
    assert 'klarfall_arrived_mails{state="quarantine"} 0.0' in text
    shown = [line for line in text.splitlines() if line.startswith('klarfall_mailbox_looked_seconds{mailbox="1"} ')]
    assert [float(line.split()[-1]) for line in shown] == [NOW.timestamp()]
    assert one_mailbox not in text


def test_the_page_of_operation_shows_each_mailbox(cast, settings):
    settings.MAIL_IN = mailboxes(["imaps://a:s3cret@mail.example", "imaps://b:s3cret@mail.example"])
    looked("a@mail.example/INBOX", timedelta(0), "dropped")
    client = Client()
    client.force_login(make_staff("Ada", "administrator"))
    page = client.get("/desk/settings/operation/").content.decode()
    assert "a@mail.example/INBOX" in page
    assert "b@mail.example/INBOX" in page
    assert "s3cret" not in page

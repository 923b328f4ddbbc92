"""Mail servers deliver by LMTP and SMTP: everything that got a 250 is stored, and nothing else passes.

These tests commit (`transactional_db`), but what they show does not depend on the version of PostgreSQL: only one of
them is repeated on Debian's (`committed_db`). So it is in the other modules of the ways in.
"""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import OperationalError

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.receiving import lmtp
from klarfall.incoming.receiving.sources import Listener
from klarfall.incoming.storing import raw_of
from klarfall.incoming.tests.mail_servers import eventually, free_port

OURS = "support@vendor.example"
LIMIT = 3_000_000


class Receiver:
    """Listeners in a loop of their own, as the process has them."""

    def __init__(self) -> None:
        self.lmtp, self.smtp = free_port(), free_port()
        self.listening = lmtp.Listening()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        self.thread.start()
        self.run(self.listening.open(Listener("127.0.0.1", self.lmtp), lmtp=True))
        self.run(self.listening.open(Listener("127.0.0.1", self.smtp), lmtp=False))

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def stop(self) -> None:
        self.run(self.listening.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    @property
    def held(self) -> int:
        return self.listening.deliveries.held


@pytest.fixture
def receiver(transactional_db, settings) -> Iterator[Receiver]:
    settings.MAIL_RECIPIENTS = frozenset({OURS, "@other.example"})
    settings.MAIL_MAX_BYTES = LIMIT
    one = Receiver()
    one.start()
    yield one
    one.stop()


def letter(subject: str, body: bytes = b"Guten Tag\r\n") -> bytes:
    return f"From: bernd@acme.example\r\nMessage-ID: <{subject}@x>\r\nSubject: {subject}\r\n\r\n".encode() + body


def mails() -> list[IncomingMail]:
    with viewing_as(SYSTEM):
        return list(IncomingMail.objects.order_by("id"))


def stored() -> list[bytes]:
    with viewing_as(SYSTEM):
        return [raw_of(mail) for mail in IncomingMail.objects.order_by("id")]


def test_lmtp_takes_whatever_a_message_holds_byte_by_byte_with_its_envelope(receiver):
    bodies = [
        b"x" * 1_500_000 + b"\r\n" + b"y" * 999 + b"\r\n",
        b"\x00\xff\x80 8 bit\r\n",
        b".\r\n..\r\n...\r\n.x\r\nbare\n.\nline\r.\rends\r\n",
        b"",
    ]
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        assert {"8bitmime", "smtputf8", "size"} <= set(client.ehlo_or_helo_if_needed() or client.esmtp_features)
        for number, body in enumerate(bodies):
            deliver(client, letter(str(number), body), "bernd@acme.example", [OURS])
    assert stored() == [letter(str(number), body) for number, body in enumerate(bodies)]
    assert {(mail.way, mail.envelope_from, *mail.envelope_to) for mail in mails()} == {
        ("lmtp", "bernd@acme.example", OURS)
    }
    assert receiver.held == 0


def deliver(client: smtplib.SMTP, raw: bytes, sender: str, recipients: list[str]) -> list[bytes]:
    """Send bytes as they are (smtplib would mend line ends); returns the answers after the final dot."""
    assert client.mail(sender)[0] == 250
    accepted = [one for one in recipients if client.rcpt(one)[0] == 250]
    assert client.docmd("DATA")[0] == 354
    stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
    client.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    answers = len(accepted) if isinstance(client, smtplib.LMTP) else 1
    return [b"%d " % code + words for code, words in (client.getreply() for _ in range(answers))]


def test_every_recipient_of_ours_gets_an_answer_and_strangers_none(receiver):
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        answers = deliver(client, letter("three"), "", [OURS, "boss@bank.example", "any@other.example", OURS.upper()])
        assert [one[:3] for one in answers] == [b"250"] * 3
        assert client.rcpt("late@other.example")[0] == 503
        client.mail("a@b.example")
        assert client.rcpt("boss@bank.example")[0] == 550
        assert client.rcpt('"@other.example"@bank.example')[0] == 550
        assert client.rcpt("@other.example:boss@bank.example")[0] in {550, 553}
        assert client.docmd("DATA")[0] == 503
    (mail,) = mails()
    assert mail.envelope_from == "", "a delivery report comes from nobody"
    assert mail.envelope_to == [OURS, "any@other.example", OURS.upper()]


def test_our_own_addresses_count_with_and_without_subaddress(receiver, settings):
    settings.MAIL_RECIPIENTS = frozenset()
    settings.DEFAULT_FROM_EMAIL = "hilfe@haus.example"
    cache.clear()  # the listener has a thread of its own, and with it a stamp of its own
    with smtplib.SMTP("127.0.0.1", receiver.smtp) as client:
        client.ehlo()
        client.mail("a@b.example")
        assert client.rcpt("Hilfe@Haus.example")[0] == 250
        assert client.rcpt("hilfe+rabc234@haus.example")[0] == 250
        assert client.rcpt("other@haus.example")[0] == 550
    cache.clear()


def test_smtp_takes_addresses_beyond_ascii_and_tells_nobody_who_is_here(receiver):
    with smtplib.SMTP("127.0.0.1", receiver.smtp) as client:
        assert client.ehlo()[0] == 250
        code, said = client.vrfy(OURS)
        assert (code, client.vrfy("nobody@vendor.example")) == (252, (252, said))
        assert client.docmd("EXPN", "list")[0] == 502
        assert b"VRFY" not in client.docmd("HELP")[1]
        client.sendmail("jörg@müller.example", ["büro@other.example"], letter("ü"), ["SMTPUTF8", "BODY=8BITMIME"])
        client.docmd("VRFY", "x" * 3000)
        assert client.noop()[0] == 250
    assert [(mail.envelope_from, mail.envelope_to) for mail in mails()] == [
        ("jörg@müller.example", ["büro@other.example"])
    ]


def test_what_is_too_large_is_refused_and_the_connection_goes_on(receiver):
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(LIMIT)
        assert client.docmd("MAIL", f"FROM:<a@b.example> SIZE={LIMIT + 1}")[0] == 552
        (answer,) = deliver(client, letter("large", b"\r\n" * (LIMIT // 2)), "a@b.example", [OURS])
        assert answer.startswith(b"552 ")
        (answer,) = deliver(client, letter("small"), "a@b.example", [OURS])
        assert answer.startswith(b"250 ")
    assert stored() == [letter("small")]
    assert receiver.held == 0


def test_empty_lines_take_no_more_memory_than_they_have(receiver):
    import tracemalloc

    raw = letter("lines", b"\r\n" * (LIMIT // 2 - 100))
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        tracemalloc.start()
        deliver(client, raw, "a@b.example", [OURS])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(mails()) == 1
    assert peak < 10 * LIMIT  # the test's own copies are among them


def test_a_connection_that_breaks_in_the_middle_leaves_nothing(receiver):
    client = smtplib.LMTP("127.0.0.1", receiver.lmtp)
    client.ehlo()
    client.mail("a@b.example")
    client.rcpt(OURS)
    client.docmd("DATA")
    client.send(letter("half", b"z" * 200_000))
    assert eventually(lambda: receiver.held > 100_000)
    client.close()
    assert eventually(lambda: receiver.held == 0)
    assert eventually(lambda: receiver.listening.deliveries.connections == 0)
    assert mails() == []


def test_a_command_right_behind_the_final_dot_is_not_lost(receiver):
    with closing(socket.create_connection(("127.0.0.1", receiver.smtp), timeout=10)) as raw:
        talk = raw.makefile("rwb")
        talk.write(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % OURS.encode())
        talk.write(b".\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % OURS.encode())
        talk.write(letter("pipelined") + b".\r\nQUIT\r\n")
        talk.flush()
        codes = [line[:3] for line in talk if line[3:4] == b" "]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"554", b"250", b"250", b"354", b"250", b"221"]
    assert stored() == [letter("pipelined")]


def test_without_a_database_the_server_in_front_keeps_the_mail(receiver, monkeypatch, caplog):
    def away(*_args, **_more):
        raise OperationalError("could not connect to bernd@acme.example")

    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        with monkeypatch.context() as patch:
            patch.setattr(lmtp, "store", away)
            answers = deliver(client, letter("waits"), "a@b.example", [OURS, "any@other.example"])
            assert [one[:3] for one in answers] == [b"451"] * 2
            patch.setattr(lmtp.own_addresses, "is_own", away)
            client.mail("a@b.example")
            assert client.rcpt("somebody@vendor.example")[0] == 451
            client.rset()
        assert mails() == []
        (answer,) = deliver(client, letter("waits"), "a@b.example", [OURS])
        assert answer.startswith(b"250 ")
    assert stored() == [letter("waits")]
    assert "acme" not in caplog.text


def test_after_a_restart_of_the_database_the_next_mail_is_taken(committed_db, receiver, database_server):
    from django.conf import settings

    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        deliver(client, letter("before"), "a@b.example", [OURS])
        with database_server.connect(database_server.login) as login:
            login.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
                " AND usename = current_user",
                [settings.DATABASE["NAME"]],
            )
        from django.db import connection

        connection.close()  # this thread's own was ended, too
        for count in range(5):  # whichever of the threads takes it
            (answer,) = deliver(client, letter(f"after {count}"), "a@b.example", [OURS])
            assert answer.startswith(b"250 ")
    assert len(mails()) == 6


def test_what_is_delivered_twice_is_stored_once(receiver):
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        for trace in (b"", b"Received: from elsewhere\r\n"):
            (answer,) = deliver(client, trace + letter("twice"), "a@b.example", [OURS])
            assert answer.startswith(b"250 ")
    assert len(mails()) == 1


def test_too_many_connections_are_told_to_come_back(receiver, monkeypatch):
    monkeypatch.setattr(lmtp, "_MOST_CONNECTIONS", 1)
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        client.ehlo()
        with closing(socket.create_connection(("127.0.0.1", receiver.lmtp), timeout=5)) as second:
            assert second.makefile("rb").read().startswith(b"421 ")
    assert eventually(lambda: receiver.listening.deliveries.connections == 0)
    with smtplib.LMTP("127.0.0.1", receiver.lmtp) as client:
        assert client.ehlo()[0] == 250


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        (("127.0.0.1", 1), True),
        (("::1", 1, 0, 0), True),
        (("192.0.2.9", 1), True),
        (("::ffff:192.0.2.9", 1, 0, 0), True),
        (("198.51.100.1", 1), False),
        (("fe80::1%eth0", 1, 0, 2), False),
        ("", True),
    ],
)
def test_only_this_machine_and_named_servers_may_deliver(settings, peer, may):
    settings.SMTP_ALLOW = ["192.0.2.0/24"]
    transport = SimpleNamespace(get_extra_info=lambda _name: peer)
    assert bool(lmtp.Deliveries().refusal(transport)) is not may


def test_a_socket_is_open_to_its_group_only_and_leaves_with_us(tmp_path):
    path = tmp_path / "lmtp"

    async def open_and_close() -> int:
        listening = lmtp.Listening()
        await listening.open(Listener(path=str(path)), lmtp=True)
        mode = path.stat().st_mode & 0o777
        await listening.close()
        return mode

    assert asyncio.run(open_and_close()) == 0o660
    assert not path.exists()

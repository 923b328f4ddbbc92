"""Mailboxes on a real Dovecot: everything is fetched once, whatever the server or a crash does in between."""

import imaplib
import logging
import socket
import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import IncomingMail, Mailbox
from klarfall.incoming.receiving import imap
from klarfall.incoming.receiving.errors import OwnSide, code_of, sentence
from klarfall.incoming.receiving.session import Session, open_session, token_of
from klarfall.incoming.receiving.sources import mailboxes
from klarfall.incoming.storing import raw_of
from klarfall.incoming.tests.mail_servers import PASSWORD, Dovecot, eventually, free_port, needs_dovecot

pytestmark = needs_dovecot
NEVER = threading.Event()
_COMPLAINT = "Mailbox 1 is not fetched as it should be:"


@pytest.fixture(scope="module")
def dovecot():
    """One server for all tests; each uses folders of its own."""
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def letter(subject: str, body: str = "Guten Tag") -> bytes:
    return f"From: bernd@acme.example\r\nMessage-ID: <{subject}@x>\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


def make_folder(server: Dovecot, name: str) -> str:
    """Make a folder; the name as IMAP spells it."""
    client = server.connect()
    assert client.create(f'"{name}"')[0] == "OK"
    client.logout()
    return name


def source(server: Dovecot, folder: str, query: str = ""):
    return mailboxes([server.url(folder, "tls=no" + (f"&{query}" if query else ""))])[0]


@contextmanager
def signed_in(server: Dovecot, folder: str, query: str = ""):
    session = open_session(source(server, folder, query))
    try:
        yield session
    finally:
        session.close()


def look(server: Dovecot, folder: str, query: str = "", *, retry: bool = True) -> str:
    """Sign in, fetch what is new, sign out."""
    with signed_in(server, folder, query) as session:
        return imap.look(session, NEVER, retry=retry)


def stored() -> list[bytes]:
    with viewing_as(SYSTEM):
        return [raw_of(mail) for mail in IncomingMail.objects.order_by("id")]


def the_row() -> Mailbox:
    with viewing_as(SYSTEM):
        return Mailbox.objects.get()


def test_what_is_unread_is_fetched_and_marked_and_then_whatever_comes(db, dovecot):
    folder = make_folder(dovecot, "plain")
    dovecot.put(letter("read before us"), folder, r"(\Seen)")
    long = letter("first", "{5}\r\n) ü\r\n.\r\n" + "x" * 300_000)
    dovecot.put(long, folder)
    assert look(dovecot, folder) == ""
    assert stored() == [long], "byte by byte"
    dovecot.put(letter("second"), folder)
    dovecot.put(letter("read by somebody before we looked"), folder, r"(\Seen)")
    assert look(dovecot, folder) == ""
    assert len(stored()) == 3
    assert all(r"\Seen" in flags for flags in dovecot.flags(folder))
    assert look(dovecot, folder) == ""
    assert len(stored()) == 3
    row = the_row()
    assert (row.last_uid, row.error, row.skipped_uids) == (4, "", [])
    assert row.name == f"support@127.0.0.1:{dovecot.port}/plain"
    assert row.looked_at >= row.fetched_at


def test_all_that_lies_there_is_fetched_if_that_is_wished(db, dovecot):
    folder = make_folder(dovecot, "everything")
    dovecot.put(letter("old"), folder, r"(\Seen)")
    dovecot.put(letter("new"), folder)
    look(dovecot, folder, "first=all")
    assert stored() == [letter("old"), letter("new")]


def test_killed_between_storing_and_marking_it_is_fetched_again_and_stored_once(db, dovecot, monkeypatch):
    folder = make_folder(dovecot, "killed")
    for subject in ("one", "two"):
        dovecot.put(letter(subject), folder)

    def die(*_args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Session, "mark", die)
        with pytest.raises(SystemExit):
            look(dovecot, folder)
    assert stored() == [letter("one")]
    assert not any(r"\Seen" in flags for flags in dovecot.flags(folder))
    assert the_row().skipped_uids == [1, 2], "what somebody reads before we come back is fetched, too"
    look(dovecot, folder)
    assert stored() == [letter("one"), letter("two")]
    assert all(r"\Seen" in flags for flags in dovecot.flags(folder))


@pytest.mark.parametrize("query", ["after=delete", "after=move:Erledigt/Gr%C3%B6%C3%9Fe"])
def test_what_was_fetched_is_deleted_or_moved_and_nothing_else(db, dovecot, query):
    folder = make_folder(dovecot, f"leaving-{len(query)}")
    dovecot.put(letter(f"marked by somebody {query}"), folder, r"(\Seen \Deleted)")
    dovecot.put(letter(f"fetched {query}"), folder)
    assert look(dovecot, folder, query) == ""
    assert stored() == [letter(f"fetched {query}")]
    (left,) = dovecot.flags(folder)
    assert r"\Deleted" in left, "what somebody else has marked for deletion is theirs"
    if "move" in query:
        assert len(dovecot.flags("Erledigt/Gr&APYA3w-e")) == 1


def test_folders_have_umlauts(db, dovecot):
    make_folder(dovecot, "Eing&AOQ-nge")
    dovecot.put(letter("umlaut"), "Eing&AOQ-nge")
    look(dovecot, "Eingänge")
    assert stored() == [letter("umlaut")]
    assert the_row().name.endswith("/Eingänge")


def test_where_the_server_has_numbered_anew_nothing_is_lost_or_doubled(db, dovecot):
    folder = make_folder(dovecot, "numbered")
    for subject in ("one", "two", "three"):
        dovecot.put(letter(subject), folder)
    look(dovecot, folder)
    before = the_row()
    client = dovecot.connect()
    client.delete(f'"{folder}"')
    client.logout()
    make_folder(dovecot, folder)
    for subject, flags in (("two", r"(\Seen)"), ("arrived and read meanwhile", r"(\Seen)"), ("arrived meanwhile", "")):
        dovecot.put(letter(subject), folder, flags)
    look(dovecot, folder)
    after = the_row()
    assert after.uid_validity != before.uid_validity
    assert after.last_uid == 3
    expected = ["one", "two", "three", "arrived and read meanwhile", "arrived meanwhile"]
    assert stored() == [letter(subject) for subject in expected]


def test_what_somebody_deletes_while_we_fetch_stops_nothing(db, dovecot, monkeypatch):
    folder = make_folder(dovecot, "expunged")
    for subject in ("one", "two", "three"):
        dovecot.put(letter(subject), folder)
    size = Session.size

    def deleted_meanwhile(session, uid):
        if uid == 2:
            client = dovecot.connect()
            client.select(folder)
            client.uid("STORE", "2", "+FLAGS", r"(\Deleted)")
            client.expunge()
            client.logout()
        return size(session, uid)

    monkeypatch.setattr(Session, "size", deleted_meanwhile)
    assert look(dovecot, folder) == ""
    assert stored() == [letter("one"), letter("three")]
    assert the_row().last_uid == 3


def test_one_message_that_cannot_be_stored_stops_no_other_and_is_tried_again(db, dovecot, monkeypatch, settings):
    folder = make_folder(dovecot, "unreadable")
    look(dovecot, folder)
    settings.MAIL_MAX_BYTES = 2000
    for subject, body in (("bad", "x"), ("large", "y" * 3000), ("good", "z")):
        dovecot.put(letter(subject, body), folder)
    real = imap.store

    def broken(raw, **more):
        if b"Subject: bad" in raw:
            raise RecursionError
        return real(raw, **more)

    with monkeypatch.context() as patch:
        patch.setattr(imap, "store", broken)
        assert look(dovecot, folder) == "skipped"
        assert stored() == [letter("good", "z")]
        assert (the_row().skipped_uids, the_row().last_uid, the_row().error) == ([1, 2], 3, "skipped")
        assert look(dovecot, folder, retry=False) == "skipped"
    assert look(dovecot, folder) == "skipped"
    assert stored() == [letter("good", "z"), letter("bad", "x")]
    assert the_row().skipped_uids == [2]
    settings.MAIL_MAX_BYTES = 50_000
    assert look(dovecot, folder) == ""
    assert stored()[2] == letter("large", "y" * 3000)


@pytest.mark.parametrize("problem", [OperationalError("gone"), OSError(28, "disk full")])
def test_what_we_cannot_store_stays_unread_until_we_can(db, dovecot, monkeypatch, problem):
    folder = make_folder(dovecot, f"away-{type(problem).__name__}")
    dovecot.put(letter(f"waits {problem}"), folder)

    def away(*_args, **_more):
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(imap, "store", away)
        with pytest.raises(OwnSide) as refusal:
            look(dovecot, folder)
    assert code_of(refusal.value) == f"own-side:{type(problem).__name__}"
    assert not any(r"\Seen" in flags for flags in dovecot.flags(folder))
    look(dovecot, folder)
    assert stored() == [letter(f"waits {problem}")]


def test_a_folder_that_refuses_marks_is_fetched_once_and_says_so(db, dovecot, monkeypatch):
    folder = make_folder(dovecot, "unmarked")
    dovecot.put(letter("unmarked"), folder)

    def refuse(*_args):
        raise imaplib.IMAP4.error("no")

    monkeypatch.setattr(Session, "_store", refuse)
    assert look(dovecot, folder) == "marking"
    assert look(dovecot, folder) == ""
    assert stored() == [letter("unmarked")]


def test_a_wrong_password_is_told_without_the_password(db, dovecot):
    (wrong,) = mailboxes([dovecot.url(password="Wr0ng-Word")])
    with pytest.raises(Exception) as refusal:
        open_session(wrong)
    assert code_of(refusal.value) == "sign-in"
    assert sentence("sign-in") == "Der Server weist Kennung oder Passwort ab."
    assert "Wr0ng" not in repr(refusal.value) + str(refusal.value) + repr(refusal.value.__cause__)


@pytest.mark.parametrize(("folder", "port", "code"), [("missing", 0, "folder"), ("INBOX", 1, "unreachable:Conn")])
def test_what_is_not_there_is_told_by_its_name(db, dovecot, folder, port, code):
    url = dovecot.url(folder)
    (one,) = mailboxes([url.replace(str(dovecot.port), str(free_port())) if port else url])
    with pytest.raises(Exception) as refusal:
        open_session(one)
    assert code_of(refusal.value).startswith(code)
    assert sentence(code_of(refusal.value))


@pytest.mark.parametrize("kind", ["imaps", "starttls"])
def test_connections_are_encrypted_and_certificates_looked_at(db, dovecot, monkeypatch, kind):
    port = dovecot.tls_port if kind == "imaps" else dovecot.port
    scheme = "imaps" if kind == "imaps" else "imap"
    (box,) = mailboxes([f"{scheme}://support:s3cret-Word%25%C3%BC@127.0.0.1:{port}/INBOX"])
    with pytest.raises(Exception) as refusal:
        open_session(box)
    assert code_of(refusal.value) == "certificate"
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.folder / "tls.crt"))
    session = open_session(box, only_look=True)
    assert session.box.client.sock.cipher()
    session.close()


@contextmanager
def saying(*lines: bytes):
    """A server that says these lines, one after each of ours, and then nothing more; yields its port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def talk() -> None:
            client, _address = server.accept()
            for line in lines:
                client.sendall(line)
                if not client.recv(1000):
                    break
            over.wait(5)
            client.close()

        over = threading.Event()
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join(5)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([b""], "unreachable:TimeoutError"),
        ([b"* BYE too busy\r\n"], "protocol:error"),
        ([b"SSH-2.0-OpenSSH\r\n"], "dropped"),
        ([b"* OK hello\r\n"], "unreachable:TimeoutError"),
    ],
)
def test_a_server_that_is_none_or_says_nothing_is_told_by_its_name(monkeypatch, lines, code):
    monkeypatch.setattr("klarfall.incoming.receiving.session._TIMEOUT", 0.3)
    with saying(*lines) as port:
        (box,) = mailboxes([f"imap://u:s3cret@127.0.0.1:{port}/?tls=no"])
        with pytest.raises(Exception) as refusal:
            open_session(box)
    assert code_of(refusal.value) == code
    assert "s3cret" not in repr(refusal.value)


@contextmanager
def watching(*sources):
    """Threads as the process has them."""
    stopping = threading.Event()
    threads = [imap.Watch(one, place, stopping) for place, one in enumerate(sources, 1)]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        stopping.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def test_new_mail_is_seen_in_seconds_and_a_dead_server_stops_nothing(transactional_db, dovecot, monkeypatch, caplog):
    """IDLE, a connection that is killed, a server that goes away and comes back, and another that never was there."""
    monkeypatch.setattr(imap, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(imap, "LONGEST_PAUSE", 0.4)
    monkeypatch.setattr(imap, "STEADY_AFTER", 0.0)
    folder = make_folder(dovecot, "idle")
    here, (dead,) = source(dovecot, folder), mailboxes([f"imap://u:{free_port()}@127.0.0.1:{free_port()}/?tls=no"])
    with caplog.at_level(logging.INFO, "klarfall.incoming"), watching(dead, here):
        assert eventually(lambda: rows().get(here.name, ("", None))[1])
        dovecot.put(letter("told"), folder)
        assert eventually(lambda: len(stored()) == 1, 5)
        dovecot.cut()
        dovecot.put(letter("after the cut"), folder)
        assert eventually(lambda: len(stored()) == 2, 5)
        dovecot.stop()
        assert eventually(lambda: rows()[here.name][0].startswith("unreachable"), 5)
        dovecot.start()
        dovecot.put(letter("back again"), folder)
        assert eventually(lambda: len(stored()) == 3, 10)
        assert eventually(lambda: rows()[here.name][0] == "")
    assert rows()[dead.name][0] == "unreachable:ConnectionRefusedError"
    said = [record.getMessage() for record in caplog.records]
    assert said.count(f"{_COMPLAINT} unreachable:ConnectionRefusedError") == 1, "not at every attempt"
    assert "Mailbox 2 works again" in said
    assert not any(PASSWORD in one or "support" in one for one in said)


def rows() -> dict[str, tuple]:
    with viewing_as(SYSTEM):
        return {row.name: (row.error, row.looked_at) for row in Mailbox.objects.all()}


def test_without_idle_the_mailbox_is_asked_every_minute(transactional_db, dovecot, monkeypatch):
    assert imap.POLL_EVERY <= 60
    monkeypatch.setattr(imap, "POLL_EVERY", 0.2)
    dovecot.stop()
    dovecot.start("IMAP4rev1")
    folder = make_folder(dovecot, "polled")
    try:
        with watching(source(dovecot, folder, "after=move:Fertig")):
            for count, subject in enumerate(("one", "two"), 1):
                dovecot.put(letter(subject), folder)
                assert eventually(lambda expected=count: len(stored()) == expected, 5)
            assert eventually(lambda: len(dovecot.flags("Fertig")) == 2, 5)
        # Without MOVE and UIDPLUS a copy is made, and whoever empties the folder removes what was marked.
        assert all(r"\Deleted" in flags for flags in dovecot.flags(folder))
    finally:
        dovecot.stop()
        dovecot.start()


def test_a_token_comes_from_a_command_that_no_shell_sees():
    assert token_of("printf 'ya29.%s' 'a$HOME'") == "ya29.a$HOME"


@pytest.mark.parametrize("command", ["false", "true", "echo two words", "no-such-program-of-ours", "'open"])
def test_without_a_token_nobody_signs_in(command):
    with pytest.raises(Exception) as refusal:
        token_of(command)
    assert code_of(refusal.value) == "token"
    assert refusal.value.__suppress_context__ or not refusal.value.__context__, "the command may name a secret"

"""What is said to a mailbox server word by word: signing in, and waiting for news, where real servers seldom go."""

import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from klarfall.incoming.receiving import imap
from klarfall.incoming.receiving.errors import code_of
from klarfall.incoming.receiving.imap import Watch
from klarfall.incoming.receiving.session import open_session
from klarfall.incoming.receiving.sources import mailboxes

PLAIN = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n",
    "SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] numbered\r\n",
    "LOGOUT": b"* BYE\r\n",
}


class Server:
    """Answers every command with OK behind what `says` holds for it; "!" instead of OK refuses."""

    def __init__(self, says: dict[str, bytes]) -> None:
        self.says = PLAIN | says
        self.heard: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._talk, daemon=True)
        self.thread.start()

    def _talk(self) -> None:
        client, _address = self.socket.accept()
        with client, client.makefile("rwb") as talk:
            talk.write(b"* OK hello\r\n")
            talk.flush()
            for line in talk:
                self._answer(talk, line.decode().strip())
                talk.flush()

    def _answer(self, talk, line: str) -> None:
        self.heard.append(line)
        tag, _blank, rest = line.partition(" ")
        if not rest:  # DONE, or what follows a "+"
            tag = self.waiting
        words = self.says.get(rest.split(" ")[0].upper(), b"")
        self.waiting = tag
        refused = words.endswith(b"!")
        talk.write(words.removesuffix(b"!"))
        if not words.endswith(b"+ \r\n"):
            talk.write(f"{tag} {'NO refused' if refused else 'OK done'}\r\n".encode())


@contextmanager
def talking(says: dict[str, bytes], query: str = "tls=no", password: str = ":s3cret") -> Iterator[tuple]:
    server = Server(says)
    yield server, mailboxes([f"imap://u%40x.example{password}@127.0.0.1:{server.port}/?{query}"])[0]
    server.socket.close()


def test_an_access_token_signs_in_without_a_password():
    says = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n", "AUTHENTICATE": b"+ \r\n"}
    with talking(says, "tls=no&token=echo%20ya29.token", "") as (server, source):
        session = open_session(source)
        session.close()
    assert session.uid_validity == 7
    said = [b64decode(line) for line in server.heard if " " not in line]
    assert said == [b"user=u@x.example\x01auth=Bearer ya29.token\x01\x01"]


def test_a_password_is_not_sent_to_a_server_that_wants_encryption_first():
    with talking({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"}) as (server, source):
        with pytest.raises(Exception) as refusal:
            open_session(source)
        assert code_of(refusal.value) == "needs-tls"
    assert "s3cret" not in " ".join(server.heard)


def test_a_server_that_repeats_the_password_is_not_repeated():
    echo = {"LOGIN": b"* NO wrong password s3cret\r\n!"}
    with talking(echo) as (_server, source), pytest.raises(Exception) as refusal:
        open_session(source)
    assert code_of(refusal.value) == "sign-in"
    assert "s3cret" not in repr(refusal.value) + str(refusal.value)
    assert refusal.value.__suppress_context__


def test_news_before_the_waiting_begins_are_news():
    with talking({"IDLE": b"* 1 EXISTS\r\n+ \r\n"}) as (server, source):
        session = open_session(source)
        assert session.can_idle
        session.new_uids(0)
        session.idle(30, lambda: False)  # returns at once
        session.close()
    assert "DONE" in server.heard


def test_who_offers_to_wait_and_refuses_is_asked_every_minute():
    with talking({"IDLE": b"!"}) as (_server, source):
        session = open_session(source)
        watch = Watch(source, 1, threading.Event())
        watch._wait(session)
        assert not watch.idles
        session.close()


def test_a_connection_that_is_cut_each_time_is_told_once_with_growing_pauses(db, caplog, monkeypatch):
    watch, clock = Watch(mailboxes(["imaps://u:p@h.example"])[0], 1, threading.Event()), [1000.0]
    monkeypatch.setattr(imap.time, "monotonic", lambda: clock[0])
    pauses: list[float] = []

    def cut(lived: float) -> None:
        watch.signed_in_at = clock[0]
        watch._succeeded("")
        clock[0] += lived
        watch._succeeded("")
        raise ConnectionResetError

    def wait(pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == len(lives):
            watch.stopping.set()

    lives = [0.5, 0.5, 0.5, 3600, 0.5]
    monkeypatch.setattr(watch, "_attend", lambda: cut(lives[len(pauses)]))
    monkeypatch.setattr(watch.stopping, "wait", wait)
    with caplog.at_level("INFO", "klarfall.incoming"):
        watch.run()
    assert pauses == [2, 4, 8, 2, 4]
    assert [record.getMessage() for record in caplog.records] == [
        "Mailbox 1 is not fetched as it should be: dropped",
        "Mailbox 1 works again",
        "Mailbox 1 is not fetched as it should be: dropped",
    ]

"""`manage.py receive_mails` as it runs in a house: behind a real Postfix, beside a real Dovecot."""

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.management.commands import serve
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.storing import raw_of
from klarfall.incoming.tests.mail_servers import (
    PASSWORD,
    Dovecot,
    Postfix,
    answers,
    eventually,
    free_port,
    needs_dovecot,
    needs_postfix,
)

OURS = "support@vendor.example"
LONG = "x" * 5000


def database_url() -> str:
    login = connection.settings_dict
    who = f"{quote(login['USER'])}:{quote(login['PASSWORD'])}"
    if login["PORT"]:
        return f"postgresql://{who}@{login['HOST']}:{login['PORT']}/{login['NAME']}"
    return f"postgresql://{who}@/{login['NAME']}?host={quote(str(login['HOST']), safe='')}"


def environment_of_tests(**more: str) -> dict[str, str]:
    """What a process needs to work on the test's database and files."""
    extra = {"DATABASE_URL": database_url(), "SECRET_KEY": "x" * 50, "EMAIL_URL": "smtp://localhost:1?tls=no"}
    extra |= {"DJANGO_SETTINGS_MODULE": "klarfall.config.settings", "DATA_DIR": str(settings.DATA_DIR)}
    return os.environ | extra | {"MAIL_RECIPIENTS": OURS, "LOG_LEVEL": "INFO"} | more


@contextmanager
def receiving(log: Path, **environment: str) -> Iterator[subprocess.Popen]:
    """The process on the test's database, as `serve` starts it; stopped by SIGTERM."""
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "receive_mails"],
            env=environment_of_tests(**environment),
            cwd=settings.BASE_DIR,
            stderr=lines,
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, "a stop is no crash"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def mails() -> list[IncomingMail]:
    with viewing_as(SYSTEM):
        return list(IncomingMail.objects.order_by("id"))


def send(port: int, subject: str, sender: str = "bernd@acme.example", to: str = OURS) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail(sender, [to], f"From: {sender}\r\nSubject: {subject}\r\n\r\n{LONG}\r\n")


@pytest.fixture(scope="module")
def postfix() -> Iterator[tuple[Postfix, int]]:
    lmtp = free_port()
    server = Postfix(lmtp, "vendor.example")
    try:
        server.start()
        yield server, lmtp
    finally:
        server.stop()


@needs_postfix
def test_postfix_hands_over_and_keeps_what_comes_while_we_are_away(transactional_db, postfix, tmp_path):
    server, port = postfix
    log = tmp_path / "log"
    with receiving(log, LMTP_LISTEN=f"127.0.0.1:{port}"):
        assert eventually(lambda: answers(port), 30), log.read_text()
        send(server.port, "at once", to="support+r234@vendor.example")
        assert eventually(lambda: len(mails()) == 1), server.log()
        send(server.port, "nobody", sender="", to="other@vendor.example")
        assert eventually(lambda: "status=bounced (host 127.0.0.1" in server.log()), server.log()
    send(server.port, "while we were away")
    assert eventually(lambda: "Connection refused" in server.waiting()), server.log()
    with receiving(log, LMTP_LISTEN=f"127.0.0.1:{port}"):
        assert eventually(lambda: answers(port), 30), log.read_text()
        server.command("postqueue", "-f")
        assert eventually(lambda: len(mails()) == 2), server.log()
    first, second = mails()
    assert (first.way, first.envelope_from, first.envelope_to) == (
        "lmtp",
        "bernd@acme.example",
        ["support+r234@vendor.example"],
    )
    assert second.envelope_to == [OURS]
    raw = raw_of(second)
    assert b"Subject: while we were away\r\n" in raw
    assert LONG.encode() in raw.replace(b"\r\n ", b""), "Postfix itself breaks lines above 998 bytes"
    assert server.waiting() == ""


@needs_postfix
def test_what_postfix_gives_a_command_is_taken_once_or_kept_by_postfix(transactional_db, postfix):
    server, _port = postfix
    send(server.port, "for the pipe", sender="stranger@elsewhere.example", to="piped@vendor.example")
    assert eventually(server.piped), server.log()
    (raw,) = server.piped()
    assert raw.startswith(b"Return-Path: <stranger@elsewhere.example>\n"), "with the line ends of a pipe"

    def pipe(**environment: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "manage.py", "receive_mail", "--from", "stranger@elsewhere.example", "--to", OURS]
        env = environment_of_tests(**environment)
        return subprocess.run(command, input=raw, env=env, cwd=settings.BASE_DIR, capture_output=True, check=False)

    away = pipe(DATABASE_URL="postgresql://u:p@127.0.0.1:1/x")
    assert (away.returncode, mails()) == (os.EX_TEMPFAIL, []), "Postfix delivers again"
    for _delivery in range(2):
        done = pipe()
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["outcome"], said["sender"]) == ("quarantine", "stranger@elsewhere.example")
        assert said["subject"] == "for the pipe"
    (mail,) = mails()
    assert (mail.way, mail.envelope_to) == ("pipe", [OURS])


@needs_dovecot
def test_one_process_fetches_and_listens_and_shows_no_password(transactional_db, tmp_path):
    server, log, port = Dovecot(), tmp_path / "log", free_port()
    try:
        server.start()
        raw = b"From: bernd@acme.example\r\nSubject: fetched\r\n\r\nGuten Tag\r\n"
        server.put(raw)
        wrong = server.url("Other", password="Wr0ng-Word")
        addresses = {"MAIL_IN": f"{server.url()},{wrong}", "SMTP_LISTEN": f"127.0.0.1:{port}"}
        with receiving(log, **addresses) as process:
            assert eventually(lambda: len(mails()) == 1, 30), log.read_text()
            assert eventually(lambda: answers(port)), log.read_text()
            send(port, "delivered")
            assert eventually(lambda: len(mails()) == 2)
            assert eventually(lambda: "Mailbox 2 is not fetched as it should be: sign-in" in log.read_text())
            shown = Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        server.remove()
    assert {mail.way for mail in mails()} == {"imap", "lmtp"}
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "Wr0ng"):
        assert secret not in shown + log.read_text()
    assert "acme" not in log.read_text()


def test_without_any_way_in_it_says_so():
    with pytest.raises(CommandError, match="set MAIL_IN, LMTP_LISTEN or SMTP_LISTEN"):
        call_command("receive_mails")


@pytest.mark.parametrize(
    ("name", "value"), [("", None), ("MAIL_IN", ["a mailbox"]), ("LMTP_LISTEN", "a port"), ("SMTP_LISTEN", "a port")]
)
def test_serve_runs_it_only_where_there_is_a_way_in(settings, name, value):
    if name:
        setattr(settings, name, value)
    found = [child.name for child in serve.children("127.0.0.1", 8000, {})]
    assert found == ["web server", "job worker"] + (["mail receiver"] if name else [])

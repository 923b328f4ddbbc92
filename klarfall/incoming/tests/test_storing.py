"""A message is stored before it is read, once however often it is delivered, and is filed once whatever happens."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as our_settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, connections

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming import filing, retention, storing, waiting
from klarfall.incoming.models import IncomingMail, MailCopy
from klarfall.incoming.storing import RawGone, fingerprint, put, raw_of, store
from klarfall.incoming.tests.mails import arrives, taken_in, written
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.models import Ticket
from tests.cast import NOW, make_cast
from tests.queue import run_jobs, waiting_jobs

RAW = (
    b"Received: from a by b; Tue, 24 Nov 2026 09:00:00 +0100\r\nReturn-Path: <bernd@acme.example>\r\n"
    b"From: bernd@acme.example\r\nTo: support@vendor.example\r\nSubject: Eine\r\n Frage\r\n"
    b"Date: Tue, 24 Nov 2026 09:00:00 +0100\r\n%s\r\nHallo\r\nWelt\r\n"
)
WITH_ID = RAW % b"Message-ID: <1@acme.example>\r\n"
WITHOUT_ID = RAW % b""


def _again(raw: bytes) -> dict[str, bytes]:
    """The same message as other servers deliver it."""
    return {
        "another way": raw.replace(b"from a by b", b"from c by d"),
        "longer way": b"Received: from x by y; Tue\r\n\tlater\r\nX-Spam: no\r\nDelivered-To: x@vendor.example\r\n"
        + raw,
        "results": b"Authentication-Results: mx; dmarc=pass\r\nARC-Seal: i=1\r\nDKIM-Signature: v=1; b=abc\r\n" + raw,
        "bare line ends": raw.replace(b"\r\n", b"\n"),
        "folded anew": raw.replace(b"Eine\r\n Frage", b"Eine Frage"),
        "other case of names": raw.replace(b"Subject:", b"SUBJECT:"),
        "mailbox file": b"From bernd@acme.example Tue Nov 24 09:00:00 2026\r\n" + raw,
        "one more line end": raw + b"\r\n",
    }


@pytest.mark.parametrize("raw", [WITH_ID, WITHOUT_ID], ids=["with Message-ID", "without"])
@pytest.mark.parametrize("way", _again(WITH_ID))
def test_a_second_delivery_has_the_same_fingerprint(raw: bytes, way: str):
    assert fingerprint(_again(raw)[way]) == fingerprint(raw)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<1@", b"<2@"),
        (b"09:00:00 +0100\r\nM", b"09:00:01 +0100\r\nM"),
        (b"Frage", b"Frage?"),
        (b"From: bernd", b"From: emil"),
        (b"Welt", b"Welt!"),
        (b"Hallo\r\nWelt", b"HalloWelt"),
    ],
)
def test_two_different_mails_never_share_a_fingerprint(old: bytes, new: bytes):
    assert old in WITH_ID
    assert fingerprint(WITH_ID.replace(old, new)) != fingerprint(WITH_ID)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"x" * 3_000_000, b"\r" * 70_000, b"a:\n" * 50_000, b"\n\nFrom: a"])
def test_anything_has_a_fingerprint(raw: bytes):
    assert len(fingerprint(raw)) == 64


def test_line_ends_at_the_border_of_a_piece_count_once():
    body = b"x" * (storing._CHUNK - 1) + b"\r\n" + b"y" * 10
    assert fingerprint(b"From: a\r\n\r\n" + body) == fingerprint(b"From: a\n\n" + body.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("raw", [WITH_ID, WITHOUT_ID], ids=["with Message-ID", "without"])
def test_twice_delivered_is_filed_once(cast: Any, raw: bytes):
    first = taken_in(raw)
    second = taken_in(b"Received: from z by w; now\r\n" + raw)
    assert (first.outcome, first.pk, first.ticket_id) == ("new_ticket", second.pk, second.ticket_id)
    with viewing_as(SYSTEM):
        assert Ticket.objects.count() == IncomingMail.objects.count() == 1


def test_the_raw_message_comes_back_as_it_was(cast: Any):
    raw = WITH_ID + bytes(range(256)) * 10
    mail = put(raw, way="pipe", envelope_from="a\0b", envelope_to=["x" * 400], source="y" * 300, now=NOW)
    assert raw_of(mail) == raw
    assert (mail.size, mail.envelope_from, len(mail.envelope_to[0]), len(mail.source)) == (len(raw), "ab", 320, 200)
    path = Path(default_storage.path(mail.key))
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    with pytest.raises(RawGone):
        raw_of(mail)


def test_a_message_that_cannot_be_written_leaves_no_row(cast: Any, monkeypatch: pytest.MonkeyPatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("klarfall.incoming.storing.os.fsync", full)
    with pytest.raises(OSError, match="space"):
        store(WITH_ID, way="lmtp", now=NOW)
    with viewing_as(SYSTEM):
        assert not IncomingMail.objects.exists()
    assert not waiting_jobs()


def test_one_job_files_all_that_waits(cast: Any):
    for number in range(3):
        store(written(subject=f"Nr. {number}").as_bytes(), way="lmtp", now=NOW)
    assert [name for _pk, name, _args in waiting_jobs()] == ["incoming.file"]
    run_jobs("incoming.file")
    with viewing_as(SYSTEM):
        assert set(IncomingMail.objects.values_list("outcome", flat=True)) == {"new_ticket"}


@pytest.fixture
def poisonous(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A mail at which filing breaks after it has written its request, between two good ones."""
    real = filing.finish

    def breaks(mail: IncomingMail, *args: Any, **given: Any) -> IncomingMail:
        if "Gift" in mail.subject and args[0].reason != "failed":
            raise ZeroDivisionError("words of the mail")
        return real(mail, *args, **given)

    monkeypatch.setattr(filing, "finish", breaks)
    for subject in ("gut", "Gift", "auch gut"):
        store(written(subject=subject).as_bytes(), way="lmtp", now=NOW)
    return breaks


def test_a_poisonous_mail_stops_no_other_and_ends_in_quarantine(poisonous: Any):
    for attempt in range(1, filing.ATTEMPTS + 1):
        waiting.file_waiting()
        with viewing_as(SYSTEM):
            assert Ticket.objects.count() == 2
            bad = IncomingMail.objects.get(attempts=attempt) if attempt > 1 else None
        assert bad is None or bad.outcome == ("waiting" if attempt < filing.ATTEMPTS else "quarantine")
    with viewing_as(SYSTEM):
        bad = IncomingMail.objects.get(outcome="quarantine")
        assert (bad.reason, bad.error, bad.subject) == ("failed", "ZeroDivisionError", "Gift")
        assert Ticket.objects.count() == MailCopy.objects.count() == 2
    assert waiting.file_waiting() == 0


def test_a_mail_that_kills_its_worker_is_left_to_a_person(cast: Any):
    store(WITH_ID, way="lmtp", now=NOW)
    with viewing_as(SYSTEM):
        IncomingMail.objects.update(attempts=filing.DEATHS)
    waiting.file_waiting()
    with viewing_as(SYSTEM):
        mail = IncomingMail.objects.get()
        assert (mail.outcome, mail.reason) == ("quarantine", "failed")


def test_a_mail_without_its_file_waits_for_a_person_at_once(cast: Any):
    mail = store(WITH_ID, way="lmtp", now=NOW)
    default_storage.delete(mail.key)
    waiting.file_waiting()
    with viewing_as(SYSTEM):
        assert IncomingMail.objects.get().reason == "failed"


def _at_once(work: Callable[[], Any], times: int) -> list[Any]:
    """Run it in so many threads, each with a connection of its own, as close together as possible."""
    start, found = threading.Barrier(times), []

    def run() -> None:
        start.wait()
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return found


def test_delivered_and_filed_at_once_it_is_there_once(committed_db: None):
    make_cast()
    found = _at_once(lambda: store(WITHOUT_ID, way="lmtp", now=NOW).pk, 4)
    assert len(set(found)) == 1
    for number in range(6):
        store(written(subject=f"Nr. {number}").as_bytes(), way="lmtp", now=NOW)
    tried = _at_once(waiting.file_waiting, 3)
    assert all(isinstance(one, int) for one in tried), tried
    with viewing_as(SYSTEM):
        assert set(IncomingMail.objects.values_list("outcome", flat=True)) == {"new_ticket"}
        assert Ticket.objects.count() == MailCopy.objects.count() == IncomingMail.objects.count() == 7
        keys = set(IncomingMail.objects.values_list("key", flat=True))
    folder = Path(our_settings.MEDIA_ROOT) / "mail" / f"{NOW:%Y-%m-%d}"
    assert keys <= {f"mail/{NOW:%Y-%m-%d}/{path.name}" for path in folder.iterdir()}
    cache.clear()


def test_an_answer_waits_for_the_mail_that_is_being_filed(committed_db: None, monkeypatch: pytest.MonkeyPatch):
    make_cast()
    real, in_hand = filing.finish, threading.Event()

    def slowly(mail: IncomingMail, *args: Any, **given: Any) -> IncomingMail:
        if mail.subject == "Eins":
            in_hand.set()
            _until_somebody_waits()
        return real(mail, *args, **given)

    monkeypatch.setattr(filing, "finish", slowly)
    first = put(written(subject="Eins", message_id="<1@acme.example>").as_bytes(), way="lmtp", now=NOW)
    answer = put(written(subject="Zwei", in_reply_to="<1@acme.example>").as_bytes(), way="lmtp", now=NOW)
    found: dict[int, IncomingMail] = {}

    def run(mail: IncomingMail) -> None:
        found[mail.pk] = filing.file_mail(mail, now=NOW)
        connections.close_all()

    threads = [threading.Thread(target=run, args=[mail]) for mail in (first, answer)]
    threads[0].start()
    assert in_hand.wait(30)
    threads[1].start()
    for one in threads:
        one.join(60)
    assert found[answer.pk].outcome == "reply_to"
    assert found[answer.pk].ticket_id == found[first.pk].ticket_id
    cache.clear()


def _until_somebody_waits() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


def test_old_mails_are_emptied_and_requests_keep_theirs(
    cast: Any, settings: Any, django_capture_on_commit_callbacks: Any
):
    filed, held = arrives(text="Mein Text"), arrives("stranger@elsewhere.example", envelope_from="stranger@x.example")
    young = arrives("new@elsewhere.example", now=NOW + timedelta(days=200))
    later = NOW + timedelta(days=settings.MAIL_RETENTION_DAYS + 1)
    with viewing_as(SYSTEM), django_capture_on_commit_callbacks(execute=True):
        assert retention.forget_old(later) == 2
    with viewing_as(SYSTEM):
        for mail in (filed, held):
            key = mail.key
            mail.refresh_from_db()
            personal = mail.from_address, mail.from_name, mail.subject, mail.preview, mail.envelope_from, mail.key
            assert personal == ("",) * 6
            assert not default_storage.exists(key)
        young.refresh_from_db()
        assert young.from_address
        assert MailCopy.objects.get(mail=filed).subject
        assert filed.message.text == "Mein Text"


def test_an_erased_person_is_gone_from_every_mail(cast: Any, django_capture_on_commit_callbacks: Any):
    mail = arrives("Bernd Beispiel <bernd@acme.example>", text="Privat\n\n-- \nBernd", html="<p>Privat</p>")
    held = arrives("Bernd@acme.example", Auto_Submitted="auto-replied")
    colleague = arrives("astrid@acme.example")
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs("incoming.forget")
    with viewing_as(SYSTEM):
        copy = MailCopy.objects.get(mail=mail)
        assert (copy.from_address, copy.from_name, copy.subject, copy.rest, copy.html) == ("",) * 5
        for one in (mail, held):
            key = one.key
            one.refresh_from_db()
            assert (one.from_address, one.subject, one.key, one.preview) == ("",) * 4
            assert not default_storage.exists(key)
        colleague.refresh_from_db()
        assert colleague.from_address == "astrid@acme.example"


def test_files_that_no_row_names_are_swept(cast: Any):
    mail = put(WITH_ID, way="lmtp", now=NOW)
    left = storing._write(b"left behind", NOW)
    fresh = storing._write(b"being stored", NOW + timedelta(days=3))
    with viewing_as(SYSTEM):
        assert storing.sweep(NOW + timedelta(days=3)) >= 1
    assert [default_storage.exists(key) for key in (mail.key, left, fresh)] == [True, False, True]

"""Where mails end beside their requests: machines, reports, blocked senders, caps, contents that do not fit."""

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail as mailing
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils import timezone

from klarfall.channels.models import Notice
from klarfall.channels.reply_addresses import reply_address
from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming import caps, returned, writing
from klarfall.incoming.filing import file_mail
from klarfall.incoming.models import BlockedSender, IncomingMail, MailCopy
from klarfall.incoming.storing import put
from klarfall.incoming.tests.mails import OURS, arrives, taken_in, written
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.models import Message, Ticket
from tests.cast import NOW
from tests.queue import run_jobs


@pytest.fixture
def ours(cast: Any, system: None) -> ContactChannel:
    channel = ContactChannel.objects.create(product=cast.erp, kind="email", value=OURS)
    cache.clear()
    return channel


def _report(status: str, action: str, original: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.acme.example\r\nTo: support@vendor.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <report@mx.acme.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        f"Final-Recipient: rfc822; bernd@acme.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 User unknown\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: x\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def notice(cast: Any, ours: None, make_ticket: Any) -> Notice:
    values = {"kind": "reply", "recipient": cast.bernd.user, "status": "sent", "created_at": NOW, "key": "n"}
    return Notice.objects.create(customer=cast.acme, ticket=make_ticket(), message_id="<n@vendor.example>", **values)


def test_a_delivery_report_stands_at_the_request_of_the_mail(notice: Notice, cast: Any):
    mail = taken_in(_report("5.1.1", "failed", "<n@vendor.example>"))
    assert (mail.outcome, mail.ticket, mail.notice, mail.customer) == ("bounce", notice.ticket, notice, cast.acme)
    notice.refresh_from_db()
    cast.bernd.refresh_from_db()
    assert notice.bounced_at == NOW
    assert cast.bernd.mail_failed_at == NOW
    assert Message.objects.count() == 1


def test_of_an_erased_person_no_report_about_their_mails_remains(
    notice: Notice, cast: Any, django_capture_on_commit_callbacks: Any
):
    mail = taken_in(_report("5.1.1", "failed", "<n@vendor.example>"))
    other = taken_in(_report("5.1.1", "failed", "<other@vendor.example>"))
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs("incoming.forget")
    key = mail.key
    mail.refresh_from_db()
    other.refresh_from_db()
    assert (mail.preview, mail.key, mail.outcome) == ("", "", "bounce")
    assert not default_storage.exists(key)
    assert other.key


def test_a_late_mail_marks_nobody_as_dead(notice: Notice, cast: Any):
    mail = taken_in(_report("4.4.1", "delayed", "<n@vendor.example>"))
    cast.bernd.refresh_from_db()
    assert (mail.outcome, mail.reason, cast.bernd.mail_failed_at) == ("bounce", "delayed", None)


def _marked(notice: Notice, contact: Any) -> tuple[bool, bool]:
    """Is the mail noted as returned, and the contact's address as dead?"""
    notice.refresh_from_db()
    contact.refresh_from_db()
    return notice.bounced_at is not None, contact.mail_failed_at is not None


def test_a_report_that_only_names_the_thread_marks_nobody(notice: Notice, cast: Any):
    forged = _report("5.1.1", "failed", "").replace(b"To: ", b"In-Reply-To: <n@vendor.example>\r\nTo: ", 1)
    mail = taken_in(forged)
    assert (mail.outcome, mail.ticket, mail.notice) == ("bounce", notice.ticket, None)
    assert _marked(notice, cast.bernd) == (False, False)


def test_a_report_to_the_address_for_answers_may_leave_out_the_mail(notice: Notice, cast: Any):
    address = reply_address(OURS, notice.ticket, cast.bernd.user)
    raw = _report("5.1.1", "failed", "").replace(b"To: ", b"References: <n@vendor.example>\r\nTo: ", 1)
    assert taken_in(raw, envelope_to=[address]).notice == notice
    assert _marked(notice, cast.bernd) == (True, True)


def test_a_report_about_where_somebody_forwards_to_does_not_mark_their_address(notice: Notice, cast: Any):
    raw = _report("5.1.1", "failed", "<n@vendor.example>").replace(b"bernd@acme.example", b"bernd@private.example")
    assert taken_in(raw).notice == notice
    assert _marked(notice, cast.bernd) == (True, False)


@pytest.mark.parametrize(
    ("reported", "sent_to", "theirs"),
    [
        ("Bernd@ACME.example", "bernd@acme.example", True),
        ("b.brandt@mail.acme.example", "bernd@acme.example", True),
        ("bernd@acme.example", "bernd@mail.acme.example", True),
        ("somebody.else@gmail.com", "bernd@gmail.com", False),
        ("Bernd@gmail.com", "bernd@gmail.com", True),
        ("bernd@example", "bernd@acme.example", False),
        ("bernd@notacme.example", "bernd@acme.example", False),
        ("", "bernd@acme.example", False),
    ],
)
def test_whose_address_a_report_speaks_of(reported: str, sent_to: str, theirs: bool):
    assert returned._is_theirs(reported, sent_to) is theirs


def test_a_report_that_fails_the_check_of_its_sender_marks_nobody(notice: Notice, cast: Any, settings: Any):
    settings.MAIL_TRUSTED_SERVERS = frozenset(("mx.vendor.example",))
    found = b"Authentication-Results: mx.vendor.example; dmarc=fail header.from=mx.acme.example\r\n"
    assert taken_in(found + _report("5.1.1", "failed", "<n@vendor.example>")).ticket == notice.ticket
    assert _marked(notice, cast.bernd) == (False, False)


def test_a_report_about_nothing_of_ours_is_a_bounce_without_a_request(notice: Notice):
    mail = taken_in(_report("5.1.1", "failed", "<other@vendor.example>"))
    assert (mail.outcome, mail.ticket, mail.notice) == ("bounce", None, None)


def test_a_report_of_success_is_ignored(notice: Notice):
    mail = taken_in(_report("2.0.0", "delivered", "<n@vendor.example>"))
    notice.refresh_from_db()
    assert (mail.outcome, mail.ticket, notice.bounced_at) == ("ignored_auto", notice.ticket, None)


def test_a_machine_opens_nothing_and_is_shown_at_the_request_it_answers(notice: Notice):
    mail = arrives(Auto_Submitted="auto-replied", in_reply_to="<n@vendor.example>")
    assert (mail.outcome, mail.reason, mail.ticket) == ("ignored_auto", "auto_submitted", notice.ticket)
    assert mail.message is None
    assert Ticket.objects.count() == 1


def test_an_envelope_without_sender_is_a_machines_where_a_listener_saw_it(ours: None):
    assert arrives(source="lmtp").reason == "null_sender"
    assert arrives(source="lmtp", envelope_from="bernd@acme.example").outcome == "new_ticket"
    assert arrives().outcome == "new_ticket"


@pytest.mark.parametrize("address", [OURS, "Support@Vendor.Example"])
def test_what_comes_from_ourselves_is_ignored(ours: None, address: str):
    mail = arrives(address)
    assert (mail.outcome, mail.reason) == ("ignored_auto", "own_address")


@pytest.mark.parametrize("pattern", ["bernd@acme.example", "@acme.example"])
def test_a_blocked_sender_is_rejected_and_kept(ours: None, cast: Any, pattern: str):
    BlockedSender.objects.create(pattern=pattern, blocked_by=cast.anna, blocked_at=NOW)
    mail = arrives("BERND@acme.example")
    assert (mail.outcome, mail.reason, mail.subject) == ("rejected", "blocked", "Saldo stimmt nicht")


def test_the_address_says_which_product(ours: ContactChannel, cast: Any):
    ContactChannel.objects.create(product=cast.other, kind="email", value="Lager@Vendor.example")
    cache.clear()
    assert arrives(to="lager+x@vendor.example").ticket.product == cast.other
    assert arrives(envelope_to=["lager@vendor.example"]).ticket.product == cast.other
    assert arrives(to="anything@vendor.example").ticket.product == cast.erp  # the only one under contract


def test_without_email_for_the_product_it_waits(ours: ContactChannel):
    ContactChannel.objects.update(active=False)
    cache.clear()
    mail = arrives()
    assert (mail.outcome, mail.reason) == ("quarantine", "channel_off")


def test_who_may_not_ask_waits_with_the_reason(ours: None, cast: Any):
    cast.bernd.roles = ["billing_viewer"]
    cast.bernd.save()
    mail = arrives()
    assert (mail.outcome, mail.reason, mail.contact) == ("quarantine", "not_allowed", cast.bernd)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("AW: Re: WG: Druck", "Druck"),
        ("Re[2]: Druck", "Druck"),
        ("", "(no subject)"),
        ("Re:", "(no subject)"),
        ("x" * 300, "x" * 159 + "…"),
    ],
)
def test_the_title_is_the_subject(ours: None, cast: Any, subject: str, title: str):
    cast.bernd.user.language = "en"
    cast.bernd.user.save()
    assert arrives(subject=subject).ticket.title == title


def test_a_request_counts_from_the_arrival_of_its_mail_however_long_that_waited(ours: None):
    mail = put(written().as_bytes(), way="lmtp", now=NOW)
    with viewing_as(SYSTEM):
        ticket = file_mail(mail, now=NOW + timedelta(hours=3)).ticket
        assert (ticket.submitted_at, ticket.messages.get().created_at) == (NOW, NOW)


def test_a_long_text_goes_along_whole(ours: None):
    text = "\n".join(f"Zeile {number}" for number in range(4_000))
    mail = arrives(text=text)
    copy = MailCopy.objects.get(mail=mail)
    whole = mail.message.attachments.get()
    assert len(mail.message.text) <= 20_000
    assert "cut" in copy.notes
    assert whole.name.endswith(".txt")
    assert whole.size >= len(text)


def test_files_of_any_type_and_number_are_kept_and_none_is_run(ours: None):
    files = {f"programm{number}.exe": b"MZ" + bytes([number]) for number in range(30)}
    mail = arrives(files={**files, "seite.html": b"<script>alert(1)</script>", "leer.pdf": b""})
    kept = list(mail.message.attachments.order_by("pk"))
    assert [one.name for one in kept] == [*files, "seite.html"]
    assert {one.content_type for one in kept} == {"application/octet-stream"}
    assert "empty_file" in MailCopy.objects.get(mail=mail).notes


def test_what_is_beyond_the_bounds_stays_in_the_original(ours: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "MOST_FILES", 2)
    mail = arrives(files={f"{number}.bin": b"x" for number in range(3)})
    assert mail.message.attachments.count() == 2
    assert "files_left_out" in MailCopy.objects.get(mail=mail).notes


def test_a_mail_without_words_says_so(ours: None):
    assert arrives(text="", files={"a.bin": b"x"}).message.text.startswith("Siehe")
    assert arrives(text="").outcome == "new_ticket"


def test_pictures_in_the_text_are_those_of_the_mail(ours: None):
    message = written(html='<p>Bild</p><img src="cid:bild1">')
    html = message.get_payload()[1]
    html.add_related(b"\x89PNG\r\n\x1a\n1234", "image", "png", cid="<bild1>", filename="bild.png")
    mail = taken_in(message)
    picture = mail.message.attachments.get()
    assert f"attachment:{picture.pk}" in MailCopy.objects.get(mail=mail).html


def test_two_equal_orders_are_two_mails(ours: None):
    first, second = arrives(message_id="<a@acme.example>"), arrives(message_id="<b@acme.example>")
    assert first.ticket != second.ticket
    answers = [arrives(subject=f"KF-{first.ticket.number}", text="Bitte bestellen.") for _ in range(2)]
    assert [one.outcome for one in answers] == ["reply_to"] * 2
    assert Message.objects.filter(ticket=first.ticket).count() == 3


@pytest.fixture
def small_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule, with fewer mails."""
    monkeypatch.setattr(caps, "SAME_THREAD", 6)


def test_too_many_in_one_request_wait(ours: None, small_caps: None):
    first = arrives()
    outcomes = [arrives(subject=f"Re: [KF-{first.ticket.number}] Nr. {n}").reason for n in range(caps.SAME_THREAD + 1)]
    assert outcomes[: caps.SAME_THREAD - 1] == ["number"] * (caps.SAME_THREAD - 1)
    assert outcomes[-1] == "too_many"


def test_mails_without_a_subject_are_no_thread(ours: None, small_caps: None):
    assert {arrives(subject="", text=f"Nr. {n}").reason for n in range(caps.SAME_THREAD + 2)} == {""}


def test_too_many_under_one_subject_wait_for_an_hour(ours: None, small_caps: None):
    reasons = [arrives(subject="Re: AW: Störung" if n % 2 else "Störung").reason for n in range(caps.SAME_THREAD + 1)]
    assert reasons == [""] * caps.SAME_THREAD + ["too_many"]
    assert arrives(subject="Störung 2").reason == ""
    assert arrives(subject="Störung", now=NOW + timedelta(minutes=61)).reason == ""


def test_too_many_of_one_sender_wait(ours: None, settings: Any):
    settings.MAIL_SENDER_CAP = 3
    assert [arrives(subject=f"Nr. {n}").reason for n in range(5)] == ["", "", "", "too_many", "too_many"]
    assert arrives("astrid@acme.example").reason == ""


def _answers_of_the_other_house(sent: list[Any], *, keeps_thread: bool) -> list[bytes]:
    """Another help desk confirms each of our mails as a new request of its own, and hides that it is a machine."""
    answers = []
    for number, one in enumerate(sent):
        got = message_from_bytes(one.message().as_bytes(), policy=policy.default)
        given: dict[str, Any] = {"subject": f"[HD-{number}] Eingegangen: Ihre Anfrage {number}"}
        if keeps_thread:
            given = {"subject": f"Re: {got['Subject']}", "in_reply_to": str(got["Message-ID"])}
        answers.append(written("bernd@acme.example", text=f"Wir haben das erhalten ({number}).", **given).as_bytes())
    return answers


@pytest.mark.parametrize("keeps_thread", [True, False])
def test_two_houses_that_answer_each_other_stop_by_themselves(ours: None, cast: Any, keeps_thread: bool):
    """The other one keeps or drops the thread; neither says that it is a machine."""
    now = timezone.now()
    words = {"title": "Anfang", "description": "Beginn des Kreises."}
    submit(cast.bernd, request=NewRequest(product=cast.erp, **words), actor=cast.bernd.user, now=now)
    sent = 0
    for _round in range(60):
        run_jobs("channels.fan_out", "channels.deliver")
        fresh, sent = mailing.outbox[sent:], len(mailing.outbox)
        if not fresh:
            break
        for answer in _answers_of_the_other_house(fresh, keeps_thread=keeps_thread):
            taken_in(answer, now=timezone.now())
    assert not fresh
    assert 1 <= len(mailing.outbox) <= caps.CONFIRMATIONS + 1
    assert IncomingMail.objects.filter(outcome="quarantine").count() == 0


def test_the_eleventh_request_of_an_hour_is_filed_without_a_confirmation(ours: None):
    for number in range(caps.CONFIRMATIONS + 1):
        arrives(subject=f"Nr. {number}")
    run_jobs("channels.fan_out")
    assert Ticket.objects.count() == caps.CONFIRMATIONS + 1
    assert Notice.objects.filter(kind="received").count() == caps.CONFIRMATIONS

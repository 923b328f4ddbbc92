"""Sending through a real SMTP conversation: retries, failures that show, and headers nobody can forge."""

from email import message_from_string, policy

import pytest
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing.models import PersonalLink
from klarfall.billing.tests.steps import send
from klarfall.channels.actions import resend
from klarfall.channels.models import Notice
from klarfall.channels.tests.smtp_server import smtp_server
from klarfall.core import mail
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of
from tests.queue import again, run_jobs

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def server(settings):
    with smtp_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 5
        yield running


@pytest.fixture
def notice(make_ticket):
    """The confirmation of a request, made but not yet sent."""
    make_ticket(now=NOW)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        return Notice.objects.get()


def fresh(notice):
    with viewing_as(SYSTEM):
        return Notice.objects.get(pk=notice.pk)


def read(raw):
    return message_from_string(raw, policy=policy.default)


def test_a_mail_arrives_with_both_parts(server, notice):
    assert again("channels.deliver", notice_id=notice.pk)
    ((recipient, raw),) = server.received
    message = read(raw)
    assert recipient == "bernd@acme.example"
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
    assert "Saldo stimmt nicht" in message.get_body(("plain",)).get_content()
    stored = fresh(notice)
    assert (stored.status, stored.attempts, stored.error) == ("sent", 1, "")
    assert message["Message-ID"] == stored.message_id
    assert stored.sent_at


@pytest.mark.parametrize("answer", ["451 come back later", "421 too busy", "452 full"])
def test_a_busy_server_gets_the_same_mail_again(server, notice, answer):
    server.answers = [answer]
    assert not again("channels.deliver", notice_id=notice.pk), "wants another attempt"
    failed = fresh(notice)
    assert (failed.status, failed.attempts) == ("failed", 1)
    assert "SMTPRecipientsRefused" in failed.error
    assert again("channels.deliver", notice_id=notice.pk)
    sent = fresh(notice)
    assert (sent.status, sent.attempts, sent.error) == ("sent", 2, "")
    assert sent.message_id == failed.message_id, "a receiver can recognise a repetition"
    assert len(server.received) == 1


def test_a_server_that_is_away_is_tried_again(server, notice, settings):
    settings.EMAIL_PORT = 1
    assert not again("channels.deliver", notice_id=notice.pk)
    assert "Refused" in fresh(notice).error
    settings.EMAIL_PORT = server.port
    assert again("channels.deliver", notice_id=notice.pk)
    assert len(server.received) == 1


def test_a_refused_address_is_not_tried_again_by_itself_but_by_a_person(server, notice, cast):
    server.answers = ["550 no such user"]
    assert again("channels.deliver", notice_id=notice.pk), "waiting would not help"
    assert fresh(notice).status == "failed"
    resend(fresh(notice), actor=cast.anna, now=NOW)
    run_jobs("channels.deliver")
    assert fresh(notice).status == "sent"


def test_links_of_a_mail_that_did_not_go_out_never_existed(server, make_ticket, cast):
    ticket = make_ticket(now=NOW)
    send(cast, concern_of(ticket), at=NOW)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(kind="cost_notice")
    server.answers = ["451 later"]
    again("channels.deliver", notice_id=notice.pk)
    with viewing_as(SYSTEM):
        assert not PersonalLink.objects.exists()
    again("channels.deliver", notice_id=notice.pk)
    with viewing_as(SYSTEM):
        assert PersonalLink.objects.count() == 1


HOSTILE = "Hilfe\r\nBcc: opfer@example.org\r\n\r\n<script>alert(1)</script>\u202e\u200b"


def test_headers_cannot_be_forged_through_titles_and_names(server, make_ticket, cast):
    with viewing_as(SYSTEM):
        User.objects.filter(pk=cast.bernd.user_id).update(name='Bernd"\r\nBcc: opfer@example.org')
    make_ticket(title=" ".join(HOSTILE.split()), now=NOW)
    run_jobs()
    ((recipient, raw),) = server.received
    message = read(raw)
    assert recipient == "bernd@acme.example"
    assert "Bcc" not in message
    assert len(message.get_all("To")) == 1
    assert message["To"].addresses[0].addr_spec == "bernd@acme.example"
    assert "\u202e" not in message["Subject"]
    assert "<script>" not in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("text", [HOSTILE, "a\nb", "a\x00b", "\u202eabc", "  viel   Platz  "])
def test_a_line_for_a_header_is_one_clean_line(text):
    line = mail.one_line(text)
    assert line.isprintable()
    assert "  " not in line


def test_a_long_line_is_cut_visibly():
    assert len(mail.one_line("x" * 1000)) == 180
    assert mail.one_line("x" * 1000).endswith("…")


def test_an_address_with_a_line_break_is_refused_and_shows(server, notice, cast):
    with viewing_as(SYSTEM):
        User.objects.filter(pk=cast.bernd.user_id).update(email="a@acme.example\nBcc: opfer@example.org")
    assert again("channels.deliver", notice_id=notice.pk)
    assert fresh(notice).status == "failed"
    assert server.received == []


def test_the_raw_mail_holds_no_line_that_servers_refuse(server, make_ticket, cast):
    make_ticket(title="x" * 150, description="y" * 5000, now=NOW)
    run_jobs()
    assert max(len(line) for line in server.received[0][1].splitlines()) < 998

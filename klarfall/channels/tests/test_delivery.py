"""Sending through a real SMTP conversation: retries, failures that show, and headers nobody can forge."""

from datetime import timedelta
from email import message_from_string, policy

import pytest
from django.core.cache import cache
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.accounts.models import User
from klarfall.billing.models import PersonalLink
from klarfall.billing.tests.steps import send
from klarfall.channels import pace
from klarfall.channels.actions import resend
from klarfall.channels.models import MailDomain, Notice
from klarfall.channels.tests.smtp_server import smtp_server
from klarfall.core import mail
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from tests.cast import concern_of
from tests.queue import again, run_jobs, waiting_jobs

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


def go(notice, *, waited=True):
    """Run the job of the notice; by default after every pause is over."""
    if waited:
        with viewing_as(SYSTEM):
            MailDomain.objects.update(held_until=None)
    for arguments in waiting(notice)[:1] or [{"notice_id": notice.pk}]:
        with viewing_as(SYSTEM):
            jobs_of(notice)._raw_delete("default")
        again("channels.deliver", **arguments)
    return fresh(notice)


def jobs_of(notice):
    return ProcrastinateJob.objects.filter(task_name="channels.deliver", args__notice_id=notice.pk)


def waiting(notice):
    with viewing_as(SYSTEM):
        return [job.args for job in jobs_of(notice)]


def due(notice):
    """When the waiting job of the notice is to run."""
    with viewing_as(SYSTEM):
        return jobs_of(notice).get().scheduled_at


def row(domain=""):
    with viewing_as(SYSTEM):
        return MailDomain.objects.filter(domain=domain).first()


@pytest.mark.parametrize("answer", ["451 come back later", "421 too busy", "452 full"])
def test_a_busy_server_gets_the_same_mail_again_after_some_minutes(server, notice, answer):
    server.answers = [answer]
    failed = go(notice)
    assert (failed.status, failed.attempts) == ("failed", 1)
    assert failed.error == answer
    assert timedelta(minutes=4) < failed.again_at - timezone.now() <= timedelta(minutes=5)
    assert due(notice) == failed.again_at == row("acme.example").held_until
    sent = go(notice)
    assert (sent.status, sent.attempts, sent.error, sent.again_at) == ("sent", 2, "", None)
    assert sent.message_id == failed.message_id, "a receiver can recognise a repetition"
    assert len(server.received) == 1
    assert row("acme.example").failures == 0


def test_while_a_domain_is_spared_no_mail_goes_there_and_no_attempt_is_used_up(server, notice, make_ticket):
    server.answers = ["450 greylisted"]
    go(notice)
    make_ticket(title="Eine andere", now=NOW)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        other = Notice.objects.latest("pk")
    stored = go(other, waited=False)
    assert (stored.status, stored.attempts) == ("waiting", 0)
    assert due(other) == row("acme.example").held_until
    assert server.received == []


def test_pauses_for_a_domain_grow_and_end(server, notice):
    server.answers = ["450 later"] * 9
    pauses = [(go(notice).again_at - timezone.now()).total_seconds() / 60 for _attempt in range(9)]
    assert [round(one) for one in pauses] == [5, 10, 20, 40, 80, 160, 240, 240, 240]
    assert go(notice).status == "sent"


def test_a_server_that_is_away_is_tried_again_and_spared(server, notice, settings, make_ticket):
    settings.EMAIL_PORT = 1
    failed = go(notice)
    assert "Refused" in failed.error
    assert row().failing_since
    assert failed.again_at == row().held_until
    make_ticket(title="Eine andere", now=NOW)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        other = Notice.objects.latest("pk")
    assert go(other, waited=False).attempts == 0, "the first failure speaks for all"
    settings.EMAIL_PORT = server.port
    assert go(notice).status == "sent"
    assert go(other).status == "sent"
    assert len(server.received) == 2
    assert row().failing_since is None


def test_a_mail_server_that_dies_in_the_middle_of_a_mail_gets_it_again(server, notice):
    server.whims = ["dies"]
    failed = go(notice)
    assert (failed.status, server.received) == ("failed", [])
    assert failed.again_at
    assert go(notice).status == "sent"
    assert len(server.received) == 1


def test_a_mail_that_was_taken_too_late_comes_twice_and_is_recognised(server, notice, settings):
    settings.EMAIL_TIMEOUT = 0.2
    server.whims = ["dawdles"]
    assert go(notice).status == "failed"
    assert go(notice).status == "sent"
    first, second = (read(raw)["Message-ID"] for _recipient, raw in server.received)
    assert first == second


def test_a_text_that_is_refused_later_is_tried_again_and_one_refused_for_good_is_not(server, notice):
    server.whims = ["451 virus scanner away", "554 5.7.1 no"]
    assert go(notice).again_at
    failed = go(notice)
    assert (failed.status, failed.again_at, failed.error) == ("failed", None, "554 5.7.1 no")
    assert not waiting(notice)
    assert failed.bounced_at is None, "the address is not to blame"


def test_a_refused_address_is_not_tried_again_by_itself_but_by_a_person(server, notice, cast):
    server.answers = ["550 no such user"]
    failed = go(notice)
    assert (failed.status, failed.again_at) == ("failed", None)
    assert not waiting(notice), "waiting would not help"
    with viewing_as(SYSTEM):
        assert (failed.bounce, Contact.objects.get(pk=cast.bernd.pk).mail_failure) == ("550 no such user",) * 2
    resend(failed, actor=cast.anna, now=NOW)
    run_jobs("channels.deliver")
    assert fresh(notice).status == "sent"


def test_of_several_recipients_one_refused_one_stops_nobody_else(server, make_ticket, cast):
    tickets = [make_ticket(contact=one, now=NOW) for one in (cast.bernd, cast.astrid)]
    run_jobs("channels.fan_out")
    server.answers = ["550 no such user"]
    run_jobs("channels.deliver")
    with viewing_as(SYSTEM):
        found = [Notice.objects.get(ticket=ticket, kind="received").status for ticket in tickets]
    assert found == ["failed", "sent"]


def test_who_sends_again_by_hand_does_not_wait_for_the_next_attempt(server, notice, cast):
    server.whims = ["451 later"]
    failed = go(notice)
    resend(failed, actor=cast.anna, now=NOW)
    assert len(waiting(notice)) == 1
    assert go(notice).status == "sent"


def test_after_a_week_a_person_has_to_look(server, notice):
    with viewing_as(SYSTEM):
        Notice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(days=7))
    server.answers = ["450 later"]
    failed = go(notice)
    assert (failed.status, failed.again_at) == ("failed", None)
    assert not waiting(notice)


def test_a_notice_whose_job_was_lost_is_taken_up(server, notice):
    with viewing_as(SYSTEM):
        ProcrastinateJob.objects.all()._raw_delete("default")
        Notice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(hours=2))
    again("channels.sweep_notices")
    again("channels.sweep_notices")
    assert len(waiting(notice)) == 1
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
    go(notice)
    with viewing_as(SYSTEM):
        assert PersonalLink.objects.count() == 1


class TestPace:
    @pytest.fixture(autouse=True)
    def limit(self, settings):
        settings.MAIL_PER_DOMAIN = 3

    def places(self, count, address="a@acme.example", now=NOW):
        with viewing_as(SYSTEM):
            return [pace.turn(address, placed=False, now=now) for _mail in range(count)]

    def test_so_many_a_minute_go_out_and_the_others_get_places_in_the_next_ones(self, db):
        found = self.places(8)
        assert found[:3] == [None] * 3
        assert [(one.at, one.placed) for one in found[3:]] == [
            (NOW.replace(second=0) + timedelta(minutes=minute), True) for minute in (1, 1, 1, 2, 2)
        ]

    def test_each_domain_has_its_own_minutes(self, db):
        self.places(3)
        assert self.places(1, "a@borealis.example") == [None]
        assert self.places(1, "B@ACME.example") != [None]

    def test_a_kept_place_counts_and_is_not_counted_again(self, db):
        later = self.places(4)[3]
        with viewing_as(SYSTEM):
            assert pace.turn("a@acme.example", placed=True, now=later.at) is None
        assert self.places(3, now=later.at)[:2] == [None, None]

    def test_a_new_minute_is_empty(self, db):
        self.places(3)
        assert self.places(3, now=NOW + timedelta(minutes=1)) == [None] * 3

    def test_no_limit_means_none(self, db, settings):
        settings.MAIL_PER_DOMAIN = 0
        assert self.places(50) == [None] * 50

    def test_after_a_pause_places_are_given_in_its_order(self, db):
        with viewing_as(SYSTEM):
            until = pace.spare("a@acme.example", "450", now=NOW)
        found = self.places(5)
        assert [one.at for one in found[:3]] == [until] * 3
        assert found[3].at > until

    def test_a_bulk_of_mails_waits_for_its_minute_without_using_up_attempts(self, server, make_ticket):
        for number in range(5):
            make_ticket(title=f"Anfrage {number}", now=NOW)
        run_jobs("channels.fan_out")
        run_jobs("channels.deliver", rounds=1)
        assert len(server.received) == 3
        assert len([name for _id, name, args in waiting_jobs() if args.get("placed")]) == 2
        run_jobs("channels.deliver")
        assert len(server.received) == 5
        with viewing_as(SYSTEM):
            assert set(Notice.objects.values_list("attempts", flat=True)) == {1}

    def test_quiet_domains_are_forgotten(self, db):
        self.places(1)
        with viewing_as(SYSTEM):
            pace.forget_quiet_domains(NOW + timedelta(days=3))
            assert not MailDomain.objects.exists()


def test_a_failing_server_is_shown_after_a_quarter_of_an_hour_while_mails_wait(server, notice, settings):
    settings.EMAIL_PORT = 1
    go(notice)
    since = row().failing_since
    with viewing_as(SYSTEM, fresh=True):
        cache.clear()
        assert pace.failing(since + timedelta(minutes=14)) is None
        assert pace.failing(since + timedelta(minutes=15)).since == since
    settings.EMAIL_PORT = server.port
    go(notice)
    with viewing_as(SYSTEM, fresh=True):
        cache.clear()
        assert pace.failing(since + timedelta(minutes=15)) is None


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

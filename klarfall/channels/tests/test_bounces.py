"""Mails that come back: marked at notice and contact, told to the specialist, and never told about themselves."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing.tests.steps import accept, send
from klarfall.channels.actions import clear_mail_failure, note_bounce, resend
from klarfall.channels.models import Notice
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.tickets.actions.assign import assign
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.models import TicketEvent
from tests.cast import concern_of
from tests.queue import again, run_jobs

NOW = timezone.now().replace(second=0, microsecond=0)
REPORT = "550 5.1.1 <bernd@acme.example>: no such user"


@pytest.fixture
def ticket(make_ticket, cast):
    ticket = make_ticket(title="Saldo Liegenschaft 12", now=NOW)
    assign(ticket, to=cast.anna, actor=cast.anna, now=NOW)
    return ticket


def told(ticket, kind):
    run_jobs()
    with viewing_as(SYSTEM):
        return Notice.objects.get(ticket=ticket, kind=kind, recipient__email="bernd@acme.example")


def bounce(notice, *, final=True, minutes=1, report=REPORT):
    with viewing_as(SYSTEM):
        system = User.objects.system()
        found = note_bounce(notice, report_text=report, final=final, actor=system, now=NOW + timedelta(minutes=minutes))
    mail.outbox.clear()
    run_jobs()
    return found


def events(ticket):
    with viewing_as(SYSTEM):
        return list(TicketEvent.objects.filter(ticket=ticket, kind="mail.bounced"))


def contact(cast):
    with viewing_as(SYSTEM):
        return Contact.objects.get(pk=cast.bernd.pk)


def test_a_returned_mail_is_marked_at_notice_and_contact_and_stands_at_the_request(ticket, cast):
    notice = bounce(told(ticket, "received"))
    assert (notice.status, notice.bounce, notice.error) == ("failed", REPORT, REPORT)
    assert contact(cast).mail_failure == REPORT
    assert contact(cast).mail_failed_at == notice.bounced_at
    (event,) = events(ticket)
    assert not event.public
    assert REPORT not in str(event.data), "personal text stands beside the history"


def test_the_specialist_is_told_and_nobody_else(ticket):
    bounce(told(ticket, "received"))
    (message,) = mail.outbox
    assert "anna@" in message.to[0]
    assert "Bernd" in message.body
    assert REPORT in message.body
    assert "Kostenhinweis" not in message.body


def test_a_returned_cost_notice_says_that_the_customer_may_not_know_of_it(ticket, cast):
    offer = send(cast, concern_of(ticket), at=NOW)
    notice = told(ticket, "cost_notice")
    bounce(notice)
    (message,) = mail.outbox
    assert str(offer.number) in message.body
    assert "auf anderem Weg" in " ".join(message.body.split())


def test_after_the_decision_a_returned_cost_notice_is_an_ordinary_one(ticket, cast):
    offer = send(cast, concern_of(ticket), at=NOW)
    notice = told(ticket, "cost_notice")
    accept(offer, cast.bernd, at=NOW + timedelta(minutes=1))
    run_jobs()
    bounce(notice, minutes=2)
    (message,) = mail.outbox
    assert "auf anderem Weg" not in " ".join(message.body.split())


def test_without_a_specialist_whoever_offered_hears_of_a_returned_cost_notice(make_ticket, cast):
    ticket = make_ticket(now=NOW)
    send(cast, concern_of(ticket), at=NOW)
    with viewing_as(SYSTEM):
        type(ticket).objects.filter(pk=ticket.pk).update(assignee=None)
    bounce(told(ticket, "cost_notice"))
    assert len(mail.outbox) == 1


def test_repeated_reports_tell_once_and_a_late_mail_tells_nobody(ticket, cast):
    notice = told(ticket, "received")
    assert bounce(notice, final=False, report="4.4.1 delayed").status == "sent"
    assert mail.outbox == []
    assert contact(cast).mail_failed_at is None
    bounce(notice, final=False, minutes=2, report="4.4.1 still delayed")
    assert len(events(ticket)) == 1
    assert bounce(notice, minutes=3).status == "failed"
    assert len(mail.outbox) == 1
    bounce(notice, minutes=4)
    bounce(notice, final=False, minutes=5)
    assert mail.outbox == []
    assert len(events(ticket)) == 2


def test_a_returned_mail_about_a_returned_mail_ends_there(ticket):
    bounce(told(ticket, "received"))
    with viewing_as(SYSTEM):
        about = Notice.objects.get(kind="team_bounce")
    bounce(about)
    assert mail.outbox == []
    assert len(events(ticket)) == 1


def test_it_can_be_sent_again_and_come_back_again(ticket, cast):
    notice = bounce(told(ticket, "received"))
    waiting = resend(notice, actor=cast.anna, now=NOW)
    assert (waiting.bounced_at, waiting.bounce) == (None, "")
    run_jobs()
    with viewing_as(SYSTEM):
        assert Notice.objects.get(pk=notice.pk).status == "sent"
    assert bounce(notice, minutes=9).status == "failed"
    assert len(events(ticket)) == 2


def test_a_mail_from_the_address_shows_that_it_works_again(ticket, cast):
    bounce(told(ticket, "received"))
    reply(ticket, text="Über das Portal.", actor=cast.bernd.user, now=NOW + timedelta(minutes=5))
    run_jobs()
    assert contact(cast).mail_failed_at is not None, "a message in the portal proves no address"
    reply(ticket, text="Bin wieder da.", channel="email", actor=cast.bernd.user, now=NOW + timedelta(minutes=6))
    run_jobs()
    assert contact(cast).mail_failed_at is None


def test_a_specialist_says_that_the_address_works_and_customers_cannot(ticket, cast):
    bounce(told(ticket, "received"))
    with pytest.raises(NotAllowed):
        clear_mail_failure(contact(cast), actor=cast.bernd.user, now=NOW)
    cleared = clear_mail_failure(contact(cast), actor=cast.anna, now=NOW)
    assert (cleared.mail_failed_at, cleared.mail_failure) == (None, "")
    assert clear_mail_failure(cleared, actor=cast.anna, now=NOW).mail_failed_at is None


def test_an_invitation_that_comes_back_marks_its_contact(cast):
    with viewing_as(SYSTEM):
        notice = Notice.objects.create(
            customer_id=cast.bernd.customer_id, kind="invitation", key="x", recipient=cast.bernd.user, status="sent",
            created_at=NOW,
        )  # fmt: skip
    assert bounce(notice, report="weg\r\nBcc: opfer@example.org\x00").bounce == "weg Bcc: opfer@example.org"
    assert contact(cast).mail_failed_at is not None
    assert mail.outbox == []


def test_a_job_left_over_sends_no_returned_mail_again(ticket):
    notice = bounce(told(ticket, "received"))
    again("channels.deliver", notice_id=notice.pk)
    assert all("bernd" not in one.to[0] for one in mail.outbox)


def test_we_want_to_hear_that_a_mail_could_not_be_delivered(ticket):
    told(ticket, "received")
    suppressed = mail.outbox[-1].extra_headers["X-Auto-Response-Suppress"].split(", ")
    assert "OOF" in suppressed
    assert not {"NDR", "All"} & set(suppressed)

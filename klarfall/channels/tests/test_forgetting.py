"""What an erased person leaves among the stored mails: nothing but the fact that they were sent."""

from datetime import timedelta

from django.core import mail

from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.assign import assign
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.actions.reply import reply
from tests.cast import NOW
from tests.queue import run_jobs


def test_of_an_erased_person_no_stored_mail_remains(make_ticket, cast):
    ticket = make_ticket()
    assign(ticket, to=cast.anna, actor=cast.anna, now=NOW)
    reply(
        ticket,
        text="Mein Name ist Bernd und ich wohne in Nirgendwo.",
        actor=cast.bernd.user,
        now=NOW + timedelta(minutes=1),
    )
    run_jobs()
    assert "Nirgendwo" in "".join(message.body for message in mail.outbox)
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW + timedelta(minutes=2))
    run_jobs()
    with viewing_as(SYSTEM):
        kept = list(Notice.objects.filter(ticket=ticket))
    assert kept
    assert {(one.subject, one.text, one.html, one.error) for one in kept} == {("", "", "", "")}
    assert all(one.sent_at for one in kept)

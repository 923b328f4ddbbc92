"""What an erased person leaves among the stored mails: nothing but the fact that they were sent."""

from datetime import timedelta

from django.core import mail

from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
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
    with viewing_as(SYSTEM):
        Notice.objects.filter(ticket=ticket).update(bounce="550 bernd@acme.example unbekannt")
        Contact.objects.filter(pk=cast.bernd.pk).update(mail_failed_at=NOW, mail_failure="550 bernd@acme.example")
    assert "Nirgendwo" in "".join(message.body for message in mail.outbox)
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW + timedelta(minutes=2))
    run_jobs()
    with viewing_as(SYSTEM):
        kept = list(Notice.objects.filter(ticket=ticket))
        assert Contact.objects.get(pk=cast.bernd.pk).mail_failure == ""
    assert kept
    assert {(one.subject, one.text, one.html, one.error, one.bounce) for one in kept} == {("",) * 5}
    assert all(one.sent_at for one in kept)

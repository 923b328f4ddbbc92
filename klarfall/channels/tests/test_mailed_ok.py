"""A mail decides nothing: it is stored and answered with the way to decide (domain.md, section 5)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from klarfall.billing.actions import links
from klarfall.billing.models import CostOffer, CustomerDecision, PersonalLink
from klarfall.billing.tests.steps import accept, send
from klarfall.channels.delivery import deliver
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer
from klarfall.tickets.actions.reply import reply
from tests.cast import concern_of
from tests.queue import run_jobs

NOW = timezone.now().replace(second=0, microsecond=0)
KIND = "mail_is_no_decision"


@pytest.fixture
def ticket(make_ticket):
    return make_ticket(title="Saldo Liegenschaft 12", now=NOW)


@pytest.fixture
def offer(ticket, cast):
    found = send(cast, concern_of(ticket), at=NOW)
    run_jobs()
    mail.outbox.clear()
    return found


def write(ticket, contact, *, text="ok, bitte machen", minutes=1, channel="email"):
    """A mail of the customer; returns the answers it gets, as plain text in one line."""
    mail.outbox.clear()
    reply(ticket, text=text, channel=channel, actor=contact.user, now=NOW + timedelta(minutes=minutes))
    run_jobs()
    theirs = [one for one in mail.outbox if contact.user.email in one.to[0]]
    return [" ".join(one.body.split()) for one in theirs]


def test_an_ok_by_mail_accepts_nothing_and_is_answered_with_the_way_to_decide(ticket, offer, cast):
    (text,) = write(ticket, cast.bernd)
    assert "nichts beauftragt und nichts abgelehnt" in text
    assert str(offer.number) in text
    with viewing_as(SYSTEM):
        assert not CustomerDecision.objects.exists()
        assert CostOffer.objects.get(pk=offer.pk).status == "sent"
    token = re.search(r"/l/([\w-]+)/", text)[1]
    assert links.open_link(token, now=NOW + timedelta(minutes=2)).offer_id == offer.pk


def test_the_message_itself_is_kept(ticket, offer, cast):
    write(ticket, cast.bernd, text="Einverstanden mit den Kosten.")
    with viewing_as(SYSTEM):
        assert any(one.text == "Einverstanden mit den Kosten." for one in ticket.messages.select_related("sealed"))


def test_it_is_said_once_a_day_and_person(ticket, offer, cast):
    assert len(write(ticket, cast.bernd)) == 1
    assert write(ticket, cast.bernd, text="Und?", minutes=2) == []
    assert len(write(ticket, cast.astrid, text="Ja", minutes=3)) == 1
    assert len(write(ticket, cast.bernd, text="Hallo?", minutes=24 * 60 + 1)) == 1


@pytest.mark.parametrize("case", ["portal", "no_offer", "decided"])
def test_nothing_is_said_where_nothing_waits_or_it_was_no_mail(ticket, cast, case):
    if case != "no_offer":
        offer = send(cast, concern_of(ticket), at=NOW)
        if case == "decided":
            accept(offer, cast.bernd, at=NOW + timedelta(seconds=30))
    run_jobs()
    assert write(ticket, cast.bernd, channel="portal" if case == "portal" else "email") == []


def test_who_may_not_decide_hears_who_can_and_gets_no_link(ticket, offer, cast):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(release_policy="named")
        Contact.objects.filter(pk=cast.astrid.pk).update(roles=["cost_release"], release_limit="5000")
        before = PersonalLink.objects.count()
    (text,) = write(ticket, cast.bernd)
    assert "Astrid" in text
    assert f"/offers/{offer.number}/" in text
    assert "/l/" not in text
    with viewing_as(SYSTEM):
        assert PersonalLink.objects.count() == before


def test_where_nobody_can_it_says_so(ticket, offer, cast):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(release_policy="named")
        Contact.objects.filter(customer=cast.acme).update(release_limit=None)
    (text,) = write(ticket, cast.bernd)
    assert "auch niemand sonst in Ihrem Unternehmen" in text


def test_a_decision_made_before_the_answer_is_written_makes_it_superfluous(ticket, offer, cast):
    reply(ticket, text="ok", channel="email", actor=cast.bernd.user, now=NOW + timedelta(minutes=1))
    run_jobs("channels.fan_out")
    accept(offer, cast.bernd, at=NOW + timedelta(minutes=2))
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(kind=KIND)
        deliver(notice.pk)
        assert Notice.objects.get(pk=notice.pk).status == "failed"
    assert mail.outbox == []

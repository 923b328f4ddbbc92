"""Mails about caps, goodwill and credits: to both sides, with exact minutes and euros and what to do."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from klarfall.billing.actions import assessments, caps
from klarfall.billing.actions.goodwill import grant_goodwill
from klarfall.billing.actions.time import record_time, start_timer
from klarfall.billing.tests.steps import accept, send
from klarfall.channels.tests.test_notices import flat, parts, tell
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import Ticket
from tests.cast import concern_of

#: So long ago that 80 % are reached by now and the cap is not: predicted jobs run by the real clock.
NOW = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=115)


def at(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def concern(make_ticket):
    return concern_of(make_ticket(title="Saldo Liegenschaft 12", now=NOW))


@pytest.fixture
def accepted(cast, concern):
    """A cap of 120 minutes, 264.00 net, accepted by Astrid; Bernd is the requester."""
    with viewing_as(SYSTEM):
        type(cast.astrid).objects.filter(pk=cast.astrid.pk).update(visibility="all")
    offer = send(cast, concern, at=at(1), cap_minutes=120)
    accept(offer, cast.astrid, at=at(2))
    return offer


def worked(cast, concern, minutes, actor=None):
    common = {"purpose": "work", "channel": "internal", "activity": "Bereinigt"}
    record_time(concern, start=at(10), end=at(10 + minutes), **common, actor=actor or cast.anna, now=at(10 + minutes))


def of(told, address):
    """Both parts of the mail to this person, each on one line with plain blanks."""
    return [flat(re.sub("\u00a0", " ", text)) for text in parts(told[address])]


def test_at_80_percent_both_sides_get_exact_figures_and_what_to_do(cast, concern, accepted):
    tell()
    start_timer(concern, purpose="work", channel="internal", actor=cast.dora, now=at(10))
    with viewing_as(SYSTEM):
        caps.watch_cap(concern, actor=_system(), now=at(106))
    told = tell()
    assert set(told) == {"astrid@acme.example", "bernd@acme.example", "anna@vendor.example", "dora@vendor.example"}
    for text in of(told, "astrid@acme.example"):
        assert "1 Std. 36 Min. von 2 Std., das sind 211,20 € von 264,00 € netto. Es bleiben 24 Min." in text
        assert "Sie müssen nichts tun" in text
    for text in of(told, "dora@vendor.example"):  # whose timer runs
        assert "Es bleiben 24 Min." in text
        assert "?concern=1&open=offer#offer" in text


def _system():
    from klarfall.accounts.models import User

    return User.objects.system()


def test_at_the_cap_both_sides_hear_that_nothing_more_is_billed(cast, concern, accepted):
    tell()
    start_timer(concern, purpose="work", channel="internal", actor=cast.anna, now=at(10))
    with viewing_as(SYSTEM):
        caps.watch_cap(concern, actor=_system(), now=at(131))
    told = tell()
    for text in of(told, "bernd@acme.example"):
        assert "Verbraucht: 2 Std., das sind 264,00 € netto." in text
        assert "kostet Sie nichts" in text
    for text in of(told, "anna@vendor.example"):
        assert "Weitere Minuten" in text
        assert "open=offer" in text


def test_goodwill_tells_requester_and_decider_with_reason_and_figures(cast, concern, accepted):
    worked(cast, concern, 50)
    tell()
    grant_goodwill(concern, minutes=15, reason="Der Rückruf kam zu spät.", actor=cast.anna, now=at(70))
    told = tell()
    assert set(told) == {"astrid@acme.example", "bernd@acme.example"}
    for address in told:
        assert "33,00" in told[address].subject
        for text in of(told, address):
            assert "berechnen wir 15 Min. nicht" in text
            assert "99,00 € netto statt 132,00 €" in text
            assert "Der Rückruf kam zu spät." in text
            assert "nach Kulanz von 33,00 €" in text


def test_a_defect_tells_what_would_have_been_and_that_it_is_free(cast, concern, accepted):
    worked(cast, concern, 50)
    tell()
    assessments.report_defect(concern, reason="Fehler in 2026.1", actor=cast.anna, now=at(70))
    told = tell()
    assert {"astrid@acme.example", "bernd@acme.example"} <= set(told)
    assert "Programmfehler gefunden" in told["bernd@acme.example"].subject
    for address in ("astrid@acme.example", "bernd@acme.example"):
        for text in of(told, address):
            assert "Bisher wären es 132,00 € netto gewesen." in text
    with viewing_as(SYSTEM):
        assert Ticket.objects.get(pk=concern.ticket_id).is_live

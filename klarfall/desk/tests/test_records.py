"""Service records at the desk: preview, issuing, revisions, the customer's answer."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from klarfall.billing.actions import service_records
from klarfall.billing.models import ServiceRecord
from klarfall.billing.tests.record_steps import issue, s1, s3
from klarfall.billing.tests.steps import timer
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of
from tests.queue import run_jobs


def flat(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def records(ticket):
    return reverse("desk:records", kwargs={"number": ticket.number})


@pytest.fixture
def told(cast, make_ticket, clock):
    told = s1(cast, make_ticket)
    clock.set(told.now)
    return told


def issued():
    with viewing_as(SYSTEM):
        return list(ServiceRecord.objects.order_by("pk"))


def test_an_empty_request_says_what_will_stand_there(annas, ticket):
    words = flat(annas.get(records(ticket)))
    assert "Noch nichts erfasst" in words
    assert "Ausstellen und senden" not in words
    assert annas.post(records(ticket)).status_code == 303
    assert issued() == []
    assert "nichts auszuweisen" in flat(annas.get(records(ticket)))


def test_the_preview_shows_what_would_be_issued_and_writes_nothing(annas, told):
    words = flat(annas.get(records(told.ticket)))
    for part in ("Vorschau auf Fassung 1", "67 Minuten", "75 Minuten", "165,00 €", "196,35 €", "Ausstellen und senden"):
        assert part in words, part
    assert issued() == []


def test_issuing_sends_it(annas, told):
    run_jobs()
    mail.outbox.clear()
    response = annas.post(records(told.ticket))
    (record,) = issued()
    assert response["Location"] == reverse("desk:record", kwargs={"pk": record.pk})
    run_jobs()
    assert {one.subject for one in mail.outbox if one.attachments} == {
        f"[KF-{told.ticket.number}] Leistungsnachweis, Fassung 1: 165,00 € netto"
    }
    words = flat(annas.get(response["Location"]))
    assert "Fassung 1 · Ausgestellt" in words
    assert record.content_hash in words
    assert "nichts geändert" in flat(annas.get(records(told.ticket)))
    pdf = annas.get(reverse("desk:record-pdf", kwargs={"pk": record.pk}))
    assert b"".join(pdf).startswith(b"%PDF")


def test_a_running_timer_is_said(annas, told, cast):
    timer(cast, concern_of(told.ticket), told.now, actor=cast.dora)
    words = flat(annas.get(records(told.ticket)))
    assert "läuft eine Uhr" in words
    assert "Ausstellen und senden" not in words


def test_a_dispute_is_shown_and_may_be_answered_with_the_same(annas, told, cast):
    first = issue(told, cast.anna)
    service_records.dispute_record(first, reason="Das war <i>kürzer</i>.", actor=cast.bernd.user, now=told.now)
    html = annas.get(reverse("desk:record", kwargs={"pk": first.pk})).content.decode()
    assert "Das war &lt;i&gt;kürzer&lt;/i&gt;." in html
    assert "Die nächste Fassung ist die Antwort" in flat(annas.get(records(told.ticket)))
    annas.post(records(told.ticket))
    assert [one.revision for one in issued()] == [1, 2]
    assert "Diese Fassung ist ersetzt" in flat(annas.get(reverse("desk:record", kwargs={"pk": first.pk})))


def test_several_concerns_stand_one_below_the_other(annas, cast, make_ticket, clock):
    told = s3(cast, make_ticket)
    clock.set(told.now)
    words = flat(annas.get(records(told.ticket)))
    for part in ("Doppelte Buchungen bereinigen", "Im Vertrag enthalten", "Es wird nichts berechnet.", "−8,00 €",
                 "Obergrenze 190,00 €", "190,00 €", "226,10 €"):  # fmt: skip
        assert part in words, part

"""Service records in the portal: the figures of the scenarios on page, PDF and mail; answers; isolation."""

import re
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from klarfall.billing.actions.service_records import issue_record
from klarfall.billing.models import ServiceRecord
from klarfall.billing.tests.record_steps import SCENARIOS, issue, s1, text_of
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.ui.formats import money
from tests.queue import run_jobs


def flat(html):
    """The words of a page in one line, without tags and with ordinary blanks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def at(name, record):
    return reverse(f"portal:{name}", args=[record.pk])


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return flat(response.content.decode())


@pytest.fixture
def told(cast, make_ticket, clock):
    told = s1(cast, make_ticket)
    clock.set(told.now)
    return told


@pytest.fixture
def bernds(told, browser_of, bernd):
    """Signed in at the time of the story: sessions end."""
    return browser_of(bernd)


@pytest.fixture
def record(told, cast):
    return issue(told, cast.anna)


@pytest.mark.parametrize("name", SCENARIOS)
def test_page_pdf_and_mail_show_the_same_figures(cast, make_ticket, browser_of, clock, name):
    told = SCENARIOS[name](cast, make_ticket)
    clock.set(told.now)
    bernds = browser_of(cast.bernd)
    run_jobs()
    record = issue(told, cast.anna)
    mail.outbox.clear()
    run_jobs()
    (message,) = [one for one in mail.outbox if "bernd" in one.to[0]]
    (html,) = [content for content, kind in message.alternatives if kind == "text/html"]
    (attached,) = message.attachments
    downloaded = b"".join(bernds.get(at("record-pdf", record)))
    assert attached.content == downloaded
    places = [page(bernds, at("record", record)), flat(message.body), flat(html), text_of(downloaded)]
    wanted = [told.net, told.gross] if told.net == "0.00" else [told.net, told.vat, told.gross]
    for words in places:
        for amount in wanted:
            assert " ".join(money(Decimal(amount)).split()) in words
        for minutes in (told.minutes[0], told.minutes[2]):
            assert f"{minutes} Minuten" in words


def test_the_page_tells_every_minute(bernds, record):
    words = page(bernds, at("record", record))
    wanted = ["Fassung 1 · Ausgestellt", "09:10–09:32", "Verteilerschlüssel angelegt", "22 · Abrechenbar"]
    wanted += ["67 Minuten genau, Takt 15: 75 Minuten", "Sichtung", "Kostenhinweis", "132,00 € je Stunde"]
    for part in wanted:
        assert part in words, part


def test_the_request_leads_to_its_record(bernds, told, record):
    html = bernds.get(reverse("portal:ticket", args=[told.ticket.number])).content.decode()
    assert at("record", record) in html
    assert "Leistungsnachweis ausgestellt, Fassung 1" in flat(html)


def test_confirming_asks_first_and_is_shown(bernds, record):
    words = page(bernds, at("record-sign-off", record))
    assert "165,00 €" in words
    assert "196,35 €" in words
    assert state(record) == "issued"
    response = bernds.post(at("record-sign-off", record))
    assert response.status_code == 303
    assert "Bestätigt von Bernd" in page(bernds, at("record", record))
    assert "schon beantwortet" in page(bernds, at("record-sign-off", record))
    bernds.post(at("record-sign-off", record))
    assert "schon beantwortet" in page(bernds, at("record", record))


def state(record):
    with viewing_as(SYSTEM):
        return ServiceRecord.objects.get(pk=record.pk).status


def test_seeing_it_differently_reaches_the_team(bernds, record):
    run_jobs()
    mail.outbox.clear()
    words = "Der zweite Termin war <b>unser</b> Rückruf."
    refused = bernds.post(at("record-objection", record), {"reason": " "})
    assert (refused.status_code, state(record)) == (422, "issued")
    assert bernds.post(at("record-objection", record), {"reason": words}).status_code == 303
    html = bernds.get(at("record", record)).content.decode()
    assert "&lt;b&gt;unser&lt;/b&gt; Rückruf." in html
    assert "Bernd sah es anders" in flat(html)
    run_jobs()
    (message,) = mail.outbox
    assert "anna" in message.to[0]
    assert words in message.body
    again = bernds.post(at("record-objection", record), {"reason": "Noch einmal"})
    assert again.status_code == 422


def test_the_next_revision_answers_the_dispute(bernds, told, record, cast):
    bernds.post(at("record-objection", record), {"reason": "Bitte prüfen."})
    run_jobs()
    mail.outbox.clear()
    second = issue(told, cast.anna)
    run_jobs()
    (message,) = [one for one in mail.outbox if "bernd" in one.to[0]]
    assert "Antwort darauf" in " ".join(message.body.split())
    old = page(bernds, at("record", record))
    assert "Diese Fassung ist ersetzt." in old
    assert "Bestätigen" not in old
    assert "Fassung 2" in page(bernds, at("record", second))
    assert bernds.post(at("record-sign-off", record)).status_code == 303
    assert state(record) == "disputed"


def test_nobody_else_sees_a_record(browser_of, cast, record):
    names = ("record", "record-sign-off", "record-objection", "record-pdf")
    for client in (browser_of(cast.clara), browser_of(cast.dora)):
        for name in names:
            assert client.get(at(name, record)).status_code in (302, 403, 404)
    clara = browser_of(cast.clara)
    assert [clara.get(at(name, record)).status_code for name in names] == [404] * 4
    for name in names[1:3]:
        assert clara.post(at(name, record), {"reason": "x"}).status_code == 404
    assert state(record) == "issued"


def test_the_document_is_only_saved(bernds, told, record):
    response = bernds.get(at("record-pdf", record))
    assert response["Content-Disposition"] == f'attachment; filename="Leistungsnachweis-KF-{told.ticket.number}-1.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_before_the_document_is_made(bernds, told, cast):
    record = issue_record(told.ticket, actor=cast.anna, now=told.now)
    assert bernds.get(at("record-pdf", record)).status_code == 404
    assert "Das PDF wird gerade erstellt" in page(bernds, at("record", record))


def test_those_who_accepted_get_the_mail_too(record, cast):
    mail.outbox.clear()
    run_jobs()
    told = {one.to[0] for one in mail.outbox if one.attachments}
    assert {re.sub(r".*<|>", "", address) for address in told} == {"bernd@acme.example", "astrid@acme.example"}

"""Goodwill, defects found later, caps and late time at the desk: forms, previews, and what is kept when refused."""

import pytest

from klarfall.billing.actions import resolution
from klarfall.billing.models import Goodwill, TimeEntry
from klarfall.billing.tests.steps import accept, timer, work
from klarfall.billing.tests.steps import send as send_offer
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import HOST, at, send, text
from tests.cast import berlin, concern_of, fresh

pytestmark = pytest.mark.django_db
LATE = {
    "purpose": "work", "channel": "internal", "start": "2026-11-22T09:10", "end": "2026-11-22T09:32",
    "activity": "Schlüssel angelegt",
}  # fmt: skip
HTMX = {**HOST, "HTTP_HX_REQUEST": "true"}


@pytest.fixture
def worked(ticket, cast, astrid, clock):
    """50 minutes at 132.00 under a cap of 120: 132.00 net with rounding."""
    accept(send_offer(cast, concern_of(ticket), at=clock(), cap_minutes=120), astrid, at=clock())
    work(cast, concern_of(ticket), "09:10", "10:00")
    clock.set("2026-11-24 12:00")
    return concern_of(ticket)


def page_of(client, ticket, **more):
    return text(client.get(at("ticket", ticket.number), more))


def plain(shown):
    return " ".join(shown.replace("\u00a0", " ").split())


def grants():
    with viewing_as(SYSTEM):
        return list(Goodwill.objects.values_list("minutes", "net"))


class TestGoodwill:
    def test_minutes_or_euros_with_a_reason(self, annas, ticket, worked):
        send(annas, ticket, "goodwill", {"minutes": "15 Min.", "reason": "Der Rückruf kam zu spät.", "seen": "0"})
        send(annas, ticket, "goodwill", {"net": "9,50 €", "reason": "Noch etwas.", "seen": "1"})
        assert [(minutes, str(net)) for minutes, net in grants()] == [(15, "0.00"), (0, "9.50")]
        shown = plain(page_of(annas, ticket))
        assert "Der Rückruf kam zu spät." in shown
        assert "89,50 €" in shown  # 132.00 - 33.00 - 9.50
        assert "Goodwill" not in shown

    def test_the_preview_says_what_the_customer_then_pays(self, annas, ticket, worked):
        path = at("goodwill-preview", ticket.number, 1)
        shown = plain(text(annas.post(path, {"minutes": "15"}, **HTMX)))
        assert "99,00 €" in shown
        assert "<main" not in shown
        assert "statt 132,00 €" in plain(text(annas.post(path, {"minutes": "15"})))
        assert "Minuten oder ein Betrag" in text(annas.post(path, {"minutes": "x"}, **HTMX))
        assert "höchstens" in plain(text(annas.post(path, {"minutes": "9999"}, **HTMX)))

    @pytest.mark.parametrize(
        "data",
        [
            {"minutes": "viel", "reason": "Weil."},
            {"net": "1.234", "reason": "Weil."},
            {"net": "-5", "reason": "Weil."},
            {"minutes": "5", "net": "5", "reason": "Weil."},
            {"reason": "Weil."},
            {"minutes": "5", "reason": ""},
            {"net": "120", "reason": "Über der Grenze."},
            {"net": "9999999", "reason": "Weil."},
        ],
    )
    def test_bad_input_keeps_what_was_typed(self, data, annas, ticket, worked):
        shown = text(send(annas, ticket, "goodwill", data, status=422))
        assert grants() == []
        for value in data.values():
            assert value in shown
        assert 'id="goodwill" open' in shown

    def test_leads_may_grant_more(self, annas, doras, ticket, worked):
        data = {"net": "120", "reason": "Aus Kulanz."}
        assert "Dora" in text(send(annas, ticket, "goodwill", data, status=422))
        send(doras, ticket, "goodwill", data)
        assert len(grants()) == 1

    def test_a_second_click_grants_nothing(self, annas, ticket, worked):
        data = {"minutes": "5", "reason": "Aus Kulanz.", "seen": "0"}
        send(annas, ticket, "goodwill", data)
        send(annas, ticket, "goodwill", data, status=422)
        assert len(grants()) == 1

    def test_there_is_no_form_where_nothing_is_paid(self, annas, ticket):
        assert 'id="goodwill"' not in page_of(annas, ticket)


class TestDefect:
    def test_it_is_recorded_on_a_closed_request_after_a_confirmation(self, desk_of, ticket, worked, cast, clock):
        resolution.resolve(
            fresh(ticket), solution="So.", resolution_kind="commissioned_done", actor=cast.anna, now=clock()
        )
        clock.set("2026-12-20 10:00")
        assert resolution.close_due(clock()) == 1
        annas = desk_of(cast.anna)
        shown = plain(page_of(annas, ticket, open="defect"))
        assert "132,00 €" in shown
        reason = {"reason": "Absturz laut Protokoll."}
        refused = text(send(annas, ticket, "defect", reason, status=422))
        assert "Absturz laut Protokoll." in refused
        send(annas, ticket, "defect", {**reason, "sure": "on"})
        shown = plain(page_of(annas, ticket))
        assert "Kostet nichts mehr" in shown
        assert 'id="defect"' not in shown
        assert fresh(ticket).status == "closed"


class TestCap:
    def cap_of(self, client, ticket):
        return plain(text(client.get(at("cap", ticket.number, 1), **HTMX)))

    def test_it_switches_at_the_predicted_minute_and_the_timer_goes_on(self, annas, ticket, worked, cast, clock):
        timer(cast, worked, berlin("2026-11-24 11:00"))
        clock.set("2026-11-24 11:45")
        shown = self.cap_of(annas, ticket)
        assert "Arbeit ist jetzt abrechenbar" in shown
        assert "1 Std. 35 Min. von 2 Std." in shown
        assert "Obergrenze erweitern" not in shown
        clock.set("2026-11-24 11:46")
        shown = self.cap_of(annas, ticket)
        assert "80 % der Obergrenze" in shown
        assert "12:10" in shown
        assert "Obergrenze erweitern" in shown
        clock.set("2026-11-24 12:10")
        shown = self.cap_of(annas, ticket)
        assert "Arbeit ist jetzt nicht abrechenbar" in shown
        assert "Die Uhr läuft weiter, ihre Minuten sind nicht abrechenbar." in shown
        assert "264,00 € von 264,00 €" in shown  # the card comes along
        assert "läuft: Anna, bisher 1 Std. 10 Min." in shown
        assert "nicht abrechenbar" in plain(text(annas.get(at("timer-state"), **HTMX))).lower()
        clock.set("2026-11-24 12:20")
        rows = plain(text(annas.get(at("times", ticket.number))))
        assert "Über der Obergrenze, kostenfrei: <b" in rows

    def test_without_a_timer_nothing_is_fetched(self, annas, ticket, worked):
        assert "data-minute" not in page_of(annas, ticket)

    def test_asked_for_alone_it_leads_to_the_request(self, annas, ticket, worked):
        assert annas.get(at("cap", ticket.number, 1)).status_code == 303
        assert annas.get(at("timer-state")).status_code == 303


class TestLateTime:
    def test_it_needs_a_reason_and_is_marked_everywhere(self, annas, desk_of, cast, ticket, worked):
        refused = text(send(annas, ticket, "concern-times", LATE, status=422))
        assert "24 Stunden" in refused
        assert "Schlüssel angelegt" in refused
        send(annas, ticket, "concern-times", {**LATE, "late_reason": "War beim Kunden."})
        mark = "spät eingetragen: War beim Kunden."
        assert mark in page_of(annas, ticket)
        assert mark in text(annas.get(at("times", ticket.number)))
        assert mark in text(desk_of(cast.bernd).get(f"/requests/{ticket.number}/"))

    def test_a_word_is_corrected_later_without_a_reason(self, desk_of, cast, worked, clock):
        with viewing_as(SYSTEM):
            entry = TimeEntry.objects.get()
        clock.set("2026-11-26 12:00")
        annas = desk_of(cast.anna)
        data = {**LATE, "start": "2026-11-24T09:10", "end": "2026-11-24T10:00", "activity": "Besseres Wort"}
        assert annas.post(at("time", entry.pk), data).status_code == 303
        data["end"] = "2026-11-24T09:58"
        assert annas.post(at("time", entry.pk), data).status_code == 422
        assert fresh(entry).activity == "Besseres Wort"
        assert not fresh(entry).is_late


def test_a_part_fetched_after_signing_out_loads_the_page_anew(client, ticket, worked):
    answer = client.get(at("cap", ticket.number, 1), **HTMX)
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (204, "true", b"")
    assert client.get(at("cap", ticket.number, 1)).headers["Location"].startswith("/account/login/?next=")

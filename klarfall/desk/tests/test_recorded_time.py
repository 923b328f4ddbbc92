"""Time at the desk: the guard, the timer, entries by hand, corrections, every minute with its reason."""

import pytest

from klarfall.billing.models import TimeEntry
from klarfall.billing.tests.steps import accept, publish
from klarfall.billing.tests.steps import send as send_offer
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, send, text
from tests.cast import concern_of

pytestmark = pytest.mark.django_db
BY_HAND = {
    "purpose": "work", "channel": "internal", "start": "2026-11-24T09:10", "end": "2026-11-24T09:32",
    "activity": "Schlüssel angelegt", "late_reason": "",
}  # fmt: skip


def page_of(client, ticket):
    return text(client.get(at("ticket", ticket.number)))


def entries(ticket):
    with viewing_as(SYSTEM):
        return list(TimeEntry.objects.filter(ticket=ticket).order_by("pk"))


@pytest.fixture
def accepted(ticket, cast, astrid, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    accept(offer, astrid, at=clock())
    clock.set("2026-11-24 12:00")
    return offer


def test_billable_is_locked_and_says_why(annas, ticket, cast, clock):
    assert 'disabled aria-describedby="purpose-reason"' in page_of(annas, ticket)
    send_offer(cast, concern_of(ticket), at=clock())
    shown = page_of(annas, ticket)
    assert 'disabled aria-describedby="purpose-reason"' in shown
    assert "Bernd" in shown.partition('id="purpose-reason"')[2].partition("</p>")[0]


def test_billable_opens_with_the_acceptance(annas, ticket, accepted):
    shown = page_of(annas, ticket)
    assert 'id="purpose-reason"' not in shown
    assert 'name="purpose" value="work" checked' in shown


def test_a_crafted_purpose_is_refused(annas, ticket):
    send(annas, ticket, "timer", {"purpose": "billable", "channel": "internal"})
    assert entries(ticket) == []


def test_the_timer_starts_and_stops(annas, ticket, accepted, clock):
    send(annas, ticket, "timer", {"purpose": "work", "channel": "phone"})
    assert "data-timer" in page_of(annas, ticket)
    [running] = entries(ticket)
    clock.forward(minutes=10)
    annas.post(at("timer-end", running.pk), {"activity": "Telefonat zum Schlüssel"})
    [done] = entries(ticket)
    assert (done.status, done.activity) == ("recorded", "Telefonat zum Schlüssel")
    assert "data-timer" not in page_of(annas, ticket)


def test_a_timer_elsewhere_is_named(annas, ticket, accepted, make_ticket, clock):
    send(annas, ticket, "timer", {"purpose": "work", "channel": "phone"})
    other = make_ticket(title="Etwas anderes", now=clock())
    assert str(ticket.number) in page_of(annas, other).partition('id="timer"')[2]


def test_remote_time_needs_consent(annas, ticket, accepted):
    send(annas, ticket, "timer", {"purpose": "work", "channel": "remote"})
    assert entries(ticket) == []
    page = text(send(annas, ticket, "concern-times", {**BY_HAND, "channel": "remote"}, status=422))
    assert "Schlüssel angelegt" in page


def test_time_by_hand_is_classified_with_its_reason(annas, ticket, accepted):
    send(annas, ticket, "concern-times", BY_HAND)
    shown = text(annas.get(at("times", ticket.number)))
    assert "Schlüssel angelegt" in shown
    assert ">22<" in shown
    assert "Abrechenbar" in shown or "Billable" in shown


def test_time_before_any_acceptance_costs_nothing(annas, ticket, cast, clock):
    publish(cast, concern_of(ticket), "CHG-CONF", at=clock())
    clock.set("2026-11-24 12:00")
    send(annas, ticket, "concern-times", BY_HAND)
    shown = text(annas.get(at("times", ticket.number)))
    assert ">22<" in shown
    assert "<b>Billable</b>" not in shown
    assert "<b>Abrechenbar</b>" not in shown


@pytest.mark.parametrize(
    "change",
    [
        {"end": "2026-11-24T09:00"},
        {"end": "2026-11-24T18:00"},
        {"start": "gestern"},
        {"activity": ""},
        {"start": "2026-11-20T09:00", "end": "2026-11-20T09:20"},
    ],
)
def test_impossible_times_are_refused_and_kept_in_the_form(change, annas, ticket, accepted):
    data = {**BY_HAND, **change}
    page = text(send(annas, ticket, "concern-times", data, status=422))
    assert f'value="{data["end"]}"' in page
    assert entries(ticket) == []


def test_entries_of_one_person_never_overlap(annas, ticket, accepted):
    send(annas, ticket, "concern-times", BY_HAND)
    send(
        annas, ticket, "concern-times", {**BY_HAND, "start": "2026-11-24T09:20", "end": "2026-11-24T09:40"}, status=422
    )
    assert len(entries(ticket)) == 1


def test_own_entries_are_corrected_and_deleted_those_of_others_not(annas, doras, ticket, accepted, desk_of):
    from tests.cast import make_staff

    send(annas, ticket, "concern-times", BY_HAND)
    [entry] = entries(ticket)
    eva = desk_of(make_staff("Eva"))
    changed = {**BY_HAND, "end": "2026-11-24T09:30", "activity": "Nur zwanzig Minuten"}
    assert eva.post(at("time", entry.pk), changed).status_code == 422
    assert annas.get(at("time", entry.pk)).status_code == 200
    assert annas.post(at("time", entry.pk), changed).status_code == 303
    assert entries(ticket)[0].activity == "Nur zwanzig Minuten"
    eva.post(at("time-deletion", entry.pk))
    assert len(entries(ticket)) == 1
    doras.post(at("time-deletion", entry.pk))
    assert entries(ticket) == []

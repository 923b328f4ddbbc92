"""Goodwill: who grants how much, what is refused, what the customer then pays (section 6, rule 6; INV-23)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from klarfall.billing.actions import resolution
from klarfall.billing.actions.goodwill import GoodwillRefused, grant_goodwill, preview
from klarfall.billing.facts import facts_of
from klarfall.billing.models import Goodwill, Unbilled
from klarfall.billing.tests.steps import accept, clock, publish, refresh, send, work
from klarfall.billing.waiving import net_of_concern
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import Ticket, TicketEvent
from tests.cast import concern_of, fresh, make_staff

D = Decimal
REASON = "Die Störung hat Sie lange aufgehalten."


@pytest.fixture
def concern(make_ticket):
    return concern_of(make_ticket(now=clock("07:00")))


@pytest.fixture
def worked(cast, concern):
    """80 billable minutes at 132.00, rounded to 90, capped at 190.00 net (S3)."""
    offer = send(cast, concern, at=clock("08:00"), cap_minutes=None, cap_net=D("190.00"))
    accept(offer, cast.bernd, at=clock("08:30"))
    work(cast, concern, "09:00", "10:20")
    return concern


def grant(concern, actor, *, at="11:00", reason=REASON, **given):
    return grant_goodwill(concern, reason=reason, actor=actor, now=clock(at), **given)


def ticket_of(concern):
    with viewing_as(SYSTEM):
        return Ticket.objects.get(pk=concern.ticket_id)


def pays(concern):
    with viewing_as(SYSTEM):
        return net_of_concern(facts_of([concern])[concern.pk], clock("18:00"))


def test_minutes_take_rounding_first_then_the_last_minutes(cast, worked):
    assert pays(worked) == D("190.00")
    assert grant(worked, cast.anna, minutes=15).minutes == 15
    assert pays(worked) == D("157.00")  # ten rounding minutes and five of the eighty, 33.00


def test_amounts_come_after_minutes_and_never_go_below_zero(cast, worked):
    grant(worked, cast.dora, net=D("100.00"))
    grant(worked, cast.dora, minutes=60, at="11:01")
    assert pays(worked) == D("0.00")
    with pytest.raises(GoodwillRefused, match="bereits erlassen"):
        grant(worked, cast.dora, net=D("1.00"), at="11:02")


def test_it_never_changes_the_assessment_or_the_offer(cast, worked):
    before = refresh(worked)
    grant(worked, cast.anna, net=D("20.00"))
    after = refresh(worked)
    assert (after.current_assessment_id, after.status) == (before.current_assessment_id, before.status)


def test_specialists_stay_within_the_limit_of_the_concern_all_of_them_together(cast, worked):
    emma = make_staff("Emma")
    grant(worked, cast.anna, net=D("60.00"))
    grant(worked, cast.dora, net=D("50.00"), at="11:01")  # a lead's grant does not count
    with pytest.raises(GoodwillRefused, match="Dora") as refused:
        grant(worked, emma, minutes=19, at="11:02")  # 41.80
    assert refused.value.field == "minutes"
    grant(worked, emma, minutes=18, at="11:03")  # 39.60: 99.60 of 100.00
    with pytest.raises(GoodwillRefused, match="0,40"):
        grant(worked, cast.anna, net=D("0.41"), at="11:04")
    grant(worked, cast.anna, net=D("0.40"), at="11:05")
    grant(worked, cast.dora, net=D("1.00"), at="11:06")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "minutes"),
        ({"minutes": -1}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"minutes": 1.5}, "minutes"),
        ({"minutes": 10**9}, "minutes"),
        ({"net": D("-1.00")}, "net"),
        ({"net": D("NaN")}, "net"),
        ({"net": D("Infinity")}, "net"),
        ({"net": D("0.005")}, "net"),
        ({"net": D("1e30")}, "net"),
        ({"net": D("190.01")}, "net"),
        ({"net": 5}, "net"),
        ({"minutes": 5, "reason": "  "}, "reason"),
        ({"minutes": 5, "reason": "x" * 401}, "reason"),
        ({"minutes": 5, "reason": "a\x00b"}, "reason"),
    ],
)
def test_what_is_no_goodwill_is_refused_with_its_field(given, field, cast, worked):
    with pytest.raises(Refused) as refused:
        grant(worked, cast.dora, **{"reason": REASON, **given})
    assert refused.value.field == field
    assert pays(worked) == D("190.00")


def test_where_nothing_costs_anything_there_is_no_goodwill(cast, concern):
    with pytest.raises(GoodwillRefused, match="nichts beauftragt"):
        grant(concern, cast.dora, minutes=5)
    accept(send(cast, concern, at=clock("08:00")), cast.bernd, at=clock("08:30"))
    with pytest.raises(GoodwillRefused, match="nach jetzigem Stand nichts"):
        grant(concern, cast.dora, minutes=5)
    work(cast, concern, "09:00", "10:20")
    publish(cast, concern, "COV-USE", at=clock("10:30"), trigger="new_information")
    with pytest.raises(GoodwillRefused, match="nach jetzigem Stand nichts"):
        grant(concern, cast.dora, minutes=5)


def test_only_staff_grants(cast, worked):
    for actor in (cast.bernd.user, cast.clara.user, make_staff("Lisa", "billing"), make_staff("Udo", "editor")):
        with pytest.raises(NotAllowed):
            grant(worked, actor, minutes=5)


def test_also_after_the_request_was_solved_and_closed(cast, worked):
    ticket = ticket_of(worked)
    resolution.resolve(ticket, solution="So.", resolution_kind="use_clarified", actor=cast.anna, now=clock("10:30"))
    grant(worked, cast.anna, minutes=5)
    resolution.close_due(clock("10:30") + timedelta(days=15))
    assert fresh(ticket).status == "closed"
    later = clock("10:30") + timedelta(days=16)
    grant_goodwill(worked, minutes=5, reason=REASON, actor=cast.anna, now=later)
    assert fresh(ticket).status == "closed"
    assert pays(worked) == D("168.00")


def test_history_audit_and_the_next_run_know_it(cast, worked):
    with viewing_as(SYSTEM):
        version = Unbilled.objects.get(concern=worked).version
    granted = grant(worked, cast.anna, net=D("20.00"))
    with viewing_as(SYSTEM):
        event = TicketEvent.objects.select_related("sealed").get(kind="goodwill.granted")
        figures = {"minutes": 0, "net": "20.00", "before": "190.00", "after": "170.00", "credited": "0.00"}
        assert figures.items() <= event.data.items()
        assert (event.public, event.actor_id, event.sealed.text) == (True, cast.anna.pk, REASON)
        assert REASON not in str(event.data)
        assert broken_events(ticket_of(worked)) == []
        entry = AuditEntry.objects.get(verb="goodwill.grant")
        assert (entry.subject_id, entry.actor_id, entry.data["net"]) == (granted.pk, cast.anna.pk, "20.00")
        assert Unbilled.objects.get(concern=worked).version > version


def test_a_repeated_request_grants_nothing_twice(cast, worked):
    grant(worked, cast.anna, net=D("20.00"), grants_seen=0)
    with pytest.raises(GoodwillRefused, match="Inzwischen"):
        grant(worked, cast.anna, net=D("20.00"), grants_seen=0, at="11:01")
    with viewing_as(SYSTEM):
        assert Goodwill.objects.count() == 1


def test_the_preview_writes_nothing_and_refuses_alike(cast, worked):
    found = preview(worked, minutes=15, actor=cast.anna, now=clock("11:00"))
    assert (found.before, found.after, found.worth) == (D("190.00"), D("157.00"), D("33.00"))
    with pytest.raises(GoodwillRefused):
        preview(worked, minutes=90, actor=cast.anna, now=clock("11:00"))
    with viewing_as(SYSTEM):
        assert not Goodwill.objects.exists()

"""Recording time: whole minutes, no overlap, no future, consent first; and what it does to offers (INV-22, INV-28)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from klarfall.billing.actions import time
from klarfall.billing.actions.time import TimeRefused
from klarfall.billing.consumption import consumption, consumption_of
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.models import TimeEntry
from klarfall.billing.tests.steps import accept, classes, clock, publish, refresh, send, split_off, timer, work
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.remote import record_consent
from klarfall.tickets.models import TicketEvent
from tests.cast import concern_of, make_staff


@pytest.fixture
def ticket(make_ticket):
    return make_ticket(now=clock("07:00"))


@pytest.fixture
def concern(ticket):
    return concern_of(ticket)


def test_times_are_snapped_inwards_and_kept_raw(cast, concern):
    entry = work(cast, concern, "09:10:20", "09:32:50")
    assert (entry.raw_start, entry.raw_end) == (clock("09:10:20"), clock("09:32:50"))
    assert (entry.start, entry.end, entry.minutes) == (clock("09:11"), clock("09:32"), 21)
    assert (entry.source, entry.status, entry.is_late) == ("manual", "recorded", False)


@pytest.mark.parametrize(("start", "end"), [("09:10:20", "09:10:50"), ("09:10:20", "09:11:10"), ("09:10", "09:10:59")])
def test_less_than_a_clock_minute_is_kept_and_counts_nothing(start, end, cast, concern):
    entry = work(cast, concern, start, end)
    assert entry.minutes == 0
    assert entry.start <= entry.end
    assert classes(concern) == {}


def test_a_timer_runs_until_it_is_stopped(cast, concern):
    entry = timer(cast, concern, clock("09:00:30"))
    assert (entry.status, entry.start, entry.replaced) == ("running", clock("09:01"), None)
    stopped = time.stop_timer(entry, activity="Fertig", actor=cast.anna, now=clock("09:20:10"))
    assert (stopped.status, stopped.minutes, stopped.activity) == ("recorded", 19, "Fertig")
    with pytest.raises(TimeRefused):
        time.stop_timer(entry, actor=cast.anna, now=clock("09:21"))


def test_a_timer_stopped_at_once_counts_nothing(cast, concern):
    entry = timer(cast, concern, clock("09:00:30"))
    assert time.stop_timer(entry, actor=cast.anna, now=clock("09:00:30")).minutes == 0


def test_starting_another_timer_stops_and_records_the_first(cast, concern, make_ticket):
    other = concern_of(make_ticket(title="Anderes", description="Anderes.", now=clock("07:00")))
    first = timer(cast, concern, clock("09:00"))
    second = timer(cast, other, clock("09:30"))
    assert (second.replaced.pk, second.replaced.minutes) == (first.pk, 30)
    assert (refresh(first).status, refresh(second).status) == ("recorded", "running")
    third = timer(cast, other, clock("09:40"))
    assert third.replaced.pk == second.pk
    with viewing_as(SYSTEM):
        assert TimeEntry.objects.filter(status="running").count() == 1


def test_time_of_one_person_never_overlaps(cast, concern, make_ticket):
    other_ticket = make_ticket(title="Anderes", description="Anderes.", now=clock("07:00"))
    other = concern_of(other_ticket)
    work(cast, concern, "09:10", "09:32")
    for start, end in (
        ("09:00", "09:11"),
        ("09:31", "09:40"),
        ("09:15", "09:20"),
        ("09:00", "10:00"),
        ("09:10", "09:32"),
    ):
        with pytest.raises(TimeRefused) as refused:
            work(cast, other, start, end)
        assert "09:10" in str(refused.value.message)
        assert "09:32" in str(refused.value.message)
    work(cast, other, "09:32", "09:40")
    work(cast, other, "09:00", "09:10")
    work(cast, other, "09:15", "09:20", actor=cast.dora)


def test_a_running_timer_overlaps_what_comes_after_its_start(cast, concern):
    timer(cast, concern, clock("09:00"))
    with pytest.raises(TimeRefused, match="09:00"):
        work(cast, concern, "09:10", "09:20")
    work(cast, concern, "08:30", "09:00", now=clock("09:30"))


@pytest.mark.parametrize(
    ("start", "end", "now", "field"),
    [
        ("09:00", "09:30", "09:29:59", "end"),
        ("09:30", "09:00", "10:00", "end"),
        ("09:30", "09:30", "10:00", "end"),
    ],
)
def test_time_lies_in_the_past_and_runs_forwards(start, end, now, field, cast, concern):
    with pytest.raises(TimeRefused) as refused:
        work(cast, concern, start, end, now=clock(now))
    assert refused.value.field == field


def test_instants_without_a_zone_and_endless_days_are_refused(cast, concern):
    start = clock("09:00")
    for begin, end in ((start.replace(tzinfo=None), start), (start - timedelta(days=2), start), (None, start)):
        with pytest.raises(TimeRefused):
            time.record_time(
                concern,
                purpose="work",
                channel="internal",
                start=begin,
                end=end,
                activity="x",
                actor=cast.anna,
                now=start,
            )


def test_after_a_day_an_entry_needs_a_reason_and_is_marked(cast, concern):
    with pytest.raises(TimeRefused) as refused:
        work(cast, concern, "09:00", "09:30", now=clock("09:30:01", "2026-11-25"))
    assert refused.value.field == "late_reason"
    entry = work(cast, concern, "09:00", "09:30", now=clock("09:30:01", "2026-11-25"), late_reason="Zug ohne Netz")
    assert (entry.is_late, entry.late_reason) == (True, "Zug ohne Netz")
    assert not work(cast, concern, "10:00", "10:30", now=clock("10:30", "2026-11-25")).is_late


def test_remote_time_needs_consent_before_it(cast, concern, ticket, make_ticket):
    with pytest.raises(TimeRefused):
        work(cast, concern, "09:00", "09:30", channel="remote")
    consent = {"contact": cast.bernd, "purpose": "Ansehen", "way": "phone", "actor": cast.anna}
    session = record_consent(ticket, at=clock("09:10"), now=clock("09:11"), **consent)
    with pytest.raises(TimeRefused):
        work(cast, concern, "09:00", "09:30", channel="remote", remote_session=session)
    elsewhere = concern_of(make_ticket(title="Anderes", description="Anderes.", now=clock("07:00")))
    with pytest.raises(TimeRefused):
        work(cast, elsewhere, "09:20", "09:30", channel="remote", remote_session=session)
    assert work(cast, concern, "09:10", "09:30", channel="remote", remote_session=session).minutes == 20


def test_only_staff_records_and_nonsense_is_refused(cast, concern):
    for fields in (
        {"actor": cast.bernd.user},
        {"actor": make_staff("Wilma", "billing")},
        {"purpose": "fun"},
        {"channel": "onsite"},
        {"activity": ""},
        {"activity": "x" * 500},
    ):
        with pytest.raises(Refused):
            work(cast, concern, "09:00", "09:30", **fields)


def test_only_its_agent_or_a_lead_corrects_an_entry(cast, concern):
    entry = work(cast, concern, "09:00", "09:30")
    emil = make_staff("Emil")
    with pytest.raises(NotAllowed):
        time.correct_entry(entry, end=clock("09:20"), actor=emil, now=clock("09:40"))
    with pytest.raises(NotAllowed):
        time.delete_entry(entry, actor=emil, now=clock("09:40"))
    changed = time.correct_entry(entry, end=clock("09:20"), activity="Kürzer", actor=cast.dora, now=clock("09:40"))
    assert (changed.minutes, changed.activity) == (20, "Kürzer")
    time.delete_entry(entry, actor=cast.anna, now=clock("09:41"))
    with pytest.raises(TimeRefused):
        time.delete_entry(entry, actor=cast.anna, now=clock("09:42"))
    with viewing_as(SYSTEM):
        kinds = list(
            TicketEvent.objects.filter(kind__startswith="time.").order_by("sequence").values_list("kind", "public")
        )
    assert kinds == [("time.recorded", True), ("time.corrected", False), ("time.deleted", False)]


def test_a_correction_obeys_the_rules_of_a_new_entry(cast, concern):
    work(cast, concern, "09:00", "09:30")
    entry = work(cast, concern, "10:00", "10:30")
    for fields in ({"start": clock("09:20")}, {"end": clock("11:30")}, {"end": clock("09:50")}, {"purpose": "fun"}):
        with pytest.raises(TimeRefused):
            time.correct_entry(entry, actor=cast.anna, now=clock("10:40"), **fields)
    with pytest.raises(TimeRefused):
        time.correct_entry(entry, end=clock("10:20"), actor=cast.anna, now=clock("11:00", "2026-11-25"))


def test_review_never_becomes_work_afterwards(cast, concern):
    """INV-9: nothing becomes billable afterwards; the other way round is fine."""
    free = work(cast, concern, "09:00", "09:30", purpose="triage")
    with pytest.raises(TimeRefused):
        time.correct_entry(free, purpose="work", actor=cast.anna, now=clock("09:40"))
    paid = work(cast, concern, "10:00", "10:30")
    assert time.correct_entry(paid, purpose="triage", actor=cast.anna, now=clock("10:40")).purpose == "triage"


def test_billable_is_locked_with_its_reason(cast, concern):
    def standing(at):
        with viewing_as(SYSTEM):
            found = consumption(concern, clock(at))
        return found.standing.minute_class, found.billable, found.why

    assert standing("08:00") == (M.TRIAGE, False, "Nicht abrechenbar: Es ist noch nichts eingeordnet.")
    offer = send(cast, concern, at=clock("08:10"), cap_minutes=30)
    assert standing("08:20") == (
        M.PRE_DECISION,
        False,
        "Nicht abrechenbar: Kein Kostenhinweis ist beauftragt.",
    )
    accept(offer, cast.bernd, at=clock("08:30"))
    assert standing("08:40")[:2] == (M.BILLABLE, True)
    work(cast, concern, "09:00", "09:30")
    assert standing("09:40")[:2] == (M.OVER_CAP, False)
    publish(cast, concern, "COV-USE", at=clock("10:00"), trigger="new_information")
    assert standing("10:10")[:2] == (M.COVERED, False)


def test_a_correction_gives_back_what_is_left_of_the_cap(cast, concern):
    offer = send(cast, concern, at=clock("08:10"), cap_minutes=30)
    accept(offer, cast.bernd, at=clock("08:30"))
    entry = work(cast, concern, "09:00", "09:30")
    assert (refresh(offer).status, refresh(concern).status) == ("exhausted", "cap_reached")
    time.correct_entry(entry, end=clock("09:10"), actor=cast.anna, now=clock("09:40"))
    assert (refresh(offer).status, refresh(concern).status) == ("accepted", "accepted")
    assert refresh(offer).used_minutes == 10


def test_minutes_and_euros_of_a_ticket_come_in_four_queries(cast, concern, ticket, django_assert_num_queries):
    offer = send(cast, concern, at=clock("08:10"), cap_minutes=120)
    accept(offer, cast.bernd, at=clock("08:30"))
    (second,) = split_off(cast, ticket, "Zweites", at=clock("08:40"))
    work(cast, concern, "09:00", "09:40")
    timer(cast, concern, clock("10:00"))
    with viewing_as(SYSTEM), django_assert_num_queries(4):
        found = consumption_of([concern, second], clock("10:06"))
    (use,) = found[concern.pk].offers
    assert (use.used_minutes, use.remaining_minutes, str(use.used_net), str(use.remaining_net)) == (
        46,
        74,
        "101.20",
        "162.80",
    )
    assert (use.level, use.warning_minutes) == (0, 96)
    assert (use.warns_at, use.used_up_at) == (clock("10:56"), clock("11:20"))
    assert found[second.pk].offers == ()
    assert refresh(offer).used_minutes == 40


def test_not_even_the_database_turns_review_into_work(cast, make_ticket):
    """INV-9: whatever an action would forget."""
    entry = work(cast, concern_of(make_ticket()), "08:10", "08:30", purpose="triage")
    with pytest.raises(DatabaseError), viewing_as(SYSTEM):
        TimeEntry.objects.filter(pk=entry.pk).update(purpose="work")

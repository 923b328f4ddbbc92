"""One table per rule of the classes: what a minute is, which offer it uses, and the reason with its facts."""

from datetime import UTC, datetime
from time import process_time

import pytest

from klarfall.billing.engine import (
    Assessment,
    Caps,
    ConcernFacts,
    Ending,
    FactKind,
    FactRef,
    Locked,
    MinuteClass,
    Outcome,
    Purpose,
    TimeEntry,
    Why,
    classify,
    totals,
)
from klarfall.billing.tests.histories import (
    assessed,
    at,
    classed,
    concern,
    done,
    ended,
    objection,
    offer,
    reopened,
    stop,
    told,
    triage,
    work,
)

COVERED, NOT_OFFERED = Outcome.COVERED, Outcome.NOT_OFFERED
HOUR = work("09:00", "10:00")
CHARGEABLE = assessed("08:00")
ACCEPTED = offer(1, "08:30", minutes=120)


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        ("nothing assessed yet", [HOUR], ["09:00-10:00 TRIAGE"]),
        (
            "assessed in the middle: its minute is still triage",
            [HOUR, assessed("09:20:30")],
            ["09:00-09:21 TRIAGE", "09:21-10:00 PRE_DECISION"],
        ),
        (
            "triage stays triage, accepted or not",
            [triage("09:00", "10:00"), CHARGEABLE, ACCEPTED],
            ["09:00-10:00 TRIAGE"],
        ),
        (
            "triage stays triage, covered or not",
            [triage("09:00", "10:00"), assessed("08:00", COVERED)],
            ["09:00-10:00 TRIAGE"],
        ),
    ],
)
def test_triage(why, facts, expected):
    assert told(concern(*facts)) == expected


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        ("covered", [HOUR, assessed("08:00", COVERED)], ["09:00-10:00 COVERED"]),
        ("not offered", [HOUR, assessed("08:00", NOT_OFFERED)], ["09:00-10:00 NOT_OFFERED"]),
        (
            "covered later frees what was accepted",
            [HOUR, CHARGEABLE, ACCEPTED, assessed("12:00", COVERED)],
            ["09:00-10:00 COVERED"],
        ),
        (
            "chargeable again later charges nothing of the past",
            [HOUR, CHARGEABLE, ACCEPTED, assessed("12:00", COVERED), assessed("13:00"), offer(2, "13:10", minutes=60)],
            ["09:00-10:00 COVERED"],
        ),
        (
            "the first later one gives the class",
            [HOUR, CHARGEABLE, assessed("12:00", NOT_OFFERED), assessed("13:00", COVERED)],
            ["09:00-10:00 NOT_OFFERED"],
        ),
        (
            "the one in force comes before a later one",
            [HOUR, assessed("08:00", COVERED), assessed("12:00", NOT_OFFERED)],
            ["09:00-10:00 COVERED"],
        ),
        (
            "the minute of the change belongs to the one before",
            [HOUR, assessed("08:00", COVERED), assessed("09:20:30"), offer(1, "09:20:40", minutes=9)],
            ["09:00-09:21 COVERED", "09:21-09:30 BILLABLE 1", "09:30-10:00 OVER_CAP"],
        ),
        (
            "an acceptance while covered does not come back when it is chargeable again",
            [HOUR, assessed("08:00", COVERED), offer(1, "08:30", minutes=60), assessed("09:20")],
            ["09:00-09:20 COVERED", "09:20-10:00 PRE_DECISION"],
        ),
        (
            "free comes before an objection and a stop",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:10"), stop("09:20"), assessed("12:00", COVERED)],
            ["09:00-10:00 COVERED"],
        ),
        (
            "of one instant, the order is the sequence number: chargeable last",
            [HOUR, assessed("09:20", seq=2), assessed("09:20", COVERED, seq=1), offer(1, "09:20", minutes=60, seq=3)],
            ["09:00-09:20 TRIAGE", "09:20-09:21 COVERED", "09:21-10:00 BILLABLE 1"],
        ),
        (
            "of one instant, the order is the sequence number: covered last",
            [HOUR, assessed("09:20", seq=1), assessed("09:20", COVERED, seq=2), offer(1, "09:20", minutes=60, seq=3)],
            ["09:00-09:20 TRIAGE", "09:20-10:00 COVERED"],
        ),
    ],
)
def test_covered_and_not_offered(why, facts, expected):
    # neighbouring segments may differ in their reason alone: joined here, the reasons have their own test
    assert _joined(told(concern(*facts))) == expected


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        (
            "on hold while an objection is open at any instant of the minute, afterwards the acceptance goes on",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:10:59", "09:20:01")],
            ["09:00-09:10 BILLABLE 1", "09:10-09:21 ON_HOLD", "09:21-10:00 BILLABLE 1"],
        ),
        (
            "reviewed on the full minute: that minute is free again",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:10", "09:20")],
            ["09:00-09:10 BILLABLE 1", "09:10-09:20 ON_HOLD", "09:20-10:00 BILLABLE 1"],
        ),
        (
            "two that overlap",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:10", "09:30"), objection("09:20", "09:40")],
            ["09:00-09:10 BILLABLE 1", "09:10-09:40 ON_HOLD", "09:40-10:00 BILLABLE 1"],
        ),
        (
            "never reviewed",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:50")],
            ["09:00-09:50 BILLABLE 1", "09:50-10:00 ON_HOLD"],
        ),
        (
            "opened and reviewed in one instant holds its minute",
            [HOUR, CHARGEABLE, ACCEPTED, objection("09:10", "09:10")],
            ["09:00-09:10 BILLABLE 1", "09:10-09:11 ON_HOLD", "09:11-10:00 BILLABLE 1"],
        ),
        (
            "on hold comes before a stop, and uses no cap",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=15), objection("09:10", "09:20"), stop("09:30")],
            [
                "09:00-09:10 BILLABLE 1",
                "09:10-09:20 ON_HOLD",
                "09:20-09:25 BILLABLE 1",
                "09:25-09:30 OVER_CAP",
                "09:30-10:00 AFTER_STOP",
            ],
        ),
        (
            "accepted while on hold: nothing billable until the review",
            [HOUR, CHARGEABLE, objection("08:10", "09:30"), offer(1, "09:10", minutes=60)],
            ["09:00-09:30 ON_HOLD", "09:30-10:00 BILLABLE 1"],
        ),
    ],
)
def test_on_hold(why, facts, expected):
    assert _joined(told(concern(*facts))) == expected


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        (
            "the minute of the stop is stopped",
            [HOUR, CHARGEABLE, ACCEPTED, stop("09:20:30")],
            ["09:00-09:20 BILLABLE 1", "09:20-10:00 AFTER_STOP"],
        ),
        (
            "up to the first full minute after a later acceptance",
            [HOUR, CHARGEABLE, ACCEPTED, stop("09:20"), offer(2, "09:40:01", minutes=60)],
            ["09:00-09:20 BILLABLE 1", "09:20-09:41 AFTER_STOP", "09:41-10:00 BILLABLE 2"],
        ),
        (
            "stop and acceptance in one instant: the stop wins, though its number is lower",
            [HOUR, CHARGEABLE, stop("09:20", seq=1), offer(1, "09:20", minutes=60, seq=2)],
            ["09:00-09:20 PRE_DECISION", "09:20-10:00 AFTER_STOP"],
        ),
        (
            "stop and acceptance in one instant: nor if it is higher",
            [HOUR, CHARGEABLE, stop("09:20", seq=2), offer(1, "09:20", minutes=60, seq=1)],
            ["09:00-09:20 PRE_DECISION", "09:20-10:00 AFTER_STOP"],
        ),
        (
            "such an acceptance does not end an earlier stop either",
            [HOUR, CHARGEABLE, stop("09:10"), stop("09:20"), offer(1, "09:20", minutes=60), work("10:00", "10:05")],
            ["09:00-09:10 PRE_DECISION", "09:10-10:00 AFTER_STOP", "10:00-10:05 AFTER_STOP"],
        ),
        (
            "a stop ends every accepted offer",
            [HOUR, CHARGEABLE, ACCEPTED, offer(2, "08:40", minutes=60), stop("09:20"), offer(3, "09:30", minutes=5)],
            ["09:00-09:20 BILLABLE 1", "09:20-09:30 AFTER_STOP", "09:30-09:35 BILLABLE 3", "09:35-10:00 OVER_CAP"],
        ),
        (
            "a stop before any acceptance",
            [HOUR, CHARGEABLE, stop("09:20")],
            ["09:00-09:20 PRE_DECISION", "09:20-10:00 AFTER_STOP"],
        ),
    ],
)
def test_after_stop(why, facts, expected):
    assert told(concern(*facts)) == expected


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        (
            "from the first full minute at or after the decision: on the minute",
            [HOUR, CHARGEABLE, offer(1, "09:20", minutes=60)],
            ["09:00-09:20 PRE_DECISION", "09:20-10:00 BILLABLE 1"],
        ),
        (
            "from the first full minute at or after the decision: a second later",
            [HOUR, CHARGEABLE, offer(1, "09:20:01", minutes=60)],
            ["09:00-09:21 PRE_DECISION", "09:21-10:00 BILLABLE 1"],
        ),
        ("sent but not accepted", [HOUR, CHARGEABLE, offer(1, minutes=60)], ["09:00-10:00 PRE_DECISION"]),
        (
            "a chosen lower cap binds",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=120, chosen=Caps(30))],
            ["09:00-09:30 BILLABLE 1", "09:30-10:00 OVER_CAP"],
        ),
        (
            "a cap that cannot be chosen is no acceptance",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=20, chosen=Caps(30))],
            ["09:00-10:00 PRE_DECISION"],
        ),
        (
            "accepted before anything was assessed is no acceptance",
            [HOUR, assessed("09:20"), offer(1, "09:10", minutes=60)],
            ["09:00-09:20 TRIAGE", "09:20-10:00 PRE_DECISION"],
        ),
        (
            "a used up offer without a later one is over for ever",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=30), work("11:00", "11:10")],
            ["09:00-09:30 BILLABLE 1", "09:30-10:00 OVER_CAP", "11:00-11:10 OVER_CAP"],
        ),
        (
            "an extension accepted early waits until its predecessor is used up",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=30), offer(2, "08:40", minutes=10, extends=1)],
            ["09:00-09:30 BILLABLE 1", "09:30-09:40 BILLABLE 2", "09:40-10:00 OVER_CAP"],
        ),
        (
            "or has ended",
            [
                HOUR,
                CHARGEABLE,
                offer(1, "08:30", minutes=60, end=ended("09:10:30", Ending.WITHDRAWN)),
                offer(2, "08:40", minutes=20, extends=1),
            ],
            ["09:00-09:10 BILLABLE 1", "09:10-09:30 BILLABLE 2", "09:30-10:00 OVER_CAP"],
        ),
        (
            "offers accepted in one instant: by number",
            [HOUR, CHARGEABLE, offer(3, "08:30", minutes=20), offer(2, "08:30", minutes=20)],
            ["09:00-09:20 BILLABLE 2", "09:20-09:40 BILLABLE 3", "09:40-10:00 OVER_CAP"],
        ),
        (
            "offers in order of acceptance, whatever their numbers",
            [HOUR, CHARGEABLE, offer(3, "08:30", minutes=20), offer(2, "08:31", minutes=20)],
            ["09:00-09:20 BILLABLE 3", "09:20-09:40 BILLABLE 2", "09:40-10:00 OVER_CAP"],
        ),
    ],
)
def test_acceptance_and_cap(why, facts, expected):
    assert told(concern(*facts)) == expected


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        (
            "completed by another item; the past keeps its class, a new offer is needed",
            [HOUR, CHARGEABLE, ACCEPTED, assessed("09:20:30", item="CHG-OTHER"), offer(2, "09:40", minutes=60)],
            ["09:00-09:20 BILLABLE 1", "09:20-09:40 PRE_DECISION", "09:40-10:00 BILLABLE 2"],
        ),
        (
            "the same item again changes nothing",
            [HOUR, CHARGEABLE, ACCEPTED, assessed("09:20:30")],
            ["09:00-10:00 BILLABLE 1"],
        ),
        (
            "an item confirmed, then changed, then back: it ended at the change",
            [HOUR, CHARGEABLE, ACCEPTED, assessed("09:10"), assessed("09:20", item="CHG-OTHER"), assessed("09:30")],
            ["09:00-09:20 BILLABLE 1", "09:20-10:00 PRE_DECISION"],
        ),
        (
            "done in the middle of a minute",
            [HOUR, CHARGEABLE, ACCEPTED, done("09:20:30")],
            ["09:00-09:20 BILLABLE 1", "09:20-10:00 PRE_DECISION"],
        ),
        (
            "reopening brings no acceptance back",
            [HOUR, CHARGEABLE, ACCEPTED, done("09:20"), reopened("09:30"), offer(2, "09:40", minutes=60)],
            ["09:00-09:20 BILLABLE 1", "09:20-09:40 PRE_DECISION", "09:40-10:00 BILLABLE 2"],
        ),
        (
            "accepted while done is no acceptance",
            [HOUR, CHARGEABLE, done("09:10"), offer(1, "09:20", minutes=60), reopened("09:30")],
            ["09:00-10:00 PRE_DECISION"],
        ),
        (
            "withdrawn before it was accepted",
            [HOUR, CHARGEABLE, offer(1, "09:20", minutes=60, seq=2, end=ended("09:20", Ending.WITHDRAWN, seq=1))],
            ["09:00-10:00 PRE_DECISION"],
        ),
        (
            "completed by hand",
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=60, end=ended("09:20", Ending.COMPLETED))],
            ["09:00-09:20 BILLABLE 1", "09:20-10:00 PRE_DECISION"],
        ),
    ],
)
def test_end_of_an_offer(why, facts, expected):
    assert _joined(told(concern(*facts))) == expected


@pytest.mark.parametrize(
    ("why", "entries", "expected"),
    [
        (
            "minute by minute in clock order; in the last one who started first",
            [work("09:00", "10:00", id=2, agent=1), work("09:10", "10:00", id=1, agent=2)],
            ["09:00-09:21 BILLABLE 1", "09:10-09:20 BILLABLE 1", "09:20-10:00 OVER_CAP", "09:21-10:00 OVER_CAP"],
        ),
        (
            "same start: the lower id",
            [
                work("09:10", "10:00", id=2, agent=1),
                work("09:10", "10:00", id=1, agent=2),
                work("09:00", "09:09", id=3),
            ],
            [
                "09:00-09:09 BILLABLE 1",
                "09:10-09:21 BILLABLE 1",
                "09:10-09:21 BILLABLE 1",
                "09:21-10:00 OVER_CAP",
                "09:21-10:00 OVER_CAP",
            ],
        ),
        (
            "an entry recorded later for an earlier time comes first",
            [work("09:30", "10:00", id=1), work("09:00", "09:20", id=2)],
            ["09:00-09:20 BILLABLE 1", "09:30-09:41 BILLABLE 1", "09:41-10:00 OVER_CAP"],
        ),
    ],
)
def test_minutes_are_allotted_in_clock_order_across_agents(why, entries, expected):
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=31), *entries)
    assert sorted(told(facts)) == expected


def test_last_minute_of_the_cap_goes_to_the_entry_with_the_lower_id():
    facts = concern(
        CHARGEABLE, offer(1, "08:30", minutes=21), work("09:00", "10:00", id=2), work("09:00", "10:00", id=1, agent=2)
    )
    minutes = {one.entry_id: one.minutes for one in classify(facts) if one.offer_id == 1}
    assert minutes == {1: 11, 2: 10}


def test_locked_minutes_keep_their_offer_and_a_late_entry_takes_what_is_left():
    facts = concern(
        CHARGEABLE,
        offer(1, "08:30", minutes=50),
        work("09:30", "10:10", id=1),
        work("09:00", "09:30", id=2),
        locked=[Locked(1, at("09:30"), at("10:10"), 1)],
    )
    assert told(facts) == ["09:00-09:10 BILLABLE 1", "09:10-09:30 OVER_CAP", "09:30-10:10 BILLABLE 1"]
    unlocked = ConcernFacts(assessments=facts.assessments, offers=facts.offers, entries=facts.entries)
    assert told(unlocked) == ["09:00-09:30 BILLABLE 1", "09:30-09:50 BILLABLE 1", "09:50-10:10 OVER_CAP"]


def test_locked_over_cap_stays_over_cap_when_the_cap_has_room():
    facts = concern(
        CHARGEABLE,
        offer(1, "08:30", minutes=50),
        work("09:00", "09:30", id=1),
        locked=[Locked(1, at("09:20"), at("09:30"))],
    )
    assert told(facts) == ["09:00-09:20 BILLABLE 1", "09:20-09:30 OVER_CAP"]


def test_locked_minutes_are_freed_by_a_later_covered_assessment():
    lock = Locked(1, at("09:00"), at("09:30"), 1)
    facts = concern(CHARGEABLE, ACCEPTED, work("09:00", "09:30", id=1), assessed("12:00", COVERED), locked=[lock])
    assert classed(facts) == {MinuteClass.COVERED: 30}


def test_lock_cannot_make_a_minute_billable_before_the_decision():
    lock = Locked(1, at("09:00"), at("09:30"), 1)
    facts = concern(CHARGEABLE, offer(1, "09:20", minutes=60), work("09:00", "09:30", id=1), locked=[lock])
    assert told(facts) == ["09:00-09:20 PRE_DECISION", "09:20-09:30 BILLABLE 1"]


def test_running_timer_counts_up_to_the_instant_asked_for():
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=20), work("09:00:30", id=1), work("08:40", "08:45", id=2))
    assert told(facts) == ["08:40-08:45 BILLABLE 1"]
    assert told(facts, "09:10:59") == ["08:40-08:45 BILLABLE 1", "09:01-09:10 BILLABLE 1"]
    assert told(facts, "09:30") == ["08:40-08:45 BILLABLE 1", "09:01-09:16 BILLABLE 1", "09:16-09:30 OVER_CAP"]
    assert told(facts, "08:43") == ["08:40-08:43 BILLABLE 1"]


@pytest.mark.parametrize(
    ("code", "facts", "because"),
    [
        (Why.TRIAGE_PURPOSE, [triage("09:00", "10:00"), CHARGEABLE], FactKind.ENTRY),
        (Why.NOT_ASSESSED, [HOUR], None),
        (Why.ASSESSED_FREE, [HOUR, assessed("08:00", COVERED)], FactKind.ASSESSMENT),
        (Why.FREED_LATER, [HOUR, CHARGEABLE, assessed("12:00", COVERED)], FactKind.ASSESSMENT),
        (Why.OBJECTION_OPEN, [HOUR, CHARGEABLE, objection("08:10")], FactKind.OBJECTION),
        (Why.STOPPED, [HOUR, CHARGEABLE, stop("08:10")], FactKind.STOP),
        (Why.NO_ACCEPTANCE, [HOUR, CHARGEABLE], None),
        (Why.DONE, [HOUR, CHARGEABLE, done("08:10")], FactKind.DONE),
        (Why.DONE, [HOUR, CHARGEABLE, offer(1, "08:05", minutes=9), done("08:10"), reopened("08:20")], FactKind.DONE),
        (Why.ITEM_CHANGED, [HOUR, CHARGEABLE, ACCEPTED, assessed("08:40", item="CHG-OTHER")], FactKind.ASSESSMENT),
        (
            Why.OFFER_COMPLETED,
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=9, end=ended("08:40", Ending.COMPLETED))],
            FactKind.OFFER,
        ),
        (
            Why.OFFER_WITHDRAWN,
            [HOUR, CHARGEABLE, offer(1, "08:30", minutes=9, end=ended("08:40", Ending.WITHDRAWN))],
            FactKind.OFFER,
        ),
    ],
)
def test_every_minute_that_costs_nothing_says_why(code, facts, because):
    (segment,) = classify(concern(*facts))
    assert segment.reason.code is code
    assert [ref.kind for ref in segment.reason.because] == ([because] if because else [])
    ids = {getattr(fact, "id", None) for fact in facts}
    assert all(ref.id in ids for ref in segment.reason.because)


def test_billable_and_over_cap_minutes_name_offer_and_decision():
    extension = offer(2, "08:40", minutes=10, extends=1)
    facts = concern(HOUR, CHARGEABLE, offer(1, "08:30", minutes=30), extension)
    first, second, third = classify(facts)
    assert first.reason.code is Why.ACCEPTED
    assert second.reason.code is Why.EXTENSION_ACCEPTED
    assert second.reason.because == (FactRef(FactKind.OFFER, 2), FactRef(FactKind.DECISION, extension.accepted.id))
    assert third.reason.code is Why.CAP_USED_UP
    assert third.reason.because == (FactRef(FactKind.OFFER, 1), FactRef(FactKind.OFFER, 2))
    assert [one.offer_id for one in (first, second, third)] == [1, 2, None]


def test_segments_name_entry_agent_and_their_minutes_in_utc():
    (segment,) = classify(concern(CHARGEABLE, ACCEPTED, work("09:00:30", "09:10:30", id=7, agent=4)))
    assert (segment.entry_id, segment.agent_id, segment.minutes) == (7, 4, 9)
    assert (segment.start, segment.end) == (at("09:01"), at("09:10"))
    assert segment.start.tzinfo is UTC


def test_totals_name_every_class():
    minutes = totals(classify(concern(HOUR, CHARGEABLE, offer(1, "09:20", minutes=30))))
    assert set(minutes) == set(MinuteClass)
    assert {key: value for key, value in minutes.items() if value} == {
        MinuteClass.PRE_DECISION: 20,
        MinuteClass.BILLABLE: 30,
        MinuteClass.OVER_CAP: 10,
    }


def test_words_the_engine_does_not_know_are_refused():
    with pytest.raises(ValueError, match="free"):
        Assessment(1, 1, at("09:00"), "free", "X")
    with pytest.raises(ValueError, match="play"):
        TimeEntry(1, 1, "play", at("09:00"), at("10:00"))


def test_plain_words_from_the_database_are_understood():
    row = Assessment(1, 1, at("08:00"), "covered", "COV-USE")
    entries = (TimeEntry(1, 1, "triage", at("09:00"), at("09:10")), TimeEntry(2, 1, "work", at("09:10"), at("09:30")))
    facts = ConcernFacts(assessments=(row,), entries=entries)
    assert classed(facts) == {MinuteClass.TRIAGE: 10, MinuteClass.COVERED: 20}


@pytest.mark.parametrize(
    ("rate", "increment", "minimum"), [("0", 15, 15), ("-1", 15, 15), ("NaN", 15, 15), ("9", 0, 15)]
)
def test_offer_without_rate_or_increment_is_refused(rate, increment, minimum):
    from dataclasses import replace
    from decimal import Decimal

    with pytest.raises(ValueError, match="INV-2"):
        replace(ACCEPTED, rate=Decimal(rate), increment=increment, minimum=minimum)


def test_cost_does_not_grow_with_the_length_of_time():
    centuries = TimeEntry(1, 1, Purpose.WORK, at("09:00"), datetime(9000, 1, 1, tzinfo=UTC))
    begun = process_time()
    segments = list(classify(concern(CHARGEABLE, offer(1, "08:30", minutes=2_000_000_000), centuries)))
    assert process_time() - begun < 1
    assert [one.minute_class for one in segments] == [MinuteClass.BILLABLE, MinuteClass.OVER_CAP]
    assert segments[0].minutes == 2_000_000_000


def test_segments_are_handed_out_while_reading_on():
    facts = concern(CHARGEABLE, ACCEPTED, work("09:00", "09:10", id=1), work("09:20", "09:30", id=2))
    stream = classify(facts)
    assert next(stream).entry_id == 1
    assert [one.entry_id for one in stream] == [2]


def _joined(lines: list[str]) -> list[str]:
    """Neighbouring lines of one class and offer as one."""
    joined: list[str] = []
    for line in lines:
        span, rest = line.split(" ", 1)
        start, end = span.split("-")
        if joined and joined[-1].endswith(f"-{start} {rest}"):
            start = joined.pop().split("-")[0]
        joined.append(f"{start}-{end} {rest}")
    return joined

"""Acceptances, caps, ends of offers, several agents and locked minutes (section 6, rules 1, 2, 9)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from klarfall.billing.engine import (
    Caps,
    ConcernFacts,
    Ending,
    Locked,
    MinuteClass,
    Outcome,
    binding_terms,
    classify,
)
from klarfall.billing.tests.histories import (
    assessed,
    at,
    classed,
    concern,
    done,
    ended,
    joined,
    objection,
    offer,
    reopened,
    stop,
    told,
    work,
)

COVERED, NOT_OFFERED = Outcome.COVERED, Outcome.NOT_OFFERED
HOUR = work("09:00", "10:00")
CHARGEABLE = assessed("08:00")
ACCEPTED = offer(1, "08:30", minutes=120)


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
            "offers accepted within one minute: by the second",
            [HOUR, CHARGEABLE, offer(2, "08:30:40", minutes=20), offer(3, "08:30:20", minutes=20)],
            ["09:00-09:20 BILLABLE 3", "09:20-09:40 BILLABLE 2", "09:40-10:00 OVER_CAP"],
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
    assert joined(told(concern(*facts))) == expected


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


def test_increment_and_minimum_of_the_first_accepted_offer_bind():
    first = replace(offer(2, "08:30", minutes=60), increment=6, minimum=12)
    assert binding_terms(concern(CHARGEABLE, offer(1, minutes=60), offer(3, "08:31", minutes=60), first)) == (6, 12)
    assert binding_terms(concern(CHARGEABLE, offer(1, minutes=60))) is None
    assert binding_terms(concern(CHARGEABLE, stop("08:30"), first)) is None


def test_locked_minutes_that_cost_nothing_use_no_cap():
    facts = concern(
        CHARGEABLE,
        offer(1, "08:30", minutes=30),
        objection("09:00", "09:30"),
        work("09:00", "10:00", id=1),
        locked=[Locked(1, at("09:00"), at("09:30"), 1)],
    )
    assert told(facts) == ["09:00-09:30 ON_HOLD", "09:30-10:00 BILLABLE 1"]


def test_lock_cannot_make_a_minute_billable_before_the_decision():
    lock = Locked(1, at("09:00"), at("09:30"), 1)
    facts = concern(CHARGEABLE, offer(1, "09:20", minutes=60), work("09:00", "09:30", id=1), locked=[lock])
    assert told(facts) == ["09:00-09:20 PRE_DECISION", "09:20-09:30 BILLABLE 1"]


@pytest.mark.parametrize(
    ("rate", "increment", "minimum"), [("0", 15, 15), ("-1", 15, 15), ("NaN", 15, 15), ("9", 0, 15)]
)
def test_offer_without_rate_or_increment_is_refused(rate, increment, minimum):

    with pytest.raises(ValueError, match="INV-2"):
        replace(ACCEPTED, rate=Decimal(rate), increment=increment, minimum=minimum)

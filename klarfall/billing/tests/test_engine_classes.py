"""The classes that no cap decides: triage, free, on hold, stopped; one table per class (section 6)."""

import pytest

from klarfall.billing.engine import Ending, Outcome
from klarfall.billing.tests.histories import (
    assessed,
    concern,
    ended,
    joined,
    objection,
    offer,
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
    assert joined(told(concern(*facts))) == expected


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
            "on hold after a stop",
            [HOUR, CHARGEABLE, stop("09:10"), objection("09:20", "09:30")],
            ["09:00-09:10 PRE_DECISION", "09:10-09:20 AFTER_STOP", "09:20-09:30 ON_HOLD", "09:30-10:00 AFTER_STOP"],
        ),
        (
            "accepted while on hold: nothing billable until the review",
            [HOUR, CHARGEABLE, objection("08:10", "09:30"), offer(1, "09:10", minutes=60)],
            ["09:00-09:30 ON_HOLD", "09:30-10:00 BILLABLE 1"],
        ),
    ],
)
def test_on_hold(why, facts, expected):
    assert joined(told(concern(*facts))) == expected


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
            "nor does accepting what was withdrawn in that very instant",
            [
                HOUR,
                CHARGEABLE,
                stop("09:10"),
                offer(1, "09:20", minutes=9, seq=2, end=ended("09:20", Ending.WITHDRAWN, 1)),
            ],
            ["09:00-09:10 PRE_DECISION", "09:10-10:00 AFTER_STOP"],
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


def test_running_timer_counts_up_to_the_instant_asked_for():
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=20), work("09:00:30", id=1), work("08:40", "08:45", id=2))
    assert told(facts) == ["08:40-08:45 BILLABLE 1"]
    assert told(facts, "09:10:59") == ["08:40-08:45 BILLABLE 1", "09:01-09:10 BILLABLE 1"]
    assert told(facts, "09:30") == ["08:40-08:45 BILLABLE 1", "09:01-09:16 BILLABLE 1", "09:16-09:30 OVER_CAP"]
    assert told(facts, "08:43") == ["08:40-08:43 BILLABLE 1"]

"""What the engine answers: reasons with their facts, segments as a stream, loud refusal of nonsense."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from klarfall.billing import engine
from klarfall.billing.engine import (
    Assessment,
    ConcernFacts,
    Ending,
    FactKind,
    FactRef,
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
    triage,
    work,
)

COVERED, NOT_OFFERED = Outcome.COVERED, Outcome.NOT_OFFERED
HOUR = work("09:00", "10:00")
CHARGEABLE = assessed("08:00")
ACCEPTED = offer(1, "08:30", minutes=120)


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


def test_segments_end_where_the_reason_changes():
    first, second = assessed("09:20", COVERED), assessed("09:40", COVERED)
    segments = list(classify(concern(HOUR, CHARGEABLE, first, second)))
    assert [(one.minutes, one.reason.code) for one in segments] == [
        (20, Why.FREED_LATER),
        (20, Why.ASSESSED_FREE),
        (20, Why.ASSESSED_FREE),
    ]
    assert [one.reason.because[0].id for one in segments] == [first.id, first.id, second.id]


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


def test_engine_is_pure():
    allowed = {
        "bisect",
        "heapq",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "itertools",
        "math",
    }
    own = "klarfall.billing.engine"
    for module in Path(engine.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            assert getattr(node, "attr", "") not in {"now", "utcnow", "today"}, f"{module.name} asks for the time"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or one.name for one in node.names]
                strange = {name for name in names if not name.startswith(own) and name.split(".")[0] not in allowed}
                assert not strange, f"{module.name} imports {strange}"

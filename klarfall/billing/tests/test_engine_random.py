"""The engine against the slow one, and its promises, over random histories with many ties."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.billing.engine import (
    Acceptance,
    Assessment,
    Caps,
    ConcernFacts,
    Done,
    Ending,
    Goodwill,
    Locked,
    MinuteClass,
    Objection,
    Offer,
    OfferEnd,
    Outcome,
    Purpose,
    Reopened,
    Stop,
    TimeEntry,
    VatPeriod,
    bill,
    classify,
    effective_minutes,
    predict,
    standing,
)
from klarfall.billing.tests.histories import at
from klarfall.billing.tests.reference import MINUTE, minutes_of, slow_classify, slow_crossings
from klarfall.billing.tests.reference_bill import slow_bill

START = at("09:00")
UNTIL = at("11:00")
LATE = at("13:00")

instants = st.integers(0, 120).map(lambda halves: START + halves * timedelta(seconds=30))
outcomes = st.sampled_from([*[Outcome.CHARGEABLE] * 5, Outcome.COVERED, Outcome.NOT_OFFERED])
items = st.sampled_from(["CHG-CONF", "CHG-OTHER"])
minute_caps = st.integers(1, 40)
net_caps = st.integers(100, 9_900).map(lambda cents: Decimal(cents).scaleb(-2))
caps = st.one_of(
    minute_caps.map(lambda minutes: Caps(minutes=minutes)),
    net_caps.map(lambda net: Caps(net=net)),
    st.builds(Caps, minute_caps, net_caps),
)
choices = st.one_of(st.none(), st.none(), minute_caps.map(lambda minutes: Caps(minutes=minutes)))
rates = st.sampled_from([Decimal("132.00"), Decimal("148.00"), Decimal("99.99")])

#: One rate, another one from half past nine on, and one that comes back after twenty minutes.
NINETEEN, SIXTEEN = Decimal("19.00"), Decimal("16.00")
BEFORE = VatPeriod(at("00:00"), "S", NINETEEN)
VAT = [
    (BEFORE,),
    (BEFORE, VatPeriod(at("09:30"), "S", SIXTEEN)),
    (BEFORE, VatPeriod(at("09:20"), "S", SIXTEEN), VatPeriod(at("09:40"), "S", NINETEEN)),
]
goodwills = st.builds(
    Goodwill, st.just(1), st.integers(0, 40), st.integers(0, 9_000).map(lambda cents: Decimal(cents).scaleb(-2))
)
grants = st.lists(goodwills, max_size=2).map(tuple)
seldom = st.sampled_from([False, False, False, True])
sizes = st.sampled_from([0, 0, 0, 1, 1, 2])


@st.composite
def entries(draw, first_id=1, running=True, most=6):
    found = []
    for number in range(first_id, first_id + draw(st.integers(1, most))):
        start = draw(instants)
        length = draw(st.integers(0, 120)) * timedelta(seconds=30)
        purpose = Purpose.TRIAGE if draw(seldom) and draw(seldom) else Purpose.WORK
        is_running = running and draw(seldom)
        found.append(TimeEntry(number, draw(st.integers(1, 3)), purpose, start, None if is_running else start + length))
    return tuple(found)


@st.composite
def offers(draw, seqs):
    found: list[Offer] = []
    for number in range(1, 1 + draw(st.integers(1, 5))):
        accepted = None if draw(seldom) and draw(seldom) else draw(instants)
        acceptance = Acceptance(number, next(seqs), accepted, draw(choices)) if accepted else None
        end = OfferEnd(next(seqs), draw(instants), draw(st.sampled_from(Ending))) if draw(seldom) else None
        earlier = [one.id for one in found if accepted and one.accepted and one.accepted.at <= accepted]
        extends = draw(st.sampled_from([None, *earlier]))
        found.append(Offer(number, number, draw(rates), 15, 15, draw(caps), extends, acceptance, end))
    return tuple(found)


@st.composite
def histories(draw, running=True):
    seqs = iter(draw(st.permutations(range(1, 40))))

    def some(build):
        return tuple(build(number) for number in range(1, 1 + draw(sizes)))

    published = START + draw(st.integers(-20, 20)) * timedelta(seconds=30)
    opening = Assessment(9, next(seqs), published, Outcome.CHARGEABLE, "CHG-CONF")
    later = some(lambda number: Assessment(number, next(seqs), draw(instants), draw(outcomes), draw(items)))
    again = Assessment(8, next(seqs), draw(instants), Outcome.CHARGEABLE, draw(items))
    return ConcernFacts(
        assessments=draw(st.sampled_from([(opening, *later), (opening, again), (opening,), later])),
        objections=some(lambda number: draw(objections(number, next(seqs)))),
        offers=draw(offers(seqs)),
        stops=some(lambda number: Stop(number, next(seqs), draw(instants))),
        done=some(lambda number: Done(number, next(seqs), draw(instants))),
        reopened=some(lambda number: Reopened(number, next(seqs), draw(instants))),
        entries=draw(entries(running=running)),
    )


@st.composite
def objections(draw, number, seq):
    opened = draw(instants)
    if draw(seldom):
        return Objection(number, seq, opened)
    return Objection(number, seq, opened, opened + draw(st.integers(0, 20)) * timedelta(seconds=30))


def locks_of(facts):
    """What an issued service record would freeze: every minute as it stands now."""
    return tuple(Locked(one.entry_id, one.start, one.end, one.offer_id) for one in classify(facts))


@st.composite
def locked_histories(draw):
    facts = draw(histories(running=False))
    late = draw(entries(first_id=90, running=False, most=3))
    return replace(facts, locked=locks_of(facts)), late


def by_minute(segments):
    """Segments as the slow engine answers: one row per entry and minute."""
    found = {}
    for segment in segments:
        for number in range(segment.minutes):
            found[segment.entry_id, segment.start + number * MINUTE] = (segment.minute_class, segment.offer_id)
    return found


@settings(max_examples=400, deadline=None)
@given(histories(), st.sampled_from([None, UNTIL, at("09:40:30")]))
def test_engine_agrees_with_the_slow_one(facts, until):
    assert by_minute(classify(facts, until)) == slow_classify(facts, until)


@settings(max_examples=200, deadline=None)
@given(histories(), st.sampled_from(VAT), grants, st.sampled_from([None, UNTIL, at("09:40:30")]))
def test_bill_agrees_with_the_slow_one(facts, vat, granted, until):
    facts = replace(facts, goodwill=granted)
    lines = bill(facts, vat, until)
    assert {line.key: (line.minutes, line.net) for line in lines} == slow_bill(facts, vat, until)


@settings(max_examples=200, deadline=None)
@given(locked_histories(), st.booleans())
def test_engine_agrees_with_the_slow_one_about_locked_minutes(history, with_room):
    facts, late = history
    kept = facts.entries[1:] if with_room else facts.entries  # room under the cap that locked minutes must not take
    facts = replace(facts, entries=(*kept, *late))
    assert by_minute(classify(facts)) == slow_classify(facts)


@settings(max_examples=200, deadline=None)
@given(locked_histories())
def test_entry_recorded_after_locking_changes_no_locked_minute(history):
    facts, late = history
    before = by_minute(classify(facts))
    after = by_minute(classify(replace(facts, entries=(*facts.entries, *late))))
    assert {key: after[key] for key in before} == before


@settings(max_examples=200, deadline=None)
@given(histories())
def test_every_whole_minute_of_every_entry_has_exactly_one_class(facts):
    segments = list(classify(facts, UNTIL))
    for entry in facts.entries:
        own = [one for one in segments if one.entry_id == entry.id]
        assert sum(one.minutes for one in own) == len(minutes_of(entry, UNTIL))
        assert all(one.end <= following.start for one, following in pairwise(own))
        assert all(one.end - one.start == one.minutes * MINUTE for one in own)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_billable_minutes_have_an_acceptance_before_them_and_stay_within_its_cap(facts):
    used = {offer.id: 0 for offer in facts.offers}
    accepted = {offer.id: offer.accepted.at for offer in facts.offers if offer.accepted}
    for segment in classify(facts, UNTIL):
        assert (segment.offer_id is not None) == (segment.minute_class is MinuteClass.BILLABLE)
        if segment.offer_id is not None:
            used[segment.offer_id] += segment.minutes
            assert segment.start >= accepted[segment.offer_id]
            assert not any(accepted[segment.offer_id] <= stop.at < segment.end for stop in facts.stops)
    for offer in facts.offers:
        assert used[offer.id] <= effective_minutes(offer.caps.minutes, offer.caps.net, offer.rate)


@settings(max_examples=200, deadline=None)
@given(histories(), outcomes.filter(lambda outcome: outcome is not Outcome.CHARGEABLE))
def test_covered_or_not_offered_in_the_end_leaves_nothing_billable(facts, outcome):
    last = Assessment(77, 999, UNTIL, outcome, "COV-DEFECT")
    freed = replace(facts, assessments=(*facts.assessments, last), locked=locks_of(facts))
    assert not [one for one in classify(freed, LATE) if one.minute_class is MinuteClass.BILLABLE]


@settings(max_examples=200, deadline=None)
@given(histories(), caps)
def test_new_acceptance_changes_no_earlier_minute(facts, more):
    accepted = Acceptance(99, 998, at("10:00:30"))
    extended = replace(facts, offers=(*facts.offers, Offer(99, 99, Decimal(132), 15, 15, more, None, accepted)))
    before = by_minute(classify(facts, LATE))
    after = by_minute(classify(extended, LATE))
    earlier = [key for key in before if key[1] < at("10:01")]
    assert [after[key] for key in earlier] == [before[key] for key in earlier]


@settings(max_examples=100, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_order_and_time_zone_in_which_facts_are_handed_over_do_not_matter(facts, dice):
    def shuffled(rows):
        return tuple(dice.sample(rows, len(rows)))

    berlin = ZoneInfo("Europe/Berlin")
    moved = replace(
        facts,
        assessments=shuffled(
            [replace(one, published_at=one.published_at.astimezone(berlin)) for one in facts.assessments]
        ),
        objections=shuffled(facts.objections),
        offers=shuffled(facts.offers),
        entries=shuffled([replace(one, started_at=one.started_at.astimezone(berlin)) for one in facts.entries]),
    )
    assert list(classify(moved, UNTIL)) == list(classify(facts, UNTIL))


@settings(max_examples=200, deadline=None)
@given(histories())
def test_forecast_is_what_happens_when_the_timers_run_on(facts):
    crossings = slow_crossings(facts, LATE)
    for forecast in predict(facts, UNTIL):
        happened = crossings.get(forecast.offer_id, {})
        expected = (happened.get(forecast.warning_minutes), happened.get(forecast.effective_minutes))
        assert tuple(at and (at if at <= LATE else None) for at in (forecast.warns_at, forecast.used_up_at)) == expected
        assert (forecast.warned, forecast.used_up) == tuple(at is not None and at <= UNTIL for at in expected)


@settings(max_examples=200, deadline=None)
@given(histories(), instants)
def test_standing_is_what_work_begun_then_becomes(facts, now):
    begun = now if now == now.replace(second=0) else now.replace(second=0) + MINUTE
    probe = TimeEntry(999, 9, Purpose.WORK, begun, begun + MINUTE)
    classes = slow_classify(replace(facts, entries=(*facts.entries, probe)), begun + MINUTE)
    found = standing(facts, now)
    assert (found.minute_class, found.offer_id) == classes[999, begun]

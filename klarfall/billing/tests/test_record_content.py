"""What a service record says of given facts: exact beside billed, every free minute with its reason, the same cents."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.billing.engine import (
    Caps,
    Goodwill,
    Locked,
    MinuteClass,
    Outcome,
    VatPeriod,
    bill,
    classify,
    vat_totals,
)
from klarfall.billing.records.content import ConcernInput, Mark, content_of, hash_of, recompute, stored_inputs
from klarfall.billing.records.serial import NotReadable, from_json, to_json
from klarfall.billing.tests.histories import DAY, assessed, at, concern, offer, stop, triage, work
from klarfall.billing.tests.test_engine_random import histories

VAT = (VatPeriod(DAY - timedelta(days=400), "S", Decimal("19.00")),)


grants = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5_000).map(lambda cents: Decimal(cents).scaleb(-2))), max_size=2
)


@st.composite
def finished_facts(draw):
    """Random histories without running timers, with goodwill, and some of the minutes locked."""
    facts = draw(histories(running=False))
    goodwill = tuple(Goodwill(number, *grant) for number, grant in enumerate(draw(grants), 1))
    locks = tuple(_locks(facts)) if draw(st.booleans()) else ()
    return replace(facts, goodwill=goodwill, locked=locks)


def record_of(*facts, **more):
    return content_of((ConcernInput(7, 1, concern(*facts), VAT, **more),))


def totals(content):
    found = content["totals"]
    (vat,) = found["vat"] or [{"vat": "0.00"}]
    return found["net"], vat["vat"], found["gross"]


S1 = (
    triage("08:20", "08:31"),
    assessed("08:40"),
    offer(1, "09:00", minutes=120),
    work("09:10", "09:32", id=901),
    work("10:05", "10:23", id=902),
    work("11:00", "11:27", id=903),
)


def test_s1_shows_67_exact_minutes_beside_75_billed_ones():
    content = record_of(*S1)
    assert totals(content) == ("165.00", "31.35", "196.35")
    assert {name: content["totals"][name] for name in ("worked", "exact", "billed", "triage")} == {
        "worked": 67, "exact": 67, "billed": 75, "triage": 11,
    }  # fmt: skip
    (only,) = content["concerns"]
    assert [(line["kind"], line["minutes"], line["net"]) for line in only["lines"]] == [
        ("work", 67, "147.40"),
        ("rounding", 8, "17.60"),
    ]
    rounding = only["lines"][1]["figures"]
    assert rounding == {"exact": "67", "minimum": "15", "increment": "15", "rounded": "75", "dropped": "0"}
    assert [entry["minutes"] for entry in only["entries"]] == [22, 18, 27]
    assert only["free"] == [{"class": "TRIAGE", "why": "triage_purpose", "minutes": 11}]


def test_s2_keeps_the_minutes_beyond_the_cap_free():
    content = record_of(
        assessed("08:10"),
        offer(1, "08:30", minutes=120),
        work("09:00", "10:35"),
        work("11:00", "11:40"),
        offer(2, "13:00", minutes=60, extends=1),
        work("13:10", "13:32"),
    )
    assert totals(content) == ("330.00", "62.70", "392.70")
    (only,) = content["concerns"]
    assert (only["worked"], only["exact"], only["billed"]) == (157, 142, 150)
    assert only["free"] == [{"class": "OVER_CAP", "why": "cap_used_up", "minutes": 15}]
    assert [(one["exact"], one["billed"], one["net"]) for one in only["offers"]] == [
        (120, 120, "264.00"),
        (22, 30, "66.00"),
    ]
    across = only["entries"][1]
    assert [(part["minutes"], part["class"]) for part in across["parts"]] == [(25, "BILLABLE"), (15, "OVER_CAP")]


def test_s3_shows_minutes_before_the_decision_and_the_reduction_to_the_cap():
    cause = ConcernInput(1, 1, concern(assessed("12:30", Outcome.COVERED), work("13:00", "13:50")), VAT)
    cleaning = concern(assessed("14:00"), offer(1, "14:20", net="190.00"), work("14:05", "15:40"))
    content = content_of((ConcernInput(2, 2, cleaning, VAT), cause))
    assert totals(content) == ("190.00", "36.10", "226.10")
    first, second = content["concerns"]
    assert (first["net"], first["free"]) == ("0.00", [{"class": "COVERED", "why": "assessed_free", "minutes": 50}])
    assert [(line["kind"], line["net"]) for line in second["lines"]] == [
        ("work", "176.00"),
        ("rounding", "22.00"),
        ("cap_reduction", "-8.00"),
    ]
    assert second["free"] == [{"class": "PRE_DECISION", "why": "no_acceptance", "minutes": 15}]


def test_s7_costs_nothing_and_has_no_line():
    content = record_of(assessed("09:30"), triage("09:05", "09:19"), offer(1, minutes=45))
    assert (content["totals"]["net"], content["totals"]["gross"], content["totals"]["vat"]) == ("0.00", "0.00", [])
    assert content["concerns"][0]["lines"] == content["concerns"][0]["offers"] == []
    assert content["totals"]["triage"] == 14


def test_s16_bills_ninety_minutes_under_a_cap_in_euros():
    install = offer(1, "08:30", net="222.00", rate=Decimal("148.00"))
    content = record_of(assessed("08:10"), install, work("09:00", "10:35"))
    assert totals(content) == ("222.00", "42.18", "264.18")
    assert content["concerns"][0]["offers"][0]["effective_minutes"] == 90


def test_the_cap_that_was_chosen_counts():
    content = record_of(
        assessed("08:10"), offer(1, "08:30", minutes=120, chosen=Caps(minutes=60)), work("09:00", "10:35")
    )
    assert content["concerns"][0]["offers"][0]["cap_minutes"] == 60
    assert content["totals"]["net"] == "132.00"


def test_goodwill_is_a_line_of_its_own():
    facts = replace(concern(*S1), goodwill=(Goodwill(9, 10), Goodwill(4, 0, Decimal("5.00"))))
    content = content_of((ConcernInput(7, 1, facts, VAT),))
    (only,) = content["concerns"]
    assert [one["id"] for one in only["goodwill"]] == [4, 9]
    assert [line["net"] for line in only["lines"]] == ["147.40", "17.60", "-27.00"]
    assert only["billed"] == 65
    assert totals(content) == ("138.00", "26.22", "164.22")


def test_a_stop_bills_the_exact_minutes():
    content = record_of(*S1, stop("11:10"))
    assert content["totals"]["billed"] == content["totals"]["exact"] == 50
    assert content["concerns"][0]["free"][-1]["class"] == "AFTER_STOP"


def test_entries_keep_their_mark_and_less_than_a_minute_is_shown():
    marks = (Mark(901, "remote", True), Mark(905, "phone", False))
    content = record_of(*S1, work("12:00:10", "12:00:50", id=905), marks=marks)
    entries = content["concerns"][0]["entries"]
    assert [(one["id"], one["minutes"], one["late"], one["channel"]) for one in entries] == [
        (901, 22, True, "remote"),
        (902, 18, False, ""),
        (903, 27, False, ""),
        (905, 0, False, "phone"),
    ]


def test_content_does_not_change_when_its_minutes_are_locked():
    open_facts = concern(*S1)
    locks = tuple(_locks(open_facts))
    assert content_of((ConcernInput(7, 1, open_facts, VAT),)) == content_of(
        (ConcernInput(7, 1, replace(open_facts, locked=locks), VAT),)
    )


def _locks(facts):
    return [Locked(one.entry_id, one.start, one.end, one.offer_id) for one in classify(facts)]


@settings(max_examples=300, deadline=None)
@given(finished_facts())
def test_stored_inputs_give_the_same_content_again(facts):
    """INV-30, and the round trip of every kind of fact."""
    given_ = (ConcernInput(7, 1, facts, VAT),)
    assert from_json(ConcernInput, to_json(given_[0])) == given_[0]
    content, stored = content_of(given_), stored_inputs(given_, "EUR")
    assert recompute(stored) == content
    assert hash_of(content, stored) == hash_of(recompute(stored), stored)


@settings(max_examples=300, deadline=None)
@given(finished_facts())
def test_a_record_adds_up(facts):
    """INV-21: its sums are those of the bill; every minute stands in it once, billed or free."""
    content = content_of((ConcernInput(7, 1, facts, VAT),))
    (only,) = content["concerns"]
    lines = bill(facts, VAT)
    assert Decimal(only["net"]) == sum((line.net for line in lines), Decimal(0)) == Decimal(content["totals"]["net"])
    (vat,) = vat_totals([("S", Decimal("19.00"), Decimal(only["net"]))])
    if lines:
        assert Decimal(content["totals"]["gross"]) == vat.gross
    free = sum(one["minutes"] for one in only["free"])
    assert free + only["exact"] == only["worked"] + only["triage"] == sum(one.minutes for one in classify(facts))
    assert sum(part["minutes"] for one in only["entries"] for part in one["parts"]) == only["worked"]
    assert not any(one["class"] == MinuteClass.BILLABLE for one in only["free"])


@pytest.mark.parametrize(
    ("wanted", "data"),
    [
        (Mark, {"entry": 1, "channel": "phone", "late": 1}),
        (Mark, {"entry": "1", "channel": "phone", "late": False}),
        (Mark, {"entry": 1, "channel": "phone"}),
        (Mark, {"entry": 1, "channel": "phone", "late": False, "more": 1}),
        (Goodwill, {"id": 1, "minutes": 1, "net": "many"}),
        (Goodwill, {"id": 1, "minutes": -1, "net": "0.00"}),
        (VatPeriod, {"begins": "yesterday", "category": "S", "percent": "19"}),
        (Mark, None),
    ],
)
def test_what_was_changed_is_not_read(wanted, data):
    with pytest.raises(NotReadable):
        from_json(wanted, data)


def test_instants_keep_their_microseconds():
    exact = at("09:10") + timedelta(microseconds=1)
    assert from_json(Goodwill, to_json(Goodwill(1, 2, Decimal("3.10")))).net == Decimal("3.10")
    assert to_json(exact) == "2026-11-24T09:10:00.000001+00:00"

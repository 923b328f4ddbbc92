"""Batch after batch to the cent (domain.md, section 6, rules 5, 7 and 8): interim bills, corrections, VAT changes."""

from decimal import Decimal

import pytest

from klarfall.billing.engine import LineKind, Outcome, bill, due
from klarfall.billing.tests.bill_words import FOR_A_DAY, LOWERED, NINETEEN, Batches, lines_of, total
from klarfall.billing.tests.histories import assessed, concern, goodwill, offer, stop, work

ODD = Decimal("99.90")
BEGUN = (assessed("2026-11-24 08:00"), offer(1, "2026-11-24 08:30", minutes=60))
NOVEMBER = work("2026-11-24 09:00", "2026-11-24 09:22")  # 22
DECEMBER = work("2026-12-08 09:00", "2026-12-08 09:18")  # 18
JANUARY = work("2027-01-12 09:00", "2027-01-12 09:05")  # 5
COVERED = assessed("2027-02-01 09:00", Outcome.COVERED, "COV-DEFECT")


def test_three_interim_months_round_once():
    """22, 40 and 45 minutes: 30, 45 and 45 are billed, 66.00, 99.00 and 99.00 in sum."""
    batches = Batches()
    assert batches.add(concern(*BEGUN, NOVEMBER), "2026-12-01 00:00") == ["1 work 22 48.40", "1 rounding 8 17.60"]
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER), "2027-01-01 00:00") == [
        "1 work 18 39.60",
        "1 correction of rounding -3 -6.60",
    ]
    assert batches.net == Decimal("99.00")
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, JANUARY), "2027-02-01 00:00") == [
        "1 work 5 11.00",
        "1 correction of rounding -5 -11.00",
    ]
    assert batches.net == Decimal("99.00")
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, JANUARY), "2027-03-01 00:00") == []


def test_rounding_that_comes_back_is_rounding_again():
    """45 minutes round nothing; two more make 47, rounded 60."""
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER))
    batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, JANUARY))
    more = work("2027-02-02 09:00", "2027-02-02 09:02")
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, JANUARY, more)) == ["1 work 2 4.40", "1 rounding 13 28.60"]
    assert batches.net == Decimal("132.00")


def test_an_interim_bill_and_another_item():
    """In December the offer is completed and a new one accepted: the rounding moves to it, 48.40 + 39.60 + 11.00."""
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER))
    changed = (*BEGUN, NOVEMBER, assessed("2026-12-01 09:00", item="CHG-OTHER"))
    later = concern(*changed, offer(2, "2026-12-02 09:00", minutes=60), DECEMBER)
    assert batches.add(later) == ["2 work 18 39.60", "2 rounding 5 11.00", "1 correction of rounding -8 -17.60"]
    assert batches.net == Decimal("99.00")


def test_a_stop_takes_the_rounding_of_an_interim_bill_back():
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER))
    assert batches.add(concern(*BEGUN, NOVEMBER, stop("2026-12-01 09:00"))) == ["1 correction of rounding -8 -17.60"]
    assert batches.net == Decimal("48.40")


def test_a_net_cap_over_interim_bills():
    """70.00 are 31 minutes. 22, rounded 30: 66.00. 31 (nine over the cap), rounded 45: 99.00, 29.00 taken back."""
    capped = (BEGUN[0], offer(1, "2026-11-24 08:30", net="70.00"))
    batches = Batches()
    assert batches.add(concern(*capped, NOVEMBER)) == ["1 work 22 48.40", "1 rounding 8 17.60"]
    assert batches.add(concern(*capped, NOVEMBER, DECEMBER)) == [
        "1 work 9 19.80",
        "1 rounding 6 13.20",
        "1 cap_reduction 0 -29.00",
    ]
    assert batches.net == Decimal("70.00")


def test_a_smaller_cap_reduction_is_a_correction():
    """80.00 are 36 minutes. 33, rounded 45: 99.00 - 19.00. 36: 45 as well. A stop leaves 36 exact: 79.20."""
    capped = (BEGUN[0], offer(1, "2026-11-24 08:30", net="80.00"))
    begun = work("2026-11-24 09:00", "2026-11-24 09:33")
    batches = Batches()
    assert batches.add(concern(*capped, begun)) == [
        "1 work 33 72.60",
        "1 rounding 12 26.40",
        "1 cap_reduction 0 -19.00",
    ]
    assert batches.add(concern(*capped, begun, DECEMBER, stop("2026-12-09 09:00"))) == [
        "1 work 3 6.60",
        "1 correction of rounding -12 -26.40",
        "1 correction of cap_reduction 0 19.00",
    ]
    assert batches.net == Decimal("79.20")


def test_a_defect_found_after_the_export_credits_everything():
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER), "2026-12-01 00:00")
    batches.add(concern(*BEGUN, NOVEMBER, DECEMBER), "2027-01-01 00:00")
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, COVERED)) == [
        "1 correction of work -40 -88.00",
        "1 correction of rounding -5 -11.00",
    ]
    assert batches.net == Decimal("0.00")
    assert batches.add(concern(*BEGUN, NOVEMBER, DECEMBER, COVERED)) == []


def test_what_is_chargeable_again_after_a_defect_is_billed_by_itself():
    """22 minutes were credited; the 18 under the new acceptance round alone."""
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER))
    covered = assessed("2026-12-01 09:00", Outcome.COVERED, "COV-DEFECT")
    again = (covered, assessed("2026-12-02 09:00"), offer(2, "2026-12-02 10:00", minutes=60))
    assert batches.add(concern(*BEGUN, NOVEMBER, *again, DECEMBER)) == [
        "2 work 18 39.60",
        "2 rounding 12 26.40",
        "1 correction of work -22 -48.40",
        "1 correction of rounding -8 -17.60",
    ]
    assert batches.net == Decimal("66.00")


def test_goodwill_after_the_export_keeps_its_kind_and_is_taken_back_by_a_credit():
    batches = Batches()
    batches.add(concern(*BEGUN, NOVEMBER))
    assert batches.add(concern(*BEGUN, NOVEMBER, goodwill(10))) == ["1 goodwill -10 -22.00"]
    assert batches.add(concern(*BEGUN, NOVEMBER, goodwill(10), goodwill(net="1.00"))) == ["1 goodwill 0 -1.00"]
    assert batches.add(concern(*BEGUN, NOVEMBER, goodwill(10), goodwill(net="1.00"), COVERED)) == [
        "1 correction of work -22 -48.40",
        "1 correction of rounding -8 -17.60",
        "1 correction of goodwill 10 23.00",
    ]
    assert batches.net == Decimal("0.00")


def test_minutes_alone_change_where_there_is_no_money():
    """At a cent an hour 22 minutes cost nothing; the minutes decide whether it is a correction."""
    accepted = (BEGUN[0], offer(1, "2026-11-24 08:30", minutes=60, rate=Decimal("0.01")))
    batches = Batches()
    assert batches.add(concern(*accepted, NOVEMBER)) == ["1 work 22 0.00", "1 rounding 8 0.01"]
    assert batches.add(concern(*accepted, NOVEMBER, COVERED)) == [
        "1 correction of work -22 0.00",
        "1 correction of rounding -8 -0.01",
    ]


def test_goodwill_in_minutes_on_top_of_all_the_net_changes_only_minutes():
    """66.00 are granted in net; ten minutes more change no cent, and keep the kind."""
    batches = Batches()
    everything = goodwill(net="66.00")
    batches.add(concern(*BEGUN, NOVEMBER, everything))
    assert batches.add(concern(*BEGUN, NOVEMBER, everything, goodwill(10))) == ["1 goodwill -10 0.00"]


def test_corrections_point_to_the_line_they_correct():
    first = concern(*BEGUN, NOVEMBER)
    batches = Batches()
    batches.add(first)
    found = due(bill(concern(*BEGUN, NOVEMBER, COVERED), NINETEEN), batches.frozen)
    assert [one.corrects for one in found] == [one.id for one in batches.frozen]
    assert {one.line.kind for one in found} == {LineKind.CORRECTION}
    assert [one.counts_for for one in found] == [LineKind.WORK, LineKind.ROUNDING]


def test_vat_changes_within_an_offer():
    """20 minutes before midnight, 20 after, 5 of rounding: 44.00 x 19 % = 8.36, 55.00 x 16 % = 8.80."""
    facts = concern(
        assessed("2026-06-30 20:00"),
        offer(1, "2026-06-30 20:30", minutes=60),
        work("2026-06-30 23:40", "2026-07-01 00:20"),
    )
    assert lines_of(facts, LOWERED) == ["1@19 work 20 44.00", "1@16 work 20 44.00", "1@16 rounding 5 11.00"]
    assert total(facts, LOWERED) == "99.00 / 17.16 / 116.16"


def test_nets_under_two_rates_sum_to_the_offers_net():
    """One minute at 99.90 is 1.665: alone twice 1.67, but both together are 3.33."""
    facts = concern(
        assessed("2026-06-30 20:00"),
        offer(1, "2026-06-30 20:30", minutes=60, rate=ODD, increment=1, minimum=0),
        work("2026-06-30 23:59", "2026-07-01 00:01"),
    )
    assert lines_of(facts, LOWERED) == ["1@19 work 1 1.67", "1@16 work 1 1.66"]


def test_a_rate_that_comes_back_is_one_line():
    """1.67, then 1.66 (3.33), then 1.67 (three minutes are 4.995): 3.34 at 19 % and 1.66 at 16 % are 5.00."""
    facts = concern(
        assessed("2026-06-30 20:00"),
        offer(1, "2026-06-30 20:30", minutes=60, rate=ODD, increment=1, minimum=0),
        work("2026-06-30 23:59", "2026-07-01 00:01"),
        work("2026-07-02 00:00", "2026-07-02 00:01"),
    )
    assert lines_of(facts, FOR_A_DAY) == ["1@19 work 2 3.34", "1@16 work 1 1.66"]


def test_cap_reduction_takes_the_latest_rate():
    """95.00 are 43 minutes; 40 rounded 45 are 99.00."""
    facts = concern(
        assessed("2026-06-30 20:00"),
        offer(1, "2026-06-30 20:30", net="95.00"),
        work("2026-06-30 23:40", "2026-07-01 00:20"),
    )
    assert lines_of(facts, LOWERED)[-1] == "1@16 cap_reduction 0 -4.00"
    assert total(facts, LOWERED) == "95.00 / 16.52 / 111.52"  # 8.36 + 51.00 x 16 % = 8.16


def test_rounding_follows_the_last_minute_to_the_new_rate():
    """June was billed with rounding at 19 %; July's minutes take it along: 22 + 18 = 40, rounded 45."""
    accepted = (assessed("2026-06-01 08:00"), offer(1, "2026-06-01 08:30", minutes=60))
    june, july = work("2026-06-02 09:00", "2026-06-02 09:22"), work("2026-07-07 09:00", "2026-07-07 09:18")
    batches = Batches(LOWERED)
    assert batches.add(concern(*accepted, june)) == ["1@19 work 22 48.40", "1@19 rounding 8 17.60"]
    assert batches.add(concern(*accepted, june, july)) == [
        "1@16 work 18 39.60",
        "1@16 rounding 5 11.00",
        "1@19 correction of rounding -8 -17.60",
    ]
    assert batches.net == Decimal("99.00")


def test_a_credit_keeps_the_rates_of_what_it_takes_back():
    accepted = (assessed("2026-06-30 20:00"), offer(1, "2026-06-30 20:30", minutes=60))
    night = work("2026-06-30 23:40", "2026-07-01 00:20")
    batches = Batches(LOWERED)
    batches.add(concern(*accepted, night))
    assert batches.add(concern(*accepted, night, COVERED)) == [
        "1@19 correction of work -20 -44.00",
        "1@16 correction of work -20 -44.00",
        "1@16 correction of rounding -5 -11.00",
    ]


@pytest.mark.parametrize("minutes", [1, 7, 22, 44])
def test_a_bill_of_nothing_takes_back_whatever_was_frozen(minutes):
    batches = Batches()
    batches.add(concern(*BEGUN, work("2026-11-24 09:00", f"2026-11-24 09:{minutes:02}")))
    assert {one.corrects for one in batches.frozen} == {None}
    assert all("correction" in line for line in batches.add(concern(*BEGUN)))
    assert batches.net == Decimal("0.00")

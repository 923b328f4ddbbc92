"""Goodwill to the cent (domain.md, section 6, rule 6): minutes at their offer's rate, then net, nothing below 0.00."""

from decimal import Decimal

import pytest

from klarfall.billing.engine import bill
from klarfall.billing.tests.bill_words import FOR_A_DAY, LOWERED, NINETEEN, lines_of, total
from klarfall.billing.tests.histories import assessed, concern, goodwill, offer, stop, work

ODD = Decimal("99.90")
#: 67 minutes, rounded 75: 147.40 and 17.60.
S1 = (assessed("08:00"), offer(1, "09:00", minutes=120), work("09:10", "09:50"), work("10:05", "10:32"))
#: 120 minutes (264.00) and 22 minutes, rounded 30 (48.40 and 17.60).
S2 = (
    assessed("08:00"),
    offer(1, "08:30", minutes=120),
    work("09:00", "11:00"),
    offer(2, "13:00", minutes=60, extends=1),
    work("13:10", "13:32"),
)
#: 80 minutes, rounded 90, 176.00 + 22.00 - 8.00 = 190.00.
S3 = (assessed("14:00"), offer(1, "14:20", net="190.00"), work("14:20", "15:40"))
#: 120 minutes (264.00) and 22 minutes (48.40 + 17.60 - 16.00 = 50.00).
CAPPED = (*S2[:3], offer(2, "13:00", net="50.00", extends=1), S2[4])


def granted(facts):
    return [line for line in lines_of(concern(*facts)) if "goodwill" in line]


@pytest.mark.parametrize(
    ("why", "grants", "lines", "net"),
    [
        ("rounding minutes first: 5 of 8", [goodwill(5)], ["1 goodwill -5 -11.00"], "154.00"),
        ("8 of rounding and 12 of work", [goodwill(20)], ["1 goodwill -20 -44.00"], "121.00"),
        ("all there is, no more", [goodwill(500)], ["1 goodwill -75 -165.00"], "0.00"),
        ("net", [goodwill(net="50.00")], ["1 goodwill 0 -50.00"], "115.00"),
        ("net, more than there is", [goodwill(net="500.00")], ["1 goodwill 0 -165.00"], "0.00"),
        (
            "summed: 8 minutes are 17.60, and 15.50",
            [goodwill(5), goodwill(3, "10.00"), goodwill(net="5.50")],
            ["1 goodwill -8 -33.10"],
            "131.90",
        ),
        ("minutes leave 22.00, net takes those", [goodwill(65), goodwill(net="30.00")],
         ["1 goodwill -65 -165.00"], "0.00"),
    ],
)  # fmt: skip
def test_one_offer(why, grants, lines, net):
    assert granted((*S1, *grants)) == lines
    assert total(concern(*S1, *grants)).startswith(f"{net} / ")


def test_vat_and_gross_fall_with_the_net():
    assert total(concern(*S1, goodwill(5))) == "154.00 / 29.26 / 183.26"


@pytest.mark.parametrize(
    ("why", "grants", "lines", "net"),
    [
        ("the last offer first", [goodwill(20)], ["2 goodwill -20 -44.00"], "286.00"),
        ("its 30, then 10 of the first", [goodwill(40)], ["1 goodwill -10 -22.00", "2 goodwill -30 -66.00"], "242.00"),
        ("net: its 66.00, then 34.00", [goodwill(net="100.00")],
         ["1 goodwill 0 -34.00", "2 goodwill 0 -66.00"], "230.00"),
        ("8 minutes leave it 48.40; 11.60 are left for the first", [goodwill(8, "60.00")],
         ["1 goodwill 0 -11.60", "2 goodwill -8 -66.00"], "252.40"),
        ("everything", [goodwill(150)], ["1 goodwill -120 -264.00", "2 goodwill -30 -66.00"], "0.00"),
        ("more than everything", [goodwill(999, "999.00")],
         ["1 goodwill -120 -264.00", "2 goodwill -30 -66.00"], "0.00"),
    ],
)  # fmt: skip
def test_two_offers(why, grants, lines, net):
    assert granted((*S2, *grants)) == lines
    assert total(concern(*S2, *grants)).startswith(f"{net} / ")


@pytest.mark.parametrize(
    ("why", "grants", "net"),
    [
        ("10 rounding minutes are 22.00, taken off the reduced net", [goodwill(10)], "168.00"),
        ("86 minutes are 189.20", [goodwill(86)], "0.80"),
        ("90 minutes would be 198.00: not below nothing", [goodwill(90)], "0.00"),
        ("net", [goodwill(net="0.01")], "189.99"),
    ],
)
def test_after_cap_reduction(why, grants, net):
    assert total(concern(*S3, *grants)).startswith(f"{net} / ")


def test_what_a_reduced_offer_has_no_room_for_is_not_taken_from_another():
    """30 minutes at 132.00 would be 66.00, the offer's net is 50.00: the other offer keeps its 264.00."""
    assert granted((*CAPPED, goodwill(30))) == ["2 goodwill -30 -50.00"]
    assert granted((*CAPPED, goodwill(31))) == ["1 goodwill -1 -2.20", "2 goodwill -30 -50.00"]


def test_net_goes_on_to_the_earlier_offer():
    assert granted((*CAPPED, goodwill(net="60.00"))) == ["1 goodwill 0 -10.00", "2 goodwill 0 -50.00"]


def test_half_a_cent():
    """At 99.90 a minute is 1.665. Of 15 (24.98) one is granted: 1.67; two are 3.33."""
    facts = (assessed("08:00"), offer(1, "08:30", minutes=60, rate=ODD), work("09:00", "09:15"))
    assert granted((*facts, goodwill(1))) == ["1 goodwill -1 -1.67"]
    assert granted((*facts, goodwill(2))) == ["1 goodwill -2 -3.33"]
    assert granted((*facts, goodwill(15))) == ["1 goodwill -15 -24.98"]


def test_exact_minutes_of_a_stopped_offer_come_last_to_first_too():
    """22 exact minutes, then 18 rounded to 30; 35 granted: 12 of rounding, 18 and 5 of the stopped offer."""
    facts = (
        assessed("08:00"),
        offer(1, "09:00", minutes=120),
        work("09:10", "09:32"),
        stop("09:40"),
        offer(2, "10:00", minutes=60),
        work("10:05", "10:23"),
        goodwill(35),
    )
    assert granted(facts) == ["1 goodwill -5 -11.00", "2 goodwill -30 -66.00"]


def test_rounding_minutes_go_first_even_where_a_stopped_offer_worked_last():
    """The first offer was completed with another item and rounds (22 + 8), the second is exact (7)."""
    facts = (
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        work("09:00", "09:22"),
        assessed("09:30", item="CHG-OTHER"),
        offer(2, "10:10", minutes=60),
        work("10:20", "10:27"),
        stop("10:30"),
    )
    assert lines_of(concern(*facts)) == ["1 work 22 48.40", "1 rounding 8 17.60", "2 work 7 15.40"]
    assert granted((*facts, goodwill(8))) == ["1 goodwill -8 -17.60"]
    assert granted((*facts, goodwill(10))) == ["1 goodwill -8 -17.60", "2 goodwill -2 -4.40"]


#: 20 minutes at 19 % (44.00), 20 at 16 % (44.00) and 5 of rounding (11.00).
CHANGE = (
    assessed("2026-06-30 20:00"),
    offer(1, "2026-06-30 20:30", minutes=60),
    work("2026-06-30 23:40", "2026-07-01 00:20"),
)


@pytest.mark.parametrize(
    ("why", "grant", "lines"),
    [
        ("25 of the later rate, 5 of the other", goodwill(30), ["1@19 goodwill -5 -11.00", "1@16 goodwill -25 -55.00"]),
        ("net: the later rate first", goodwill(net="50.00"), ["1@16 goodwill 0 -50.00"]),
        ("and then the earlier", goodwill(net="60.00"), ["1@19 goodwill 0 -5.00", "1@16 goodwill 0 -55.00"]),
        ("everything", goodwill(99), ["1@19 goodwill -20 -44.00", "1@16 goodwill -25 -55.00"]),
    ],
)  # fmt: skip
def test_two_vat_rates(why, grant, lines):
    assert [line for line in lines_of(concern(*CHANGE, grant), LOWERED) if "goodwill" in line] == lines


def test_what_the_later_rate_has_no_room_for_goes_to_the_earlier():
    """20 minutes at 19 %, 1 and 9 of rounding at 16 %, capped at 46.20, which leaves 2.20 at 16 %. Of 10 granted
    minutes (22.00) 19.80 go to 19 %."""
    facts = concern(
        CHANGE[0],
        offer(1, "2026-06-30 20:30", net="46.20"),
        work("2026-06-30 23:40", "2026-07-01 00:01"),
        goodwill(10),
    )
    assert lines_of(facts, LOWERED) == [
        "1@19 work 20 44.00",
        "1@19 goodwill 0 -19.80",
        "1@16 work 1 2.20",
        "1@16 rounding 9 19.80",
        "1@16 cap_reduction 0 -19.80",
        "1@16 goodwill -10 -2.20",
    ]
    assert sum(line.net for line in bill(facts, LOWERED)) == Decimal("24.20")  # 46.20 - 22.00


def test_a_rate_that_comes_back_is_one_rate():
    """20 minutes at 19 %, 24 hours later 1 more with 9 of rounding, between them 20 at 16 %; capped at 90.20 (41
    minutes), so that 8.80 are taken back at 19 %. Five granted minutes (11.00) find 46.20 at 19 %: 16 % stays."""
    facts = concern(
        CHANGE[0],
        offer(1, "2026-06-30 20:30", net="90.20"),
        work("2026-06-30 23:40", "2026-07-01 00:20"),
        work("2026-07-02 00:00", "2026-07-02 00:01"),
        goodwill(5),
    )
    assert lines_of(facts, FOR_A_DAY) == [
        "1@19 work 21 46.20",
        "1@19 rounding 4 8.80",
        "1@19 cap_reduction 0 -8.80",
        "1@19 goodwill -5 -11.00",
        "1@16 work 20 44.00",
    ]


def test_no_cent_is_left_over_between_rates():
    """At 0.42 a minute is 0.007. Two at 19 % are 0.01, three at 16 % 0.03 (five are 0.035), one more at 19 % nothing
    (0.042). Five granted minutes are 0.04 as well, so all is granted, whichever rate their cents began with."""
    facts = concern(
        CHANGE[0],
        offer(1, "2026-06-30 20:30", minutes=60, rate=Decimal("0.42"), increment=1, minimum=0),
        work("2026-06-30 23:58", "2026-07-01 00:03"),
        work("2026-07-02 00:00", "2026-07-02 00:01"),
        goodwill(5),
    )
    assert {line.percent: line.net for line in bill(facts, FOR_A_DAY) if line.kind == "goodwill"} == {
        Decimal("19.00"): Decimal("-0.01"),
        Decimal("16.00"): Decimal("-0.03"),
    }


def test_nothing_billed_leaves_nothing_to_grant():
    assert bill(concern(assessed("08:00"), offer(1, minutes=60), work("09:00", "10:00"), goodwill(30)), NINETEEN) == ()

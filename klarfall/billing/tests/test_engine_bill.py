"""Bills to the cent (domain.md, section 6, rules 4, 5 and 8): every figure in a row is worked out by hand beside it."""

from decimal import Decimal

import pytest

from klarfall.billing.engine import Caps, Ending, LineKind, Outcome, bill
from klarfall.billing.tests.bill_words import NINETEEN, REVERSE_CHARGE, document, lines_of, locks_of, total
from klarfall.billing.tests.histories import (
    assessed,
    at,
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

INSTALL, ODD = Decimal("148.00"), Decimal("99.90")


def plain(*minutes: int, **fields: object):
    """Accepted at nine with these terms; then one stretch of work of so many minutes at each full hour."""
    stretches = [work(f"{9 + hour:02}:00", f"{9 + hour:02}:{length:02}") for hour, length in enumerate(minutes)]
    return concern(assessed("08:00"), offer(1, "08:30", **fields), *stretches)


def test_s1_plain_acceptance_rounded_once():
    facts = concern(
        triage("08:30", "08:41"),
        assessed("08:41"),
        offer(1, "09:00", minutes=120),
        work("09:10", "09:32"),  # 22
        work("10:05", "10:23"),  # 18
        work("11:00", "11:27"),  # 27; together 67, rounded 75
    )
    assert lines_of(facts) == ["1 work 67 147.40", "1 rounding 8 17.60"]
    assert total(facts) == "165.00 / 31.35 / 196.35"


def test_s2_cap_used_up_and_accepted_again():
    facts = concern(
        assessed("08:00", item="CHG-INFRA-OS"),
        offer(1, "08:30", minutes=120),
        work("09:00", "10:35"),  # 95
        work("11:00", "11:40"),  # 25 to the cap, 15 over it
        offer(2, "13:00", minutes=60, extends=1),
        work("13:10", "13:32"),  # 22; together 142, rounded 150
    )
    assert lines_of(facts) == ["1 work 120 264.00", "2 work 22 48.40", "2 rounding 8 17.60"]
    assert total(facts) == "330.00 / 62.70 / 392.70"


def test_s3_discovered_half_way_with_a_net_cap():
    investigated = concern(assessed("13:00", Outcome.COVERED, "COV-INVESTIGATE"), work("13:05", "13:55"))
    cleaned_up = concern(
        assessed("14:00", item="CHG-DATA-POST"), offer(1, "14:20", net="190.00"), work("14:05", "15:40")
    )
    assert lines_of(investigated) == []
    # 80 minutes are 176.00, rounded to 90 they are 198.00, eight euros above the cap
    assert lines_of(cleaned_up) == ["1 work 80 176.00", "1 rounding 10 22.00", "1 cap_reduction 0 -8.00"]
    assert document(bill(investigated, NINETEEN), bill(cleaned_up, NINETEEN)) == "190.00 / 36.10 / 226.10"


def test_s3_declined():
    facts = concern(assessed("14:00", item="CHG-DATA-POST"), offer(1, net="190.00"), work("14:05", "15:40"))
    assert total(facts) == "0.00 / 0.00 / 0.00"


def test_s7_another_form_and_not_offered():
    conf = concern(triage("09:00", "09:14"), assessed("09:14"), offer(1, minutes=45))
    visit = concern(assessed("09:14", Outcome.NOT_OFFERED, "NOT-ONSITE"), work("09:20", "09:25"))
    legal = concern(assessed("09:14", Outcome.NOT_OFFERED, "NOT-LEGAL"))
    assert document(*(bill(facts, NINETEEN) for facts in (conf, visit, legal))) == "0.00 / 0.00 / 0.00"
    assert lines_of(conf) == []


def test_s16_cap_in_euros_at_a_rate_that_does_not_divide():
    facts = concern(assessed("08:00"), offer(1, "08:30", net="222.00", rate=INSTALL), work("09:00", "10:35"))
    assert lines_of(facts) == ["1 work 90 222.00"]  # 90 is a multiple of 15; five minutes are over the cap
    assert total(facts) == "222.00 / 42.18 / 264.18"
    lower = Caps(net=Decimal("148.00"))
    facts = concern(
        assessed("08:00"), offer(1, "08:30", net="222.00", rate=INSTALL, chosen=lower), work("09:00", "10:35")
    )
    assert total(facts) == "148.00 / 28.12 / 176.12"


@pytest.mark.parametrize(
    ("increment", "minimum", "worked", "billed", "net"),
    [
        (1, 0, 67, 67, "147.40"),
        (5, 0, 67, 70, "154.00"),
        (6, 0, 67, 72, "158.40"),
        (10, 0, 67, 70, "154.00"),
        (15, 15, 67, 75, "165.00"),
        (15, 15, 75, 75, "165.00"),  # a multiple stays
        (15, 15, 76, 90, "198.00"),
        (15, 15, 4, 15, "33.00"),  # the minimum
        (15, 30, 4, 30, "66.00"),
        (15, 20, 4, 30, "66.00"),  # the minimum is rounded up as well
        (10, 25, 31, 40, "88.00"),  # above the minimum only the increment counts
        (1, 20, 4, 20, "44.00"),
        (15, 0, 1, 15, "33.00"),
        (1, 0, 1, 1, "2.20"),
    ],
)
def test_increment_and_minimum(increment, minimum, worked, billed, net):
    lengths = [min(59, worked - start) for start in range(0, worked, 59)]
    facts = plain(*lengths, minutes=120, increment=increment, minimum=minimum)
    lines = bill(facts, NINETEEN)
    assert (sum(line.minutes for line in lines), str(sum(line.net for line in lines))) == (billed, net)


def test_no_billable_minute_has_no_minimum():
    assert lines_of(concern(assessed("08:00"), offer(1, "08:30", minutes=60, minimum=30), work("08:00", "08:30"))) == []


@pytest.mark.parametrize(
    ("why", "minutes", "net", "worked", "lines"),
    [
        ("67 of 70: three of eight, the rest is dropped", 70, None, 67, ["1 work 67 147.40", "1 rounding 3 6.60"]),
        ("67 of 67: nothing is left", 67, None, 67, ["1 work 67 147.40"]),
        ("the minimum is truncated too", 10, None, 4, ["1 work 4 8.80", "1 rounding 6 13.20"]),
        (
            "190.00 are 86 minutes, but minutes of a net cap truncate nothing: 90 x 2.20 = 198.00",
            None, "190.00", 80, ["1 work 80 176.00", "1 rounding 10 22.00", "1 cap_reduction 0 -8.00"],
        ),
        ("both: 85 minutes are 187.00, below 190.00", 85, "190.00", 80, ["1 work 80 176.00", "1 rounding 5 11.00"]),
        (
            "both: 88 minutes are 193.60",
            88, "190.00", 80, ["1 work 80 176.00", "1 rounding 8 17.60", "1 cap_reduction 0 -3.60"],
        ),
        ("what was worked is the cap, all rounding is taken back", None, "147.40", 67,
         ["1 work 67 147.40", "1 rounding 8 17.60", "1 cap_reduction 0 -17.60"]),
    ],
)  # fmt: skip
def test_caps_and_rounding(why, minutes, net, worked, lines):
    assert lines_of(plain(*[worked // 2, worked - worked // 2], minutes=minutes, net=net)) == lines


def test_the_chosen_cap_counts():
    assert lines_of(plain(40, 27, minutes=120, chosen=Caps(70))) == ["1 work 67 147.40", "1 rounding 3 6.60"]
    chosen = plain(40, 27, minutes=120, chosen=Caps(net=Decimal("150.00")))  # 68 minutes
    assert lines_of(chosen) == ["1 work 67 147.40", "1 rounding 8 17.60", "1 cap_reduction 0 -15.00"]


@pytest.mark.parametrize(
    ("rate", "worked", "lines"),
    [
        # one minute is 1.665, two are 3.33, fifteen are 24.975
        (ODD, 1, ["1 work 1 1.67", "1 rounding 14 23.31"]),
        (ODD, 2, ["1 work 2 3.33", "1 rounding 13 21.65"]),
        (ODD, 15, ["1 work 15 24.98"]),
        # one minute is half a cent, two are a cent; fifteen are 7.5 cents
        (Decimal("0.30"), 1, ["1 work 1 0.01", "1 rounding 14 0.07"]),
        (Decimal("0.30"), 2, ["1 work 2 0.01", "1 rounding 13 0.07"]),
        (Decimal("0.30"), 15, ["1 work 15 0.08"]),
        # a minute is less than half a cent: minutes without money
        (Decimal("0.01"), 1, ["1 work 1 0.00", "1 rounding 14 0.00"]),
    ],
)
def test_half_a_cent_goes_up_and_work_and_rounding_sum_to_the_offer(rate, worked, lines):
    assert lines_of(plain(worked, minutes=120, rate=rate)) == lines


def test_two_people_on_one_cap():
    """Minute by minute in turns: of 21 minutes the earlier entry gets 11."""
    first, second = work("09:00", "09:15", id=901), work("09:00", "09:15", id=902, agent=2)
    facts = concern(assessed("08:00"), offer(1, "08:30", minutes=21), second, first)
    assert lines_of(facts) == ["1 work 21 46.20"]  # 30 would be the next multiple, the cap leaves nothing
    facts = concern(assessed("08:00"), offer(1, "08:30", minutes=40), second, first)
    assert lines_of(facts) == ["1 work 30 66.00"]


def test_a_stop_is_exact_and_what_is_accepted_afterwards_rounds_its_own():
    facts = concern(
        assessed("08:00"),
        offer(1, "09:00", minutes=120),
        work("09:10", "09:40"),  # stopped at 09:32:30: 22 whole minutes
        stop("09:32:30"),
        offer(2, "10:00", minutes=60),
        work("10:05", "10:23"),  # 18, rounded 30
    )
    assert lines_of(facts) == ["1 work 22 48.40", "2 work 18 39.60", "2 rounding 12 26.40"]


def test_a_stop_ends_the_used_up_offer_and_its_extension_alike():
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=10),
        offer(2, "08:40", minutes=60, extends=1),
        work("09:00", "09:17"),
        stop("09:20"),
    )
    assert lines_of(facts) == ["1 work 10 22.00", "2 work 7 15.40"]


def test_an_offer_completed_before_a_stop_keeps_its_rounding():
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        work("09:00", "09:22"),  # 22, rounded 30
        done("09:30"),
        reopened("10:00"),
        offer(2, "10:10", minutes=60),
        work("10:20", "10:27"),  # 7, exact
        stop("10:30"),
    )
    assert lines_of(facts) == ["1 work 22 48.40", "1 rounding 8 17.60", "2 work 7 15.40"]


def test_a_recorded_stop_of_the_offer_alone_is_exact_too():
    stopped = offer(1, "08:30", minutes=60, end=ended("09:22", Ending.STOPPED))
    assert lines_of(concern(assessed("08:00"), stopped, work("09:00", "09:40"))) == ["1 work 22 48.40"]


def test_limits_over_extensions():
    """60 + 5 + 1 minutes: 66, rounded 75; the last offer has one of its nine minutes left, so the rest is dropped."""
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        offer(2, "08:40", minutes=5, extends=1),
        offer(3, "08:50", net="4.40", extends=2),  # two minutes
        work("09:00", "10:06"),
    )
    assert lines_of(facts) == [
        "1 work 60 132.00",
        "2 work 5 11.00",
        "3 work 1 2.20",
        "3 rounding 9 19.80",
        "3 cap_reduction 0 -17.60",
    ]
    assert total(facts) == "147.40 / 28.01 / 175.41"  # 28.006


def test_rounding_goes_to_the_extension_that_holds_the_last_minute():
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        offer(2, "08:40", minutes=5, extends=1),
        work("09:00", "10:03"),  # 60 and 3, rounded 75; two of twelve fit
    )
    assert lines_of(facts) == ["1 work 60 132.00", "2 work 3 6.60", "2 rounding 2 4.40"]


def test_late_click_and_counter_proposal_are_no_acceptances():
    """Only the new offer with the customer's cap counts, from its acceptance on."""
    late = concern(assessed("08:00"), offer(1, minutes=60), work("09:00", "10:00"))
    assert lines_of(late) == []
    countered = concern(
        assessed("08:00"),
        offer(1, minutes=120),
        work("09:30", "10:40"),  # 30 before the decision, 30 under the cap, 10 over it
        offer(2, "10:00", minutes=30),
    )
    assert lines_of(countered) == ["2 work 30 66.00"]


def test_objection_costs_nothing_while_it_is_open():
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        work("09:00", "10:00"),  # on hold from 09:10 up to and with 09:29, so 10 and 30 count, rounded 45
        objection("09:10:30", "09:29:30"),
    )
    assert lines_of(facts) == ["1 work 40 88.00", "1 rounding 5 11.00"]


def test_another_item_keeps_the_past_and_rounds_with_it():
    facts = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=60),
        work("09:00", "09:22"),
        assessed("09:30", item="CHG-OTHER"),
        work("09:40", "09:50"),  # needs a new acceptance
        offer(2, "10:00", minutes=60),
        work("10:05", "10:23"),  # 22 + 18 = 40, rounded 45
    )
    assert lines_of(facts) == ["1 work 22 48.40", "2 work 18 39.60", "2 rounding 5 11.00"]


@pytest.mark.parametrize(
    ("why", "start", "end", "billed"),
    [
        ("29 March: 02:00 is 03:00", "2026-03-29 01:50", "2026-03-29 03:10", 20),
        ("25 October: 03:00 is 02:00", "2026-10-25 02:50+02:00", "2026-10-25 02:10+01:00", 20),
        ("the hour that comes twice counts twice", "2026-10-25 02:00+02:00", "2026-10-25 03:00+01:00", 120),
    ],
)
def test_summer_time_adds_and_loses_nothing(why, start, end, billed):
    day = start[:10]
    facts = concern(
        assessed(f"{day} 00:00"),
        offer(1, f"{day} 00:30", minutes=300, increment=1, minimum=0),
        work(start, end),
    )
    (line,) = bill(facts, NINETEEN)
    assert (line.minutes, line.net) == (billed, billed * Decimal("2.20"))
    assert (line.begins, line.ends) == (at(start), at(end))


def test_reverse_charge():
    assert total(plain(40, 27, minutes=120), REVERSE_CHARGE) == "165.00 / 0.00 / 165.00"
    (first, _) = bill(plain(40, 27, minutes=120), REVERSE_CHARGE)
    assert (first.category, first.percent) == ("AE", Decimal("0.00"))


def test_vat_comes_once_per_document():
    """Three times 0.13 are 0.39, of which 19 % are 0.0741; line by line it would be 3 x 0.02."""
    cheap = bill(plain(1, minutes=60, rate=Decimal("7.80"), increment=1, minimum=0), NINETEEN)
    assert document(cheap) == "0.13 / 0.02 / 0.15"
    assert document(cheap, cheap, cheap) == "0.39 / 0.07 / 0.46"


def test_late_entry_takes_what_locked_minutes_leave():
    shown = concern(assessed("08:00"), offer(1, "08:30", minutes=40), work("10:00", "10:30", id=901))
    late = concern(
        assessed("08:00"),
        offer(1, "08:30", minutes=40),
        work("10:00", "10:30", id=901),
        work("09:00", "09:30", id=902, agent=2),  # earlier in the clock, ten minutes are left for it
        locked=locks_of(shown),
    )
    assert lines_of(late) == ["1 work 40 88.00"]


def test_a_record_of_december_leaves_no_room_for_a_late_entry_of_november():
    """Also where only November is billed: what December holds already is taken."""
    accepted = (assessed("2026-11-24 08:00"), offer(1, "2026-11-24 08:30", minutes=40))
    december = work("2026-12-01 10:00", "2026-12-01 10:40", id=901)
    november = work("2026-11-24 09:00", "2026-11-24 09:30", id=902, agent=2)
    locked = locks_of(concern(*accepted, december))
    facts = concern(*accepted, december, november, locked=locked)
    assert lines_of(facts, until="2026-12-01 00:00") == []
    assert lines_of(facts) == ["1 work 40 88.00"]


def test_lines_say_where_their_figures_come_from():
    work_line, rounding = bill(plain(40, 27, minutes=70), NINETEEN)
    assert work_line.reason.figures == {"minutes": 67, "rate": Decimal("132.00"), "exact": 0}
    assert rounding.reason.code is LineKind.ROUNDING
    assert rounding.reason.figures == {"exact": 67, "minimum": 15, "increment": 15, "rounded": 75, "dropped": 5}

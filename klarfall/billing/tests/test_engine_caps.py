"""Caps, exposure and snapping: the arithmetic of rules 1 and 2."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.billing.engine import (
    CapProblem,
    CapRefused,
    Caps,
    choose_cap,
    effective_minutes,
    exposure,
    net_of,
    round2,
    snap,
    warning_minutes,
)
from klarfall.billing.tests.histories import at

BERLIN = ZoneInfo("Europe/Berlin")
D = Decimal


@pytest.mark.parametrize(
    ("why", "minutes", "net", "rate", "effective"),
    [
        ("minutes alone", 120, None, "132.00", 120),
        ("S16: 222.00 at 148.00 is 90, not 89", None, "222.00", "148.00", 90),
        ("S16: 148.00 at 148.00 is an hour", None, "148.00", "148.00", 60),
        ("S3: 190.00 at 132.00 binds after 86", None, "190.00", "132.00", 86),
        ("the tighter of both: minutes", 45, "190.00", "132.00", 45),
        ("the tighter of both: net", 120, "190.00", "132.00", 86),
        ("one cent short of an hour", None, "131.99", "132.00", 59),
        ("less than a minute", None, "2.19", "132.00", 0),
        ("a rate that divides nothing", None, "33.33", "99.99", 20),
        ("amounts beyond any context precision", None, "10000000000000000000000000000.01", "0.01", 60 * (10**30 + 1)),
    ],
)
def test_effective_minutes(why, minutes, net, rate, effective):
    assert effective_minutes(minutes, net and D(net), D(rate)) == effective


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_effective_minutes_is_the_most_that_the_net_cap_pays(net_cents, rate_cents):
    net, rate = D(net_cents).scaleb(-2), D(rate_cents).scaleb(-2)
    minutes = effective_minutes(None, net, rate)
    assert minutes * Fraction(rate) / 60 <= Fraction(net) < (minutes + 1) * Fraction(rate) / 60


def test_effective_minutes_without_any_cap_are_refused():
    with pytest.raises(ValueError, match="INV-2"):
        effective_minutes(None, None, D("132.00"))
    with pytest.raises(ValueError, match="INV-2"):
        Caps()


@pytest.mark.parametrize(
    ("why", "offered", "chosen", "result"),
    [
        ("the offer as it stands", Caps(120), None, Caps(120)),
        ("the offered cap itself is full acceptance", Caps(120), Caps(120), Caps(120)),
        ("its net cap itself too", Caps(120, D("190.00")), Caps(net=D("190")), Caps(120, D("190.00"))),
        ("a lower cap of the same unit replaces it", Caps(120), Caps(60), Caps(60)),
        ("the cap of the other unit stays", Caps(120, D("190.00")), Caps(60), Caps(60, D("190.00"))),
        ("a lower net cap", Caps(120, D("190.00")), Caps(net=D("100.00")), Caps(120, D("100.00"))),
        ("a unit the offer did not cap", Caps(120), Caps(net=D("66.00")), Caps(120, D("66.00"))),
        ("one minute is enough", Caps(120), Caps(net=D("2.20")), Caps(120, D("2.20"))),
    ],
)
def test_chosen_cap_that_is_taken(why, offered, chosen, result):
    assert choose_cap(offered, chosen, D("132.00")) == result


@pytest.mark.parametrize(
    ("why", "offered", "chosen", "problem"),
    [
        ("higher", Caps(120), Caps(121), CapProblem.NOT_LOWER),
        ("lower in its unit, but the other binds", Caps(120, D("190.00")), Caps(100), CapProblem.NOT_LOWER),
        ("lower by cents only, as many minutes", Caps(net=D("190.00")), Caps(net=D("189.20")), CapProblem.NOT_LOWER),
        ("the other unit, as many minutes", Caps(60), Caps(net=D("132.00")), CapProblem.NOT_LOWER),
        ("less than a minute", Caps(120), Caps(net=D("2.19")), CapProblem.BELOW_ONE_MINUTE),
        ("an offer that allows nothing", Caps(net=D("2.19")), None, CapProblem.BELOW_ONE_MINUTE),
        ("zero", Caps(120), Caps(0), CapProblem.NOT_A_CAP),
        ("negative", Caps(120), Caps(-5), CapProblem.NOT_A_CAP),
        ("both units", Caps(120), Caps(60, D("50.00")), CapProblem.NOT_A_CAP),
        ("no money", Caps(120), Caps(net=D("0.00")), CapProblem.NOT_A_CAP),
        ("negative money", Caps(120), Caps(net=D("-1")), CapProblem.NOT_A_CAP),
        ("not a number", Caps(120), Caps(net=D("NaN")), CapProblem.NOT_A_CAP),
        ("infinite", Caps(120), Caps(net=D("Infinity")), CapProblem.NOT_A_CAP),
        ("fractions of a cent", Caps(120), Caps(net=D("50.001")), CapProblem.NOT_A_CAP),
    ],
)
def test_chosen_cap_that_is_refused(why, offered, chosen, problem):
    with pytest.raises(CapRefused) as refused:
        choose_cap(offered, chosen, D("132.00"))
    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("caps", "rate", "most"),
    [
        (Caps(120), "132.00", "264.00"),
        (Caps(120, D("190.00")), "132.00", "190.00"),
        (Caps(60, D("190.00")), "132.00", "132.00"),
        (Caps(net=D("190.00")), "132.00", "190.00"),
        (Caps(1), "99.99", "1.67"),
        (Caps(25), "0.06", "0.03"),
    ],
)
def test_exposure_is_the_most_the_customer_may_be_charged(caps, rate, most):
    assert exposure(caps, D(rate)) == D(most)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("0.0049", "0.00"), ("1.115", "1.12"), ("2.675", "2.68"), ("7", "7.00")]
)
def test_round2_rounds_half_up_to_cents(amount, rounded):
    assert str(round2(D(amount))) == rounded


def test_net_of_minutes_divides_once_and_last():
    assert net_of(75, D("132.00")) == D("165.00")
    assert net_of(1, D("99.90")) == D("1.67")  # 1.665, half a cent up


@pytest.mark.parametrize(("effective", "warning"), [(120, 96), (86, 69), (1, 1), (5, 4), (6, 5), (90, 72)])
def test_warning_comes_at_80_percent_rounded_up_to_a_minute(effective, warning):
    assert warning_minutes(effective) == warning


@pytest.mark.parametrize(
    ("why", "start", "end", "snapped"),
    [
        ("whole minutes stay", "09:00", "09:10", ("09:00", "09:10")),
        ("start up, end down", "09:00:01", "09:10:59", ("09:01", "09:10")),
        ("within one minute is nothing", "09:00:01", "09:00:59", ("09:01", "09:01")),
        ("never below nothing", "09:00:30", "09:00:45", ("09:01", "09:01")),
        ("nothing across a full minute", "09:00:30", "09:01:30", ("09:01", "09:01")),
        ("end before start is nothing", "09:10", "09:00", ("09:10", "09:10")),
    ],
)
def test_snap(why, start, end, snapped):
    assert snap(at(start), at(end)) == tuple(at(clock) for clock in snapped)


@pytest.mark.parametrize(
    ("why", "start", "end", "minutes"),
    [
        ("autumn, through the doubled hour", (2026, 10, 25, 1, 30, 0, 0, 0), (2026, 10, 25, 3, 30, 0, 0, 0), 180),
        ("autumn, same wall clock twice", (2026, 10, 25, 2, 30, 0, 0, 0), (2026, 10, 25, 2, 30, 0, 0, 1), 60),
        ("spring, across the missing hour", (2026, 3, 29, 1, 30, 0, 0, 0), (2026, 3, 29, 3, 30, 0, 0, 0), 60),
    ],
)
def test_snap_counts_in_utc_in_the_nights_of_summer_time(why, start, end, minutes):
    def berlin(*clock):
        *instant, fold = clock
        return datetime(*instant, tzinfo=BERLIN, fold=fold)

    first, last = snap(berlin(*start), berlin(*end))
    assert (last - first).total_seconds() == minutes * 60
    assert first.tzinfo is UTC


def test_snap_refuses_times_without_a_zone():
    with pytest.raises(TypeError):
        snap(datetime(2026, 11, 24, 9), datetime(2026, 11, 24, 10))

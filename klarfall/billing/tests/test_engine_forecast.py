"""Used and remaining minutes and euros, warnings, and what the next minute of work would be."""

from decimal import Decimal

import pytest

from klarfall.billing.engine import Caps, Ending, MinuteClass, Outcome, Why, balances, predict, standing
from klarfall.billing.tests.histories import (
    assessed,
    at,
    concern,
    done,
    ended,
    objection,
    offer,
    stop,
    work,
)

CHARGEABLE = assessed("08:00")


def crossings(facts, now="09:30"):
    return [
        (
            one.offer_id,
            f"{one.warns_at:%H:%M}" if one.warns_at else None,
            f"{one.used_up_at:%H:%M}" if one.used_up_at else None,
        )
        for one in predict(facts, at(now))
    ]


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        ("one timer", [offer(1, "08:30", minutes=60), work("09:00")], [(1, "09:48", "10:00")]),
        (
            "two agents use it twice as fast",
            [offer(1, "08:30", minutes=60), work("09:00", agent=1), work("09:00", agent=2)],
            [(1, "09:24", "09:30")],
        ),
        (
            "a second one joins",
            [offer(1, "08:30", minutes=61), work("09:00", agent=1), work("09:20", agent=2)],
            [(1, "09:35", "09:41")],
        ),
        ("nobody works", [offer(1, "08:30", minutes=60), work("09:00", "09:20")], [(1, None, None)]),
        (
            "seconds before the start do not count",
            [offer(1, "08:30", minutes=60), work("09:00:20")],
            [(1, "09:49", "10:01")],
        ),
        (
            "an open objection holds the prediction",
            [offer(1, "08:30", minutes=60), work("09:00"), objection("09:10")],
            [(1, None, None)],
        ),
        (
            "a reviewed one delays it",
            [offer(1, "08:30", minutes=60), work("09:00"), objection("09:10", "09:20")],
            [(1, "09:58", "10:10")],
        ),
        ("stopped: never", [offer(1, "08:30", minutes=60), work("09:00"), stop("09:30")], [(1, None, None)]),
        ("warned, then stopped", [offer(1, "08:30", minutes=60), work("09:00"), stop("09:50")], [(1, "09:48", None)]),
        (
            "then the extension",
            [offer(1, "08:30", minutes=60), offer(2, "08:40", minutes=10, extends=1), work("09:00")],
            [(1, "09:48", "10:00"), (2, "10:08", "10:10")],
        ),
        ("one minute: warning and end at once", [offer(1, "08:30", minutes=1), work("09:00")], [(1, "09:01", "09:01")]),
        ("accepted while the timer runs", [offer(1, "09:10:30", minutes=10), work("09:00")], [(1, "09:19", "09:21")]),
        ("not accepted: no forecast", [offer(1, minutes=60), work("09:00")], []),
        (
            "a cap in euros",
            [offer(1, "08:30", net="222.00", rate=Decimal("148.00")), work("09:00")],
            [(1, "10:12", "10:30")],
        ),
    ],
)
def test_running_timers_will_reach_80_percent_and_the_cap(why, facts, expected):
    assert crossings(concern(CHARGEABLE, *facts)) == expected


def test_forecast_says_what_has_happened_already():
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=60), work("09:00"))
    seen = [(one.warned, one.used_up) for now in ("09:47:59", "09:48", "10:00") for one in predict(facts, at(now))]
    assert seen == [(False, False), (True, False), (True, True)]


def test_predicted_instant_moves_with_every_start_and_stop():
    accepted = offer(1, "08:30", minutes=60)
    one_runs = concern(CHARGEABLE, accepted, work("09:00", id=1))
    both_run = concern(CHARGEABLE, accepted, work("09:00", id=1), work("09:10", id=2))
    one_left = concern(CHARGEABLE, accepted, work("09:00", "09:30", id=1), work("09:10", id=2))
    assert [crossings(facts)[0][2] for facts in (one_runs, both_run, one_left)] == ["10:00", "09:35", "09:40"]


def test_balance_of_a_running_offer():
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=120), work("09:00", "09:30"), work("10:00"))
    (balance,) = balances(facts, at("10:37:40"))
    assert (balance.effective_minutes, balance.used_minutes, balance.remaining_minutes) == (120, 67, 53)
    assert (balance.used_net, balance.remaining_net) == (Decimal("147.40"), Decimal("116.60"))
    assert balance.exposure == Decimal("264.00")
    assert balance.running


def test_balance_counts_the_chosen_cap():
    chosen = Caps(net=Decimal("100.00"))
    facts = concern(CHARGEABLE, offer(1, "08:30", minutes=120, chosen=chosen), work("09:00", "09:30"))
    (balance,) = balances(facts, at("12:00"))
    assert balance.caps == Caps(120, Decimal("100.00"))
    assert (balance.effective_minutes, balance.remaining_minutes) == (45, 15)
    assert (balance.exposure, balance.used_net, balance.remaining_net) == tuple(
        Decimal(amount) for amount in ("100.00", "66.00", "34.00")
    )


@pytest.mark.parametrize(
    "ending",
    [
        [offer(1, "08:30", minutes=60), stop("10:00")],
        [offer(1, "08:30", minutes=60), done("10:00")],
        [offer(1, "08:30", minutes=60, end=ended("10:00", Ending.COMPLETED))],
    ],
)
def test_ended_offer_has_nothing_left_but_keeps_what_was_used(ending):
    facts = concern(CHARGEABLE, work("09:00", "09:20"), *ending)
    before, after = (balances(facts, at(now))[0] for now in ("09:59", "10:00"))
    assert (before.running, before.used_minutes, before.remaining_minutes) == (True, 20, 40)
    assert (after.running, after.used_minutes, after.remaining_minutes) == (False, 20, 0)
    assert (after.used_net, after.remaining_net) == (Decimal("44.00"), Decimal("0.00"))


def test_defect_found_later_leaves_nothing_used():
    facts = concern(
        CHARGEABLE,
        offer(1, "08:30", minutes=60),
        work("09:00", "09:20"),
        assessed("12:00", Outcome.COVERED, "COV-DEFECT"),
    )
    (balance,) = balances(facts, at("12:30"))
    assert (balance.used_minutes, balance.used_net, balance.running) == (0, Decimal("0.00"), False)


def test_only_accepted_offers_have_a_balance():
    facts = concern(CHARGEABLE, offer(1, minutes=60), offer(2, "10:00", minutes=60))
    assert balances(facts, at("09:59:59")) == ()
    assert [one.offer_id for one in balances(facts, at("10:00"))] == [2]


@pytest.mark.parametrize(
    ("why", "facts", "now", "minute_class", "code"),
    [
        ("not assessed", [], "09:00", MinuteClass.TRIAGE, Why.NOT_ASSESSED),
        ("covered", [assessed("08:00", Outcome.COVERED)], "09:00", MinuteClass.COVERED, Why.ASSESSED_FREE),
        ("no decision", [CHARGEABLE], "09:00", MinuteClass.PRE_DECISION, Why.NO_ACCEPTANCE),
        ("accepted", [CHARGEABLE, offer(1, "09:00:10", minutes=9)], "09:00:10", MinuteClass.BILLABLE, Why.ACCEPTED),
        ("on hold", [CHARGEABLE, objection("09:00:10")], "09:00:10", MinuteClass.ON_HOLD, Why.OBJECTION_OPEN),
        ("stopped", [CHARGEABLE, stop("08:50")], "09:00", MinuteClass.AFTER_STOP, Why.STOPPED),
        (
            "another agent's timer has used it up",
            [CHARGEABLE, offer(1, "08:30", minutes=20), work("08:40")],
            "09:00",
            MinuteClass.OVER_CAP,
            Why.CAP_USED_UP,
        ),
        (
            "another agent's timer takes the last minute",
            [CHARGEABLE, offer(1, "08:30", minutes=21), work("08:40")],
            "09:00",
            MinuteClass.OVER_CAP,
            Why.CAP_USED_UP,
        ),
        (
            "one minute is left beside it",
            [CHARGEABLE, offer(1, "08:30", minutes=22), work("08:40")],
            "09:00",
            MinuteClass.BILLABLE,
            Why.ACCEPTED,
        ),
    ],
)
def test_standing_says_what_work_begun_now_would_be_and_why(why, facts, now, minute_class, code):
    found = standing(concern(*facts), at(now))
    assert (found.minute_class, found.reason.code) == (minute_class, code)
    assert found.offer_id == (1 if minute_class is MinuteClass.BILLABLE else None)

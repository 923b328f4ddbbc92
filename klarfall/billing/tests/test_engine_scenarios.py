"""The acceptance scenarios of the mission, with exactly their minutes (amounts come with rules 4 to 10)."""

from decimal import Decimal

from klarfall.billing.engine import Caps, MinuteClass, Outcome, classify, effective_minutes, exposure, predict
from klarfall.billing.tests.histories import assessed, at, classed, concern, offer, told, triage, work

BILLABLE, OVER_CAP, PRE_DECISION = MinuteClass.BILLABLE, MinuteClass.OVER_CAP, MinuteClass.PRE_DECISION


def test_s1_plain_acceptance():
    facts = concern(
        triage("08:30", "08:41"),
        assessed("08:41"),
        offer(1, "09:00", minutes=120),
        work("09:10", "09:32"),
        work("10:05", "10:23"),
        work("11:00", "11:27"),
    )
    assert classed(facts) == {MinuteClass.TRIAGE: 11, BILLABLE: 67}
    assert [one.minutes for one in classify(facts) if one.offer_id == 1] == [22, 18, 27]


def test_s2_cap_used_up_and_accepted_again():
    facts = concern(
        assessed("08:00", item="CHG-INFRA-OS"),
        offer(1, "08:30", minutes=120),
        work("09:00", "10:35"),
        work("11:00", "11:40"),
        offer(2, "13:00", minutes=60, extends=1),
        work("13:10", "13:32"),
    )
    assert told(facts) == [
        "09:00-10:35 BILLABLE 1",
        "11:00-11:25 BILLABLE 1",
        "11:25-11:40 OVER_CAP",
        "13:10-13:32 BILLABLE 2",
    ]
    assert classed(facts) == {BILLABLE: 95 + 25 + 22, OVER_CAP: 15}
    first = predict(facts, at("11:00"))[0]
    assert (first.warning_minutes, first.warns_at, first.used_up_at) == (96, at("11:01"), at("11:25"))


def test_s3_discovered_half_way():
    investigated = concern(assessed("13:00", Outcome.COVERED, "COV-INVESTIGATE"), work("13:05", "13:55"))
    assert classed(investigated) == {MinuteClass.COVERED: 50}

    accepted = offer(1, "14:20", net="190.00")
    facts = concern(assessed("14:00", item="CHG-DATA-POST"), accepted, work("14:05", "15:40"))
    assert told(facts) == ["14:05-14:20 PRE_DECISION", "14:20-15:40 BILLABLE 1"]
    assert classed(facts) == {PRE_DECISION: 15, BILLABLE: 80}
    assert effective_minutes(None, Decimal("190.00"), Decimal("132.00")) == 86
    assert exposure(accepted.caps, accepted.rate) == Decimal("190.00")


def test_s3_cap_would_bind_after_86_minutes():
    facts = concern(assessed("14:00"), offer(1, "14:20", net="190.00"), work("14:05", "16:00"))
    assert classed(facts) == {PRE_DECISION: 15, BILLABLE: 86, OVER_CAP: 14}


def test_s3_declined_leaves_nothing_billable():
    facts = concern(assessed("14:00", item="CHG-DATA-POST"), offer(1, net="190.00"), work("14:05", "15:40"))
    assert classed(facts) == {PRE_DECISION: 95}


def test_s7_another_form_and_not_offered():
    first = concern(triage("09:00", "09:14"), assessed("09:14"), offer(1, minutes=45))
    visit = concern(assessed("09:14", Outcome.NOT_OFFERED, "NOT-ONSITE"), work("09:20", "09:25"))
    legal = concern(assessed("09:14", Outcome.NOT_OFFERED, "NOT-LEGAL"))
    assert classed(first) == {MinuteClass.TRIAGE: 14}
    assert classed(visit) == {MinuteClass.NOT_OFFERED: 5}
    assert classed(legal) == {}


def test_s16_cap_in_euros_at_a_rate_that_does_not_divide():
    install = Decimal("148.00")
    facts = concern(assessed("08:00"), offer(1, "08:30", net="222.00", rate=install), work("09:00", "10:35"))
    assert classed(facts) == {BILLABLE: 90, OVER_CAP: 5}
    lower = Caps(net=Decimal("148.00"))
    chosen = concern(
        assessed("08:00"), offer(1, "08:30", net="222.00", rate=install, chosen=lower), work("09:00", "10:35")
    )
    assert classed(chosen) == {BILLABLE: 60, OVER_CAP: 35}

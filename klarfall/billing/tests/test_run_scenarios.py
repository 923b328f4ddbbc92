"""S1, S2, S3, S7 and S16 to the cent in the lines, the CSV and the JSON of a run."""

from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, decisions
from klarfall.billing.actions.batches import NothingToBill
from klarfall.billing.actions.time import stop_timer
from klarfall.billing.tests.run_steps import (
    DECEMBER,
    NOVEMBER,
    document,
    exported,
    freeze,
    frozen,
    lines,
    locked,
    opened,
    table,
)  # fmt: skip
from klarfall.billing.tests.steps import (
    EVIDENCE,
    accept,
    clock,
    publish,
    send,
    send_more,
    split_off,
    terms,
    timer,
    verdict,
    work,
)  # fmt: skip
from tests.cast import berlin, concern_of

S2 = "2026-12-01"


def check(batch, expected, net, vat, gross):
    """Lines, CSV and JSON give these figures."""
    assert lines(batch) == expected
    batch = exported(batch)
    rows = [(row["Art"], int(row["Minuten"]), row["Netto"].replace(",", ".")) for row in table(batch)]
    assert rows == expected
    totals = document(batch)["totals"]
    (rate,) = totals["vat"]
    assert (rate["net"], rate["vat"], rate["gross"]) == (net, vat, gross)
    assert (totals["net"], batch.net) == (net, Decimal(net))


def test_s1(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("07:50")))
    work(cast, concern, "08:20", "08:31", purpose="triage")
    accept(send(cast, concern, at=clock("08:40")), cast.astrid, at=clock("09:00"))
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end)
    check(frozen(), [("work", 67, "147.40"), ("rounding", 8, "17.60")], "165.00", "31.35", "196.35")


def test_s2(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("08:00", S2)))
    first = send(cast, concern, "CHG-INFRA-OS", at=clock("08:10", S2), low=90, high=120, cap_minutes=120)
    accept(first, cast.bernd, at=clock("08:30", S2))
    work(cast, concern, "09:00", "10:35", day=S2)
    crossing = work(cast, concern, "11:00", "11:40", day=S2)
    second = send_more(cast, concern, at=clock("12:00", S2), low=30, high=45, cap_minutes=60)
    accept(second, cast.bernd, at=clock("13:00", S2))
    work(cast, concern, "13:10", "13:32", day=S2)
    batch = frozen(DECEMBER)
    assert [one[1:] for one in locked(batch) if one[0] == crossing.pk] == [(first.pk, 25), (None, 15)]
    expected = [("work", 120, "264.00"), ("work", 22, "48.40"), ("rounding", 8, "17.60")]
    check(batch, expected, "330.00", "62.70", "392.70")


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_s3(cast, make_ticket, answer):
    ticket = make_ticket(now=clock("12:00"))
    cause = concern_of(ticket)
    (cleaning,) = split_off(cast, ticket, "Doppelte Buchungen bereinigen", at=clock("12:10"))
    publish(cast, cause, "COV-INVESTIGATE", cause="unknown", at=clock("12:30"))
    work(cast, cause, "13:00", "13:50")
    offer = send(cast, cleaning, "CHG-DATA-POST", at=clock("14:00"), given=terms(60, 85, cap_net=Decimal("190.00")))
    running = timer(cast, cleaning, clock("14:05"))
    if answer == "accept":
        accept(offer, cast.bernd, at=clock("14:20:00"))
    else:
        decisions.decline(offer, evidence=EVIDENCE, actor=cast.bernd.user, now=clock("14:20:00"))
    stop_timer(running, actor=cast.anna, now=clock("15:40"))
    if answer == "decline":
        with pytest.raises(NothingToBill):
            freeze(opened())
        return
    batch = frozen()
    assert locked(batch) == [(running.pk, None, 15), (running.pk, offer.pk, 80)]
    expected = [("work", 80, "176.00"), ("rounding", 10, "22.00"), ("cap_reduction", 0, "-8.00")]
    check(batch, expected, "190.00", "36.10", "226.10")


def test_s7_has_no_line(cast, make_ticket):
    ticket = make_ticket(now=clock("09:00"))
    key = concern_of(ticket)
    work(cast, key, "09:05", "09:19", purpose="triage")
    onsite, legal = split_off(cast, ticket, "Jemand soll kommen", "Dürfen wir so umlegen?", at=clock("09:20"))
    offer = send(cast, key, at=clock("09:30"), low=30, high=40, cap_minutes=45)
    assessments.refer(
        onsite, verdict=verdict(cast, "NOT-ONSITE"), wish="Termin", place="Mainz", actor=cast.anna, now=clock("09:35")
    )
    publish(cast, legal, "NOT-LEGAL", at=clock("09:40"))
    decisions.choose_other_form(
        offer, alternative="training", with_article=True, wish="Schulung", evidence=EVIDENCE,
        actor=cast.bernd.user, now=clock("10:00"),
    )  # fmt: skip
    batch = opened()
    assert (batch.lines, batch.concerns, batch.net) == (0, 0, Decimal("0.00"))
    with pytest.raises(NothingToBill):
        freeze(batch)


def test_s16(cast, make_ticket):
    day = "2026-11-25"
    concern = concern_of(make_ticket(now=berlin(f"{day} 08:00")))
    given = terms(60, 90, cap_net=Decimal("222.00"))
    offer = send(cast, concern, "CHG-INST-SERVER", at=clock("08:10", day), given=given)
    accept(offer, cast.bernd, at=clock("08:30", day))
    entry = work(cast, concern, "09:00", "10:35", day=day)
    batch = frozen(NOVEMBER)
    assert locked(batch) == [(entry.pk, offer.pk, 90), (entry.pk, None, 5)]
    check(batch, [("work", 90, "222.00")], "222.00", "42.18", "264.18")

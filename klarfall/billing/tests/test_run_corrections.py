"""What turns out otherwise after a run was frozen falls into the next one, to the cent (section 6, rule 7)."""

from datetime import date
from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, decisions, goodwill
from klarfall.billing.actions.batches import NothingToBill, PeriodWrong
from klarfall.billing.actions.time import TimeRefused, correct_entry, delete_entry, record_time
from klarfall.billing.models import BillingLine, TimeLock, Unbilled, VatRate
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
    previewed,
    table,
)  # fmt: skip
from klarfall.billing.tests.steps import accept, clock, send, send_more, terms, work
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import berlin, concern_of, make_staff

JANUARY = date(2027, 1, 31)


@pytest.fixture
def concern(cast, make_ticket):
    return concern_of(make_ticket(now=clock("07:50")))


@pytest.fixture
def offer(cast, concern):
    """Accepted: 132.00 an hour, increment 15, cap 120 minutes."""
    found = send(cast, concern, at=clock("08:40"))
    accept(found, cast.astrid, at=clock("09:00"))
    return found


def total(concern):
    with viewing_as(SYSTEM):
        return sum((line.net for line in BillingLine.objects.filter(concern=concern)), Decimal("0.00"))


def unbilled():
    with viewing_as(SYSTEM):
        return list(Unbilled.objects.order_by("concern_id").values_list("concern_id", flat=True))


def test_a_defect_found_after_the_export_is_credited(cast, concern, offer):
    """INV-13."""
    work(cast, concern, "09:10", "10:17")
    first = exported(frozen())
    assert unbilled() == []
    assessments.report_defect(
        concern, reason="Ein Fehler im Programm.", actor=cast.anna, now=berlin("2027-01-05 09:00")
    )
    second = frozen(at="2027-01-06 10:00")
    assert lines(second) == [("correction", -67, "-147.40"), ("correction", -8, "-17.60")]
    with viewing_as(SYSTEM):
        credited = [(line.counts_for, line.corrects.kind, line.corrects.batch_id) for line in
                    BillingLine.objects.filter(batch=second).order_by("id")]  # fmt: skip
    assert credited == [("work", "work", first.pk), ("rounding", "rounding", first.pk)]
    assert total(concern) == 0
    rows = table(exported(second))
    assert {row["Korrigiert Lauf"] for row in rows} == {str(first.number)}
    assert [row["Netto"] for row in rows] == ["-147,40", "-17,60"]


def test_goodwill_after_freezing_is_credited_and_takes_the_rounding_first(cast, concern, offer):
    work(cast, concern, "09:10", "10:17")
    frozen()
    lead = make_staff("Lea", "lead")
    now = berlin("2027-01-05 09:00")
    goodwill.grant_goodwill(concern, minutes=10, reason="Es hat zu lange gedauert.", actor=lead, now=now)
    second = frozen(at="2027-01-06 10:00")
    assert lines(second) == [("goodwill", -10, "-22.00")]
    assert total(concern) == Decimal("143.00")


def test_interim_months_round_once(cast, concern, offer):
    """20 minutes are rounded to 30 in November; 40 more make 60, so that December takes the rounding back."""
    work(cast, concern, "09:10", "09:30")
    november = frozen(NOVEMBER, at="2026-12-02 10:00")
    assert lines(november) == [("work", 20, "44.00"), ("rounding", 10, "22.00")]
    work(cast, concern, "09:00", "09:40", day="2026-12-07")
    december = frozen(DECEMBER, at="2027-01-04 10:00")
    assert lines(december) == [("work", 40, "88.00"), ("correction", -10, "-22.00")]
    assert total(concern) == Decimal("132.00")
    with viewing_as(SYSTEM):
        (work_line, _back) = BillingLine.objects.filter(batch=december).order_by("id")
    assert (work_line.service_from, work_line.service_to) == (date(2026, 12, 7), date(2026, 12, 7))


def test_a_stop_after_an_interim_bill_takes_the_rounding_back(cast, concern, offer):
    """Rule 4: minutes of an offer that a stop ended are billed exactly."""
    work(cast, concern, "09:10", "09:30")
    frozen(NOVEMBER, at="2026-12-02 10:00")
    decisions.stop(concern, actor=cast.bernd.user, now=berlin("2026-12-03 09:00"))
    second = frozen(DECEMBER)
    assert lines(second) == [("correction", -10, "-22.00")]
    assert total(concern) == Decimal("44.00")


def test_rounding_moves_to_the_offer_with_the_last_minute(cast, concern, offer):
    work(cast, concern, "09:10", "11:00")
    frozen(NOVEMBER, at="2026-12-02 10:00")
    more = send_more(cast, concern, at=berlin("2026-12-03 09:00"), low=30, high=45, cap_minutes=60)
    accept(more, cast.bernd, at=berlin("2026-12-03 09:30"))
    work(cast, concern, "10:00", "10:25", day="2026-12-03")
    second = frozen(DECEMBER)
    assert lines(second) == [
        ("work", 10, "22.00"),
        ("work", 15, "33.00"),
        ("correction", -10, "-22.00"),
    ]  # fmt: skip
    assert total(concern) == Decimal("297.00")


def test_two_agents_share_a_cap_minute_by_minute(cast, concern):
    accepted = send(cast, concern, at=clock("08:40"), given=terms(30, 60, cap_minutes=61))
    accept(accepted, cast.astrid, at=clock("09:00"))
    one = work(cast, concern, "09:10", "09:50")
    two = work(cast, concern, "09:10", "09:50", actor=cast.dora)
    batch = frozen()
    assert locked(batch) == [
        (one.pk, accepted.pk, 31), (one.pk, None, 9), (two.pk, accepted.pk, 30), (two.pk, None, 10),
    ]  # fmt: skip
    assert lines(batch) == [("work", 61, "134.20")]


def test_a_late_entry_takes_what_is_left_and_changes_no_locked_minute(cast, concern, offer):
    first = work(cast, concern, "10:00", "11:50")
    before = frozen(NOVEMBER, at="2026-12-02 10:00")
    with viewing_as(SYSTEM):
        locks = list(TimeLock.objects.order_by("id").values())
    late = work(
        cast, concern, "09:00", "09:30", actor=cast.dora, now=berlin("2026-12-03 09:00"), late_reason="Vergessen"
    )
    assert unbilled() == [concern.pk]
    with pytest.raises(TimeRefused):
        correct_entry(first, end=clock("11:00"), actor=cast.anna, now=berlin("2026-12-03 09:10"))
    second = frozen(DECEMBER)
    assert locked(second) == [(late.pk, offer.pk, 10), (late.pk, None, 20)]
    with viewing_as(SYSTEM):
        assert list(TimeLock.objects.exclude(batch=second).order_by("id").values()) == locks
    assert lines(before) == [("work", 110, "242.00"), ("rounding", 10, "22.00")]
    assert lines(second) == [("work", 10, "22.00"), ("correction", -10, "-22.00")]


@pytest.mark.parametrize(
    ("day", "last", "later"),
    [("2026-11-30", NOVEMBER, DECEMBER), ("2027-03-27", date(2027, 3, 27), date(2027, 3, 28))],
)
def test_an_entry_across_midnight_is_cut_there_in_the_vendors_zone(cast, make_ticket, day, last, later):
    """On the second night summer time begins three hours later: the run's day has 23 hours, its minutes stay."""
    concern = concern_of(make_ticket(now=clock("07:50", day)))
    offer = send(cast, concern, at=clock("08:40", day))
    accept(offer, cast.astrid, at=clock("09:00", day))
    over = later.replace(day=1) if later.month != last.month else later
    begins, ends = clock("23:40", day), clock("00:25", over.isoformat())
    entry = record_time(
        concern, purpose="work", channel="internal", activity="Nachts", start=begins, end=ends,
        actor=cast.anna, now=ends,
    )  # fmt: skip
    first = frozen(last, at="2027-04-05 10:00")
    assert locked(first) == [(entry.pk, offer.pk, 20)]
    assert lines(first) == [("work", 20, "44.00"), ("rounding", 10, "22.00")]
    assert unbilled() == [concern.pk]
    second = frozen(later, at="2027-04-05 11:00")
    assert locked(second) == [(entry.pk, offer.pk, 25)]
    assert lines(second) == [("work", 25, "55.00"), ("correction", -10, "-22.00")]
    with viewing_as(SYSTEM):
        days = {(line.service_from, line.service_to) for line in BillingLine.objects.filter(batch=first)}
    assert days == {(last, last)}
    assert unbilled() == []


def test_vat_changes_inside_the_period(cast, make_ticket):
    with viewing_as(SYSTEM):
        VatRate.objects.create(percent=Decimal("19.00"), valid_from=date(2007, 1, 1))
        VatRate.objects.create(percent=Decimal("16.00"), valid_from=date(2026, 12, 1))
    concern = concern_of(make_ticket(now=clock("07:50")))
    accept(send(cast, concern, at=clock("08:40")), cast.astrid, at=clock("09:00"))
    work(cast, concern, "09:10", "09:35")
    work(cast, concern, "09:00", "09:15", day="2026-12-01")
    batch = exported(frozen(DECEMBER))
    rows = [(row["Art"], row["Minuten"], row["Netto"], row["USt-Satz"]) for row in table(batch)]
    assert rows == [
        ("work", "25", "55,00", "19,00"),
        ("work", "15", "33,00", "16,00"),
        ("rounding", "5", "11,00", "16,00"),
    ]
    assert document(batch)["totals"]["vat"] == [
        {"category": "S", "percent": "19.00", "net": "55.00", "vat": "10.45", "gross": "65.45"},
        {"category": "S", "percent": "16.00", "net": "44.00", "vat": "7.04", "gross": "51.04"},
    ]


def test_what_changes_after_the_preview_is_in_the_run(cast, concern, offer, make_ticket):
    """New rates, other minutes, deleted and new entries, and concerns that were not there."""
    gone = work(cast, concern, "09:10", "09:40")
    kept = work(cast, concern, "10:00", "10:30")
    batch = opened(at="2026-12-01 09:00")
    assert previewed(batch) == [("work", 60, "132.00")]
    delete_entry(gone, actor=cast.anna, now=berlin("2026-12-01 09:10"))
    other = concern_of(make_ticket(now=clock("12:00"), title="Anderes"))
    accept(send(cast, other, at=clock("12:10")), cast.astrid, at=clock("12:20"))
    added = work(cast, other, "13:00", "13:30")
    with viewing_as(SYSTEM):
        VatRate.objects.create(percent=Decimal("16.00"), valid_from=date(2020, 7, 1))
    batch = freeze(batch)
    assert lines(batch) == [("work", 30, "66.00"), ("work", 30, "66.00")]
    assert sorted(entry for entry, *_ in locked(batch)) == [kept.pk, added.pk]
    with viewing_as(SYSTEM):
        assert {line.percent for line in BillingLine.objects.all()} == {Decimal("16.00")}


def test_a_run_that_lost_its_only_line_stays_open(cast, concern, offer):
    work(cast, concern, "09:10", "09:40")
    batch = opened()
    assessments.report_defect(
        concern, reason="Ein Fehler im Programm.", actor=cast.anna, now=berlin("2027-01-04 10:30")
    )
    batch = freeze(batch)
    assert (batch.status, batch.stage, batch.lines) == ("open", "", 0)
    with pytest.raises(NothingToBill):
        freeze(batch)


def test_no_run_goes_back_before_an_earlier_one(cast, concern, offer):
    """It would take back what is billed of the days between."""
    work(cast, concern, "09:10", "09:40")
    frozen(DECEMBER)
    with pytest.raises(PeriodWrong) as refused:
        opened(NOVEMBER)
    assert refused.value.field == "ends_on"


def test_half_cents_do_not_get_lost_over_interim_bills(cast, make_ticket):
    """148.00 an hour: 7 minutes are 17.27 (17.2666…), 14 are 34.53; the second bill has 17.26."""
    concern = concern_of(make_ticket(now=clock("07:50")))
    given = terms(30, 60, cap_minutes=120)
    accept(send(cast, concern, "CHG-INST-SERVER", at=clock("08:40"), given=given), cast.astrid, at=clock("09:00"))
    work(cast, concern, "09:10", "09:17")
    frozen(NOVEMBER, at="2026-12-02 10:00")
    work(cast, concern, "09:10", "09:17", day="2026-12-03")
    decisions.stop(concern, actor=cast.bernd.user, now=berlin("2026-12-03 10:00"))
    frozen(DECEMBER)
    with viewing_as(SYSTEM):
        works = [str(line.net) for line in BillingLine.objects.filter(counts_for="work").order_by("id")]
    assert works == ["17.27", "17.26"]
    assert total(concern) == Decimal("34.53")

"""What the database refuses to plain SQL about billing runs, lines and locks (INV-1, 4, 8, 19 and 20), as system."""

from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from klarfall.billing.actions import goodwill
from klarfall.billing.models import BillingBatch, BillingLine, CostOffer, TimeLock, Unbilled, VatRate
from klarfall.billing.tests.bills import accountant, billed, export, preview
from klarfall.billing.tests.plain_sql import past_the_actions, refused, sql
from klarfall.billing.tests.steps import accept, clock, publish, send, send_more, work
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of, fresh

NEVER = "permission denied|no way from|Cannot (update|delete)|append-only"


@pytest.fixture
def offer(cast, make_ticket):
    """Accepted at 9:05, at most 120 minutes and 200 € (at 132 €: 90 minutes), 40 minutes worked from 9:10 on."""
    concern = concern_of(make_ticket())
    offer = send(cast, concern, cap_minutes=120, cap_net=Decimal("200.00"))
    accept(offer, cast.bernd, at=clock("09:05"))
    work(cast, concern, "09:10", "09:50")
    with viewing_as(SYSTEM):
        return CostOffer.objects.select_related("ticket").get(pk=offer.pk)


@pytest.fixture
def freezing(offer):
    """An open run whose worker is just freezing it."""
    batch = preview()
    with viewing_as(SYSTEM):
        BillingBatch.objects.filter(pk=batch.pk).update(stage="freezing")
    return batch


def row(accepted, batch, **fields):
    """The line of the work as it would be right, with other values where they are given."""
    values = {
        "batch_id": batch.pk,
        "offer": accepted,
        **{name: getattr(accepted, name) for name in ("customer_id", "ticket_id", "concern_id", "rate", "currency")},
        "kind": "work",
        "category": "S",
        "percent": 19,
        "minutes": 40,
        "net": "88.00",
        "begins": clock("09:10"),
        "ends": clock("09:50"),
        "service_from": date(2026, 11, 24),
        "service_to": date(2026, 11, 24),
        **fields,
    }
    return BillingLine(**{"counts_for": values["kind"], **values})


def test_a_line_is_kept_only_with_its_run_frozen(offer, freezing):
    """Right in itself, but the transaction ends with the run still open."""
    with viewing_as(SYSTEM), refused("lines of a batch that is not frozen"):
        row(offer, freezing).save()


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        ("without an acceptance", {"begins": clock("09:04")}),
        ("without an acceptance", {"ends": clock("09:10")}),
        ("without an acceptance", {"rate": "131.00"}),
        ("without an acceptance", {"currency": "USD"}),
        ("above the accepted cap", {"minutes": 121, "net": "199.00"}),
        ("above the accepted cap", {"minutes": 91, "net": "200.00"}),
        ("above the accepted cap", {"net": "200.01"}),
        ("below zero", {"net": "-0.01"}),
        ("below zero", {"minutes": -1}),
        ("below zero", {"kind": "goodwill", "net": "-1.00", "minutes": 0}),
        ("below zero", {"kind": "rounding", "minutes": -5}),
        ("below zero", {"kind": "cap_reduction", "net": "5.00", "minutes": 0}),
        ("points to the line", {"kind": "correction", "counts_for": "work"}),
        ("points to the line", {"counts_for": "rounding"}),
        ("says_something", {"minutes": 0, "net": 0}),
    ],
)
def test_an_untrue_line_is_refused(problem, fields, offer, freezing):
    with viewing_as(SYSTEM), refused(problem):
        row(offer, freezing, **fields).save()


def test_no_line_without_an_acceptance_of_that_very_offer(cast, offer, freezing, make_ticket):
    """INV-1: an extension that nobody accepted, another concern's acceptance, another customer's."""
    more = fresh(send_more(cast, concern_of(offer.ticket), at=clock("10:00"), cap_minutes=60))
    other = concern_of(make_ticket(title="Anderes", description="Anderes."))
    foreign = concern_of(make_ticket(contact=cast.clara))
    with viewing_as(SYSTEM):
        for fields in (
            {"offer": more},
            {"concern_id": other.pk, "ticket_id": other.ticket_id},
            {"concern_id": foreign.pk, "ticket_id": foreign.ticket_id, "customer_id": cast.borealis.pk},
        ):
            with refused("without an acceptance"):
                row(offer, freezing, **fields).save()
        with refused("foreign key"):
            row(offer, freezing, customer_id=cast.borealis.pk).save()


def test_caps_hold_over_all_lines_of_an_offer(offer, freezing):
    with viewing_as(SYSTEM), refused("above the accepted cap"):
        row(offer, freezing).save()
        row(offer, freezing, kind="rounding", minutes=5, net="112.01").save()


def test_nothing_is_billed_for_what_costs_nothing(cast, offer):
    """INV-8: a run computed before the assessment cannot freeze its lines after it."""
    batch = preview()
    publish(cast, concern_of(offer.ticket), "COV-DEFECT", at=clock("12:00", "2026-12-01"), trigger="defect")
    with viewing_as(SYSTEM):
        BillingBatch.objects.filter(pk=batch.pk).update(stage="freezing")
        with refused("costs nothing"):
            row(offer, batch).save()


@pytest.mark.parametrize("exported", [False, True])
def test_a_frozen_run_gets_no_further_lines_or_locks(exported, cast, offer):
    batch = billed()
    work(cast, concern_of(offer.ticket), "10:00", "10:10", day="2026-12-01")
    batch = export(batch) if exported else batch
    with viewing_as(SYSTEM):
        entry = offer.ticket.time_entries.latest("pk")
        for stage in ("", "freezing"):
            BillingBatch.objects.filter(pk=batch.pk).update(stage=stage)
            with refused("only while it is being frozen"):
                row(offer, batch, minutes=1, net="2.20").save()
            with refused("only while it is being frozen"):
                lock(offer, entry, batch, start=entry.start, end=entry.end).save()


def test_a_run_is_frozen_with_the_sum_of_its_lines_only(cast, offer, freezing):
    right = {"status": "frozen", "frozen_at": clock("10:00", "2026-12-01"), "content_hash": "a" * 64}
    sums = {"lines": 1, "minutes": 40, "net": Decimal("88.00")}
    with viewing_as(SYSTEM):
        for wrong in ({"lines": 2}, {"minutes": 41}, {"net": Decimal("88.01")}):
            with refused("the sum of its lines"):
                row(offer, freezing).save()
                BillingBatch.objects.filter(pk=freezing.pk).update(**right, **{**sums, **wrong})
        with refused("frozen_batch_is_sealed"):
            BillingBatch.objects.filter(pk=freezing.pk).update(status="frozen")
    with past_the_actions():
        row(offer, freezing).save()
        BillingBatch.objects.filter(pk=freezing.pk).update(**right, **sums)


def test_corrections_point_to_an_earlier_original(cast, offer):
    billed()
    goodwill.grant_goodwill(
        concern_of(offer.ticket), minutes=10, reason="Ein Versehen.", actor=cast.dora, now=clock("08:00", "2026-12-02")
    )
    second = preview("2026-12-31")
    with viewing_as(SYSTEM):
        BillingBatch.objects.filter(pk=second.pk).update(stage="freezing")
        work_line, rounding = BillingLine.objects.order_by("pk")[:2]
        taken = {"kind": "correction", "minutes": -1, "net": "-2.20"}
        for fields in (
            {"counts_for": "work", "corrects": rounding},
            {"counts_for": "work", "corrects": work_line, "percent": 7},
            {"counts_for": "correction", "corrects": work_line},
        ):
            with refused("points to the line|below zero"):
                row(offer, second, **taken, **fields).save()
        with refused("points to the line"):  # a correction of a correction
            first = row(offer, second, **taken, counts_for="work", corrects=work_line)
            first.save()
            row(offer, second, **taken, counts_for="work", corrects=first).save()


def lock(offer, entry, run, **fields):
    owned = {name: getattr(entry, name) for name in ("customer_id", "ticket_id", "concern_id")}
    span = {"start": clock("09:10"), "end": clock("09:50")}
    return TimeLock(**{**owned, "entry": entry, "offer": offer, "batch": run, **span, **fields})


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        ("none of the entry", {"start": clock("09:09")}),
        ("none of the entry", {"end": clock("09:51")}),
        ("none of the entry", {"end": clock("09:30:30")}),
        ("in_order", {"end": clock("09:10")}),
        ("a_cause", {"batch": None}),
    ],
)
def test_an_untrue_lock_is_refused(problem, fields, offer, freezing):
    with viewing_as(SYSTEM), refused(problem):
        lock(offer, offer.ticket.time_entries.get(), freezing, **fields).save()


def test_minutes_are_locked_once(offer, freezing):
    with viewing_as(SYSTEM):
        entry = offer.ticket.time_entries.get()
        for second in ({"start": clock("09:20")}, {"start": clock("09:10"), "end": clock("09:20")}):
            with refused("locked already|minute_locked_once"):
                lock(offer, entry, freezing, end=clock("09:30")).save()
                lock(None, entry, freezing, **second).save()


def test_locks_know_acceptance_and_cap(cast, offer, freezing, make_ticket):
    concern = concern_of(offer.ticket)
    review = work(cast, concern, "10:00", "10:10", purpose="triage")
    long = work(cast, concern, "11:00", "13:00")
    more = fresh(send_more(cast, concern, at=clock("13:00"), cap_minutes=60))
    early = work(cast, concern, "08:00", "08:30", now=clock("13:00"))
    with viewing_as(SYSTEM):
        for problem, entry, given in (
            ("none of the entry", review, offer),
            ("without an acceptance", early, offer),
            ("without an acceptance", long, more),
            ("above the accepted cap", long, offer),
        ):
            with refused(problem):
                lock(given, entry, freezing, start=entry.start, end=entry.end).save()


def test_frozen_rows_are_neither_changed_nor_deleted(cast, offer):
    """INV-20, as system; portal and staff may not even try (`test_pages_write_nothing`)."""
    goodwill.grant_goodwill(
        concern_of(offer.ticket), minutes=5, reason="Ein Versehen.", actor=cast.dora, now=clock("12:00")
    )
    export(billed())
    statements = [
        *("UPDATE billing_billingline SET net = 0", "DELETE FROM billing_billingline"),
        *("UPDATE billing_timelock SET offer_id = NULL", "DELETE FROM billing_timelock"),
        *("UPDATE billing_goodwill SET minutes = 0, net = 1", "DELETE FROM billing_goodwill"),
        *("UPDATE billing_timeentry SET raw_end = raw_start", "DELETE FROM billing_timeentry"),
        *("UPDATE billing_timeentry SET status = 'recorded'", "UPDATE billing_billingbatch SET until = now()"),
        *("UPDATE billing_billingbatch SET status = 'open'", "UPDATE billing_billingbatch SET status = 'frozen'"),
        *("UPDATE billing_billingbatch SET net = 0", "DELETE FROM billing_billingbatch"),
        *("UPDATE billing_billingbatch SET csv_sha256 = ''", "UPDATE billing_billingbatch SET json_key = ''"),
        *("UPDATE billing_billingbatch SET content_hash = 'x'", "UPDATE billing_billingbatch SET exported_at = now()"),
    ]
    with viewing_as(SYSTEM):
        for statement in statements:
            with refused(NEVER):
                sql(statement)


def test_there_is_one_open_run(cast, offer):
    batch = preview()
    values = {"starts_on": batch.starts_on, "ends_on": batch.ends_on, "until": batch.until}
    with viewing_as(SYSTEM):
        with refused("one_open_batch"):
            BillingBatch.objects.create(created_by=accountant(), created_at=clock("10:00", "2026-12-01"), **values)
        with refused("a new row cannot be"):
            BillingBatch.objects.create(
                status="frozen", created_by=accountant(), created_at=clock("10:00"), frozen_at=clock("10:00"),
                content_hash="x", **values,
            )  # fmt: skip
        with refused("period_in_order"):
            BillingBatch.objects.filter(pk=batch.pk).update(ends_on=batch.starts_on - timedelta(days=1))


def test_what_is_remembered_stays_with_its_customer(cast, offer):
    with viewing_as(SYSTEM), refused("foreign key"):
        Unbilled.objects.update(customer=cast.borealis)


def test_a_vat_rate_never_turns_a_bill(cast, offer):
    billed()
    with viewing_as(SYSTEM):
        VatRate.objects.create(percent=19, valid_from=date(2007, 1, 1))
        with refused("billed with another"):
            VatRate.objects.create(percent=20, valid_from=date(2026, 11, 24))
        VatRate.objects.create(percent=20, valid_from=date(2026, 11, 25))
        for statement in ("UPDATE billing_vatrate SET percent = 1", "DELETE FROM billing_vatrate"):
            with refused(NEVER):
                sql(statement)


def test_the_owner_meets_the_same_triggers(committed_db, cast, offer, owner_connection):
    """Whoever migrates is stopped as well, until triggers are switched off; then the self-audit finds it."""
    billed()
    for statement in (
        *("UPDATE billing_billingline SET net = 0", "DELETE FROM billing_billingline", "DELETE FROM billing_timelock"),
        *("UPDATE billing_billingbatch SET status = 'open'", "DELETE FROM billing_billingbatch"),
        *("UPDATE billing_costoffer SET rate = 1", "DELETE FROM billing_customerdecision"),
        *("UPDATE tickets_assessment SET outcome = 'covered'", "UPDATE billing_timeentry SET raw_end = raw_start"),
    ):
        with pytest.raises(psycopg.Error, match=NEVER):
            owner_connection.execute(statement)

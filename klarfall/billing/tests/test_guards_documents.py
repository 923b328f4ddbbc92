"""What the database refuses to plain SQL about goodwill, service records, invoices and late time (INV-20, 22, 23)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from klarfall.billing.actions import goodwill, service_records
from klarfall.billing.models import Goodwill, Invoice, ServiceRecord, TimeEntry
from klarfall.billing.tests.bills import accountant, billed
from klarfall.billing.tests.plain_sql import past_the_actions, refused, sql
from klarfall.billing.tests.steps import accept, clock, send, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import RemoteSession, Ticket
from tests.cast import concern_of, fresh

NEVER = "no way from|Cannot (update|delete)"


@pytest.fixture
def concern(cast, make_ticket):
    concern = concern_of(make_ticket())
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    work(cast, concern, "09:10", "09:50")
    return concern


def grant(concern, cast, **fields):
    values = {"customer_id": concern.customer_id, "ticket_id": concern.ticket_id, "concern_id": concern.pk}
    given = {"minutes": 5, "reason": "Ein Versehen.", "granted_by": cast.dora, "granted_at": clock("10:00")}
    return Goodwill(**{**values, **given, **fields})


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        ("grants_something", {"minutes": 0}),
        ("grants_something|check constraint", {"minutes": 0, "net": Decimal("-1.00")}),
        ("has_reason", {"reason": ""}),
        ("check constraint", {"minutes": -5}),
    ],
)
def test_goodwill_has_an_amount_and_a_reason(problem, fields, cast, concern):
    with viewing_as(SYSTEM), refused(problem):
        grant(concern, cast, **fields).save()


def test_goodwill_is_granted_by_staff_on_a_concern_of_its_ticket_and_customer(cast, concern, make_ticket):
    other = concern_of(make_ticket(title="Anderes", description="Anderes."))
    foreign = concern_of(make_ticket(contact=cast.clara))
    with viewing_as(SYSTEM):
        for problem, fields in (
            ("granted by staff", {"granted_by": cast.bernd.user}),
            ("of another ticket", {"concern_id": other.pk}),
            ("foreign key", {"concern_id": foreign.pk, "ticket_id": foreign.ticket_id}),
        ):
            with refused(problem):
                grant(concern, cast, **fields).save()


def test_goodwill_stays(cast, concern):
    goodwill.grant_goodwill(concern, minutes=5, reason="Ein Versehen.", actor=cast.dora, now=clock("10:00"))
    with viewing_as(SYSTEM):
        for statement in ("UPDATE billing_goodwill SET reason = 'x'", "DELETE FROM billing_goodwill"):
            with refused(NEVER):
                sql(statement)


def test_an_issued_record_stays(cast, concern):
    issued = service_records.issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:00"))
    statements = [
        f"UPDATE billing_servicerecord SET {change}"
        for change in (
            "net = 0", "content = '{}'", "inputs = '{}'", "content_hash = ''", "billed_minutes = 0", "revision = 7",
            "issued_at = now()", "until = now()", "status = 'draft'",
        )
    ]  # fmt: skip
    with viewing_as(SYSTEM):
        for statement in [*statements, "DELETE FROM billing_servicerecord"]:
            with refused(NEVER):
                sql(statement)
        ServiceRecord.objects.update(pdf_key="documents/a", pdf_size=1, pdf_sha256="a")
        for column in ("pdf_key = 'documents/b'", "pdf_sha256 = 'b'", "pdf_size = 2", "pdf_key = ''"):
            with refused(NEVER):
                sql(f"UPDATE billing_servicerecord SET {column}")
        with refused("dispute_has_a_reason"):
            ServiceRecord.objects.filter(pk=issued.pk).update(status="disputed")
        copied = {f.attname: getattr(issued, f.attname) for f in ServiceRecord._meta.local_concrete_fields}
        for problem, fields in (
            ("one_record_per_revision", {}),
            ("not_negative", {"revision": 2, "net": -1}),
            ("a new row cannot be", {"revision": 2, "status": "issued"}),
            ("foreign key", {"revision": 2, "customer_id": cast.borealis.pk}),
        ):
            with refused(problem):
                ServiceRecord(**{**copied, "id": None, "status": "draft", **fields}).save(force_insert=True)


def test_what_a_record_shows_is_locked(cast, concern):
    """Rule 2: minutes in an issued record are neither changed nor deleted, before any run."""
    service_records.issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:00"))
    with viewing_as(SYSTEM):
        for statement in (
            "UPDATE billing_timeentry SET raw_end = raw_start",
            "UPDATE billing_timeentry SET status = 'recorded'",
            "DELETE FROM billing_timeentry",
            "DELETE FROM billing_timelock",
            "UPDATE billing_timelock SET \"end\" = start + interval '1 minute'",
        ):
            with refused(NEVER):
                sql(statement)


def bill(batch, **fields):
    day = date(2026, 12, 1)
    given = {"serial": 1, "number": "RE-1", "type": "invoice", "issued_on": day, "service_from": day, "service_to": day}
    money = {"net": "100.00", "vat": "19.00", "gross": "119.00"}
    rest = {"seller": {}, "buyer": {}, "content": {}, "content_hash": "a", "created_at": clock("10:00", "2026-12-01")}
    return Invoice(batch_id=batch.pk, created_by=accountant(), **{**given, **money, **rest, **fields})


def test_an_invoice_adds_up_and_stays(cast, concern):
    batch = billed()
    ours, theirs = {"customer_id": cast.acme.pk}, {"customer_id": cast.borealis.pk}
    with viewing_as(SYSTEM):
        for wrong in ({"gross": "119.01"}, {"net": "-1.00", "gross": "18.00"}):
            with refused("invoice_adds_up"):
                bill(batch, **ours, **wrong).save()
        bill(batch, **ours).save()
        for problem, fields in (
            ("one_invoice_per_batch", {**ours, "serial": 2, "number": "RE-2"}),
            ("unique", {**theirs, "number": "RE-2"}),
            ("unique", {**theirs, "serial": 2}),
        ):
            with refused(problem):
                bill(batch, **fields).save()
        for statement in (
            *("DELETE FROM billing_invoice", "UPDATE billing_invoice SET net = 1, gross = 20"),
            *("UPDATE billing_invoice SET number = 'RE-9'", "UPDATE billing_invoice SET serial = 9"),
            *("UPDATE billing_invoice SET buyer = '{\"name\": 1}'", "UPDATE billing_invoice SET content = '[]'"),
            *("UPDATE billing_invoice SET issued_on = '2026-12-24'", "UPDATE billing_invoice SET type = 'credit_note'"),
        ):
            with refused(NEVER):
                sql(statement)
        Invoice.objects.update(pdf_key="documents/a", pdf_sha256="a", xml_key="documents/b", xml_sha256="b")
        for column in ("pdf_key", "pdf_sha256", "xml_key", "xml_sha256"):
            with refused(NEVER):
                sql(f"UPDATE billing_invoice SET {column} = 'c'")


def late(entry, **fields):
    names = ("customer_id", "ticket_id", "concern_id", "agent_id", "purpose", "channel", "source")
    span = {"raw_start": clock("07:00"), "raw_end": clock("07:30"), "start": clock("07:00"), "end": clock("07:30")}
    return TimeEntry(**{**{name: getattr(entry, name) for name in names}, **span, **fields})


def test_the_database_itself_knows_what_is_late(cast, concern):
    """INV-22: an end more than 24 hours before it was recorded is marked, and what is marked has a reason."""
    day = timedelta(hours=24)
    with past_the_actions():
        entry = TimeEntry.objects.get()
        for problem, fields in (
            ("late_entry_is_marked", {"recorded_at": clock("07:30") + day + timedelta(microseconds=1)}),
            ("late_entry_has_reason", {"recorded_at": clock("09:00", "2026-11-27"), "is_late": True}),
        ):
            with refused(problem):
                late(entry, **fields).save()
        late(entry, recorded_at=clock("07:30") + day).save()
        with refused(NEVER):  # nor is it recorded earlier afterwards, so that it is not late any more
            TimeEntry.objects.filter(pk=entry.pk).update(recorded_at=entry.recorded_at - timedelta(minutes=1))
        with refused("late_entry_is_marked"):
            TimeEntry.objects.filter(pk=entry.pk).update(recorded_at=clock("12:00", "2026-11-26"))


def test_time_stays_with_its_concern_and_agent(cast, concern, make_ticket):
    other = concern_of(make_ticket(title="Anderes", description="Anderes."))
    with viewing_as(SYSTEM):
        for fields in ({"agent": cast.dora}, {"concern_id": other.pk, "ticket_id": other.ticket_id}):
            with refused(NEVER):
                TimeEntry.objects.update(**fields)


def test_consent_stays(acme_story):
    with viewing_as(SYSTEM):
        for change in ("consent_at = now()", "consent_way = 'portal'"):
            with refused(NEVER):
                sql(f"UPDATE tickets_remotesession SET {change}")
        assert RemoteSession.objects.exists()


def test_minutes_of_others_are_out_of_reach(cast, concern, make_ticket):
    foreign = concern_of(make_ticket(contact=cast.clara))
    with viewing_as(SYSTEM), refused("foreign key|another ticket"):
        TimeEntry.objects.update(customer=foreign.customer_id)
    assert fresh(concern).customer_id == cast.acme.pk

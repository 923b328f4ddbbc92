"""The promises of domain.md, section 8, one by one, through the actions: time, runs, records, evidence and history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from klarfall.billing.actions import goodwill, time
from klarfall.billing.actions.service_records import issue_record
from klarfall.billing.models import BillingLine, CustomerDecision, ServiceRecord, TimeEntry
from klarfall.billing.records.content import recompute
from klarfall.billing.tests.bills import billed, export, lines_of
from klarfall.billing.tests.steps import accept, clock, publish, refresh, send, send_more, work
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Customer
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.actions.remote import NoConsent, record_consent
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.models import Ticket
from tests.cast import NOW, concern_of


@pytest.fixture
def concern(cast, make_ticket):
    """Accepted at 9:05 with 120 minutes; nothing worked yet."""
    concern = concern_of(make_ticket())
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    return concern


def all_of(model):
    with viewing_as(SYSTEM):
        return list(model.objects.order_by("pk"))


def test_inv_18_a_concern_is_rounded_once(cast, concern):
    """7 and 9 minutes in two months, 4 more under an extension: 20 minutes are 30, not three quarters of an hour."""
    work(cast, concern, "09:10", "09:17")
    billed()
    work(cast, concern, "09:00", "09:09", day="2026-12-02")
    accept(
        send_more(cast, refresh(concern), at=clock("10:00", "2026-12-02"), cap_minutes=60),
        cast.bernd,
        at=clock("10:05", "2026-12-02"),
    )
    work(cast, concern, "11:00", "11:04", day="2026-12-02")
    billed("2026-12-31")
    assert sum(minutes for _kind, minutes, _net in lines_of()) == 30
    assert sum(Decimal(net) for _kind, _minutes, net in lines_of()) == Decimal("66.00")


def test_inv_19_each_minute_leaves_the_house_once_and_exporting_again_creates_nothing(cast, concern):
    work(cast, concern, "09:10", "09:50")
    first = export(billed())
    lines, seal = lines_of(), (first.csv_sha256, first.json_sha256, first.csv_key)
    again = export(first)
    assert (lines_of(), (again.csv_sha256, again.json_sha256, again.csv_key)) == (lines, seal)
    work(cast, concern, "09:00", "09:20", day="2026-12-02")
    second = export(billed("2026-12-31"))
    worked = [row for row in lines_of() if row[0] == "work"]
    assert worked == [("work", 40, "88.00"), ("work", 20, "44.00")]
    assert second.csv_sha256 != first.csv_sha256


def test_inv_20_a_correction_is_a_new_line_that_points_to_the_original(cast, concern):
    work(cast, concern, "09:10", "09:55")
    billed()
    before = all_of(BillingLine)
    publish(cast, refresh(concern), "COV-DEFECT", at=clock("09:00", "2026-12-02"), trigger="defect")
    billed("2026-12-31")
    kept, new = all_of(BillingLine)[: len(before)], all_of(BillingLine)[len(before) :]
    assert [vars_of(row) for row in kept] == [vars_of(row) for row in before]
    assert [(row.kind, row.corrects_id, row.minutes, row.net) for row in new] == [
        ("correction", before[0].pk, -45, Decimal("-99.00"))
    ]


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_inv_21_record_and_bill_say_the_same_cents(cast, concern):
    work(cast, concern, "09:10", "09:52")
    goodwill.grant_goodwill(concern, minutes=8, reason="Ein Versehen.", actor=cast.dora, now=clock("10:00"))
    record = issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:30"))
    batch = billed()
    assert record.net == batch.net == Decimal("81.40")
    assert record.billed_minutes == batch.minutes == 37


def test_what_a_record_has_shown_is_billed_with_its_own_service_days(cast, concern):
    """And the next bill begins after what is billed."""
    work(cast, concern, "09:10", "09:20")
    issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:00"))
    work(cast, concern, "09:10", "09:20", day="2026-11-26")
    billed()
    work(cast, concern, "09:10", "09:45", day="2026-12-02")
    issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:00", "2026-12-02"))
    billed("2026-12-31")
    spans = [(line.kind, f"{line.service_from} {line.service_to}") for line in all_of(BillingLine)]
    assert spans == [
        ("work", "2026-11-24 2026-11-26"),
        ("rounding", "2026-11-24 2026-11-26"),
        ("work", "2026-12-02 2026-12-02"),
        ("correction", "2026-11-24 2026-11-26"),
    ]


def test_of_an_entry_over_the_end_of_a_month_that_a_record_shows_each_part_has_its_own_days(cast, concern):
    start, end = clock("23:40", "2026-11-30"), clock("00:20", "2026-12-01")
    time.record_time(
        concern, purpose="work", channel="internal", activity="Nachts", start=start, end=end, actor=cast.anna, now=end
    )
    issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("00:30", "2026-12-01"))
    billed()
    billed("2026-12-31")
    rows = [(line.kind, line.minutes, f"{line.service_from} {line.service_to}") for line in all_of(BillingLine)]
    assert rows == [
        ("work", 20, "2026-11-30 2026-11-30"),
        ("rounding", 10, "2026-11-30 2026-11-30"),
        ("work", 20, "2026-12-01 2026-12-01"),
        ("correction", -5, "2026-11-30 2026-11-30"),
    ]


def test_inv_22_time_never_overlaps_lies_in_the_past_and_says_why_it_is_late(cast, concern):
    work(cast, concern, "09:10", "09:50")
    for start, end, now in (("09:40", "10:00", None), ("10:00", "10:20", clock("10:10"))):
        with pytest.raises(time.TimeRefused):
            work(cast, concern, start, end, now=now)
    late = clock("11:00") + timedelta(hours=24, seconds=1)
    with pytest.raises(time.TimeRefused, match="24"):
        work(cast, concern, "10:30", "11:00", now=late)
    entry = work(cast, concern, "10:30", "11:00", now=late, late_reason="Vergessen einzutragen.")
    assert (entry.is_late, entry.late_reason) == (True, "Vergessen einzutragen.")
    assert [one.concern_id for one in all_of(TimeEntry)] == [concern.pk, concern.pk]


def test_inv_23_goodwill_has_reason_and_grantor_and_leaves_the_assessment(cast, concern):
    work(cast, concern, "09:10", "09:50")
    before = refresh(concern)
    with pytest.raises(Refused):
        goodwill.grant_goodwill(concern, minutes=5, reason=" ", actor=cast.dora, now=clock("10:00"))
    row = goodwill.grant_goodwill(concern, minutes=5, reason="Ein Versehen.", actor=cast.dora, now=clock("10:00"))
    after = refresh(concern)
    assert (row.granted_by, row.reason) == (cast.dora, "Ein Versehen.")
    assert (after.current_assessment_id, after.status) == (before.current_assessment_id, before.status)
    with viewing_as(Viewer(ViewerKind.CONTACT, cast.bernd.user_id, (Seat(cast.bernd.pk, cast.acme.pk),))):
        assert type(row).objects.get().reason == "Ein Versehen."


def test_inv_25_nothing_of_one_customer_exists_for_another(cast, concern):
    """The figures of the books; pages, mails, searches and files are walked by the sweeps of all addresses."""
    work(cast, concern, "09:10", "09:50")
    goodwill.grant_goodwill(concern, minutes=5, reason="Ein Versehen.", actor=cast.dora, now=clock("10:00"))
    issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:30"))
    billed()
    rights = {"sees_all": True, "is_admin": True, "may_release": True, "sees_costs": True}
    seen = {}
    for contact in (cast.bernd, cast.clara):
        with viewing_as(
            Viewer(ViewerKind.CONTACT, contact.user_id, (Seat(contact.pk, contact.customer_id, **rights),))
        ):
            rows = (BillingLine, ServiceRecord, TimeEntry, CustomerDecision)
            seen[contact.pk] = [model.objects.count() for model in rows]
            assert Customer.objects.get().pk == contact.customer_id
    assert seen == {cast.bernd.pk: [3, 1, 1, 1], cast.clara.pk: [0, 0, 0, 0]}


def test_inv_28_no_remote_time_without_recorded_consent(cast, concern):
    with pytest.raises(time.TimeRefused):
        work(cast, concern, "09:10", "09:20", channel="remote")
    ticket, common = Ticket(pk=concern.ticket_id), {"purpose": "Ansehen", "way": "phone", "actor": cast.anna}
    with pytest.raises(NoConsent):
        record_consent(ticket, contact=cast.clara, at=clock("09:30"), now=clock("09:31"), **common)
    session = record_consent(ticket, contact=cast.bernd, at=clock("09:30"), now=clock("09:31"), **common)
    with pytest.raises(time.TimeRefused):
        work(cast, concern, "09:20", "09:40", channel="remote", remote_session=session)
    assert work(cast, concern, "09:30", "09:40", channel="remote", remote_session=session).pk


def test_inv_29_history_verifies_after_a_person_was_erased_and_no_row_of_it_can_be_changed(cast, concern):
    work(cast, concern, "09:10", "09:50")
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get(pk=concern.ticket_id)
        assert (broken_events(ticket), broken_rows(ticket)) == ([], [])
        with pytest.raises(DatabaseError), transaction.atomic():
            ticket.events.update(kind="anders")
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW + timedelta(days=1))
    with viewing_as(SYSTEM):
        ticket.refresh_from_db()
        assert (broken_events(ticket), broken_rows(ticket)) == ([], [])
        told = " ".join(f"{event.data}" for event in ticket.events.all())
        assert "Bernd" not in told


def test_inv_30_a_record_computed_again_from_its_inputs_gives_the_same_cents(cast, concern):
    """Whatever became of the concern since."""
    work(cast, concern, "09:10", "09:52")
    issue_record(Ticket(pk=concern.ticket_id), actor=cast.anna, now=clock("10:30"))
    billed()
    publish(cast, refresh(concern), "COV-DEFECT", at=clock("09:00", "2026-12-02"), trigger="defect")
    (record,) = all_of(ServiceRecord)
    content = recompute(record.inputs)
    assert content == record.content
    assert Decimal(content["totals"]["net"]) == record.net == Decimal("99.00")

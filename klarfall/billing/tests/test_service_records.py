"""Service records through the actions: figures of the scenarios, locks, revisions, PDF, answers of the customer."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import translation

from klarfall.accounts.models import User
from klarfall.billing.actions import resolution, service_records
from klarfall.billing.actions.assessments import report_defect
from klarfall.billing.actions.goodwill import grant_goodwill
from klarfall.billing.actions.service_records import RecordRefused
from klarfall.billing.actions.time import TimeRefused, correct_entry, delete_entry
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.models import ServiceRecord, TimeEntry, TimeLock, VatRate
from klarfall.billing.records import content
from klarfall.billing.records.drafting import draft_of
from klarfall.billing.records.pdf import document
from klarfall.billing.tests.record_steps import SCENARIOS, issue, make_pdf, s1, s2, s7, text_of
from klarfall.billing.tests.steps import accept, classes, clock, publish, refresh, send, send_more, timer, work
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import TicketEvent
from klarfall.tickets.text import UnusableText
from klarfall.ui.formats import money
from tests.cast import concern_of, fresh


def pdf_of(record):
    return default_storage.open(record.pdf_key).read()


def events(record, kind):
    with viewing_as(SYSTEM):
        return list(TicketEvent.objects.filter(ticket=record.ticket_id, kind=kind).order_by("sequence"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_row_and_pdf_show_the_figures_of_the_scenario(cast, make_ticket, name):
    told = SCENARIOS[name](cast, make_ticket)
    record = issue(told, cast.anna)
    totals = record.content["totals"]
    assert (totals["net"], totals["gross"]) == (told.net, told.gross)
    assert (record.net, record.exact_minutes, record.billed_minutes) == (Decimal(told.net), *told.minutes[1:3])
    assert tuple(totals[one] for one in ("worked", "exact", "billed", "triage")) == told.minutes
    assert content.recompute(record.inputs) == record.content  # INV-30
    words = text_of(pdf_of(record))
    with translation.override("de"):
        for amount in (told.net, told.gross):
            assert money(Decimal(amount)).replace("\u00a0", " ") in words
        assert told.net == "0.00" or money(Decimal(told.vat)).replace("\u00a0", " ") in words


def test_the_pdf_is_accessible_and_the_same_every_time(cast, make_ticket):
    record = issue(s1(cast, make_ticket), cast.anna)
    pdf = pdf_of(record)
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf
    with viewing_as(SYSTEM):
        assert document(ServiceRecord.objects.get(pk=record.pk)) == pdf
    assert (record.pdf_size, record.pdf_sha256) == (len(pdf), hashlib.sha256(pdf).hexdigest())
    again = make_pdf(record, clock("13:00"))
    assert again.pdf_key == record.pdf_key
    assert [one.data["pdf_sha256"] for one in events(record, "record.document")] == [record.pdf_sha256]


def test_the_pdf_tells_every_minute_and_why(cast, make_ticket):
    words = text_of(pdf_of(issue(s2(cast, make_ticket), cast.anna)))
    for part in ("157 Minuten", "150 Minuten", "11:00–11:40", "25 · Abrechenbar", "15 · Über",
                 "Gearbeitet", "Anna", "Bernd", "Aufrundung", "22 Minuten", "1 von 2"):  # fmt: skip
        assert part in words, (part, words)


def test_issuing_locks_what_is_shown(cast, make_ticket):
    told = s1(cast, make_ticket)
    record = issue(told, cast.anna)
    with viewing_as(SYSTEM):
        assert set(TimeEntry.objects.filter(ticket=told.ticket).values_list("status", flat=True)) == {"locked"}
        locks = TimeLock.objects.filter(record=record).order_by("start")
        assert [(lock.end - lock.start) // timedelta(minutes=1) for lock in locks] == [22, 18, 27]
        assert {lock.offer_id for lock in locks} == {told.offers[0].pk}
        entry = TimeEntry.objects.filter(purpose="work").first()
    with pytest.raises(TimeRefused):
        correct_entry(entry, end=clock("09:31"), actor=cast.anna, now=clock("12:05"))
    with pytest.raises(TimeRefused):
        delete_entry(entry, actor=cast.anna, now=clock("12:05"))
    (event,) = events(record, "record.issued")
    assert event.data["content_hash"] == record.content_hash == content.hash_of(record.content, record.inputs)
    with viewing_as(SYSTEM):
        assert broken_events(fresh(told.ticket)) == []


def test_a_later_entry_takes_what_is_left_and_changes_no_locked_minute(cast, make_ticket):
    """Section 6, rule 2: 40 of 60 minutes are shown; an earlier entry that comes later gets the other 20."""
    ticket = make_ticket(now=clock("07:50"))
    concern = concern_of(ticket)
    accept(send(cast, concern, at=clock("08:00"), low=30, high=60, cap_minutes=60), cast.bernd, at=clock("08:10"))
    work(cast, concern, "10:00", "10:40")
    service_records.issue_record(ticket, actor=cast.anna, now=clock("11:00"))
    work(cast, concern, "08:30", "09:00", actor=cast.dora, now=clock("11:10"))
    assert classes(concern) == {M.BILLABLE: 60, M.OVER_CAP: 10}
    second = service_records.issue_record(ticket, actor=cast.anna, now=clock("11:20"))
    late, early = second.content["concerns"][0]["entries"][1], second.content["concerns"][0]["entries"][0]
    assert [part["class"] for part in late["parts"]] == ["BILLABLE"]
    assert [(part["minutes"], part["class"]) for part in early["parts"]] == [(20, "BILLABLE"), (10, "OVER_CAP")]
    assert (second.revision, second.net) == (2, Decimal("132.00"))
    with viewing_as(SYSTEM):
        assert TimeLock.objects.filter(ticket=ticket).count() == 3


def test_what_cannot_be_issued(cast, make_ticket):
    ticket = make_ticket(now=clock("07:50"))
    with pytest.raises(RecordRefused, match="nichts erfasst"):
        service_records.issue_record(ticket, actor=cast.anna, now=clock("08:00"))
    concern = concern_of(ticket)
    work(cast, concern, "08:00", "08:05", purpose="triage")
    running = timer(cast, concern, clock("08:10"), purpose="triage")
    with pytest.raises(RecordRefused, match="Uhr"):
        service_records.issue_record(ticket, actor=cast.anna, now=clock("08:15"))
    delete_entry(running, actor=cast.anna, now=clock("08:16"))
    first = service_records.issue_record(ticket, actor=cast.anna, now=clock("08:20"))
    with pytest.raises(RecordRefused, match="Fassung 1"):
        service_records.issue_record(ticket, actor=cast.anna, now=clock("08:25"))
    assert (first.net, first.revision) == (Decimal("0.00"), 1)
    with pytest.raises(NotAllowed):
        service_records.issue_record(ticket, actor=cast.bernd.user, now=clock("08:30"))


def test_goodwill_and_a_defect_ask_for_the_next_revision(cast, make_ticket):
    told = s1(cast, make_ticket)
    issue(told, cast.anna)
    concern = concern_of(told.ticket)
    grant_goodwill(concern, minutes=10, reason="Wir hatten erst falsch gesucht.", actor=cast.dora, now=clock("12:10"))
    second = issue_at(told, cast, "12:20")
    assert (second.net, second.billed_minutes, second.exact_minutes) == (Decimal("143.00"), 65, 67)
    words = text_of(pdf_of(second))
    assert "Wir hatten erst falsch gesucht." in words
    assert "Dora" in words
    report_defect(concern, reason="Ein Fehler im Programm.", actor=cast.anna, now=clock("12:30"))
    third = issue_at(told, cast, "12:40")
    assert (third.revision, third.net, third.content["concerns"][0]["lines"]) == (3, Decimal("0.00"), [])
    assert {one["class"] for one in third.content["concerns"][0]["free"]} == {"TRIAGE", "COVERED"}


def issue_at(told, cast, at):
    told.now = clock(at)
    return issue(told, cast.anna)


def test_the_customer_confirms_and_disputes_the_latest_revision(cast, make_ticket):
    told = s1(cast, make_ticket)
    first = issue(told, cast.anna)
    confirmed = service_records.confirm_record(first, actor=cast.bernd.user, now=clock("12:10"))
    assert (confirmed.status, confirmed.answered_by_id) == ("confirmed", cast.bernd.pk)
    with pytest.raises(RecordRefused):
        service_records.confirm_record(first, actor=cast.bernd.user, now=clock("12:11"))
    with pytest.raises(UnusableText):
        service_records.dispute_record(first, reason=" \u200b ", actor=cast.bernd.user, now=clock("12:12"))
    words = "Der zweite Termin war ein Rückruf auf Ihren Wunsch."
    disputed = service_records.dispute_record(first, reason=words, actor=cast.bernd.user, now=clock("12:13"))
    with viewing_as(SYSTEM):
        assert (disputed.status, refresh(disputed).answer.text) == ("disputed", words)
    (event,) = events(first, "record.disputed")
    assert words not in str(event.data)
    with pytest.raises(RecordRefused):
        service_records.dispute_record(first, reason="Noch einmal", actor=cast.bernd.user, now=clock("12:14"))
    second = service_records.issue_record(told.ticket, actor=cast.anna, now=clock("12:20"))
    assert (second.revision, second.content) == (2, first.content)
    with pytest.raises(RecordRefused, match="neuere"):
        service_records.confirm_record(first, actor=cast.bernd.user, now=clock("12:30"))


def test_only_the_customer_answers(cast, make_ticket):
    record = issue(s1(cast, make_ticket), cast.anna)
    for actor in (cast.anna, cast.dora, cast.clara.user):
        for answer in (
            lambda who: service_records.confirm_record(record, actor=who, now=clock("12:10")),
            lambda who: service_records.dispute_record(record, reason="Nein", actor=who, now=clock("12:10")),
        ):
            with pytest.raises(NotAllowed):
                answer(actor)
    assert refresh(record).status == "issued"


def test_an_issued_record_never_changes(cast, make_ticket):
    record = issue(s1(cast, make_ticket), cast.anna)
    for change in ({"net": 1}, {"content": {}}, {"inputs": {}}, {"pdf_sha256": "0" * 64}, {"status": "draft"}):
        with viewing_as(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
            ServiceRecord.objects.filter(pk=record.pk).update(**change)
    with viewing_as(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        ServiceRecord.objects.filter(pk=record.pk).delete()


def resolve(cast, ticket, at):
    resolution.resolve(ticket, solution="So geht es.", resolution_kind="use_clarified", actor=cast.anna, now=at)


def test_closing_issues_what_no_record_shows_yet(cast, make_ticket):
    told = s1(cast, make_ticket)
    resolve(cast, told.ticket, told.now)
    with viewing_as(SYSTEM):
        assert resolution.close_due(told.now + timedelta(days=15)) == 1
        (record,) = ServiceRecord.objects.filter(ticket=told.ticket)
        assert (record.net, record.issued_by_id) == (Decimal("165.00"), User.objects.system().pk)
        assert fresh(told.ticket).status == "closed"
        assert broken_events(fresh(told.ticket)) == []


def test_closing_issues_nothing_twice_and_nothing_without_chargeable_work(cast, make_ticket):
    told, free = s1(cast, make_ticket), make_ticket(now=clock("07:55"))
    issue(told, cast.anna)
    resolve(cast, told.ticket, told.now)
    concern = concern_of(free)
    publish(cast, concern, "COV-USE", at=clock("12:30"))
    work(cast, concern, "13:00", "13:20")
    resolve(cast, free, clock("13:30"))
    with viewing_as(SYSTEM):
        assert resolution.close_due(told.now + timedelta(days=15)) == 2
        assert [one.ticket_id for one in ServiceRecord.objects.all()] == [told.ticket.pk]


def test_closing_says_what_changed_since_and_nothing_else(cast, make_ticket):
    """More free review is no reason for a mail; goodwill is."""
    reviewed, lowered = s1(cast, make_ticket), make_ticket(now=clock("07:55"))
    issue(reviewed, cast.anna)
    work(cast, concern_of(reviewed.ticket), "12:10", "12:20", purpose="triage")
    offer = send(cast, concern_of(lowered), at=clock("12:30"))
    accept(offer, cast.bernd, at=clock("12:40"))
    work(cast, concern_of(lowered), "13:00", "13:30")
    service_records.issue_record(lowered, actor=cast.anna, now=clock("14:00"))
    grant_goodwill(concern_of(lowered), minutes=5, reason="Aus Kulanz.", actor=cast.dora, now=clock("14:10"))
    for ticket in (reviewed.ticket, lowered):
        resolve(cast, ticket, clock("15:00"))
    with viewing_as(SYSTEM):
        assert resolution.close_due(clock("15:00") + timedelta(days=15)) == 2
        assert [(one.ticket_id, one.revision) for one in ServiceRecord.objects.order_by("pk")] == [
            (reviewed.ticket.pk, 1), (lowered.pk, 1), (lowered.pk, 2),
        ]  # fmt: skip


def test_a_draft_counts_no_running_timer(cast, make_ticket):
    told = s1(cast, make_ticket)
    timer(cast, concern_of(told.ticket), clock("12:00"))
    with viewing_as(SYSTEM):
        draft = draft_of(told.ticket, clock("12:30"))
    assert (draft.content["totals"]["worked"], draft.timers, draft.may_be_issued) == (67, 1, False)


def test_s7_shows_that_nothing_is_owed(cast, make_ticket):
    record = issue(s7(cast, make_ticket), cast.anna)
    words = text_of(pdf_of(record))
    assert "14" in words
    assert record.content["totals"]["triage"] == 14
    assert "0,00 €" in words
    assert "Es sind keine Kosten entstanden" in words


def test_an_extension_stands_in_a_record_of_its_own_offer(cast, make_ticket):
    told = s1(cast, make_ticket)
    concern = concern_of(told.ticket)
    issue(told, cast.anna)
    more = send_more(cast, concern, at=clock("12:10"), low=15, high=30, cap_minutes=30)
    accept(more, cast.bernd, at=clock("12:15"))
    work(cast, concern, "12:30", "12:40")
    second = issue_at(told, cast, "13:00")
    assert [one["number"] for one in second.content["concerns"][0]["offers"]] == [told.offers[0].number, more.number]
    assert second.exact_minutes == 77


def test_reverse_charge_is_said_and_adds_no_vat(cast, make_ticket):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(country="AT", vat_id="ATU12345678")
    record = issue(s1(cast, make_ticket), cast.anna)
    totals = record.content["totals"]
    assert (totals["net"], totals["gross"], totals["vat"][0]["category"]) == ("165.00", "165.00", "AE")
    words = text_of(pdf_of(record))
    assert "Steuerschuldnerschaft des Leistungsempfängers" in words
    assert "0 % Umsatzsteuer 0,00 €" in words


def test_each_vat_rate_stands_in_the_sums(cast, make_ticket):
    with viewing_as(SYSTEM):
        for day, percent in (("2026-01-01", 19), ("2026-12-01", 16)):
            VatRate.objects.create(percent=percent, valid_from=day)
    ticket = make_ticket(now=clock("07:50", "2026-11-30"))
    concern = concern_of(ticket)
    accept(send(cast, concern, at=clock("08:00", "2026-11-30")), cast.bernd, at=clock("08:10", "2026-11-30"))
    work(cast, concern, "09:00", "10:00", day="2026-11-30")
    work(cast, concern, "09:00", "09:30", day="2026-12-01")
    record = make_pdf(
        service_records.issue_record(ticket, actor=cast.anna, now=clock("10:00", "2026-12-01")),
        clock("10:00", "2026-12-01"),
    )
    vat = [(one["percent"], one["net"], one["vat"]) for one in record.content["totals"]["vat"]]
    assert vat == [("19.00", "132.00", "25.08"), ("16.00", "66.00", "10.56")]
    assert record.content["totals"]["gross"] == "233.64"
    words = text_of(pdf_of(record))
    for part in (
        "Arbeit (19 %)",
        "Arbeit (16 %)",
        "19 % Umsatzsteuer auf 132,00 €",
        "16 % Umsatzsteuer auf 66,00 €",
        "233,64 €",
    ):
        assert part in words


def test_the_document_speaks_the_language_of_the_requester(cast, make_ticket):
    with viewing_as(SYSTEM):
        User.objects.filter(pk=cast.bernd.user_id).update(language="en")
    record = issue(s1(cast, make_ticket), cast.anna)
    words = text_of(pdf_of(record))
    assert record.language == "en"
    for part in ("Service record", "67 minutes", "€165.00", "Page 1 of"):
        assert part in words


def test_a_late_entry_is_marked(cast, make_ticket):
    told = s1(cast, make_ticket)
    late = {"late_reason": "Vergessen einzutragen.", "now": clock("18:00", "2026-11-26")}
    work(cast, concern_of(told.ticket), "13:00", "13:10", **late)
    told.now = clock("18:10", "2026-11-26")
    record = issue(told, cast.anna)
    assert record.content["concerns"][0]["entries"][-1]["late"]
    assert "spät eingetragen: Vergessen einzutragen." in text_of(pdf_of(record))


def test_names_are_looked_up_and_may_be_gone(cast, make_ticket):
    record = issue(s1(cast, make_ticket), cast.anna)
    assert not {"Anna", "Bernd", "Astrid"} & set(str(record.content).split("'"))
    assert not {"Anna", "Bernd", "Astrid"} & set(str(record.inputs).split("'"))

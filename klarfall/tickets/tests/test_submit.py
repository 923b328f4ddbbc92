"""Submitting: what is bound to a ticket for ever, and what is refused without a trace."""

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage

from klarfall.contracts.models import Area, Contract, ProductVersion, RequestKind
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.service_levels.models import ServiceCalendar
from klarfall.tickets.actions.draft import add_upload, save_draft
from klarfall.tickets.actions.submit import AlreadySent
from klarfall.tickets.files import MAX_FILES, FileRefused
from klarfall.tickets.intake import NotSubmittable
from klarfall.tickets.models import Attachment, Message, RequestDraft, Ticket, TicketEvent, Upload
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, berlin, concern_of, fresh, make_contact, make_contract, make_customer, upload
from tests.catalogue import make_terms


def nothing_was_created():
    with viewing_as(SYSTEM):
        return not (Ticket.objects.exists() or Message.objects.exists() or TicketEvent.objects.exists())


def test_a_request_becomes_a_ticket_with_one_open_concern(make_ticket, cast, system):
    ticket = make_ticket()
    assert (ticket.status, ticket.terms, ticket.calendar) == ("new", cast.terms, cast.calendar)
    assert ticket.contract_line.product == cast.erp
    assert (concern_of(ticket).status, concern_of(ticket).title) == ("open", ticket.title)
    message = Message.objects.get(ticket=ticket)
    assert (message.text, message.from_customer, message.internal) == (
        "Der Saldo der Liegenschaft 12 stimmt nicht.",
        True,
        False,
    )
    event = TicketEvent.objects.get(ticket=ticket)
    assert (event.kind, event.public, event.sealed) == ("ticket.submitted", True, message.sealed)
    assert str(message.text) not in str(event.data)
    assert ticket.number > 0


def test_the_first_answer_is_due_in_service_time(make_ticket, system):
    assert make_ticket().due_at == berlin("2026-11-24 13:00")
    at_night = make_ticket(title="Nachts", now=berlin("2026-11-22 03:00"), impact="blocked")
    assert at_night.submitted_at == berlin("2026-11-22 03:00")
    assert at_night.first_due_at == at_night.due_at == berlin("2026-11-23 09:00")


def test_a_missing_contract_never_blocks(make_ticket, cast, system):
    contact = make_contact("Frieda", make_customer("Fjord"))
    ticket = make_ticket(contact=contact)
    assert ticket.contract_line is None
    assert ticket.calendar == cast.calendar
    assert [check.met for check in ticket.entitlement()] == [False, True, False]


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({"ends_on": date(2026, 11, 24)}, True),
        ({"ends_on": date(2026, 11, 23)}, False),
        ({"starts_on": date(2026, 11, 24)}, True),
        ({"starts_on": date(2026, 11, 25)}, False),
        ({"terminated": True}, False),
    ],
)
def test_only_a_contract_in_force_at_submission_is_bound(make_ticket, cast, system, fields, bound):
    customer = make_customer("Fjord")
    make_contract(customer, cast.erp, calendar=cast.calendar, **fields)
    ticket = make_ticket(contact=make_contact("Frieda", customer))
    assert (ticket.contract_line is not None) == bound


def test_what_happens_to_contract_and_terms_later_changes_nothing(make_ticket, cast, system):
    before = make_ticket()
    make_terms(2, date(2026, 11, 25), published_at=NOW + timedelta(minutes=1))
    Contract.objects.filter(customer=cast.acme).update(terminated=True)
    after = make_ticket(title="Einen Tag später", now=berlin("2026-11-25 09:00"))
    assert (fresh(before).terms, after.terms.number) == (cast.terms, 2)
    assert (before.entitlement()[0].met, after.contract_line) == (True, None)


def test_terms_that_are_valid_but_not_published_yet_do_not_count(make_ticket, cast, system):
    make_terms(2, date(2026, 11, 24), published_at=NOW + timedelta(minutes=1))
    assert make_ticket().terms == cast.terms


def test_a_customer_without_line_gets_the_hours_under_which_others_are_served(make_ticket, cast, system):
    ServiceCalendar.objects.create(name="AAA")
    contact = make_contact("Frieda", make_customer("Fjord"))
    assert make_ticket(contact=contact, product=cast.other).calendar == cast.calendar


def test_a_specialist_logs_a_call(make_ticket, cast, system):
    ticket = make_ticket(actor=cast.anna, channel="phone")
    message = Message.objects.get(ticket=ticket)
    assert (ticket.channel, ticket.contact, message.author) == ("phone", cast.bernd, cast.anna)
    assert message.from_customer
    assert message.sealed.person == cast.bernd.user


@pytest.mark.parametrize("channel", ["portal", "remote", "fax"])
def test_a_specialist_names_the_channel_of_the_request(make_ticket, cast, channel):
    with pytest.raises(NotSubmittable) as refused:
        make_ticket(actor=cast.anna, channel=channel)
    assert refused.value.field == "channel"


def test_nobody_submits_for_somebody_else(make_ticket, cast):
    for actor in (cast.astrid.user, cast.clara.user):
        with pytest.raises(NotAllowed):
            make_ticket(actor=actor)
    assert nothing_was_created()


def test_a_contact_that_left_cannot_submit(make_ticket, cast, system):
    type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        make_ticket()


def test_a_billing_viewer_cannot_submit(make_ticket, cast):
    with pytest.raises(NotAllowed):
        make_ticket(contact=make_contact("Vera", cast.acme, "billing_viewer"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \u200b "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"description": ""}, "description"),
        ({"description": "x" * 1_000_000}, "description"),
        ({"description": "\ud800"}, "description"),
        ({"tried": "x" * 5_001}, "tried"),
        ({"impact": "huge"}, "impact"),
        ({"impact": None}, "impact"),
        ({"needed_by": date(2026, 11, 23)}, "needed_by"),
    ],
)
def test_bad_input_is_refused_with_its_field(make_ticket, cast, fields, field):
    with pytest.raises((NotSubmittable, UnusableText)) as refused:
        make_ticket(**fields)
    assert refused.value.field == field
    assert nothing_was_created()


def test_what_belongs_to_another_product_is_refused(make_ticket, cast):
    with viewing_as(SYSTEM):
        foreign = {
            "version": ProductVersion.objects.get(product=cast.other),
            "area": Area.objects.get(product=cast.other),
            "partner_product": cast.other,
        }
    for field, value in foreign.items():
        with pytest.raises(NotSubmittable) as refused:
            make_ticket(**{field: value})
        assert refused.value.field == field


def test_a_partner_product_and_its_kind_are_kept(make_ticket, cast, system):
    kind = RequestKind.objects.get(code="unsure")
    area = Area.objects.get(product=cast.erp)
    ticket = make_ticket(partner_product=cast.partner, kind=kind, area=area, needed_by=date(2026, 11, 24))
    assert (ticket.partner_product, ticket.kind, ticket.area) == (cast.partner, kind, area)


@pytest.mark.parametrize("what", ["product", "kind"])
def test_what_is_no_longer_offered_is_refused(make_ticket, cast, what):
    with viewing_as(SYSTEM):
        row = cast.erp if what == "product" else RequestKind.objects.get(code="unsure")
        row.active = False
    with pytest.raises(NotSubmittable) as refused:
        make_ticket(**{what: row})
    assert refused.value.field == what


def test_a_second_click_finds_the_ticket_of_the_first(make_ticket, cast, system):
    ticket = make_ticket()
    with pytest.raises(AlreadySent) as refused:
        make_ticket(now=NOW + timedelta(seconds=3))
    assert refused.value.ticket == ticket
    assert Ticket.objects.count() == 1
    make_ticket(description="Noch etwas anderes.")
    make_ticket(now=NOW + timedelta(minutes=5))
    assert Ticket.objects.count() == 3


def test_hostile_text_is_stored_as_it_is(make_ticket, system):
    wild = "<script>alert('x')</script> {{ 7*7 }} %s \\' ; DROP TABLE tickets_ticket"
    ticket = make_ticket(title=wild[:100], description=wild)
    assert ticket.title == wild[:100]
    assert Message.objects.get(ticket=ticket).text == wild


class TestFiles:
    def test_files_and_uploads_become_attachments(self, make_ticket, cast, system):
        kept = add_upload(cast.bernd, file=upload("a.txt", b"eins"), actor=cast.bernd.user, now=NOW)
        left = add_upload(cast.bernd, file=upload("b.txt", b"zwei"), actor=cast.bernd.user, now=NOW)
        ticket = make_ticket(uploads=[kept], files=[upload("../c.txt", b"drei", "text/html")])
        rows = {row.name: row for row in Attachment.objects.filter(ticket=ticket)}
        assert set(rows) == {"a.txt", "c.txt"}
        assert (rows["a.txt"].key, rows["c.txt"].content_type, rows["c.txt"].size) == (kept.key, "text/plain", 4)
        assert default_storage.open(rows["c.txt"].key).read() == b"drei"
        assert not Upload.objects.exists()
        assert not RequestDraft.objects.exists()
        event = TicketEvent.objects.get(ticket=ticket)
        assert event.data["attachments"] == {str(row.pk): row.sha256 for row in rows.values()}
        assert left.key not in {row.key for row in rows.values()}

    def test_a_specialist_who_logs_a_call_leaves_the_draft_alone(self, make_ticket, cast, system):
        save_draft(cast.bernd, data={"title": "halb"}, actor=cast.bernd.user, now=NOW)
        make_ticket(actor=cast.anna, channel="phone")
        assert RequestDraft.objects.count() == 1

    def test_uploads_of_somebody_else_are_refused(self, make_ticket, cast):
        foreign = add_upload(cast.clara, file=upload(), actor=cast.clara.user, now=NOW)
        with pytest.raises(NotSubmittable) as refused:
            make_ticket(uploads=[foreign])
        assert refused.value.field == "files"
        assert nothing_was_created()

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("leer.txt", b""),
            ("programm.exe", b"MZ"),
            ("bild.png", b"<script>alert(1)</script>"),
            ("seite.html", b"<html></html>"),
            ("zeichnung.svg", b"<svg/>"),
            ("ohne", b"Text"),
        ],
    )
    def test_a_refused_file_refuses_the_request(self, make_ticket, cast, name, content):
        with pytest.raises(FileRefused) as refused:
            make_ticket(files=[upload("gut.txt"), upload(name, content)])
        assert refused.value.field == "files"
        assert name in str(refused.value)
        assert nothing_was_created()

    def test_too_large_is_refused_by_what_arrived(self, make_ticket, cast, monkeypatch):
        monkeypatch.setattr("klarfall.tickets.files.MAX_BYTES", 10)
        small, large = upload("a.txt", b"x" * 10), upload("b.txt", b"x" * 11)
        large.size = 1  # what a sender claims does not matter
        with pytest.raises(FileRefused, match=r"b\.txt"):
            make_ticket(files=[small, large])
        make_ticket(files=[small])

    def test_too_many_are_refused(self, make_ticket, cast):
        with pytest.raises(FileRefused, match=str(MAX_FILES)):
            make_ticket(files=[upload() for _ in range(MAX_FILES + 1)])

    def test_a_failure_afterwards_leaves_no_file_behind(self, make_ticket, cast, monkeypatch):
        saved = []
        save = default_storage.save
        monkeypatch.setattr(default_storage, "save", lambda *args: saved.append(save(*args)) or saved[-1])
        monkeypatch.setattr("klarfall.tickets.intake.record", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_ticket(files=[upload()])
        assert saved
        assert not any(default_storage.exists(key) for key in saved)


def test_every_refusal_speaks_to_the_user(make_ticket, cast):
    for fields in ({"title": ""}, {"impact": "x"}, {"files": [upload("x.exe")]}):
        with pytest.raises(Refused) as refused:
            make_ticket(**fields)
        assert len(str(refused.value)) > 10
        assert refused.value.code != Refused.code

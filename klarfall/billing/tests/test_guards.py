"""What the database refuses to plain SQL, as each role: the last line behind the actions (INV-1, 2, 6 and 8)."""

from datetime import date

import pytest

from klarfall.billing.actions import decisions
from klarfall.billing.models import CostOffer, CustomerDecision, TimeEntry
from klarfall.billing.tests.plain_sql import past_the_actions, refused, sql, viewers
from klarfall.billing.tests.steps import accept, clock, publish, send, send_more, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer
from klarfall.tickets.events import seal
from klarfall.tickets.models import Assessment, Concern, Ticket
from tests.cast import concern_of


@pytest.fixture
def concern(cast, make_ticket):
    return concern_of(make_ticket())


@pytest.fixture
def offer(cast, concern):
    return send(cast, concern)


def decision(offer, contact, **fields):
    """A complete acceptance as a row, written past the actions."""
    ticket = Ticket.objects.get(pk=offer.ticket_id)
    values = {
        "customer_id": offer.customer_id,
        "ticket_id": offer.ticket_id,
        "concern_id": offer.concern_id,
        "offer": offer,
        "contact": contact,
        "kind": "accept",
        "fact": 90,
        "at": clock("09:30"),
        "channel": "portal",
        "role_then": "requester",
        "text_hash": offer.text_hash,
        **fields,
    }
    return CustomerDecision.objects.create(sealed=seal(ticket, ""), **values)


def test_staff_cannot_write_an_acceptance(cast, offer):
    for actor in (cast.anna, cast.dora, cast.astrid.user, None):
        with viewing_as(SYSTEM, actor_id=actor.pk if actor else None), refused("nobody decides for somebody else"):
            decision(offer, cast.bernd)


def test_where_people_are_named_only_they_accept_and_within_their_limit(cast, offer):
    """120 minutes at 132 € are 264 €. The day is that of the vendor: half past midnight is the day before in UTC."""
    night = clock("00:30", "2026-11-25")
    named = {"roles": ["cost_release"], "release_limit": "264.00", "release_from": None, "release_to": None}
    cases = (
        (cast.bernd, {}, {}, "by nobody named"),
        (cast.astrid, {"roles": ["requester"]}, {}, "by nobody named"),
        (cast.astrid, {"release_limit": None}, {}, "by nobody named"),
        (cast.astrid, {"release_limit": "263.99"}, {}, "by nobody named"),
        (cast.astrid, {"release_limit": "131.99"}, {"chosen_cap_minutes": 60}, "by nobody named"),
        (cast.astrid, {"release_to": date(2026, 11, 24)}, {"at": night}, "by nobody named"),
        (cast.astrid, {"release_from": date(2026, 11, 26)}, {"at": night}, "by nobody named"),
        (cast.astrid, {}, {}, "without effect"),
        (cast.astrid, {"release_limit": "132.00"}, {"chosen_cap_minutes": 60}, "without effect"),
        (cast.astrid, {"release_limit": "100.00"}, {"chosen_cap_net": "100.00"}, "without effect"),
        (cast.astrid, {"release_from": date(2026, 11, 25)}, {"at": night}, "without effect"),
    )
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(release_policy="named")
    for contact, change, fields, problem in cases:
        with viewing_as(SYSTEM):
            Contact.objects.filter(pk=cast.astrid.pk).update(**{**named, **change})
        with viewing_as(SYSTEM, actor_id=contact.user_id), refused(problem):
            decision(offer, contact, **fields)


def test_an_acceptance_past_the_action_changes_both_sides_or_nothing(cast, offer):
    with viewing_as(SYSTEM, actor_id=cast.bernd.user_id), refused("a decision without effect"):
        decision(offer, cast.bernd)
    with viewing_as(SYSTEM, actor_id=cast.anna.pk), refused("decided by nobody"):
        sql("UPDATE billing_costoffer SET status = 'accepted' WHERE id = %s", offer.pk)


@pytest.mark.parametrize(
    "fields",
    [
        {"text_hash": "0" * 64},
        {"at": clock("00:00", "2026-12-09")},
        {"channel": "phone_code"},
        {"channel": "personal_link"},
        {"channel": "letter"},
        {"chosen_cap_minutes": 30, "chosen_cap_net": 10},
    ],
)
def test_a_wrong_acceptance_is_refused_even_of_the_right_person(fields, cast, offer):
    with viewing_as(SYSTEM, actor_id=cast.bernd.user_id), refused():
        decision(offer, cast.bernd, **fields)


def test_a_person_who_left_or_has_no_role_decides_nothing(cast, offer):
    with viewing_as(SYSTEM, actor_id=cast.bernd.user_id):
        for fields in ({"is_active": False}, {"roles": ["billing_viewer"]}):
            type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(**fields)
            with refused():
                decision(offer, cast.bernd)
            type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(is_active=True, roles=["requester"])


def test_contacts_of_others_cannot_be_named(cast, offer):
    with viewing_as(SYSTEM, actor_id=cast.clara.user_id), refused():
        decision(offer, cast.clara)
    with viewing_as(SYSTEM), refused():
        sql("UPDATE customers_contact SET user_id = %s WHERE id = %s", cast.anna.pk, cast.bernd.pk)


def test_what_was_sent_or_decided_is_never_edited(cast, offer, concern):
    accept(offer, cast.bernd)
    with viewing_as(SYSTEM):
        for statement in (
            "UPDATE billing_costoffer SET rate = 1",
            "UPDATE billing_costoffer SET cap_minutes = 9999",
            "UPDATE billing_costoffer SET canonical_text = 'anders'",
            "UPDATE billing_costoffer SET valid_until = '2099-01-01'",
            "UPDATE billing_costoffer SET status = 'sent'",
            "UPDATE billing_costoffer SET status = 'declined'",
            "DELETE FROM billing_costoffer",
            "UPDATE billing_customerdecision SET at = now()",
            "DELETE FROM billing_customerdecision",
            "UPDATE tickets_assessment SET outcome = 'covered'",
            "DELETE FROM tickets_assessment",
        ):
            with refused():
                sql(statement)


def test_refused_attempts_and_stops_stay(cast, offer):
    accept(offer, cast.bernd)
    with pytest.raises(decisions.DecisionRefused):
        accept(offer, cast.astrid, at=clock("09:10"))
    decisions.stop(Concern(pk=offer.concern_id, ticket_id=offer.ticket_id), actor=cast.bernd.user, now=clock("09:20"))
    with viewing_as(SYSTEM):
        for table in ("billing_decisionattempt", "billing_stop"):
            for statement in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}"):
                with refused():
                    sql(statement)


def draft(cast, offer, **fields):
    """Another offer as a row, written past the actions."""
    copied = {
        name: getattr(offer, name)
        for name in ("customer_id", "ticket_id", "concern_id", "assessment_id", "work_type", "rate", "currency")
    }
    figures = {"vat_percent": 19, "increment": 15, "minimum": 15, "estimate_min": 1, "estimate_max": 2}
    rest = {"cap_minutes": 60, "scope": "x", "valid_until": offer.valid_until, "created_by": cast.anna}
    return CostOffer.objects.create(created_at=clock("09:00"), **{**copied, **figures, **rest, **fields})


@pytest.mark.parametrize(
    "fields", [{"rate": "131.00"}, {"currency": "USD"}, {"cap_minutes": None}, {"cap_minutes": 0}, {"increment": 7}]
)
def test_an_unsound_offer_cannot_be_written(fields, cast, offer):
    with viewing_as(SYSTEM), refused():
        draft(cast, offer, **fields)


def test_an_offer_rests_on_a_chargeable_assessment_of_its_concern(cast, offer, make_ticket):
    other = concern_of(make_ticket(title="Anderes", description="Anderes."))
    free = publish(cast, other, "COV-USE")
    with viewing_as(SYSTEM):
        for fields in (
            {"concern_id": other.pk, "ticket_id": other.ticket_id, "assessment_id": free.pk},
            {"concern_id": other.pk, "ticket_id": other.ticket_id},
            {"ticket_id": other.ticket_id},
            {"extends": offer},
        ):
            with refused():
                draft(cast, offer, **fields)


def test_the_hash_is_that_of_the_text(cast, offer):
    with past_the_actions():
        row = draft(cast, offer)
        with refused("hash"):
            sql(
                "UPDATE billing_costoffer SET status = 'sent', canonical_text = 'a', text_hash = 'b', sent_at = now()"
                " WHERE id = %s",
                row.pk,
            )


def test_a_free_concern_has_no_open_offer(cast, offer, concern):
    """INV-8: a new assessment past the actions is stopped when its transaction ends."""
    with viewing_as(SYSTEM):
        item = cast.item("COV-USE")
        with refused("costs nothing"):
            row = Assessment.objects.get(concern=concern)
            new = Assessment.objects.create(
                customer_id=row.customer_id,
                ticket_id=row.ticket_id,
                concern=concern,
                sequence=2,
                fact=50,
                outcome="covered",
                item=item,
                sealed_id=row.sealed_id,
                assessor=cast.anna,
                published_at=clock("09:10"),
            )
            Concern.objects.filter(pk=concern.pk).update(current_assessment=new)


def test_one_increment_per_concern(cast, offer):
    """Rule 3, for offers that were written past the actions."""
    accept(offer, cast.bernd)
    with past_the_actions(cast.bernd.user_id):
        text = "Ein anderer Takt"
        row = draft(cast, offer, increment=5)
        sql(
            "UPDATE billing_costoffer SET status = 'sent', sent_at = now(), canonical_text = %s,"
            " text_hash = encode(sha256(convert_to(%s, 'UTF8')), 'hex') WHERE id = %s",
            text,
            text,
            row.pk,
        )
        row.refresh_from_db()
        with refused("one increment"):
            decision(row, cast.bernd)


def test_time_is_guarded_by_the_database(cast, concern, make_ticket):
    entry = work(cast, concern, "08:00", "08:30")
    other = concern_of(make_ticket(title="Anderes", description="Anderes."))
    common = {name: getattr(entry, name) for name in ("customer_id", "purpose", "channel", "source", "recorded_at")}

    def row(start, end, **fields):
        given = {"ticket_id": entry.ticket_id, "concern_id": entry.concern_id, "agent": cast.anna, **fields}
        raw = {"raw_start": clock(start), "raw_end": clock(end), "start": clock(start), "end": clock(end)}
        return TimeEntry.objects.create(**{**common, **given, **raw})

    with viewing_as(SYSTEM):
        for start, end, fields in (
            ("08:29", "08:30", {}),
            ("08:20", "08:10", {}),
            ("08:30", "08:31", {}),  # after it was recorded
            ("07:00", "07:10", {"channel": "remote"}),
            ("07:00", "07:10", {"agent": cast.bernd.user}),
            ("07:00", "07:10", {"concern_id": other.pk}),
            ("07:00", "07:10", {"is_late": True}),
        ):
            with refused():
                row(start, end, **{"channel": entry.channel, **fields})
        row("07:00", "07:10")
        sql("UPDATE billing_timeentry SET status = 'locked' WHERE id = %s", entry.pk)
        for statement in (
            "SET activity = 'anders'",
            'SET raw_end = raw_start, "end" = start',
            "SET purpose = 'triage'",
        ):
            with refused():
                sql(f"UPDATE billing_timeentry {statement} WHERE id = {entry.pk}")
        with refused():
            sql("DELETE FROM billing_timeentry WHERE id = %s", entry.pk)


@pytest.mark.parametrize("who", ["staff", "contact", "nobody"])
@pytest.mark.parametrize(
    "table",
    [
        *("costoffer", "customerdecision", "decisionattempt", "decisioncode", "personallink", "stop", "timeentry"),
        *("billingbatch", "batchconcern", "billingline", "timelock", "unbilled", "goodwill", "servicerecord"),
        *("invoice", "vatrate", "selfaudit"),
    ],
)
def test_pages_write_nothing(who, table, cast, offer):
    with viewing_as(viewers(cast)[who]()):
        for statement in (f"DELETE FROM billing_{table}", f"UPDATE billing_{table} SET id = id"):
            with refused("permission denied"):
                sql(statement)


def test_extensions_of_accepted_offers_pass_the_guards(cast, offer, concern):
    accept(offer, cast.bernd)
    assert send_more(cast, concern, at=clock("10:00"), cap_minutes=60).extends_id == offer.pk

"""Isolation below the pages: what the roles of PostgreSQL let through, and which tickets which contact sees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from psycopg.errors import ForeignKeyViolation

from klarfall.accounts.models import PublicPerson, User
from klarfall.accounts.people import people
from klarfall.core.isolation import NOBODY, SYSTEM, OwnedForeignKey, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.core.row_security import is_owned, owned_models
from klarfall.customers.models import Contact
from klarfall.tickets.models import Ticket
from tests.acme_story import MARK, AcmeStory, submitted
from tests.cast import fresh, make_contact, make_customer

pytestmark = pytest.mark.server
#: Which table does not have a row in the story, and why.
NEVER: dict[str, str] = {}
OWNED = owned_models()
BELOW_CUSTOMER = [model for model in OWNED if model._meta.label != "customers.Customer"]


def name_of(model) -> str:
    return model.__name__


def rows(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall()


def run(sql: str, *params: object) -> None:
    """A statement that must be refused leaves the transaction usable."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, list(params))


def sight(contact: Contact) -> Viewer:
    """The viewer as the request of this contact opens it."""
    with viewing_as(NOBODY):
        return viewer_for(contact.user, timezone.localdate())


def customer_column(model) -> str:
    return "id" if model._meta.label == "customers.Customer" else "customer_id"


@pytest.mark.parametrize("model", OWNED, ids=name_of)
def test_the_story_has_a_row_of_every_kind(acme_story, model):
    """Else nothing below would prove anything for that table."""
    with viewing_as(SYSTEM):
        sql = f'SELECT count(*) FROM "{model._meta.db_table}" WHERE {customer_column(model)} = %s'
        assert (rows(sql, acme_story.cast.acme.pk)[0][0] > 0) != (model.__name__ in NEVER)


def test_plain_sql_as_clara_finds_no_row_of_acme_in_any_table(acme_story):
    clara = sight(acme_story.cast.clara)
    found, own = {}, 0
    with viewing_as(clara):
        for model in OWNED:
            if not model.portal_sight:
                continue
            table, column = model._meta.db_table, customer_column(model)
            own += rows(f'SELECT count(*) FROM "{table}" WHERE {column} = %s', acme_story.cast.borealis.pk)[0][0]
            others = rows(f'SELECT count(*) FROM "{table}" WHERE {column} <> %s', acme_story.cast.borealis.pk)[0][0]
            marked = rows(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', f"%{MARK}%")[0][0]
            found[table] = (others, marked)
    assert own > 10
    assert {table: counts for table, counts in found.items() if counts != (0, 0)} == {}


def test_plain_sql_with_joins_and_guessed_ids_finds_nothing_either(acme_story):
    ticket, offer = acme_story.tickets["main"], acme_story.offers["sent"]
    queries = {
        "SELECT s.text FROM tickets_message m JOIN tickets_sealedtext s ON s.id = m.sealed_id"
        " WHERE m.ticket_id = %s": ticket.pk,
        "SELECT canonical_text FROM billing_costoffer WHERE id = %s": offer.pk,
        "SELECT number FROM tickets_ticket WHERE number = %s": ticket.number,
        "SELECT data FROM tickets_ticketevent WHERE ticket_id = %s": ticket.pk,
        "SELECT name FROM tickets_attachment WHERE id = %s": acme_story.things["attachment"].pk,
    }
    with viewing_as(sight(acme_story.cast.clara)):
        assert {sql: rows(sql, value) for sql, value in queries.items() if rows(sql, value)} == {}
    with viewing_as(sight(acme_story.cast.bernd)):
        assert [sql for sql, value in queries.items() if not rows(sql, value)] == []


def test_the_owners_of_a_scope_cannot_be_widened_from_inside(acme_story):
    """Who could run SQL as the portal might set the setting, but not the role: rows of secret tables stay away."""
    with viewing_as(sight(acme_story.cast.clara)):
        for table in ("channels_notice", "billing_personallink", "billing_decisioncode", "accounts_user"):
            with pytest.raises(DatabaseError, match="permission denied"):
                run(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize("who", ["portal", "staff"])
@pytest.mark.parametrize("model", OWNED, ids=name_of)
def test_nobody_but_actions_writes(acme_story, model, who):
    viewer = sight(acme_story.cast.bernd) if who == "portal" else Viewer(ViewerKind.STAFF, acme_story.cast.anna.pk)
    table = model._meta.db_table
    with viewing_as(viewer):
        for statement in (
            f'INSERT INTO "{table}" DEFAULT VALUES',
            f'UPDATE "{table}" SET id = id',
            f'DELETE FROM "{table}"',
        ):
            with pytest.raises(DatabaseError, match="permission denied"):
                run(statement)


@pytest.mark.parametrize("model", OWNED, ids=name_of)
def test_without_a_scope_the_login_reads_nothing(acme_story, model):
    with pytest.raises(DatabaseError, match="permission denied"):
        run(f'SELECT 1 FROM "{model._meta.db_table}"')


def owned_keys() -> Iterator[tuple[str, str, str]]:
    """Table, column and target table of every key between rows of customers."""
    for model in BELOW_CUSTOMER:
        for field in model._meta.local_fields:
            if isinstance(field, OwnedForeignKey):
                yield model._meta.db_table, field.column, field.related_model._meta.db_table


def _together(owner_connection: Any, steps: Iterable[str]) -> None:
    with owner_connection.transaction():
        for step in steps:
            owner_connection.execute(step)


def test_rows_of_two_customers_are_never_joined_not_even_by_the_system(acme_story, owner_connection):
    """Every key of every table: a row that says it is Borealis' cannot point to a row of Acme."""
    acme, borealis = acme_story.cast.acme.pk, acme_story.cast.borealis.pk
    keys = list(owned_keys())
    assert len(keys) > 50
    for table, column, target in keys:
        name = f"{table}_{column}_owned"[:63]
        steps = (
            # Append-only tables have triggers against any change; the key has to hold without them.
            f'ALTER TABLE "{table}" DISABLE TRIGGER USER',
            f'UPDATE "{table}" SET customer_id = {borealis}, "{column}" = coalesce("{column}",'
            f' (SELECT id FROM "{target}" WHERE customer_id = {acme} ORDER BY id DESC LIMIT 1)) WHERE id ='
            f' (SELECT id FROM "{table}" WHERE customer_id = {acme} ORDER BY "{column}" IS NULL, id LIMIT 1)',
            f'SET CONSTRAINTS "{name}" IMMEDIATE',
        )
        with pytest.raises(ForeignKeyViolation, match=name):
            _together(owner_connection, steps)


def test_names_of_people_are_known_for_staff_and_ones_own_company_only(acme_story):
    cast = acme_story.cast
    ids = [person.pk for person in (cast.anna, cast.dora, cast.bernd.user, acme_story.gesa.user, cast.clara.user)]
    with viewing_as(sight(cast.clara)):
        assert {person.name for person in people(ids).values()} == {"Anna", "Dora", "Clara"}
        assert set(PublicPerson.objects.values_list("name", flat=True)) >= {"Anna", "Dora", "Clara"}
        assert not {"Bernd", "Astrid", "Gesa", "Emil"} & set(PublicPerson.objects.values_list("name", flat=True))
    with viewing_as(sight(cast.bernd)):
        assert {person.name for person in people(ids).values()} == {"Anna", "Dora", "Bernd", "Gesa"}


@dataclass(frozen=True)
class Seat:
    """A kind of contact, and which tickets of Acme it sees; each ticket by the letters of what is true of it."""

    case: str
    roles: tuple[str, ...]
    visibility: str
    sees: frozenset[str]
    fields: tuple[tuple[str, object], ...] = ()


OWN, OTHERS = {"own", "own confidential"}, {"other", "other offered"}
SECRET = {"other confidential", "other confidential offered"}
SEATS = [
    Seat("own requests only", ("requester",), "own", frozenset(OWN)),
    Seat("all of the company", ("requester",), "all", frozenset(OWN | OTHERS)),
    Seat("admin", ("requester", "customer_admin"), "own", frozenset(OWN | OTHERS | SECRET)),
    Seat(
        "cost release", ("requester", "cost_release"), "own",
        frozenset(OWN | {"other offered", "other confidential offered"}),
    ),
    Seat(
        "cost release that begins later", ("requester", "cost_release"), "own", frozenset(OWN),
        (("release_from", "2027-01-01"),),
    ),
    Seat(
        "cost release that is over", ("requester", "cost_release"), "own", frozenset(OWN),
        (("release_to", "2026-01-01"),),
    ),
    Seat("billing viewer with all", ("billing_viewer",), "all", frozenset(OWN | OTHERS)),
    Seat("left the company", ("requester", "customer_admin"), "all", frozenset(), (("is_active", False),)),
]  # fmt: skip


@pytest.mark.parametrize("seat", SEATS, ids=lambda seat: seat.case)
def test_which_tickets_a_contact_sees(acme_story, seat):
    """The rule of the manager, of PostgreSQL and of a ticket in memory are one."""
    story: AcmeStory = acme_story
    contact = make_contact("Frieda", story.cast.acme, "requester", "customer_admin")
    cases = {}
    for name, confidential, offered in (
        ("own", False, False), ("own confidential", True, False),
        ("other", False, False), ("other offered", False, True),
        ("other confidential", True, False), ("other confidential offered", True, True),
    ):  # fmt: skip
        by = contact if name.startswith("own") else story.cast.bernd
        cases[name] = submitted(story, f"sicht {name}", by, confidential=confidential)
        if offered:
            story.notice(name, f"sicht {name}", 1)
    with viewing_as(SYSTEM):
        values = {"roles": list(seat.roles), "visibility": seat.visibility, **dict(seat.fields)}
        Contact.objects.filter(pk=contact.pk).update(**values)
    viewer, ids = sight(contact), {ticket.pk: name for name, ticket in cases.items()}
    with viewing_as(viewer):
        by_manager = {ids[pk] for pk in Ticket.objects.filter(pk__in=ids).values_list("pk", flat=True)}
        by_database = {ids[pk] for (pk,) in rows("SELECT id FROM tickets_ticket WHERE id = ANY (%s)", list(ids))}
    in_memory = {name for name, ticket in cases.items() if viewer.sees_ticket(fresh(ticket))}
    assert (by_manager, by_database, in_memory) == (seat.sees, seat.sees, seat.sees)


def test_rights_in_one_company_count_for_no_other(acme_story):
    """Emil sees all of Acme and is also a plain contact of Borealis: there he sees what he asked himself, nothing."""
    story = acme_story
    third = make_customer("Cumulus")
    with viewing_as(SYSTEM):
        for customer in (story.cast.borealis, third):
            Contact.objects.create(customer=customer, user=story.emil.user, roles=["requester"])
    with viewing_as(sight(story.emil)):
        seen = set(Ticket.objects.values_list("customer_id", flat=True))
        in_database = {pk for (pk,) in rows("SELECT DISTINCT customer_id FROM tickets_ticket")}
    assert seen == in_database == {story.cast.acme.pk}


def test_a_user_is_staff_or_contact_never_both(acme_story):
    anna = acme_story.cast.anna
    with viewing_as(SYSTEM):
        for values in ({}, {"user_kind": "staff"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Contact.objects.create(customer=acme_story.cast.acme, user=anna, **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=acme_story.cast.bernd.user_id).update(kind="staff")


def test_there_is_no_other_kind_of_key_to_a_row_of_a_customer():
    missing = [
        f"{model.__name__}.{field.name}"
        for model in BELOW_CUSTOMER
        for field in model._meta.local_fields
        if field.related_model and is_owned(field.related_model) and field.name != "customer"
        and not isinstance(field, OwnedForeignKey)
    ]  # fmt: skip
    assert missing == []

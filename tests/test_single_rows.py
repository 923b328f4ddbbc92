"""What is written row by row with kept statements: the same as Django writes, and nothing else."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, models
from django.db.models import F

from klarfall.core import single_rows
from klarfall.core.isolation import SYSTEM, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Contact
from klarfall.tickets.models import SealedText, Ticket
from tests.cast import fresh, make_contact, make_customer


def stored(row: models.Model) -> dict[str, Any]:
    """Every column as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])
        values = cursor.fetchone()
        return dict(zip([one.name for one in cursor.description], values, strict=True))


def as_django(row: models.Model) -> dict[str, Any]:
    """A copy of the row, written by Django itself."""
    fields = [one for one in type(row)._meta.local_concrete_fields if not one.primary_key]
    copy = type(row)(**{one.attname: getattr(row, one.attname) for one in fields if one.attname != "number"})
    (found,) = models.Model._do_insert(  # type: ignore[attr-defined]
        copy, type(row)._base_manager, "default", fields, type(row)._meta.db_returning_fields, False
    )
    copy.pk = found[0]
    return stored(copy)


OTHER = ("id", "number")


def test_a_new_row_is_what_django_would_have_written(make_ticket, cast, system):
    ticket = make_ticket()
    seal = SealedText.objects.get(ticket=ticket)
    contact = make_contact("Frieda", make_customer("Fjord"))
    for row in (fresh(ticket), seal):
        ours, theirs = stored(row), as_django(row)
        assert {key: value for key, value in ours.items() if key not in OTHER} == {
            key: value for key, value in theirs.items() if key not in OTHER
        }
    assert Contact.objects.get(pk=contact.pk).roles == contact.roles


def test_what_the_database_fills_in_comes_back(make_ticket, system):
    first, second = make_ticket(), make_ticket(title="Noch eine")
    assert [fresh(one).number for one in (first, second)] == [first.number, second.number]
    assert second.number == first.number + 1


def test_the_statement_is_kept_and_django_is_not_asked_again(make_ticket, system, monkeypatch):
    make_ticket()
    monkeypatch.setattr(single_rows, "InsertQuery", None)
    assert make_ticket(title="Noch eine").pk


def test_an_update_writes_the_named_columns_and_empty_ones_too(make_ticket, cast, system):
    ticket = make_ticket()
    before = stored(ticket)
    ticket.title, ticket.tried, ticket.assignee = "Anders", "nicht geschrieben", cast.anna
    ticket.save(update_fields=["title", "assignee"])
    assert stored(ticket) == before | {"title": "Anders", "assignee_id": cast.anna.pk}
    ticket.assignee = None
    ticket.save(update_fields=["title", "assignee"])
    assert stored(ticket) == before | {"title": "Anders"}


def test_an_expression_goes_its_usual_way(make_ticket, system):
    ticket = make_ticket()
    ticket.tried = F("title")
    ticket.save(update_fields=["tried"])
    assert fresh(ticket).tried == ticket.title


def test_a_row_that_is_gone_is_no_success(make_ticket, system):
    with pytest.raises(DatabaseError, match="did not affect any rows"):
        Ticket(pk=987_654_321, title="Niemand").save(update_fields=["title"])


def test_a_row_out_of_sight_is_not_written(make_ticket, cast):
    """Whoever sees some rows only has Django narrow the statement; PostgreSQL refuses it besides."""
    with viewing_as(SYSTEM):
        ticket = make_ticket()
    with pytest.raises(DatabaseError), viewing_as(Viewer(ViewerKind.CONTACT, cast.bernd.user_id)):
        Ticket(pk=ticket.pk, title="Fremd").save(update_fields=["title"])
    with viewing_as(SYSTEM):
        assert fresh(ticket).title == ticket.title

"""A scope within a scope: it changes in PostgreSQL what differs, and leaves everything as it was."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from klarfall.core.isolation import NOBODY, SYSTEM, Seat, Viewer, ViewerKind, describing_for, viewing_as

pytestmark = pytest.mark.django_db
NAMES = ("customers", "contacts", "customers_all", "customers_admin", "customers_release", "customers_costs", "actor")
CONTACT = Viewer(ViewerKind.CONTACT, 7, (Seat(71, 72, sees_all=True), Seat(73, 74, is_admin=True, sees_costs=True)))
OTHER = Viewer(ViewerKind.CONTACT, 8, (Seat(81, 82, may_release=True),))
STAFF = Viewer(ViewerKind.STAFF, 9)
VIEWERS = (SYSTEM, STAFF, CONTACT, OTHER, NOBODY)


def in_force() -> tuple[str, ...]:
    """The role and every setting that policies and triggers read."""
    columns = ", ".join(f"coalesce(current_setting('klarfall.{name}', true), '')" for name in (*NAMES, "request"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('role'), {columns}")
        return cursor.fetchone()


def expected(viewer: Viewer, actor: int | None) -> list[str]:
    return [value for name, value in viewer.settings(actor, "") if name != "klarfall.request"]


@pytest.mark.parametrize("outer", VIEWERS, ids=lambda one: f"{one.kind.name}-{one.user_id}")
@pytest.mark.parametrize("inner", VIEWERS, ids=lambda one: f"{one.kind.name}-{one.user_id}")
def test_what_counts_within_and_afterwards(outer, inner):
    with viewing_as(outer, actor_id=5):
        before = in_force()
        assert list(before[:-1]) == expected(outer, 5)
        with viewing_as(inner, actor_id=6):
            assert list(in_force()[:-1]) == expected(inner, 6)
            assert in_force()[-1] == before[-1] != ""
        assert in_force() == before
        with pytest.raises(ZeroDivisionError), viewing_as(inner, actor_id=6), viewing_as(outer):
            raise ZeroDivisionError
        assert in_force() == before


def test_a_savepoint_that_is_rolled_back_takes_its_scope_along():
    with viewing_as(SYSTEM):
        before = in_force()
        with pytest.raises(ZeroDivisionError), transaction.atomic(), viewing_as(CONTACT):
            raise ZeroDivisionError
        with viewing_as(STAFF):
            assert list(in_force()[:-1]) == expected(STAFF, STAFF.user_id)
        assert in_force() == before


def test_nothing_is_set_twice():
    with viewing_as(SYSTEM), CaptureQueriesContext(connection) as captured:
        with viewing_as(SYSTEM):
            pass
        assert not [one for one in captured.captured_queries if "set_config" in one["sql"]]
        with viewing_as(SYSTEM, actor_id=3):
            pass
    sent = [one["sql"] for one in captured.captured_queries if "set_config" in one["sql"]]
    assert [one.count("set_config") for one in sent] == [1, 1]


def test_who_is_only_described_for_changes_nothing_in_force():
    with viewing_as(SYSTEM):
        with describing_for(CONTACT), viewing_as(OTHER):
            assert list(in_force()[:-1]) == expected(OTHER, OTHER.user_id)
        with viewing_as(STAFF):
            assert list(in_force()[:-1]) == expected(STAFF, STAFF.user_id)


def test_a_scope_of_its_own_sets_everything():
    """What another scope left in the variables of this thread says nothing about a new transaction."""
    with viewing_as(CONTACT):
        first = in_force()
    with viewing_as(CONTACT):
        assert in_force()[:-1] == first[:-1]


def test_what_another_connection_has_set_says_nothing():
    """A thread with a copy of the context has a connection of its own: there everything has to be set."""

    def elsewhere() -> tuple[str, ...]:
        try:
            with transaction.atomic(), viewing_as(CONTACT, actor_id=5):
                return in_force()
        finally:
            connection.close()

    with viewing_as(CONTACT, actor_id=5), ThreadPoolExecutor(1) as pool:
        here, there = in_force(), pool.submit(copy_context().run, elsewhere).result()
    assert list(there[:-1]) == list(here[:-1]) == expected(CONTACT, 5)


def test_what_a_scope_had_set_that_is_over_says_nothing():
    """The context of a scope that outlives it: its connection serves others then."""
    with viewing_as(CONTACT, actor_id=5):
        left = copy_context()
    with viewing_as(OTHER, actor_id=6):
        assert list(left.run(_within, CONTACT)[:-1]) == expected(CONTACT, 5)


def _within(viewer: Viewer) -> tuple[str, ...]:
    with viewing_as(viewer, actor_id=5):
        return in_force()


@pytest.mark.parametrize("viewer", [CONTACT, STAFF, NOBODY], ids=lambda one: one.kind.name)
def test_errors_of_the_database_between_scopes_leave_the_outer_one(viewer):
    with viewing_as(viewer, actor_id=5):
        before = in_force()
        with pytest.raises(DatabaseError), viewing_as(SYSTEM, actor_id=6), viewing_as(OTHER):
            _query("SELECT 1 / 0")
        assert in_force() == before
        with viewing_as(SYSTEM, actor_id=6):
            with pytest.raises(DatabaseError), transaction.atomic(), viewing_as(OTHER):
                _query("SELECT 1 / 0")
            assert list(in_force()[:-1]) == expected(SYSTEM, 6)
        assert in_force() == before


def test_a_scope_that_is_to_be_rolled_back_leaves_the_outer_one():
    """Whoever catches the error of a block without a savepoint leaves its scope without an error."""
    with viewing_as(CONTACT, actor_id=5):
        before = in_force()
        with viewing_as(SYSTEM, actor_id=6), suppress(DatabaseError), transaction.atomic(savepoint=False):
            _query("SELECT 1 / 0")
        assert in_force() == before


def test_savepoints_of_one_s_own_take_back_what_was_set_behind_them():
    with viewing_as(CONTACT, actor_id=5):
        before, place = in_force(), transaction.savepoint()
        with viewing_as(SYSTEM, actor_id=6), viewing_as(OTHER):
            pass
        transaction.savepoint_rollback(place)
        assert in_force() == before
        with viewing_as(STAFF):
            assert list(in_force()[:-1]) == expected(STAFF, 5)
        assert in_force() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_on_a_connection_when_its_scope_is_over():
    """Also where the connection is lost within a scope, and where what follows has no transaction."""
    with suppress(ZeroDivisionError), viewing_as(CONTACT, actor_id=5), viewing_as(SYSTEM):
        raise ZeroDivisionError
    assert in_force() == ("none", *[""] * 8)
    with pytest.raises(DatabaseError), viewing_as(CONTACT, actor_id=5), viewing_as(STAFF):
        _lose_connection()
    connection.close()
    assert in_force() == ("none", *[""] * 8)
    with transaction.atomic(), viewing_as(OTHER, actor_id=6):
        assert list(in_force()[:-1]) == expected(OTHER, 6)


def _lose_connection() -> None:
    connection.connection.close()
    with viewing_as(STAFF):
        _query("SELECT 1")


def _query(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)

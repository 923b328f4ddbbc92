"""Plain SQL past the actions, as each role of the database, and what it must meet."""

from collections.abc import Callable
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from klarfall.core.isolation import NOBODY, SYSTEM, Seat, Viewer, ViewerKind, viewing_as


@contextmanager
def refused(match=None):
    """Whatever is done in the block fails in the database, at the latest when deferred constraints are checked."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():  # noqa: PT012
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@contextmanager
def past_the_actions(actor=None):
    """Full sight for plain SQL. What is deferred is checked before it ends: until PostgreSQL 17 by whoever commits."""
    with viewing_as(SYSTEM, actor_id=actor):
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")


def viewers(cast) -> dict[str, Callable[[], Viewer]]:
    """Everybody whose pages only read; the contact holds every right there is."""
    seat = Seat(cast.bernd.pk, cast.acme.pk, sees_all=True, is_admin=True, may_release=True, sees_costs=True)
    return {
        "staff": lambda: Viewer(ViewerKind.STAFF, cast.anna.pk),
        "contact": lambda: Viewer(ViewerKind.CONTACT, cast.bernd.user_id, (seat,)),
        "nobody": lambda: NOBODY,
    }

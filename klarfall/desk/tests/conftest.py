"""Specialists at their desk: signed-in clients, the queries a page needs, short ways to send forms."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from klarfall.desk import reference

HOST = {"HTTP_HOST": "localhost"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
#: What every page pays before it begins: session, signed-in user, scope, transactions.
_BESIDE = ('FROM "django_session"', "set_config", "SAVEPOINT", "BEGIN", "COMMIT")


@pytest.fixture(autouse=True)
def _nothing_remembered(cast, clock):
    reference.forget()


@pytest.fixture
def desk_of(db):
    """Signs a person in and returns their client."""

    def sign_in(person):
        client = Client(**HOST)
        client.force_login(getattr(person, "user", person), backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def annas(desk_of, anna):
    return desk_of(anna)


@pytest.fixture
def doras(desk_of, dora):
    return desk_of(dora)


@pytest.fixture
def ticket(make_ticket, clock):
    """A request of Bernd's that nobody has looked at."""
    return make_ticket(now=clock())


def at(name, *args, **kwargs):
    return reverse(f"desk:{name}", args=args, kwargs=kwargs)


def text(response):
    return response.content.decode()


def send(client, ticket, name, data, *, position=1, status=303, **kwargs):
    """Send a form of a concern (or, without position, of the ticket) and check the answer."""
    place = {} if position is None else {"position": position}
    response = client.post(at(name, number=ticket.number, **place, **kwargs), data)
    assert response.status_code == status, text(response)[-3000:]
    return response


def queries_of(client, path):
    """The queries of a page beside session, user and scope, once everything that is remembered is warm."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as found:
        client.get(path)
    own = [one["sql"] for one in found.captured_queries if not any(mark in one["sql"] for mark in _BESIDE)]
    return [sql for sql in own if not sql.startswith('SELECT "accounts_user"."id", "accounts_user"."password"')]


def verdict_data(cast, outcome, code, **more):
    """The fields of a verdict form as a browser sends them."""
    fields = {"item": cast.item(code).pk, "reason": "", "cause": "not_relevant", "training": "unknown", **more}
    return {f"{outcome}-{name}": value for name, value in fields.items()}

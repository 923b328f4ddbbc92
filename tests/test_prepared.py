"""A prepared queryset gives the rows of the plain one, whatever its values, and never crosses viewers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from klarfall.core.isolation import SYSTEM, NoViewer, Seat, Viewer, ViewerKind, viewing_as
from klarfall.core.prepared import prepared
from klarfall.customers.models import Contact, Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers():
    with viewing_as(SYSTEM):
        rows = [Customer.objects.create(number=f"P{n}", name=f"100 % von {n}") for n in range(5)]
        yield rows


def described(*, numbers: list[str], before: Any) -> QuerySet[Any]:
    rows = Customer.objects.filter(number__in=numbers, created_at__lt=before, name__contains="%")
    return rows.exclude(country="'; DROP").order_by("pk")


def test_the_rows_are_those_of_the_queryset_for_every_value(customers):
    rows = prepared(described)
    later = timezone.now() + timedelta(days=1)
    for wanted in (["P1", "P3"], ["P0", "P4"], ["P2", "it's %s"], ["P1", "P1"]):
        assert rows(numbers=wanted, before=later) == list(described(numbers=wanted, before=later))
    assert rows(numbers=["P1", "P3"], before=timezone.now() - timedelta(days=1)) == []


def test_lists_of_any_length_have_their_own_statement(customers):
    rows, later = prepared(described), timezone.now() + timedelta(days=1)
    for length in range(1, 5):
        assert len(rows(numbers=[f"P{n}" for n in range(length)], before=later)) == length


def test_constants_are_part_of_the_statement_and_values_are_not(customers):
    rows = prepared(described)
    with CaptureQueriesContext(connection) as captured:
        rows(numbers=["P1"], before=timezone.now())
    (sent,) = captured.captured_queries
    assert "'''; DROP'" in sent["sql"]
    with CaptureQueriesContext(connection) as again:
        rows(numbers=["P2"], before=timezone.now())
    assert "P2" in again.captured_queries[0]["sql"]
    assert "P1" not in again.captured_queries[0]["sql"]


def test_joined_rows_come_along(customers, django_user_model):
    user = django_user_model.objects.create_user("p@example.org", name="P", kind="contact")
    Contact.objects.create(customer=customers[0], user=user, roles=["requester"])

    @prepared
    def contacts(*, person: int) -> QuerySet[Any]:
        return Contact.objects.select_related("customer", "user").filter(user=person)

    (found,) = contacts(person=user.pk)
    with CaptureQueriesContext(connection) as none:
        assert (found.customer, found.user.name) == (customers[0], "P")
    assert not none.captured_queries


def test_a_contact_gets_its_own_rows_whatever_was_prepared_before(customers):
    rows, later = prepared(described), timezone.now() + timedelta(days=1)
    assert len(rows(numbers=["P0", "P1"], before=later)) == 2
    viewer = Viewer(ViewerKind.CONTACT, None, (Seat(1, customers[0].pk, sees_all=True),))
    with viewing_as(viewer):
        assert rows(numbers=["P0", "P1"], before=later) == [customers[0]]


def test_a_value_that_does_not_reach_the_statement_is_an_error(customers):
    @prepared
    def careless(*, number: str) -> QuerySet[Any]:
        return Customer.objects.filter(number=number.upper())

    with pytest.raises(TypeError, match="every value"):
        careless(number="p1")


def test_truth_values_are_refused(customers):
    @prepared
    def careless(*, active: bool) -> QuerySet[Any]:
        return Contact.objects.filter(is_active=active)

    with pytest.raises(TypeError, match="by position"):
        careless(active=True)


def test_without_a_viewer_nothing_is_asked():
    @prepared
    def everybody() -> QuerySet[Any]:
        return Contact.objects.all()

    with pytest.raises(NoViewer):
        everybody()

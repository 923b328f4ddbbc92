"""Staff at the desk: adding, roles in words, leaving with open requests and a running timer, coming back."""

import pytest
from django.core import mail

from klarfall.accounts.administrators import StaffRefused
from klarfall.accounts.models import User
from klarfall.accounts.permissions import PERMISSIONS, StaffRole
from klarfall.billing.actions.time import start_timer
from klarfall.billing.models import TimeEntry
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.role_table import LINES, role_table
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.tickets.actions.assign import assign
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.models import Ticket, TicketEvent
from tests.cast import concern_of, fresh, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
NEW = {"name": "Otto Neu", "email": "otto@vendor.example", "roles": ["agent", "billing"]}


@pytest.fixture
def ada(cast):
    return make_staff("Ada", "administrator")


@pytest.fixture
def adas(desk_of, ada):
    return desk_of(ada)


def test_a_colleague_is_added_and_invited(adas):
    assert adas.post(at("colleague-new"), NEW).status_code == 303
    with viewing_as(SYSTEM):
        made = User.objects.get(email="otto@vendor.example")
    assert made.staff_roles == ["agent", "billing"]
    run_jobs()
    assert "/account/staff-invitation/" in mail.outbox[-1].body
    page = text(adas.get(at("staff")))
    assert "Otto Neu" in page
    assert "eingeladen" in page
    adas.post(at("colleague-invitation", made.pk))
    run_jobs()
    assert len(mail.outbox) == 2


def test_the_address_of_a_contact_is_refused_beside_its_field(adas, bernd):
    answer = adas.post(at("colleague-new"), NEW | {"email": bernd.user.email})
    assert answer.status_code == 422
    assert 'id="id_email_error"' in text(answer)
    assert "Teammitglied und Ansprechperson zugleich" in text(answer)


def test_the_last_administrator_keeps_the_role(adas, ada):
    answer = adas.post(at("colleague", ada.pk), {"name": "Ada", "email": ada.email, "roles": ["lead"]})
    assert answer.status_code == 422
    assert fresh(ada).staff_roles == ["administrator"]
    assert "Jemand muss sie haben" in text(answer)


def test_who_leaves_hands_requests_and_timer_over(adas, cast, anna, make_ticket, clock):
    tickets = [make_ticket(title=f"Frage {number}", now=clock()) for number in range(3)]
    for ticket in tickets[:2]:
        assign(ticket, to=anna, actor=anna, now=clock())
    start_timer(concern_of(tickets[0]), purpose="triage", channel="internal", actor=anna, now=clock())
    question = text(adas.get(at("departure", anna.pk)))
    assert "2 offene Anfragen zugeordnet" in question
    assert "Die laufende Zeiterfassung endet jetzt." in question
    assert adas.post(at("departure", anna.pk), {"to": cast.dora.pk}).status_code == 303
    assert not fresh(anna).is_active
    with viewing_as(SYSTEM):
        assert set(Ticket.objects.filter(assignee=cast.dora).values_list("pk", flat=True)) == {
            one.pk for one in tickets[:2]
        }
        assert not TimeEntry.objects.filter(status="running").exists()
        assert TicketEvent.objects.filter(kind="ticket.assigned", ticket__in=tickets[:2]).count() == 4


def test_without_a_successor_requests_go_back_to_everybody(adas, anna, make_ticket, clock):
    ticket = make_ticket(now=clock())
    assign(ticket, to=anna, actor=anna, now=clock())
    adas.post(at("departure", anna.pk), {"to": ""})
    assert (fresh(ticket).assignee_id, fresh(anna).is_active) == (None, False)


def test_only_a_specialist_takes_over(adas, ada, anna):
    for nobody in (ada.pk, anna.pk, 0):
        assert adas.post(at("departure", anna.pk), {"to": nobody}).status_code == 422
    assert fresh(anna).is_active


def test_a_former_colleague_comes_back(adas, anna):
    adas.post(at("departure", anna.pk), {"to": ""})
    assert "abgeschaltet" in text(adas.get(at("colleague", anna.pk)))
    adas.post(at("comeback", anna.pk))
    assert fresh(anna).is_active


def test_the_last_administrator_is_not_erased_either(ada, cast, clock):
    with pytest.raises(StaffRefused):
        erase_person(ada, actor=cast.dora, now=clock())
    assert fresh(ada).is_active


def test_contacts_and_the_erased_are_no_colleagues(adas, bernd, anna):
    with viewing_as(SYSTEM):
        User.objects.filter(pk=anna.pk).update(name="", is_active=False)
    for pk in (bernd.user.pk, anna.pk, 999_999):
        assert adas.get(at("colleague", pk)).status_code == 404
        assert adas.post(at("departure", pk), {}).status_code == 404


def test_only_administrators_find_these_pages(annas, doras, anna):
    for client in (annas, doras):
        for name, args in (("staff", ()), ("colleague-new", ()), ("colleague", (anna.pk,)), ("departure", (anna.pk,))):
            assert client.get(at(name, *args)).status_code == 404


def test_the_table_of_roles_says_what_the_permissions_say():
    """Every line speaks of permissions of the same roles, and none that a role of staff holds is left out."""
    for words, names in LINES:
        holders = [PERMISSIONS[name] & set(StaffRole) for name in names]
        assert all(one == holders[0] for one in holders), str(words)
        assert holders[0], str(words)
    told = {name for _words, names in LINES for name in names}
    assert told == {name for name, roles in PERMISSIONS.items() if roles & set(StaffRole)}
    assert dict(role_table())["Personen löschen"] == "Leitung, Administration"


def test_the_pages_take_few_queries(adas, anna):
    for path in (at("staff"), at("colleague", anna.pk), at("departure", anna.pk)):
        assert len(queries_of(adas, path)) <= 8, path

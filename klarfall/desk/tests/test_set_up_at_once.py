"""Two administrators at the same moment: somebody stays administrator, and a second click makes no twin."""

from klarfall.accounts.actions.staff import add_staff, change_staff, deactivate_staff
from klarfall.accounts.models import User
from klarfall.contracts.actions.products import ProductData, add_product
from klarfall.contracts.models import Product
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.service_levels.actions.calendars import CalendarData, add_calendar
from klarfall.tickets.tests.test_at_once import at_once
from tests.cast import NOW, make_staff


def two():
    return [make_staff(name, "administrator") for name in ("Ada", "Ben")]


def administrators():
    with viewing_as(SYSTEM):
        return User.objects.filter(is_active=True, staff_roles__contains=["administrator"]).count()


def test_two_administrators_who_switch_each_other_off_leave_one_behind(committed_db, cast):
    ada, ben = two()
    outcomes = at_once(
        lambda: deactivate_staff(ben, actor=ada, now=NOW), lambda: deactivate_staff(ada, actor=ben, now=NOW)
    )
    assert outcomes == ["", "staff_refused"]
    assert administrators() == 1


def test_two_administrators_who_give_the_role_up_leave_one_behind(committed_db, cast):
    acts = [
        lambda one=one: change_staff(one, name=one.name, email=one.email, roles=["lead"], actor=one, now=NOW)
        for one in two()
    ]
    assert at_once(*acts) == ["", "staff_refused"]
    assert administrators() == 1


def test_a_second_click_makes_no_twin(committed_db, cast):
    ada, _ben = two()
    who = {"actor": ada, "now": NOW}
    staff = {"name": "Otto", "email": "otto@vendor.example", "roles": ["agent"]}
    assert at_once(*[lambda: add_staff(**staff, **who)] * 2) == ["", "staff_refused"]
    assert at_once(*[lambda: add_product(data=ProductData(name="Neu"), **who)] * 2) == ["", "product_refused"]
    assert at_once(*[lambda: add_calendar(data=CalendarData(name="Neu"), **who)] * 2) == ["", "calendar_refused"]
    with viewing_as(SYSTEM):
        assert Product.objects.filter(name="Neu").count() == 1

"""Calls of the actions that set up products, ways of contact, service hours and staff, for the permission sweep."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from klarfall.accounts.actions import staff
from klarfall.billing.actions.leave import leave
from klarfall.contracts.actions import contact_channels, products
from klarfall.contracts.models import Area, ContactChannel, Product, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.service_levels.actions import calendars
from klarfall.service_levels.models import Impact, OwnDay, ServiceCalendar
from tests.cast import make_staff

_HOUSE, _STAFF = "house.set_up", "staff.change"
_EMAIL = contact_channels.ChannelData(kind="email", value="hilfe@vendor.example")
_VERSION = products.VersionData(name="2027.1", released_on=date(2027, 1, 15))
_PLACE = calendars.CalendarData(name="Zweite Stelle", state="BY")


def _kept(model: Any, **values: Any) -> Any:
    """A row of the model with these values, as the vendor would have set it up."""
    with viewing_as(SYSTEM):
        return model.objects.create(**values)


def _product() -> Product:
    return _kept(Product, code="neu", name="Neu", kind="erp")


def _area() -> Area:
    return _kept(Area, product=_product(), name="Neu")


def _version() -> ProductVersion:
    return _kept(ProductVersion, product=_product(), name="1", released_on=date(2026, 1, 1))


def _channel() -> ContactChannel:
    return _kept(ContactChannel, product=_product(), kind="email", value="neu@vendor.example")


def _calendar() -> ServiceCalendar:
    return _kept(ServiceCalendar, name="Leer")


def _own_day() -> OwnDay:
    return _kept(OwnDay, calendar=_calendar(), day=date(2027, 12, 24), name="Heiligabend")


def _monday() -> tuple[calendars.Row, ...]:
    return ((0, time(8), time(12)),)


def _new_colleague(t: Any) -> Any:
    return staff.add_staff(name="Neu", email="neu@vendor.example", roles=["agent"], **t.who)


def _changed_colleague(t: Any) -> Any:
    person = make_staff("Otto", "agent")
    return staff.change_staff(person, name="Otto", email="otto@vendor.example", roles=["lead"], **t.who)


def _day_of(t: Any, days: int = 30) -> date:
    return (t.story.now + timedelta(days=days)).date()


#: Action -> permission, and a call that would do it.
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    products.add_product: (
        _HOUSE,
        lambda t: products.add_product(data=products.ProductData(name="Neu"), **t.who),
    ),
    products.change_product: (
        _HOUSE,
        lambda t: products.change_product(_product(), data=products.ProductData(name="Anders"), **t.who),
    ),
    products.move_product: (_HOUSE, lambda t: products.move_product(_product(), up=True, **t.who)),
    products.remove_product: (_HOUSE, lambda t: products.remove_product(_product(), **t.who)),
    products.add_area: (_HOUSE, lambda t: products.add_area(_product(), name="Neu", **t.who)),
    products.change_area: (
        _HOUSE,
        lambda t: products.change_area(_area(), name="Anders", active=False, **t.who),
    ),
    products.move_area: (_HOUSE, lambda t: products.move_area(_area(), up=False, **t.who)),
    products.remove_area: (_HOUSE, lambda t: products.remove_area(_area(), **t.who)),
    products.add_version: (_HOUSE, lambda t: products.add_version(_product(), data=_VERSION, **t.who)),
    products.change_version: (_HOUSE, lambda t: products.change_version(_version(), data=_VERSION, **t.who)),
    products.remove_version: (_HOUSE, lambda t: products.remove_version(_version(), **t.who)),
    contact_channels.add_channel: (
        _HOUSE,
        lambda t: contact_channels.add_channel(_product(), data=_EMAIL, **t.who),
    ),
    contact_channels.change_channel: (
        _HOUSE,
        lambda t: contact_channels.change_channel(_channel(), data=_EMAIL, **t.who),
    ),
    contact_channels.move_channel: (
        _HOUSE,
        lambda t: contact_channels.move_channel(_channel(), up=True, **t.who),
    ),
    contact_channels.remove_channel: (_HOUSE, lambda t: contact_channels.remove_channel(_channel(), **t.who)),
    calendars.add_calendar: (_HOUSE, lambda t: calendars.add_calendar(data=_PLACE, **t.who)),
    calendars.change_calendar: (_HOUSE, lambda t: calendars.change_calendar(_calendar(), data=_PLACE, **t.who)),
    calendars.set_hours: (
        _HOUSE,
        lambda t: calendars.set_hours(_calendar(), rows=_monday(), valid_from=_day_of(t), **t.who),
    ),
    calendars.remove_hours: (
        _HOUSE,
        lambda t: calendars.remove_hours(_calendar(), valid_from=_day_of(t), **t.who),
    ),
    calendars.set_own_day: (
        _HOUSE,
        lambda t: calendars.set_own_day(
            _calendar(), data=calendars.OwnDayData(day=_day_of(t), name="Ausflug"), **t.who
        ),
    ),
    calendars.remove_own_day: (_HOUSE, lambda t: calendars.remove_own_day(_own_day(), **t.who)),
    calendars.set_targets: (
        _HOUSE,
        lambda t: calendars.set_targets(_calendar(), minutes={Impact.MINOR: 60}, **t.who),
    ),
    calendars.remove_calendar: (_HOUSE, lambda t: calendars.remove_calendar(_calendar(), **t.who)),
    staff.add_staff: (_STAFF, _new_colleague),
    staff.change_staff: (_STAFF, _changed_colleague),
    staff.resend_staff_invitation: (
        _STAFF,
        lambda t: staff.resend_staff_invitation(make_staff("Otto"), **t.who),
    ),
    staff.deactivate_staff: (_STAFF, lambda t: staff.deactivate_staff(make_staff("Otto"), **t.who)),
    staff.reactivate_staff: (_STAFF, lambda t: staff.reactivate_staff(make_staff("Otto"), **t.who)),
    leave: (_STAFF, lambda t: leave(make_staff("Otto"), to=None, **t.who)),
}
#: The link of the invitation is the right of whoever has it.
BY_LINK = {"klarfall.accounts.actions.staff.accept_staff_invitation": "whoever has the link of the invitation may"}

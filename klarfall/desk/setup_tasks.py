"""What the steps of the wizard do: each calls the actions of the pages on which the same can be changed later."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from klarfall.accounts.actions.founding import finish_setup
from klarfall.accounts.actions.staff import add_staff
from klarfall.accounts.models import User
from klarfall.contracts.actions import contact_channels, products, terms, tiles
from klarfall.contracts.content import rates_of
from klarfall.contracts.models import ContactChannel, Product, RequestKind, WorkType
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import local_day, newest_terms, terms_draft
from klarfall.contracts.template import CLAUSES
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.desk.forms.setup import CatalogueForm, ChannelsForm, HoursForm
from klarfall.service_levels.actions import calendars
from klarfall.service_levels.models import ServiceCalendar

_FIELDS = {ChannelKind.PHONE: "phone", ChannelKind.EMAIL: "email", ChannelKind.REMOTE: "remote"}


def save_product(form: Any, actor: User, now: datetime) -> None:
    """Add a product with its areas and its version, released today as far as we know."""
    values = form.cleaned_data
    product = products.add_product(data=products.ProductData(name=values["name"]), actor=actor, now=now)
    for name in values["areas"]:
        products.add_area(product, name=name, actor=actor, now=now)
    if values["version"]:
        version = products.VersionData(name=values["version"], released_on=timezone.localdate(now))
        products.add_version(product, data=version, actor=actor, now=now)


def channels_form(data: Any) -> ChannelsForm:
    """The form with what is there."""
    rows = list(ContactChannel.objects.order_by("order", "pk"))
    return ChannelsForm(data, products=list(Product.objects.filter(active=True)), channels=rows)


def save_channels(form: Any, actor: User, now: datetime) -> None:
    """Give every product the ways of contact that were filled in; emptied ones go."""
    for product in form.products:
        for kind, field in _FIELDS.items():
            given = form.cleaned_data[f"{field}_{product.pk}"]
            free = kind == ChannelKind.PHONE and form.cleaned_data[f"free_{product.pk}"]
            value = given if isinstance(given, str) else ""
            data = contact_channels.ChannelData(kind=kind, value=value, toll_free=bool(given and free))
            try:
                _set_channel(product, data, wanted=bool(given), actor=actor, now=now)
            except Refused as problem:
                problem.field = f"{field}_{product.pk}"
                raise


def _set_channel(product: Product, data: Any, *, wanted: bool, actor: User, now: datetime) -> None:
    found = product.channels.filter(kind=data.kind, active=True).order_by("order", "pk").first()
    if not wanted:
        if found is not None:
            contact_channels.remove_channel(found, actor=actor, now=now)
    elif found is None:
        contact_channels.add_channel(product, data=data, actor=actor, now=now)
    else:
        kept = contact_channels.ChannelData(
            kind=data.kind, value=data.value, toll_free=data.toll_free, note=found.note, active=True
        )
        contact_channels.change_channel(found, data=kept, actor=actor, now=now)


def _calendar() -> ServiceCalendar | None:
    return ServiceCalendar.objects.order_by("pk").prefetch_related("intervals", "targets").first()


def hours_form(data: Any) -> HoursForm:
    """The form with what is there."""
    return HoursForm(data, calendar=_calendar())


def save_hours(form: Any, actor: User, now: datetime) -> None:
    """Write the first calendar; taken up again, change it where nothing refers to it yet."""
    values = form.cleaned_data
    data = calendars.CalendarData(name=values["name"], zone=vendor.current().time_zone, state=values["state"])
    try:
        calendar = _calendar()
        if calendar is None:
            calendar = calendars.add_calendar(data=data, actor=actor, now=now)
        else:
            calendars.change_calendar(calendar, data=data, actor=actor, now=now)
        first = calendar.intervals.order_by("valid_from").values_list("valid_from", flat=True).first()
        _set_hours(calendar, form.rows, first, now=now, actor=actor)
        calendars.set_targets(calendar, minutes=form.minutes, actor=actor, now=now)
    except Refused as problem:
        problem.field = (problem.field or "").replace("weekday_", "from_") or None
        raise


def _set_hours(calendar: ServiceCalendar, rows: Any, first: Any, *, now: datetime, actor: User) -> None:
    standing = (
        set(calendar.intervals.filter(valid_from=first).values_list("weekday", "starts", "ends")) if first else None
    )
    if standing != set(rows):
        begins = first or calendars.SINCE_EVER
        calendars.set_hours(calendar, rows=rows, valid_from=begins, actor=actor, now=now)


def needed_rates() -> list[WorkType]:
    """The kinds of work that the clauses of the template charge, in the order of the list."""
    used = {one.columns["work_type"] for one in CLAUSES}
    return [kind for kind in WorkType if kind.value in used]


def catalogue_form(data: Any) -> CatalogueForm:
    """The form with the rates of a draft that was begun."""
    draft = terms_draft()
    return CatalogueForm(data, needed=needed_rates(), rates=rates_of(draft) if draft else ())


def publish_catalogue(form: Any, actor: User, now: datetime) -> None:
    """Give the template its rates and the portal its tiles, and publish it from today on. Published stays published."""
    if newest_terms() is not None:
        return
    values = form.cleaned_data
    rates = [
        terms.RateData(
            work_type=kind.value,
            rate=values[f"{kind.value}_rate"],
            increment=values["increment"],
            minimum=values["minimum"],
        )
        for kind in form.needed
    ]
    draft = terms_draft() or terms.draft_terms(actor=actor, now=now)
    terms.change_rates(draft, rates=rates, actor=actor, now=now)
    if not RequestKind.objects.exists():
        tiles.add_default_tiles(actor=actor, now=now)
    terms.publish_terms(draft, valid_from=local_day(now), actor=actor, now=now)


def save_colleague(form: Any, actor: User, now: datetime) -> None:
    """Add a colleague, who gets a mail to choose a password."""
    add_staff(**form.cleaned_data, actor=actor, now=now)


def finish(form: Any, actor: User, now: datetime) -> None:
    """Open the house."""
    finish_setup(actor=actor, now=now)

"""How to reach us: per product the ways of contact, the portal first, and whether somebody is there now."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from klarfall.contracts.models import ContactChannel, ContractLine, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.portal.offering import Offering, offering
from klarfall.portal.shell import is_staff, own_calendar, viewer_of
from klarfall.service_levels.clock import intervals_on, now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase, week_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.ui.formats import clock

_NOON, _EVENING = 11, 18


def greeting(user: Any, now: datetime) -> str:
    """`Guten Morgen, Petra Sommer`."""
    hour = timezone.localtime(now).hour
    words = _("Good morning, %(name)s") if hour < _NOON else _("Hello, %(name)s")
    return (_("Good evening, %(name)s") if hour >= _EVENING else words) % {"name": user.name}


def weekday_and_time(now: datetime) -> str:
    """`Di, 10:42 Uhr`."""
    return f"{WEEKDAYS_ABBR[timezone.localtime(now).weekday()]}, {clock(now)}"


def reachable(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """Returns a panel per product for the macro `ui.contact_panel`: those under contract, else all."""
    offered = offering(now)
    lines = ContractLine.objects.filter(customer_id__in=viewer_of(request).customer_ids).select_related("calendar")
    by_product = {line.product_id: line for line in lines.order_by("pk")}
    products = [one for one in offered.products if one.pk in by_product] or offered.own_products()
    usual = own_calendar(request)
    new_url = reverse("portal:contact" if is_staff(request) else "portal:new")  # staff ask for somebody at the desk
    panels = []
    for product in products:
        line = by_product.get(product.pk)
        calendar = line.calendar if line else product.calendar or usual
        panels.append(_panel(product, offered, calendar, line.channels if line else None, now, new_url))
    return panels


def callable_products(now: datetime) -> list[Product]:
    """The products with a telephone that is switched on: about these one can ask for a call back."""
    offered = offering(now)
    return [
        one
        for one in offered.own_products()
        if any(way.kind == ChannelKind.PHONE and way.value for way in offered.channels.get(one.pk, ()))
    ]


def _panel(
    product: Product,
    offered: Offering,
    calendar: ServiceCalendar | None,
    agreed: list[str] | None,
    now: datetime,
    new_url: str,
) -> dict[str, Any]:
    channels = [
        _channel(one, new_url)
        for one in offered.channels.get(product.pk, ())
        if agreed is None or one.kind in (*agreed, ChannelKind.PORTAL)
    ]
    panel: dict[str, Any] = dict.fromkeys(("opens", "closes", "hour"))
    panel |= {"title": product.name, "channels": channels, "on": False, "text": "", "week": "", "sample": False}
    if calendar is None:
        return panel
    hours = hours_of(calendar)
    state = now_at(now, hours)
    return panel | {
        "on": state.is_open,
        "text": now_phrase(state),
        "week": week_phrase(hours.at(now)),
        "sample": calendar.sample,
        **_clock(calendar, now),
    }


def _clock(calendar: ServiceCalendar, now: datetime) -> dict[str, Any]:
    """Today's hours for the drawn clock; nothing on a closed day."""
    zone = ZoneInfo(calendar.zone)
    local = now.astimezone(zone)
    spans = intervals_on(local.date(), hours_of(calendar))
    if not spans:
        return {}
    hour = local.hour + local.minute / 60
    return {
        "opens": [one.start_minute / 60 for one in spans],
        "closes": [one.end_minute / 60 for one in spans],
        "hour": hour,
    }


def _channel(channel: ContactChannel, new_url: str) -> dict[str, str]:
    """One way of contact: what to show and where it leads."""
    number = "".join(sign for sign in channel.value if sign.isdecimal() or sign == "+")
    kinds = {
        ChannelKind.PORTAL: (_("Portal"), new_url, _("Write"), _("at any time")),
        ChannelKind.PHONE: (channel.value, f"tel:{number}", _("Call"), ""),
        ChannelKind.EMAIL: (channel.value, f"mailto:{channel.value}", _("E-mail"), _("becomes a request")),
        ChannelKind.REMOTE: (
            _("Remote session"),
            new_url,
            _("Remote session"),
            _("after agreement, with your consent"),
        ),
    }
    value, href, short, note = kinds[ChannelKind(channel.kind)]
    notes = [_("toll-free") if channel.toll_free else "", channel.note or note]
    return {"kind": channel.kind, "value": value, "href": href, "short": short, "note": ", ".join(filter(None, notes))}

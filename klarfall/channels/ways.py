"""The ways to reach us at the foot of notices and registration mails to customers: the portal first (R5, R58)."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from klarfall.channels.models import Notice
from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.service_levels.clock import now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import NBSP

_SHOWN = (ChannelKind.PHONE, ChannelKind.EMAIL)


def ways_for(notice: Notice, now: datetime) -> list[str]:
    """Returns the lines of the block: portal, telephone, e-mail of the product, hours; nothing for staff."""
    if notice.recipient.is_staff:
        return []
    ticket = Ticket.objects.select_related("calendar", "product").filter(pk=notice.ticket_id).first()
    return _ways(ticket.product, ticket.calendar, now) if ticket else usual_ways(now)


def usual_ways(now: datetime) -> list[str]:
    """The same lines for mails about nothing in particular: those of the first product."""
    product = Product.objects.filter(active=True).select_related("calendar").first()
    return _ways(product, _usual_hours(product), now)


def _ways(product: Product | None, calendar: ServiceCalendar | None, now: datetime) -> list[str]:
    found = ContactChannel.objects.filter(product=product, active=True, kind__in=_SHOWN).exclude(value="")
    return [
        f"{vendor.current().portal_name}: {settings.BASE_URL}/",
        *(_line(one) for one in found.order_by("order", "pk")),
        *([now_phrase(now_at(now, hours_of(calendar)))] if calendar else []),
    ]


def _line(channel: ContactChannel) -> str:
    if channel.kind == ChannelKind.EMAIL:
        return _("E-mail: %(address)s") % {"address": channel.value}
    free = _(" (free of charge)") if channel.toll_free else ""
    return _("Telephone: %(number)s") % {"number": channel.value.replace(" ", NBSP)} + free


def _usual_hours(product: Product | None) -> ServiceCalendar | None:
    return (product.calendar if product else None) or ServiceCalendar.objects.order_by("pk").first()

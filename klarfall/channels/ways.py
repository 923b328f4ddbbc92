"""The ways to reach us at the foot of notices and registration mails to customers: the portal first (R5, R58)."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from klarfall.channels.hotline import hours_now, open_ways
from klarfall.channels.models import Notice
from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.service_levels.models import ServiceCalendar
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import NBSP


def ways_for(notice: Notice, now: datetime) -> list[str]:
    """Returns the lines of the block: portal, telephone, e-mail of the product, hours; nothing for staff."""
    if notice.recipient.is_staff:
        return []
    ticket = Ticket.objects.select_related("calendar", "product__calendar").filter(pk=notice.ticket_id).first()
    return _ways(ticket.product, ticket.calendar, now) if ticket else usual_ways(now)


def usual_ways(now: datetime) -> list[str]:
    """The same lines for mails about nothing in particular: those of the first product."""
    return _ways(Product.objects.filter(active=True).select_related("calendar").first(), None, now)


def _ways(product: Product | None, calendar: ServiceCalendar | None, now: datetime) -> list[str]:
    hours = hours_now(product, calendar, now)
    return [
        f"{vendor.current().portal_name}: {settings.BASE_URL}/",
        *(_line(one) for one in open_ways(product)),
        *([hours] if hours else []),
    ]


def _line(channel: ContactChannel) -> str:
    if channel.kind == ChannelKind.EMAIL:
        return _("E-mail: %(address)s") % {"address": channel.value}
    free = _(" (free of charge)") if channel.toll_free else ""
    return _("Telephone: %(number)s") % {"number": channel.value.replace(" ", NBSP)} + free

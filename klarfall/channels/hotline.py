"""The telephone of the first product and whether somebody is there: the help for people who are not signed in."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.contracts.models import ContactChannel
from klarfall.contracts.models.product import ChannelKind
from klarfall.service_levels.clock import now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase
from klarfall.service_levels.queries import hours_of


@dataclass(frozen=True)
class Hotline:
    """A telephone number, and `toll-free. Open until 17:00` beside it."""

    phone: str
    text: str


def hotline(now: datetime) -> Hotline | None:
    """The first product's telephone; None where nobody is reached by telephone. Vendor's data, no scope needed."""
    phones = ContactChannel.objects.filter(kind=ChannelKind.PHONE, active=True, product__active=True).exclude(value="")
    phone = phones.select_related("product__calendar").order_by("product__order", "product__name", "order").first()
    if phone is None:
        return None
    calendar = phone.product.calendar or ServiceCalendar.objects.order_by("pk").first()
    hours = now_phrase(now_at(now, hours_of(calendar))) if calendar else ""
    return Hotline(phone.value, ". ".join(filter(None, [_("toll-free") if phone.toll_free else "", hours])))


def call_us(now: datetime) -> str:
    """The sentence at the end of a mail: `Questions? Call us: …`; empty where there is no telephone."""
    found = hotline(now)
    if found is None:
        return ""
    return _("Questions? Call us: %(phone)s. %(hours)s.") % {"phone": found.phone, "hours": found.text}

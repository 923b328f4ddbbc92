"""The telephone of a product and whether somebody is there: one place for every mail and page that names it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.service_levels.clock import now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import NBSP


@dataclass(frozen=True)
class Hotline:
    """A telephone number, and `toll-free. Open until 17:00` beside it."""

    phone: str
    toll_free: bool
    hours: str

    @property
    def text(self) -> str:
        """What stands beside the number."""
        return ". ".join(filter(None, [_("toll-free") if self.toll_free else "", self.hours]))


def open_ways(product: Product | None) -> QuerySet[ContactChannel]:
    """The numbers and addresses under which a product's support is reached now, in their order."""
    shown = ContactChannel.objects.filter(product=product, active=True, kind__in=(ChannelKind.PHONE, ChannelKind.EMAIL))
    return shown.exclude(value="").order_by("order", "pk")


def hours_now(product: Product | None, calendar: ServiceCalendar | None, now: datetime) -> str:
    """Whether somebody is there, in words: by this calendar, else by the product's usual hours; empty without any."""
    calendar = calendar or (product.calendar if product else None) or ServiceCalendar.objects.order_by("pk").first()
    return now_phrase(now_at(now, hours_of(calendar))) if calendar else ""


def hotline_of(product: Product | None, calendar: ServiceCalendar | None, now: datetime) -> Hotline | None:
    """The telephone of a product; None where its support is not reached by telephone."""
    phone = open_ways(product).filter(kind=ChannelKind.PHONE).first()
    return None if phone is None else Hotline(phone.value, phone.toll_free, hours_now(product, calendar, now))


def hotline(now: datetime) -> Hotline | None:
    """The telephone of the first product that has one: for people of whom nothing is known yet."""
    phones = ContactChannel.objects.filter(kind=ChannelKind.PHONE, active=True, product__active=True).exclude(value="")
    first = phones.select_related("product__calendar").order_by("product__order", "product__name", "order").first()
    return None if first is None else hotline_of(first.product, None, now)


def call_us(now: datetime) -> str:
    """The sentence at the end of a mail to strangers: `Questions? Call us: …`; empty where there is no telephone."""
    found = hotline(now)
    if found is None:
        return ""
    return _("Questions? Call us: %(phone)s. %(hours)s.") % {"phone": found.phone, "hours": found.text}


def contact_line(ticket: Ticket, now: datetime) -> str:
    """The sentence at the end of a mail about a request: with the telephone of its product, if it has one."""
    found = hotline_of(ticket.product, ticket.calendar, now)
    if found is None:
        return _("Questions? Answer in the service portal.")
    number = found.phone.replace(" ", NBSP) + (_(" (free of charge)") if found.toll_free else "")
    values = {"phone": number, "hours": found.hours}
    return _("Questions? Answer in the service portal or call us: %(phone)s. %(hours)s.") % values

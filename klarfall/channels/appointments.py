"""Calendar entries (RFC 5545) of appointments with consultants and of trainings: for the team and for the customer."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from klarfall.core import mail, vendor
from klarfall.tickets.models import ConsultantRequest, HandoverStatus, TrainingRequest
from klarfall.ui.formats import day, duration, moment

Wish = ConsultantRequest | TrainingRequest

#: How long an appointment is where nobody has said so (minutes).
_USUAL_LENGTH = 60


def day_of(wish: Wish) -> date | None:
    """The agreed day, else the first that would suit; None where there is neither."""
    return wish.scheduled_on or (wish.preferred_on[0] if wish.preferred_on else None)


def agreed_words(wish: Wish, now: datetime) -> str:
    """The agreed appointment in words: day or moment, length, place; empty where nothing is agreed."""
    if wish.scheduled_on is None:
        return ""
    when = moment(wish.starts_at, now) if wish.starts_at else day(wish.scheduled_on)
    length = duration(wish.minutes) if wish.minutes else ""
    return ", ".join(filter(None, [when, length, wish.place]))


def invitation(wish: Wish, now: datetime) -> mail.Attachment | None:
    """For the team: an invitation, tentative until a day is agreed, or its cancellation. None without any day."""
    method = "CANCEL" if wish.status == HandoverStatus.WITHDRAWN else "REQUEST"
    return _file(wish, method, now, wish.team_address) if day_of(wish) else None


def entry_for_customer(wish: Wish, now: datetime) -> mail.Attachment | None:
    """For the customer's calendar: the agreed appointment, published, so that no answer is asked for."""
    agreed = wish.status == HandoverStatus.SCHEDULED and wish.scheduled_on
    return _file(wish, "PUBLISH", now, "") if agreed else None


def _file(wish: Wish, method: str, now: datetime, attendee: str) -> mail.Attachment:
    calendar = Calendar()
    calendar.add("prodid", "-//Klarfall//Klarfall//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = _event(wish, now)
    if attendee:
        event["organizer"] = vCalAddress(f"mailto:{mail.sender()}")
        guest = vCalAddress(f"mailto:{attendee}")
        guest.params["ROLE"], guest.params["RSVP"] = vText("REQ-PARTICIPANT"), vText("FALSE")
        event.add("attendee", guest, encode=False)
    if method == "CANCEL":
        event["status"] = vText("CANCELLED")
    calendar.add_component(event)
    kind = f"text/calendar; method={method}"
    return mail.Attachment("termin.ics", calendar.to_ical(), kind)


def _event(wish: Wish, now: datetime) -> Event:
    """The entry: the same UID for all its changes; a whole day unless the time is known."""
    event = Event()
    domain = mail.sender().rpartition("@")[2] or "localhost"
    event.add("uid", f"{wish._meta.model_name}-{wish.pk}@{domain}")
    event.add("sequence", wish.calendar_sequence)
    event.add("dtstamp", now)
    event.add("summary", _summary(wish))
    if wish.starts_at is not None:
        start = wish.starts_at.astimezone(ZoneInfo(vendor.current().time_zone))
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=wish.minutes or _USUAL_LENGTH))
    else:
        whole_day = day_of(wish)
        if whole_day is None:
            raise ValueError("an entry needs a day")
        event.add("dtstart", whole_day)
        event.add("dtend", whole_day + timedelta(days=1))
    if wish.place:
        event.add("location", wish.place)
    event.add("status", "CONFIRMED" if wish.status == HandoverStatus.SCHEDULED else "TENTATIVE")
    return event


def _summary(wish: Wish) -> str:
    consulting = isinstance(wish, ConsultantRequest)
    words = _("Consulting: %(product)s, %(customer)s") if consulting else _("Training: %(product)s, %(customer)s")
    return words % {"product": wish.product.name, "customer": wish.customer.name}

"""The mails around a registration: code, polite ways on, who decides, and what was decided.

Whoever registers is no user yet, so these mails are no notices; those to people who have an account are.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation

from klarfall.accounts.limits import Limit, all_allow
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import PERMISSIONS, ContactRole
from klarfall.channels import addresses
from klarfall.channels.hotline import call_us
from klarfall.channels.ways import usual_ways
from klarfall.core import mail, vendor
from klarfall.customers.models import Contact, Registration, RegistrationPolicy
from klarfall.customers.registrations import Application, Started, Way

#: Mail to people whom we do not know: once a day to an address, and never many, whoever asks for it.
_STRANGER = Limit("registration.stranger", 1, timedelta(days=1))
_STRANGERS = Limit("registration.strangers", 60, timedelta(hours=1))


def answer(application: Application, started: Started, now: datetime) -> None:
    """Send what comes of an application; to strangers nothing where they got something today."""
    if started.way is Way.PROVED:
        return
    if started.way is Way.NOTHING and not all_allow([(_STRANGER, application.email), (_STRANGERS, "")], now=now):
        return
    person = started.person
    language = person.language if person else application.language
    with translation.override(language), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            f"channels/registration/{started.way.value}.txt",
            greeting=_greeting(person.name if person and started.way is not Way.NOTHING else ""),
            code=started.code,
            call_us=call_us(now),
            addresses=addresses,
            ways=usual_ways(now),
        )
    mail.send(written, mail.Envelope(application.email, "", mail.new_message_id()))


def refuse(registration: Registration, now: datetime) -> None:
    """Tell somebody who was turned away."""
    with translation.override(registration.language), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            "channels/registration/refused.txt",
            greeting=_greeting(registration.name),
            call_us=call_us(now),
            ways=usual_ways(now),
        )
    mail.send(written, mail.Envelope(registration.email, registration.name, mail.new_message_id()))


def _greeting(name: str) -> str:
    return translation.gettext("Hello %(name)s,") % {"name": name} if name else translation.gettext("Hello,")


def deciders(registration: Registration) -> QuerySet[Any]:
    """Who is asked: the customer's admins where the customer wants that and has any, else our people."""
    admins = Contact.objects.filter(customer_id=registration.customer_id, is_active=True)
    found = User.objects.filter(
        pk__in=admins.filter(roles__contains=[ContactRole.CUSTOMER_ADMIN]).values("user"), is_active=True
    )
    if registration.customer.registration_policy == RegistrationPolicy.CUSTOMER_ADMIN and found.exists():
        return found.order_by("pk")
    roles = sorted(PERMISSIONS["registration.decide"] - {ContactRole.CUSTOMER_ADMIN})
    return User.objects.filter(kind=Kind.STAFF, is_active=True, staff_roles__overlap=roles).order_by("pk")

"""A registration on its way through the browser: what the session remembers, how often one may try, the steps shown."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, all_allow, allows, neighbourhood
from klarfall.channels.hotline import hotline
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue
from klarfall.customers.actions.register import CodeRefused, confirm_code
from klarfall.customers.models import Contact, Registration, RegistrationPolicy
from klarfall.customers.registrations import MOST_ATTEMPTS, hash_of, new_token, person_with

_KEY = "klarfall.registration"
#: Between two mails to the same browser.
PAUSE = timedelta(seconds=40)
#: A whole company may register from one address of the network on one morning; a mailbox gets few mails.
_CLIENT = Limit("registration.client", 60, timedelta(hours=1))
_NUMBER = Limit("registration.number", 100, timedelta(hours=1))
_ADDRESS = Limit("registration.address", 5, timedelta(hours=1))
_ADDRESS_DAY = Limit("registration.address.day", 10, timedelta(days=1))
#: Counted for every browser, whether or not there is a code for it: what differs would tell something.
_CODE = Limit("registration.code", MOST_ATTEMPTS, timedelta(days=1))
_CODE_CLIENT = Limit("registration.code.client", 60, timedelta(hours=1))


@dataclass(frozen=True)
class Underway:
    """What a browser has begun. The token is the proof that it is the same browser; it stays on the server."""

    token: str
    number: str
    email: str
    sent_at: str

    def wait(self, now: datetime) -> int:
        """Seconds until another mail may be asked for."""
        left = datetime.fromisoformat(self.sent_at) + PAUSE - now
        return max(0, int(left.total_seconds()) + (left > timedelta(0)))


def underway(request: HttpRequest) -> Underway | None:
    """What this browser has begun, if anything."""
    stored = request.session.get(_KEY)
    return Underway(**stored) if stored else None


def remember(request: HttpRequest, state: Underway) -> None:
    """Keep it; also after signing in, which begins a new session."""
    request.session[_KEY] = asdict(state)


def may_begin(request: HttpRequest, number: str, email: str, now: datetime) -> bool:
    """Count an attempt for network, number and mailbox, known or not; False when one of them had too many."""
    client = neighbourhood(client_address(request))
    counted = [(_CLIENT, client), (_NUMBER, number.lower()), (_ADDRESS, email), (_ADDRESS_DAY, email)]
    return all_allow(counted, now=now)


def begin(request: HttpRequest, number: str, email: str, now: datetime) -> None:
    """Have the way on mailed. Nothing is looked up here: every answer takes the same time."""
    state = Underway(new_token(), number, email, now.isoformat())
    language = "en" if (get_language() or "de").startswith("en") else "de"
    enqueue("channels.register", number=number, email=email, language=language, token_hash=hash_of(state.token))
    remember(request, state)


def prove(request: HttpRequest, state: Underway, code: str, now: datetime) -> None:
    """Check the typed code, raises CodeRefused. Then a new session begins: who knew the old one does not go on."""
    client = neighbourhood(client_address(request))
    if not (allows(_CODE, state.token, now=now) and allows(_CODE_CLIENT, client, now=now)):
        raise CodeRefused(_("The code was wrong too often. Please have a new one sent."), field="code")
    confirm_code(state.token, code=code, now=now)
    request.session.cycle_key()


@dataclass(frozen=True)
class Outlook:
    """What is still asked for after the code, and what will come of it."""

    company: str
    number: str
    name: str
    has_password: bool
    at_once: bool
    by_admin: bool
    roles: Contact | None


def outlook(registration: Registration) -> Outlook:
    """Look up what is known of the person; only after the code."""
    with viewing_as(SYSTEM):
        customer, person = registration.customer, person_with(registration.email)
        contact = Contact.objects.filter(customer=customer, user=person).first() if person else None
        return Outlook(
            company=customer.name,
            number=customer.number,
            name=person.name if person else "",
            has_password=person is not None and person.has_usable_password(),
            at_once=contact is not None or customer.registration_policy == RegistrationPolicy.AUTOMATIC,
            by_admin=customer.registration_policy == RegistrationPolicy.CUSTOMER_ADMIN,
            roles=contact,
        )


def frame(step: int, now: datetime) -> dict[str, Any]:
    """The left column: the four steps with the current one, the guide, and who helps."""
    texts = [
        (_("Customer number and e-mail"), _("Or the link of your invitation")),
        (_("Confirm the e-mail"), _("Six-digit code, valid for 15 minutes")),
        (_("Name and password"), _("A second factor is possible later")),
        (_("Ready"), _("Role, and what happens next")),
    ]
    return {"steps_title": _("Register once, about 4 minutes"), **_column(texts, step, now)}


def invitation_frame(step: int, now: datetime) -> dict[str, Any]:
    """The same for invited people, whose address the link has proved."""
    texts = [
        (_("Invitation"), _("The link from the mail")),
        (_("E-mail confirmed"), _("By the link; no code is needed")),
        (_("Choose a password"), _("A second factor is possible later")),
        (_("Ready"), _("Signed in at once")),
    ]
    return {"steps_title": _("Your access, in one minute"), **_column(texts, step, now)}


def _column(texts: list[tuple[str, str]], step: int, now: datetime) -> dict[str, Any]:
    help_line = hotline(now)
    return {
        "steps": [
            {"title": title, "note": note, "state": "done" if place < step else "now" if place == step else ""}
            for place, (title, note) in enumerate(texts, start=1)
        ],
        "eyebrow": _("Step %(step)s of %(count)s") % {"step": step, "count": len(texts)},
        "guide_url": reverse("portal:registration-guide"),
        "guide_label": _("Guide to registering, step by step"),
        "help_phone": help_line.phone if help_line else "",
        "help_text": help_line.text if help_line else "",
    }

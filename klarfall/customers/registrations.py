"""Registrations as pages and mails read them: addresses in one spelling, tokens, codes, who waits."""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import idna
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers import mail_domains
from klarfall.customers.models import Customer, Registration, RegistrationPolicy

#: How long a code can be typed, and how often it can be wrong.
CODE_LIFE = timedelta(minutes=15)
MOST_ATTEMPTS = 5
#: How long after the code somebody has for name and password.
FINISH_WITHIN = timedelta(hours=1)
_DIGITS = 6
#: No quotes, blanks or routes: what stands before the @ must mean one mailbox to every mail server.
_MAILBOX = re.compile(r"[a-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}")


class Way(Enum):
    """What the mail says to somebody who wants to register; the page says the same to all of them."""

    CODE = "code"
    ACCOUNT = "account"
    WAITING = "waiting"
    NOTHING = "nothing"
    #: This browser has typed its code meanwhile; there is nothing to send any more.
    PROVED = "proved"


@dataclass(frozen=True)
class Application:
    """What somebody typed in the first step; `email` is in its one spelling, `token_hash` is their browser's."""

    number: str
    email: str
    language: str
    token_hash: str


@dataclass(frozen=True)
class Started:
    """What came of an application: the way on, and for a code its registration and the code for the mail."""

    way: Way
    registration: Registration | None = None
    code: str = ""
    person: User | None = None


def one_spelling(text: str) -> str:
    """An address as accounts have it: small letters, the domain in ASCII. ValueError when it cannot be one."""
    mailbox, at, domain = text.strip().lower().rpartition("@")
    if not at or not _MAILBOX.fullmatch(mailbox):
        raise ValueError(text)
    return f"{mailbox}@{mail_domains.normalised(domain)}"


def belongs_to(email: str, customer: Customer) -> bool:
    """Is the domain exactly one of the customer's? A subdomain is another domain."""
    own = set()
    for domain in customer.mail_domains:
        try:
            own.add(mail_domains.normalised(domain))
        except ValueError:
            continue
    return mail_domains.domain_of(email) in own


def may_enter(email: str, customer: Customer) -> bool:
    """May somebody who proves this address ask to be let in?"""
    return customer.registration_policy != RegistrationPolicy.INVITATION and belongs_to(email, customer)


def new_token() -> str:
    """The secret that a browser keeps in its session while somebody registers."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of that secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def code_hash(token_hash: str, code: str) -> str:
    """What is stored of a code: keyed, because a million codes are tried in a second, and bound to one browser."""
    return salted_hmac(f"klarfall.registration.{token_hash}", code, algorithm="sha256").hexdigest()


def is_code(registration: Registration, typed: str) -> bool:
    """Is this the code? Blanks and dashes do not matter; takes the same time whatever is typed."""
    cleaned = "".join(sign for sign in typed if not sign.isspace() and sign not in "-–")[: 2 * _DIGITS]
    return hmac.compare_digest(registration.code_hash, code_hash(registration.token_hash, cleaned))


def person_with(email: str) -> User | None:
    """The account with this address, whatever the spelling of its domain."""
    mailbox, _at, domain = email.rpartition("@")
    spellings = {email}
    if "xn--" in domain:
        with suppress(idna.IDNAError, UnicodeError):
            spellings.add(f"{mailbox}@{idna.decode(domain)}")
    return User.objects.filter(email__in=sorted(spellings)).order_by("pk").first()


def waiting() -> QuerySet[Registration]:
    """Who proved their address, said their name and waits to be let in; newest first, as far as the viewer sees."""
    rows: QuerySet[Registration] = Registration.objects.filter(confirmed_at__isnull=False, decided_at__isnull=True)
    return rows.exclude(name="").select_related("customer").order_by("-pk")


def confirmed(token: str, now: datetime) -> Registration | None:
    """The registration of a browser after its code, while it can be gone on with or looked at. Opens its own scope."""
    with viewing_as(SYSTEM):
        rows = Registration.objects.select_related("customer", "contact")
        found: Registration | None = rows.filter(token_hash=hash_of(token), confirmed_at__isnull=False).first()
    return found if found is not None and now < found.expires_at else None

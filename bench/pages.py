"""The pages that are measured, and what they need: sessions, numbers to visit, forms to send."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from bench.meter import Browser
from klarfall.accounts.models import User


@dataclass(frozen=True)
class Page:
    """One measured page: who asks, and how the i-th visit looks; returns bytes of the answer."""

    name: str
    as_staff: bool | None
    visit: Callable[[Browser, int], int]
    count: int = 200


def browser_for(port: int, user: User) -> Browser:
    """A browser signed in as that user, through a session as sign-in makes it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Browser(port, {settings.SESSION_COOKIE_NAME: session.session_key})


def fetch(path: str) -> Callable[[Browser, int], int]:
    """A visit of the same address every time."""
    return lambda browser, _i: _ok(browser.get(path))


def numbered(name: str, numbers: list[int]) -> Callable[[Browser, int], int]:
    """A visit of another ticket every time."""
    return lambda browser, i: _ok(browser.get(reverse(name, args=[numbers[i % len(numbers)]])))


def submission(product: int, contact: int) -> Callable[[Browser, int], int]:
    """A new request as the form sends it; the token of the form makes every one a ticket."""
    path = reverse("portal:new")

    def visit(browser: Browser, i: int) -> int:
        if i < 0 or not browser.token:
            _ok(browser.get(path))
        fields = {
            "contact": str(contact),
            "product": str(product),
            "title": f"Sollstellung fehlt {uuid.uuid4().hex}",  # the same again would count as a second click
            "description": "Die Sollstellung für Objekt 114 erscheint nicht in der Liste. " * 8,
            "impact": "hindered",
            "token": uuid.uuid4().hex,
        }
        return _ok(browser.post(path, fields))

    return visit


def pages(staff_numbers: list[int], portal_numbers: list[int], product: int, contact: int) -> list[Page]:
    """All measured pages in the order of the table."""
    return [
        Page("empty view", None, fetch("/bench/empty/"), 500),
        Page("empty view, signed in", True, fetch("/bench/empty/"), 500),
        Page("queue", True, fetch(reverse("desk:list", args=["all-open"]))),
        Page("ticket page", True, numbered("desk:ticket", staff_numbers)),
        Page("portal list", False, fetch(reverse("portal:requests"))),
        Page("portal ticket", False, numbered("portal:ticket", portal_numbers)),
        *(
            Page(f"desk search, {name}", True, fetch(f"{reverse('desk:search')}?q={quote(word)}"), 100)
            for name, word in SEARCHES
        ),
        Page("submit", False, submission(product, contact), 100),
    ]


#: What is looked for at the desk: words of every frequency, several at once, none that occurs, a phrase.
SEARCHES = (
    ("common word", "Rechnung"),
    ("one of 97", "Wärmepumpe"),
    ("one of 997", "Blitzschutzanlage"),
    ("rare word", "Zaunkönig"),
    ("three common words", "Rechnung Mahnung Zähler"),
    ("common and rare word", "Rechnung Zaunkönig"),
    ("a phrase", '"Rechnung Mahnung"'),
    ("a beginning", "abrechn*"),
    ("a name", "Person 1234"),
    ("a number", "100042"),
    ("no hit", "xyzzy"),
)


def _ok(answer: tuple[int, bytes]) -> int:
    status, text = answer
    if status not in (200, 303):
        raise RuntimeError(f"a measured page answered {status}: {text[:400]!r}")
    return len(text)


def people() -> dict[bool, Any]:
    """A specialist and a contact who sees all of its customer, from the corpus."""
    staff = User.objects.filter(kind="staff").order_by("pk").first()
    contact = User.objects.filter(email="p20@bench.invalid").get()
    return {True: staff, False: contact}

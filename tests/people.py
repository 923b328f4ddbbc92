"""People in a browser: each with a window of their own, signed in, in front of the running site."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from klarfall.accounts.models import User
from tests.acme_story import AcmeStory, copy_of
from tests.cast import Cast, make_cast
from tests.clock import Clock
from tests.database import TestServer
from tests.queue import run_jobs

_PATIENCE = 10_000  # milliseconds; the machine may be busy


@dataclass
class Person:
    """Somebody in front of a page. `complaints` is what the browser had to say about our scripts."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"{self.site}{path}")

    def click(self, name: str, role: str = "button", *, within: Any = None) -> None:
        """Click what has this accessible name, as somebody would look for it."""
        (within or self.page).get_by_role(role, name=name).first.click()

    def fill(self, label: str, text: str, *, within: Any = None) -> None:
        (within or self.page).get_by_label(label).first.fill(text)

    def sees(self, *texts: str) -> None:
        """Wait until the page shows these texts."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def sees_not(self, text: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(text)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site)


@dataclass
class Office:
    """The site with its clock and post: who wants to use it comes in by `person`."""

    cast: Cast
    clock: Clock
    person: Callable[..., Person]

    def post(self) -> list[Any]:
        """Have the waiting mails sent; returns the new ones."""
        before = len(mail.outbox)
        run_jobs()
        return list(mail.outbox[before:])

    def link_in(self, message: Any, path: str) -> str:
        """The first address of the site below `path` in the text of a mail, without the host."""
        found = re.search(rf"https?://[^/\s]+({path}\S*)", message.body)
        assert found, message.body
        return found[1]


class Windows:
    """Opens a window for each person, and keeps what the browser complained about."""

    def __init__(self, browser: Browser, site: str, context: dict[str, Any]) -> None:
        self._browser, self._site, self._context = browser, site, context
        self.opened: list[Person] = []

    def __call__(self, user: User | None = None, **context: Any) -> Person:
        window = self._browser.new_context(**{**self._context, "reduced_motion": "reduce", **context})
        window.set_default_timeout(_PATIENCE)
        if user is not None:
            window.add_cookies([_session_of(user, self._site)])
        person = Person(window.new_page(), self._site)
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        person.page.on("console", lambda one: person.complaints.append(one.text) if _is_fault(one) else None)
        self.opened.append(person)
        return person

    def close(self) -> None:
        """Close all windows; nobody may have complained."""
        complaints = [complaint for one in self.opened for complaint in one.complaints]
        for one in self.opened:
            one.page.context.close()
        assert complaints == []


@pytest.fixture
def office(
    committed_db: None, live_server: Any, clock: Clock, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Office]:
    """The whole cast in the database, the site running, and as many windows as there are people."""
    expect.set_options(timeout=_PATIENCE)
    windows = Windows(browser, live_server.url, browser_context_args)
    yield Office(make_cast(), clock, windows)
    windows.close()


@pytest.fixture
def story_site(
    told_story: AcmeStory,
    database_server: TestServer,
    django_db_blocker: Any,
    live_server: Any,
    clock: Clock,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[tuple[AcmeStory, Windows]]:
    """The site with Acme's story in its database (a copy: pages that are looked at may write), and windows to it."""
    clock.set(told_story.now)
    cache.clear()
    windows = Windows(browser, live_server.url, browser_context_args)
    with django_db_blocker.unblock(), database_server.beside("seen", like="story"):
        yield copy_of(told_story), windows
        windows.close()
    cache.clear()


def _is_fault(message: Any) -> bool:
    """Errors of scripts and of the content security policy; neither the browser's note about a 404 or 422, nor htmx's
    about a request that ended because its page was left (`sendAbort`; a failed one says `sendError` as well)."""
    noise = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")
    return bool(message.type == "error" and not any(one in message.text for one in noise))


def _session_of(user: User, url: str) -> Any:
    """The cookie of somebody who has signed in; signing in itself has tests of its own."""
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }

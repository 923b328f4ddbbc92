"""Browser tests with the Chromium of the machine; where there is none they are skipped, with the reason."""

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)

# Playwright keeps an event loop in the main thread, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# While such a loop is seen, Django keeps its connections elsewhere: a transaction opened before the loop is hidden (see
# below) would be on another connection than the test, which would then commit, or stay in another test's database.
connections._connections = threading.local()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what needs a browser last, so that the database is flushed late, and skips it if there is none."""
    items.sort(key=_needs_browser)
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason="chromium is missing (Debian: apt-get install chromium)")
        for item in filter(_needs_browser, items):
            item.add_marker(skip)


def _needs_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


@pytest.fixture(autouse=True)
def no_loop_of_playwright(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hides Playwright's event loop from tests without a browser: it stays in the process from the first journey on.

    Two processes steal tests from each other, so a journey can come before a test that starts a loop of its own.
    """
    loop = None if _needs_browser(request.node) else asyncio._get_running_loop()
    if loop is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Starts the installed Chromium, without anything that would reach into the network."""
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    # The sandbox needs user namespaces, which containers and root do not have.
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync", *quiet]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Our users' surroundings; a browser in German."""
    return {**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin"}

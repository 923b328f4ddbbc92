"""Browser tests with the Chromium of the machine; where there is none they are skipped, with the reason."""

import os
import shutil
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)

# Playwright keeps an event loop in the main thread, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what needs a browser last, and skips it if there is none.

    Playwright's event loop stays in the process from the first such test on; nothing else can start one then.
    """
    items.sort(key=_needs_browser)
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason="chromium is missing (Debian: apt-get install chromium)")
        for item in filter(_needs_browser, items):
            item.add_marker(skip)


def _needs_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


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

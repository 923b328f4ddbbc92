"""
Pictures of the main pages of a running demo, to lay beside the mock-ups; run by hand:

    python -m tests.screenshots http://localhost:8000 pictures --person "Petra Sommer"
    python -m tests.screenshots http://localhost:8000 pictures --person "Tobias Brandt" --pages /desk/ /desk/customers/

For each page four pictures: 1440 and 375 pixels wide, light and dark. Without --pages it follows the links of the
person's start page to the first request, decision and list.
"""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM

WIDTHS = (1440, 375)
SCHEMES = ("light", "dark")
#: Patterns of addresses of which the first that is linked anywhere on a visited page is looked at.
_INTERESTING = (
    r"^/requests/\d+/$", r"^/offers/\d+/decision/$", r"^/desk/lists/[\w-]+/$", r"^/desk/tickets/\d+/",
    r"^/desk/customers/[\w-]+/$",
)  # fmt: skip
_PORTAL = ("/", "/requests/", "/requests/new/", "/decisions/", "/catalogue/", "/contact/", "/account/me/")
_DESK = ("/desk/lists/to-assess/", "/desk/lists/all-open/", "/desk/handovers/", "/desk/customers/", "/desk/calls/")


def main() -> None:
    """Sign in as the person and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", help="address of the running demo")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--person", required=True, help="name as on the sign-in page of the demo")
    parser.add_argument("--pages", nargs="*", default=[], help="addresses to look at instead")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin", reduced_motion="reduce").new_page()
        start = sign_in(page, given.site, given.person)
        for path in given.pages or found_from(page, given.site, start):
            print(path, *take(page, given.site, path, given.folder, given.person))  # noqa: T201 - says what it does
        browser.close()


def sign_in(page: Page, site: str, person: str) -> str:
    """Choose the person on the demo's sign-in page; returns where that leads."""
    page.goto(f"{site}/account/login/")
    page.get_by_role("button", name=re.compile(re.escape(person))).first.click()
    page.wait_for_url(lambda url: "/account/login/" not in url)
    return page.url.removeprefix(site)


def found_from(page: Page, site: str, start: str) -> Iterable[str]:
    """The main pages, and the first of each interesting kind that one of them links to."""
    main_pages = _DESK if start.startswith("/desk/") else _PORTAL
    found: dict[str, str] = {}
    for path in main_pages:
        page.goto(f"{site}{path}")
        links: list[Any] = page.locator("a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        for pattern in _INTERESTING:
            match = next((link for link in links if re.search(pattern, link) and link not in main_pages), None)
            if match:
                found.setdefault(pattern, match)
    return [*main_pages, *found.values()]


def take(page: Page, site: str, path: str, folder: Path, person: str) -> Iterable[str]:
    """Take the four pictures of one page; yields their file names."""
    name = re.sub(r"\W+", "-", path).strip("-") or "start"
    who = person.split(maxsplit=1)[0].lower()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900 if width == WIDTHS[0] else 812})
            page.goto(f"{site}{path}", wait_until="networkidle")
            file = folder / f"{who}-{name}-{width}-{scheme}.png"
            page.screenshot(path=file, full_page=True)
            yield file.name


if __name__ == "__main__":
    main()

"""
The pictures of the guides, taken from the product itself; run by hand after the interface has changed:

    python -m tests.guide_pictures

It starts a demo of its own in a temporary folder and writes docs/guide/pictures. A test sees to it that every picture
a guide names is there; this command sees to it that it shows what users see.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from klarfall.core.ports import reserve
from tests.browser import CHROMIUM
from tests.screenshots import sign_in

FOLDER = Path(__file__).parent.parent / "docs" / "guide" / "pictures"
SIZE = {"width": 1180, "height": 860}
LANGUAGES = ("de", "en")
#: The guides are read in every house: names of the demo give way to neutral ones.
NEUTRAL = {
    "Aareon IMMOManagement": "Musterhaus Software",
    "powerhaus.support@aareon.com": "support@musterhaus.example",
    "0800 / 38000 1078": "0800 / 000 00 00",
    "0800\u00a0/\u00a038000\u00a01078": "0800 / 000 00 00",
    "PowerHaus": "Muster ERP",
    "Wohnwerk": "Muster Wohnen",
    "wohnwerk": "support",
    "Archiv Connect": "Muster Archiv",
}
_RENAME = """names => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) for (const [from, to] of Object.entries(names))
        walker.currentNode.data = walker.currentNode.data.replaceAll(from, to);
}"""
_COLOURS = 128  # enough for an interface, a third of the bytes


@dataclass(frozen=True)
class Picture:
    """What a picture shows: who looks, at which page, and how far down."""

    name: str
    person: str
    path: str
    height: int = SIZE["height"]


PICTURES = (
    Picture("start", "Petra Sommer", "/"),
    Picture("new-request", "Petra Sommer", "/requests/new/"),
    Picture("request", "Petra Sommer", r"/requests/\d+/"),
    Picture("decision", "Petra Sommer", r"/offers/\d+/decision/", 1000),
    Picture("contract", "Jonas Weber", "/contract/"),
    Picture("help", "Petra Sommer", "/help/", 1000),
    Picture("register", "", "/account/register/", 640),
)


def main() -> None:
    """Take all pictures in both languages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for language in LANGUAGES:
            for picture in PICTURES:
                context = browser.new_context(locale=language, timezone_id="Europe/Berlin", reduced_motion="reduce")
                print(take(context.new_page(), site, picture, language))  # noqa: T201 - says what it does
                context.close()
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """A running demo of its own; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(reserve("127.0.0.1", None)) as reservation:
            port = str(reservation.port)
        environment = {**os.environ, "DATA_DIR": folder, "PORT": port}
        command = [sys.executable, "manage.py", "serve", "--prepare"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            site = f"http://localhost:{port}"
            _wait_for(f"{site}/account/login/")
            yield site
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(address: str) -> None:
    for _attempt in range(240):
        try:
            with urllib.request.urlopen(address):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(1)
    raise SystemExit("The demo did not start.")


def take(page: Page, site: str, picture: Picture, language: str) -> str:
    """Take one picture; returns the name of its file."""
    page.set_viewport_size({"width": SIZE["width"], "height": picture.height})
    page.goto(f"{site}/account/login/")
    page.locator(f"button[name=language][value={language}]").first.click()
    if picture.person:
        sign_in(page, site, picture.person)
        page.locator(f"button[name=language][value={language}]").first.evaluate("button => button.click()")
        page.wait_for_load_state("networkidle")
    page.goto(f"{site}{_address(page, site, picture.path)}", wait_until="networkidle")
    page.evaluate(_RENAME, NEUTRAL)
    file = FOLDER / f"{picture.name}-{language}.png"
    page.screenshot(path=file)
    Image.open(file).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    return file.name


def _address(page: Page, site: str, path: str) -> str:
    """The address itself, or the first link that looks like it."""
    if "\\" not in path:
        return path
    for start in ("/", "/decisions/", "/requests/"):
        page.goto(f"{site}{start}", wait_until="networkidle")
        links = page.locator("main a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        found = next((link for link in links if re.fullmatch(path, link.split("?")[0].split("#")[0])), None)
        if found is not None:
            return found
    raise SystemExit(f"Nothing links to {path}.")


if __name__ == "__main__":
    main()

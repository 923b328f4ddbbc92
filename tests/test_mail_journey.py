"""A mail that nobody knows whose it is, in the browser: found, looked at, assigned, and read in its request."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from klarfall.incoming.tests.mails import taken_in, written
from klarfall.incoming.tests.test_beside import PNG
from tests.people import Office, Person

pytestmark = pytest.mark.browser
HTML = '<p>Siehe <b>Bild</b></p><img src="cid:p1"><img src="https://track.example/pixel.png" width="40" height="20">'


def arrives(office: Office) -> None:
    """A formatted mail with a picture of its own and one that lies elsewhere."""
    mail = written("Ülkü Ärmel <uelkue@elsewhere.example>", subject="Größe der Fläche", html=HTML)
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<p1>", filename="fläche.png")
    taken_in(mail, now=office.clock() - timedelta(minutes=3))


def foreign_requests(person: Person) -> list[str]:
    """What the browser asks of anybody but us; nobody answers."""
    asked: list[str] = []

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    person.page.route(lambda address: not address.startswith((person.site, "data:")), refuse)
    return asked


def look_formatted(person: Person, asked: list[str]) -> None:
    """The formatted view shows the mail's own picture; the foreign one is asked for after a click, not before."""
    person.page.get_by_text("Formatiert anzeigen").first.click()
    inside = person.page.frame_locator("iframe.mail-html-frame")
    expect(inside.locator("b")).to_have_text("Bild")
    own = inside.locator('img[src^="data:image/png"]')
    expect(own).to_have_js_property("naturalWidth", 1)
    assert asked == []
    person.click("Bilder laden", "link")
    expect(inside.locator('img[src="https://track.example/pixel.png"]')).to_be_visible()
    assert asked == ["https://track.example/pixel.png"]
    asked.clear()


@pytest.mark.parametrize("width", [1440, 375])
def test_from_the_quarantine_into_a_request(office, width):
    arrives(office)
    anna = office.person(office.cast.anna, viewport={"width": width, "height": 800})
    asked = foreign_requests(anna)
    anna.go("/desk/inbox/?q=FLÄCHE")
    anna.sees("Ülkü Ärmel", "Mit dieser Adresse ist niemand bekannt.")
    anna.page.get_by_text("Größe der Fläche").click()
    look_formatted(anna, asked)
    assert anna.page.evaluate("document.documentElement.scrollWidth") <= width
    anna.page.locator("h1").click()
    anna.page.keyboard.press("z")
    anna.fill("Ansprechperson suchen", "bernd")
    anna.page.get_by_label("Ansprechperson suchen").first.press("Enter")
    anna.page.get_by_role("link", name="Bernd").click()
    anna.sees("Eine neue Anfrage", "uelkue@elsewhere.example")
    anna.click("E-Mail zuordnen")
    anna.sees("Die E-Mail steht jetzt in Anfrage KF-", "per E-Mail von uelkue@elsewhere.example", "fläche.png")
    expect(anna.page.get_by_role("button", name="Sichtung beginnen")).to_have_count(0)  # it begins by itself
    look_formatted(anna, asked)
    number = anna.path.split("/")[3]
    bernd = office.person(office.cast.bernd.user, viewport={"width": width, "height": 800})
    asked = foreign_requests(bernd)
    bernd.go(f"/requests/{number}/")
    bernd.sees("per E-Mail", "fläche.png")
    look_formatted(bernd, asked)
    assert bernd.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_longest_words_make_no_page_wider_than_a_phone(office):
    long = "x" * 240
    mail = written(f"{long[:60]}@{long[:60]}.example", subject=long, text=long * 20, files={f"{long[:100]}.txt": b"x"})
    row = taken_in(mail, now=office.clock())
    anna = office.person(office.cast.anna, viewport={"width": 320, "height": 800})
    page = f"/desk/inbox/{row.pk}/"
    wide = {}
    for path in ("/desk/inbox/", page, *(f"{page}{one}/" for one in ("assignment", "contact", "rejection", "block"))):
        anna.go(path)
        wide[path] = anna.page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in wide.items() if width > 320} == {}

"""A remote session in two windows: asked for at the desk, agreed to and ended on a phone."""

import os

import pytest

from klarfall.billing.models import TimeEntry
from klarfall.contracts.models import Product
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.models import RemoteSession
from tests.axe import axe_faults
from tests.cast import fresh
from tests.people import Office, Person

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True}


def looked_over(person: Person, name: str) -> None:
    """Axe finds nothing, and no page scrolls sideways; pictures only for whoever asks for them."""
    page = person.page
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def asked(office: Office) -> RemoteSession:
    """A request of Bernd in which Anna has asked for a session, by the form of the desk."""
    cast = office.cast
    with viewing_as(SYSTEM):
        Product.objects.filter(pk=cast.erp.pk).update(remote_link="remote-tool:{code}")
    words = {"title": "Saldo stimmt nicht", "description": "Die Maske zeigt nichts.", "impact": "hindered"}
    ticket = submit(
        cast.bernd, request=NewRequest(product=cast.erp, **words), actor=cast.bernd.user, now=office.clock()
    )
    anna = office.person(cast.anna)
    anna.go(f"/desk/tickets/{ticket.number}/?open=invite")
    anna.fill("Wozu, wie es dort gelesen wird", "Maske gemeinsam ansehen")
    anna.fill("Code der Fernwartung", "123 456 789")
    looked_over(anna, "desk-invite")
    anna.click("Per E-Mail und im Portal fragen")
    anna.sees("Wartet auf Einverständnis")
    anna.page.close()
    with viewing_as(SYSTEM):
        return RemoteSession.objects.get(ticket=ticket)


def asked_and_agreed(office: Office, asked: RemoteSession) -> tuple[Person, Person]:
    """Anna waits at the desk, Bernd agrees on his phone; both see it."""
    cast = office.cast
    (mailed,) = [one for one in office.post() if "Bildschirm" in one.subject]
    assert "Maske gemeinsam ansehen" in mailed.body
    anna, bernd = office.person(cast.anna), office.person(cast.bernd.user, **PHONE)
    anna.go(f"/desk/remote/{asked.pk}/")
    anna.sees("Wartet auf Einverständnis", "Text zum Vorlesen")
    looked_over(anna, "desk-invited")
    bernd.go(office.link_in(mailed, "/remote/"))
    bernd.sees("Dürfen wir auf Ihren Bildschirm schauen?", "Anna", "Maske gemeinsam ansehen", "kostenfrei")
    assert bernd.page.locator("input[type=checkbox]").count() == 0
    assert fresh(asked).status == "invited"
    looked_over(bernd, "portal-invited")
    bernd.click("Zustimmen und Sitzung öffnen")
    bernd.sees("Sie haben zugestimmt", "123 456 789")
    assert bernd.page.get_by_role("link", name="remote-tool öffnen").get_attribute("href") == "remote-tool:123456789"
    looked_over(bernd, "portal-agreed")
    anna.sees("Bernd hat zugestimmt")  # by itself
    looked_over(anna, "desk-agreed")
    return anna, bernd


def test_asked_agreed_begun_and_ended_by_the_customer(office, asked):
    clock = office.clock
    anna, bernd = asked_and_agreed(office, asked)
    clock.forward(minutes=2)
    anna.click("Fernwartung und Zeitnahme beginnen")
    anna.sees("Die Fernwartung läuft")
    looked_over(anna, "desk-running")
    bernd.sees("Anna sieht Ihren Bildschirm")  # by itself
    looked_over(bernd, "portal-running")
    clock.forward(minutes=11, seconds=20)
    before = clock()
    bernd.click("Sitzung beenden")
    bernd.sees("Die Fernwartung ist beendet")
    after = clock()
    clock.forward(minutes=5)
    anna.sees("Beendet von Bernd")
    with viewing_as(SYSTEM):
        entry = TimeEntry.objects.get(remote_session=asked)
    assert before <= entry.raw_end == fresh(asked).ended_at <= after
    for person, name in ((bernd, "portal-ended"), (anna, "desk-ended")):
        looked_over(person, name)
    bernd.go(f"/requests/{number_of(asked)}/")
    bernd.sees("Maske gemeinsam ansehen", "Beendet")
    looked_over(bernd, "portal-request")


def number_of(session: RemoteSession) -> int:
    with viewing_as(SYSTEM):
        return int(fresh(session).ticket.number)


def test_declined_without_javascript(office, asked):
    bernd = office.person(office.cast.bernd.user, java_script_enabled=False, **PHONE)
    bernd.go(f"/remote/{asked.pk}/")
    bernd.click("Ablehnen")
    bernd.sees("Sie haben abgelehnt")
    assert fresh(asked).status == "declined"

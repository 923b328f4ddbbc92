"""Registering on a phone, with the real mails: without a mistake of any page, and in how much time."""

import re
from typing import Any

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.actions.invite import invite
from klarfall.customers.models import Customer
from tests.people import Office, Person
from tests.test_accessibility import axe_faults

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 375, "height": 700}, "is_mobile": True, "has_touch": True}
PASSWORD = "Kaffeetasse-im-Schnee"
#: A slow typist on a phone, somebody who reads every page, and the way to the mail program and back (seconds).
PER_KEY, PER_PAGE, PER_MAIL = 0.6, 15, 30
FOUR_MINUTES = 240


class Thumb:
    """Types and counts, and has axe look at every page."""

    def __init__(self, person: Person) -> None:
        self.person, self.keys, self.pages, self.mails = person, 0, 0, 0
        self.faults: list[str] = []

    def sees_page(self, *texts: str) -> None:
        self.person.sees(*texts)
        self.pages += 1
        page = self.person.page
        self.faults += axe_faults(page, page.url)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]

    def types(self, label: str, text: str) -> None:
        self.person.fill(label, text)
        self.keys += len(text)

    @property
    def seconds(self) -> float:
        return self.keys * PER_KEY + self.pages * PER_PAGE + self.mails * PER_MAIL


def mail_to(office: Office, address: str) -> Any:
    return next(one for one in office.post() if address in one.to[0])


@pytest.fixture
def open_door(office):
    """Acme lets people of its domain in by itself."""
    with viewing_as(SYSTEM):
        rules = {"mail_domains": ["acme.example"], "registration_policy": "automatic"}
        Customer.objects.filter(pk=office.cast.acme.pk).update(**rules)


def test_from_the_sign_in_page_to_the_portal_on_a_phone(office, open_door, record_property):
    rita = office.person(None, **PHONE)
    thumb = Thumb(rita)
    rita.go("/account/login/")
    rita.click("Mit Kundennummer registrieren", "link")
    thumb.sees_page("Für welches Unternehmen", "Schritt 1 von 4")
    thumb.types("Kundennummer", office.cast.acme.number)
    thumb.types("Berufliche E-Mail-Adresse", "rita.registriert@acme.example")
    rita.click("Weiter")
    thumb.sees_page("Sehen Sie in Ihr Postfach", "rita.registriert@acme.example")
    rita.sees_not("Acme")
    code = re.search(r"Code lautet (\d{3})(\d{3})", mail_to(office, "rita.registriert@acme.example").body)
    thumb.mails += 1
    box = rita.page.get_by_label("Code aus der E-Mail")
    assert box.get_attribute("autocomplete") == "one-time-code"
    assert box.get_attribute("inputmode") == "numeric"
    box.fill(f" {code[1]} {code[2]}")  # as a mail program copies it
    thumb.keys += 6
    rita.click("Weiter")
    thumb.sees_page("Wer sind Sie?", "Acme")
    thumb.types("Vor- und Nachname", "Rita Registriert")
    thumb.types("Passwort", PASSWORD)
    thumb.types("Passwort wiederholen", PASSWORD)
    rita.click("Registrierung abschließen")
    thumb.sees_page("Sie sind registriert", "Anfragen stellen")
    rita.click("Zur Startseite", "link")
    rita.sees("Rita Registriert")
    assert thumb.faults == []
    assert thumb.seconds < FOUR_MINUTES, thumb.seconds
    record_property("seconds on a phone", thumb.seconds)


def test_with_an_invitation_on_a_phone(office, record_property):
    invite(office.cast.bernd, actor=office.cast.anna, now=office.clock())
    link = office.link_in(mail_to(office, "bernd@acme.example"), "/account/invitation/")
    bernd = office.person(None, **PHONE)
    thumb = Thumb(bernd)
    thumb.mails += 1
    bernd.go(link)
    thumb.sees_page("Willkommen", "Schritt 3 von 4")
    thumb.types("Passwort", PASSWORD)
    thumb.types("Passwort wiederholen", PASSWORD)
    bernd.click("Passwort speichern und anmelden")
    bernd.sees("Bernd")
    assert bernd.path == "/"
    assert thumb.faults == []
    assert thumb.seconds < FOUR_MINUTES, thumb.seconds
    record_property("seconds on a phone", thumb.seconds)

"""A call is recorded by keyboard alone: few keys, no mouse, well under twenty seconds; also where no script runs."""

import pytest
from playwright.sync_api import expect

from klarfall.billing.models import TimeEntry
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony.models import Call
from klarfall.tickets.models import Ticket

pytestmark = pytest.mark.browser

NUMBER, NOTE = "0211 12345 67", "Der Lauf startet unter Extras."
#: Keys beyond what is typed as number and note.
_MOST_STEPS = 4


class Keyboard:
    """Types as somebody with one hand on the telephone, and counts what is not text."""

    def __init__(self, page):
        self._page, self.steps = page, 0

    def text(self, words):
        self._page.keyboard.type(words)

    def press(self, key):
        self.steps += 1
        self._page.keyboard.press(key)


@pytest.fixture
def on_file(office):
    """Bernd's extension is known; the telephone writes it without a slash."""
    with viewing_as(SYSTEM):
        bernd = office.cast.bernd
        bernd.phone, bernd.phone_e164 = "0211/12345-67", "+492111234567"
        bernd.save()
    return bernd


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_call_is_recorded_by_keyboard_alone(office, on_file, script):
    anna = office.person(office.cast.anna, java_script_enabled=script)
    anna.go("/desk/calls/")
    keys = Keyboard(anna.page)
    keys.text(NUMBER)
    if script:  # results come while typing
        expect(anna.page.locator("#callers")).to_contain_text("Bernd")
    keys.press("Enter")
    expect(anna.page.locator("h1")).to_contain_text("Bernd")
    expect(anna.page.locator("textarea:focus")).to_have_count(1)  # the heading may stand a moment before the focus
    keys.text(NOTE)
    if script:
        keys.press("Control+Enter")
    else:
        keys.press("Tab")
        keys.press("Enter")
    anna.sees("Aufgenommen")
    assert keys.steps <= _MOST_STEPS
    with viewing_as(SYSTEM):
        call, ticket = Call.objects.get(), Ticket.objects.get()
        assert (call.contact_id, call.number_e164, call.outcome) == (on_file.pk, "+492111234567", "answered")
        assert (ticket.status, ticket.solution) == ("resolved", NOTE)
        assert {one.purpose for one in TimeEntry.objects.all()} <= {"triage"}
    assert anna.complaints == []

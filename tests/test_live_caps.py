"""A cap runs out while people look: both pages follow without a reload, and the extension is two clicks away."""

import re

import pytest
from playwright.sync_api import expect

from klarfall.billing.models import CostOffer
from klarfall.billing.tests.steps import accept, send, timer, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.submit import NewRequest, submit
from tests.cast import berlin, concern_of, fresh

pytestmark = pytest.mark.browser


@pytest.fixture
def ticket(office):
    """36 of 60 minutes are used at 09:50, and Anna's timer is running since 09:40."""
    cast, clock = office.cast, office.clock
    clock.set("2026-11-24 08:00")
    request = NewRequest(product=cast.erp, title="Saldo", description="Saldo", impact="minor")
    found = fresh(submit(cast.bernd, request=request, actor=cast.bernd.user, now=clock()))
    accept(send(cast, concern_of(found), at=clock(), cap_minutes=60), cast.bernd, at=clock())
    work(cast, concern_of(found), "09:00", "09:26")
    timer(cast, concern_of(found), berlin("2026-11-24 09:40"))
    clock.set("2026-11-24 09:50")
    return found


def minute(person):
    """What the page's own clock does after each minute, once nothing is on its way."""
    expect(person.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    person.page.evaluate(
        "document.querySelectorAll('[data-minute]').forEach(one => one.dispatchEvent(new Event('minute')))"
    )


def said(person, place):
    return expect(person.page.locator(place))


def test_both_pages_follow_at_the_predicted_minutes(office, ticket):
    anna, bernd = office.person(office.cast.anna), office.person(office.cast.bernd.user)
    anna.go(f"/desk/tickets/{ticket.number}/")
    bernd.go(f"/requests/{ticket.number}/")
    said(anna, "#cap").to_contain_text("Arbeit ist jetzt abrechenbar")
    said(anna, "#cap").to_contain_text("36 Min. von 1 Std. verbraucht")
    said(anna, "#cap").to_contain_text("10:14")
    said(bernd, "#cards").to_contain_text("36 Min. von 1 Std. verbraucht")
    office.clock.set("2026-11-24 10:02")
    minute(anna)
    said(anna, "#cap").to_contain_text("80 % der Obergrenze")
    office.clock.set("2026-11-24 10:14")
    minute(anna)
    minute(bernd)
    said(anna, "#cap").to_contain_text("Die Uhr läuft weiter, ihre Minuten sind nicht abrechenbar.")
    said(anna, "#card").to_contain_text("132,00 € von 132,00 €")
    said(bernd, "#cards").to_contain_text("1 Std. von 1 Std. verbraucht")


def test_two_clicks_send_the_extension(office, ticket):
    anna, bernd = office.person(office.cast.anna), office.person(office.cast.bernd.user)
    office.clock.set("2026-11-24 10:02")
    anna.go(f"/desk/tickets/{ticket.number}/")
    clicks = [
        lambda: anna.page.get_by_role("link", name="Obergrenze erweitern").click(),
        lambda: anna.page.get_by_role("button", name="Erweiterung senden").click(),
    ]
    clicks[0]()
    said(anna, "#offer").to_contain_text("je Stunde, wie beauftragt")
    assert anna.page.get_by_label("Was wir tun würden").first.input_value() == "Einrichten und prüfen."
    said(anna, "#preview-offer").to_contain_text(re.compile(r"\d.€"))
    clicks[1]()
    anna.sees("Kostenhinweis gesendet")
    said(anna, "#cap").to_contain_text("Die Erweiterung wartet auf die Entscheidung")
    with viewing_as(SYSTEM):
        first, second = CostOffer.objects.filter(ticket=ticket).order_by("number")
    assert (second.status, second.extends_id, second.rate, second.scope) == ("sent", first.pk, first.rate, first.scope)
    bernd.go(f"/offers/{second.number}/decision/")
    bernd.sees(f"Erweiterung von Kostenhinweis {first.number}")
    told = [mail.to[0] for mail in office.post() if mail.subject.endswith("Saldo")]
    assert any("bernd@" in address for address in told)


def test_the_rail_follows_the_timer_wherever_one_is(office, ticket):
    anna = office.person(office.cast.anna)
    anna.go("/desk/lists/all-open/")
    said(anna, "#rail-timer").to_contain_text("abrechenbar, noch 24 Min.")
    office.clock.set("2026-11-24 10:30")
    minute(anna)
    said(anna, "#rail-timer").to_contain_text("Nicht abrechenbar: Die Obergrenze ist")
    anna.page.locator("#rail-timer").click()
    assert anna.path.startswith(f"/desk/tickets/{ticket.number}/?concern=1")


def test_the_reason_is_asked_for_only_when_time_is_late(office, ticket):
    anna = office.person(office.cast.anna)
    anna.go(f"/desk/tickets/{ticket.number}/?open=time")
    form = anna.page.locator("#time form")
    expect(form.get_by_label("Warum erst jetzt eingetragen")).to_be_hidden()
    form.get_by_label("Bis").fill("2020-01-02T09:00")
    expect(form.get_by_label("Warum erst jetzt eingetragen")).to_be_visible()


def test_goodwill_shows_what_the_customer_pays_before_it_is_granted(office, ticket):
    anna = office.person(office.cast.anna)
    anna.go(f"/desk/tickets/{ticket.number}/")
    anna.page.locator("#goodwill summary").click()
    form = anna.page.locator("#goodwill form")
    form.get_by_label("Minuten").fill("10")
    said(anna, "#preview-goodwill").to_contain_text(re.compile(r"statt \d+,\d\d.€"))
    form.get_by_role("button", name="Kulanz gewähren").click()  # without the reason the browser stops it
    form.get_by_label("Begründung").fill("Der Rückruf kam zu spät.")
    form.get_by_role("button", name="Kulanz gewähren").click()
    anna.sees("Kulanz gewährt. Der Kunde erhält eine Nachricht.")
    said(anna, "#money").to_contain_text("Der Rückruf kam zu spät.")
    said(anna, "#card").to_contain_text("nach Kulanz von")

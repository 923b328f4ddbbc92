"""Call backs in the portal: from the request, the decision and the contact page; taken back; never anybody else's."""

import re
from html import unescape

import pytest
from django.urls import reverse

from klarfall.billing.tests.steps import send
from klarfall.contracts import channels
from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony.models import CallbackWish
from tests.cast import concern_of, fresh

HOST = {"HTTP_HOST": "localhost"}


@pytest.fixture(autouse=True)
def _begin(clock):
    """Sessions begin at the clock of the pages."""


@pytest.fixture
def claras(browser_of, clara):
    return browser_of(clara)


@pytest.fixture
def ticket(make_ticket, clock):
    return make_ticket(now=clock())


def page_of(client, name, *args):
    response = client.get(reverse(f"portal:{name}", args=args), **HOST)
    assert response.status_code == 200
    return unescape(response.content.decode())


def first_slot(page, day):
    return re.search(rf'value="({day}T[^"]+)"', page)[1]


def test_a_time_is_chosen_shown_and_taken_back(bernds, ticket):
    assert reverse("portal:ticket-callback", args=[ticket.number]) in page_of(bernds, "ticket", ticket.number)
    slot = first_slot(page_of(bernds, "ticket-callback", ticket.number), "2026-11-25")
    fields = {"phone": "0211/123-45 67", "slot": slot, "about": "Mahnlauf"}
    response = bernds.post(reverse("portal:ticket-callback", args=[ticket.number]), fields, **HOST)
    assert response.status_code in (302, 303)
    with viewing_as(SYSTEM):
        wish = CallbackWish.objects.get()
    shown = page_of(bernds, "ticket", ticket.number)
    assert "0211/123-45 67" in shown
    assert "08:00" in shown
    again = bernds.post(reverse("portal:ticket-callback", args=[ticket.number]), fields, **HOST)
    assert again.status_code == 422
    bernds.post(reverse("portal:callback-cancellation", args=[wish.pk]), **HOST)
    assert fresh(wish).status == "cancelled"
    assert "0211/123-45 67" not in page_of(bernds, "ticket", ticket.number)


@pytest.mark.parametrize(
    "fields", [{"phone": "x"}, {"phone": ""}, {"phone": "0211/1234567", "slot": "2026-11-28T10:00"}]
)
def test_what_cannot_be_agreed_is_said(bernds, ticket, fields):
    response = bernds.post(reverse("portal:ticket-callback", args=[ticket.number]), fields, **HOST)
    assert response.status_code == 422
    with viewing_as(SYSTEM):
        assert not CallbackWish.objects.exists()


def test_others_neither_see_nor_touch_it(claras, bernds, ticket):
    bernds.post(reverse("portal:ticket-callback", args=[ticket.number]), {"phone": "0211/1234567"}, **HOST)
    with viewing_as(SYSTEM):
        wish = CallbackWish.objects.get()
    assert claras.get(reverse("portal:ticket-callback", args=[ticket.number]), **HOST).status_code == 404
    assert claras.post(reverse("portal:callback-cancellation", args=[wish.pk]), **HOST).status_code == 404
    assert fresh(wish).status == "open"


def test_the_decision_leads_to_a_call_back_about_it(bernds, ticket, cast, clock):
    offer = send(cast, concern_of(ticket), at=clock())
    page = page_of(bernds, "decision", offer.number)
    address = f"{reverse('portal:ticket-callback', args=[ticket.number])}?offer={offer.number}"
    assert address in page
    assert str(offer.number) in unescape(bernds.get(address, **HOST).content.decode())


def test_a_telephone_that_is_switched_off_is_offered_nowhere(bernds, ticket, cast, clock):
    """R11: no call back, no decision on the phone, no sentence that speaks of it."""
    offer = send(cast, concern_of(ticket), at=clock())
    with viewing_as(SYSTEM):
        ContactChannel.objects.filter(product=cast.erp).delete()
        ContactChannel.objects.create(product=cast.erp, kind="phone", value="0211 1", active=False)
    channels.forget()
    page = page_of(bernds, "decision", offer.number)
    for name, args in (("ticket-callback", [ticket.number]), ("phone-code", [offer.number])):
        assert reverse(f"portal:{name}", args=args) not in page
    assert reverse("portal:ticket-callback", args=[ticket.number]) not in page_of(bernds, "ticket", ticket.number)
    assert bernds.get(reverse("portal:ticket-callback", args=[ticket.number]), **HOST).status_code == 404
    assert "per Telefon" not in page_of(bernds, "contact").split("<main")[1]
    channels.forget()

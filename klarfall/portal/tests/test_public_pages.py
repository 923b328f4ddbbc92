"""Pages that everybody reads, and the wish to be called back."""

import re
from datetime import time

import pytest
from django.urls import reverse
from django.utils import translation

from klarfall.contracts.models import ContactChannel
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.portal import guides
from klarfall.portal.tests.conftest import HOST
from klarfall.telephony.models import CallbackWish
from klarfall.tickets.models import RequestDraft, Ticket
from tests.cast import NOW, make_calendar

pytestmark = pytest.mark.django_db

PUBLIC = ("contact", "guide", "registration-guide")


@pytest.fixture
def phone(cast):
    """The product can be called, free of charge."""
    with viewing_as(SYSTEM):
        return ContactChannel.objects.create(
            product=cast.erp, kind="phone", value="0800 / 123 45 67", toll_free=True, order=1
        )


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_visitor_reads_it_without_signing_in(name, client, cast):
    response = client.get(reverse(f"portal:{name}"), **HOST)
    assert response.status_code == 200
    shown = text_of(response)
    assert reverse("account_login") in shown
    assert f'href="{reverse("portal:requests")}"' not in shown


@pytest.mark.parametrize("name", PUBLIC)
def test_staff_reads_it_and_finds_back_to_the_desk(name, client, cast):
    client.force_login(cast.anna)
    response = client.get(reverse(f"portal:{name}"), **HOST)
    assert response.status_code == 200
    assert 'href="/desk/"' in text_of(response)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_vendor_may_keep_it_to_customers(name, client, cast, bernds):
    with viewing_as(SYSTEM):
        VendorProfile.objects.update_or_create(pk=1, defaults={"name": "Vendor", "public_pages": False})
    vendor.forget()
    assert client.get(reverse(f"portal:{name}"), **HOST).status_code == 302
    assert bernds.get(reverse(f"portal:{name}"), **HOST).status_code == 200


def test_the_portal_stands_before_every_other_way(client, cast, phone):
    shown = text_of(client.get(reverse("portal:contact"), **HOST))
    assert shown.index(reverse("portal:new")) < shown.index("tel:")
    assert "toll-free" in shown or "gebührenfrei" in shown


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ["serviceportal", "registration"])
def test_every_picture_of_a_guide_exists_and_every_chapter_can_be_linked(name, language):
    with translation.override(language):
        document = guides.guide(name)
    names = re.findall(r'src="/guide/pictures/([^"]+)"', document.html)
    assert all(guides.picture(one) for one in names), names
    assert document.title
    assert all(f'id="{anchor}"' in document.html for anchor, _heading in document.chapters)


def test_both_languages_have_the_same_chapters_and_pictures():
    for name in ("serviceportal", "registration"):
        found = {}
        for language in ("de", "en"):
            with translation.override(language):
                document = guides.guide(name)
            found[language] = (len(document.chapters), document.html.count("<img"), document.html.count("<tr"))
        assert found["de"] == found["en"], name


def test_a_picture_is_none_of_other_files():
    assert guides.picture("../serviceportal.de.md") is None


def test_a_call_back_becomes_a_request_and_keeps_the_draft(bernds, cast, phone):
    with viewing_as(SYSTEM):
        RequestDraft.objects.create(customer=cast.acme, contact=cast.bernd, data={}, created_at=NOW, saved_at=NOW)
    fields = {
        "contact": cast.bernd.pk,
        "product": cast.erp.pk,
        "phone": "+49 6131 5550-40",
        "slot": "",
        "about": "Der Mahnlauf bricht ab.",
    }
    response = bernds.post(reverse("portal:callback"), fields, **HOST)
    assert response.status_code in (302, 303)
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get()
        assert ticket.title.endswith("Der Mahnlauf bricht ab.")
        assert CallbackWish.objects.get(ticket=ticket).number == "+49 6131 5550-40"
        assert RequestDraft.objects.filter(contact=cast.bernd).exists()


@pytest.mark.parametrize("number", ["", "call me", "0"])
def test_a_call_back_needs_a_number(bernds, cast, phone, number):
    fields = {"contact": cast.bernd.pk, "product": cast.erp.pk, "phone": number, "about": "x"}
    assert bernds.post(reverse("portal:callback"), fields, **HOST).status_code == 422
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()


def test_there_is_no_call_back_without_a_telephone(bernds, cast, phone):
    with viewing_as(SYSTEM):
        ContactChannel.objects.filter(kind="phone").update(active=False)
    assert bernds.get(reverse("portal:callback"), **HOST).status_code == 404
    shown = text_of(bernds.get(reverse("portal:contact"), **HOST))
    assert reverse("portal:callback") not in shown
    assert "tel:" not in shown


def test_a_visitor_sees_the_usual_hours_of_each_product(client, cast, phone):
    with viewing_as(SYSTEM):
        cast.other.calendar = make_calendar("Nachmittags")
        cast.other.calendar.intervals.update(starts=time(13), ends=time(16))
        cast.other.save()
    shown = text_of(client.get(reverse("portal:contact"), **HOST))
    assert "8–17" in shown
    assert "13–16" in shown


def test_a_guide_says_what_is_called_otherwise_here(client, cast):
    with viewing_as(SYSTEM):
        noun = {"one": "Vorgang", "many": "Vorgänge", "gender": "m"}
        VendorProfile.objects.filter(pk=1).update(words={"request": {"de": noun}})
    shown = text_of(client.get(reverse("portal:guide"), **HOST, headers={"Accept-Language": "de"}))
    assert "<dt>Anfrage</dt><dd>Vorgang</dd>" in shown
    assert "<dt>Leistungskatalog</dt>" not in shown


def test_every_picture_is_shown_in_some_guide():
    text = "".join(file.read_text(encoding="utf-8") for file in guides.FOLDER.glob("*.md"))
    assert [file.name for file in guides.PICTURES.glob("*.png") if f"pictures/{file.name}" not in text] == []

"""Catalogue and questions for everybody: from the version in force, from the first minute of its day on."""

import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from klarfall.contracts.models import CatalogueItem, ContactChannel, RequestKind, TermsVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.portal.offering import forget, offering
from tests.cast import NOW, berlin
from tests.catalogue import make_terms

QUESTIONS = ["benefit", "covered", "chargeable", "rates", "doubt", "not-offered", "contact", "registration"]


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="localhost")


def text(client, name="faq", *args, language="de"):
    client.cookies["django_language"] = language
    with translation.override(language):
        answer = client.get(reverse(f"portal:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def set_profile(**values):
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(**values)
    cache.clear()


@pytest.mark.parametrize("language", ["de", "en"])
def test_everybody_reads_eight_questions_with_headings_and_a_table_of_contents(visitor, cast, language):
    page = text(visitor, language=language)
    assert re.findall(r'<h2 id="([\w-]+)">', page) == QUESTIONS
    assert re.findall(r'<li><a href="#([\w-]+)">', page) == QUESTIONS
    assert page.count("<h1") == 1
    assert "<details" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_every_service_stands_in_its_answer(visitor, cast):
    page = text(visitor)
    with viewing_as(SYSTEM):
        items = list(CatalogueItem.objects.filter(terms=cast.terms))
    sections = dict(zip(QUESTIONS, re.split(r'<h2 id="[\w-]+">', page)[1:], strict=True))
    place = {"covered": "covered", "chargeable": "chargeable", "not_offered": "not-offered"}
    for item in items:
        assert item.text in sections[place[item.outcome]]
        assert f"#{item.clause.replace(' ', '-')}" in page
    assert "132,00" in sections["rates"]


def test_another_catalogue_gives_other_answers(visitor, cast):
    before = text(visitor)
    with viewing_as(SYSTEM):
        terms = TermsVersion.objects.create(number=2, valid_from=date(2026, 1, 2))
        for code, outcome, title in (
            ("COV-USE", "covered", "Hilfe bei allem"), ("NOT-LEGAL", "not_offered", "Kein Rechtsrat"),
        ):  # fmt: skip
            CatalogueItem.objects.create(
                terms=terms, code=code, clause=code[:3], outcome=outcome, title=title, text="T"
            )
        TermsVersion.objects.filter(pk=terms.pk).update(published_at=timezone.now() - timedelta(days=1))
    cache.clear()
    after = text(visitor)
    assert "Hilfe bei allem" in after
    assert "Kein Rechtsrat" in after
    assert "Hilfe bei allem" not in before
    assert "Einstellungen und Konfiguration" in before
    assert "Einstellungen und Konfiguration" not in after
    assert "132,00" not in after


def test_english_readers_read_english_where_there_is_some(visitor, cast):
    with viewing_as(SYSTEM):
        terms = TermsVersion.objects.create(number=2, valid_from=date(2026, 1, 2))
        CatalogueItem.objects.create(
            terms=terms, code="COV-USE", clause="A 1", outcome="covered", title="Problem", title_en="A problem",
            text="Hilfe", text_en="Help with it", examples=["Beispiel"], examples_en=["Such a case"],
            changes_if="es anders ist.", changes_if_en="it is otherwise.",
        )  # fmt: skip
        CatalogueItem.objects.create(
            terms=terms, code="COV-ACUTE", clause="A 2", outcome="covered", title="Nur deutsch", text="Nur deutsch"
        )
        TermsVersion.objects.filter(pk=terms.pk).update(published_at=timezone.now() - timedelta(days=1))
    cache.clear()
    for name in ("faq", "catalogue"):
        page = text(visitor, name, language="en")
        assert "Help with it" in page
        assert "Such a case" in page
        assert "Hilfe" not in page
        assert "Nur deutsch" in page  # better than nothing
        assert "Help with it" not in text(visitor, name)
    assert "it is otherwise." in text(visitor, "catalogue", language="en")


def test_a_way_of_contact_that_is_switched_off_is_gone(visitor, cast):
    with viewing_as(SYSTEM):
        phone = ContactChannel.objects.filter(kind="phone").first() or ContactChannel.objects.create(
            product=cast.erp, kind="phone", value="0800 123456", toll_free=True, order=9
        )
        ContactChannel.objects.exclude(pk=phone.pk).filter(kind="phone").delete()
    cache.clear()
    page = text(visitor)
    assert 'href="tel:' in page
    assert "am Telefon" in page
    with viewing_as(SYSTEM):
        ContactChannel.objects.filter(pk=phone.pk).update(active=False)
    cache.clear()
    assert 'href="tel:' not in text(visitor)
    assert "am Telefon" not in text(visitor)


def test_a_product_that_is_visited_is_named(visitor, cast):
    assert f"kommen wir auch zu Ihnen: {cast.other.name}" in text(visitor)
    with viewing_as(SYSTEM):
        type(cast.other).objects.update(onsite_by_support=False)
    cache.clear()
    assert "kommen wir auch zu Ihnen" not in text(visitor)


def test_sample_values_are_marked_in_the_demo_only(visitor, cast):
    assert "Beispielwert" not in text(visitor, "catalogue")
    set_profile(sample_values=True)
    assert "Beispielwert" in text(visitor, "catalogue")
    assert "Beispielwert" in text(visitor)


@pytest.mark.parametrize("name", ["faq", "catalogue"])
def test_where_the_vendor_does_not_wish_it_visitors_sign_in_first(visitor, bernds, cast, name):
    path = reverse(f"portal:{name}")
    set_profile(public_pages=False)
    answer = visitor.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert text(bernds, name)


def test_staff_reads_the_public_pages_too(cast, browser_of):
    for name in ("faq", "catalogue"):
        assert text(browser_of(cast.anna), name)


@pytest.mark.parametrize("name", ["faq", "catalogue"])
def test_a_house_without_a_catalogue_has_no_answers_yet(visitor, cast, monkeypatch, name):
    for module in ("offering", "views.catalogue"):
        monkeypatch.setattr(f"klarfall.portal.{module}.terms_in_force", lambda _at: None)
    cache.clear()
    page = text(visitor, name)
    assert "Sobald" in page
    assert cast.item("COV-USE").text not in page


def test_earlier_and_coming_versions_say_what_they_are_and_drafts_are_hidden(visitor, cast):
    with viewing_as(SYSTEM):
        make_terms(2, date(2026, 1, 2), published_at=timezone.now() - timedelta(days=1))
        make_terms(3, timezone.localdate() + timedelta(days=40), published_at=timezone.now() - timedelta(days=1))
        TermsVersion.objects.create(number=4, valid_from=date(2027, 1, 1))
    cache.clear()
    assert "frühere Fassung" in text(visitor, "catalogue-version", 1)
    assert "frühere Fassung" not in text(visitor, "catalogue-version", 2)
    assert "kommt erst" in text(visitor, "catalogue-version", 3)
    assert visitor.get(reverse("portal:catalogue-version", args=[4])).status_code == 404


def test_a_version_of_tomorrow_is_offered_from_midnight_on_although_it_is_remembered(cast):
    """The half minute for which processes remember the offering never crosses midnight in the vendor's zone."""
    with viewing_as(SYSTEM):
        coming = make_terms(2, date(2026, 11, 25), published_at=NOW)
        RequestKind.objects.create(
            code="conf", icon="sliders", title="E", title_en="S", hint="", hint_en="", usual_item="CHG-CONF",
            usual_outcome="covered",
        )  # fmt: skip
        forget()
        assert offering(berlin("2026-11-24 23:59:59")).terms == cast.terms
        assert offering(berlin("2026-11-25 00:00:00")).terms == coming
        tile = next(one for one in offering(berlin("2026-11-25 00:00:10")).kinds if one.code == "conf")
    assert tile.usual_outcome == "chargeable"  # as the catalogue in force says


@pytest.mark.parametrize("name", ["faq", "catalogue"])
def test_both_pages_ask_few_questions(visitor, bernds, cast, name):
    beside = ("django_session", "klarfall_seats", "set_config", "SAVEPOINT", '"accounts_user"."password"')
    for client in (visitor, bernds):
        text(client, name)
        with CaptureQueriesContext(connection) as captured:
            text(client, name)
        assert len([one for one in captured if not any(word in one["sql"] for word in beside)]) <= 8

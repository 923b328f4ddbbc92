"""Readers of the help: how often they may answer, as whom of several companies, and what others may keep of it."""

from dataclasses import replace

import pytest
from django.urls import reverse

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.models import Vote
from klarfall.knowledge.tests.shelf import picture, publish
from klarfall.portal import pace
from klarfall.portal.tests.conftest import HOST
from tests.cast import NOW, fresh, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


@pytest.fixture
def article(cast, editor):
    return publish(cast.erp, editor, "Text.").article


def page(client, name, *args):
    return client.get(reverse(f"portal:{name}", args=args), **HOST).content.decode()


def test_votes_that_come_too_fast_are_refused_in_words(bernds, article, monkeypatch):
    monkeypatch.setattr(pace, "_VOTES", replace(pace._VOTES, most=1))
    address = reverse("portal:article-vote", args=[article.pk])
    for _again in range(2):
        bernds.post(address, {"helped": "yes"}, **HOST)
    bernds.post(address, {"helped": "no"}, **HOST)
    assert fresh(article).helped == 1
    assert "wait a minute" in page(bernds, "article", article.pk)


def test_who_works_for_two_companies_votes_as_one_that_reads_it(browser_of, bernds, cast, editor):
    """Acme has no contract for the other product, Beta has."""
    with viewing_as(SYSTEM):
        beside = Contact.objects.create(customer=cast.clara.customer, user=cast.bernd.user, roles=["requester"])
    foreign = publish(cast.other, editor, "Text.", title="Inventur").article
    bernds.post(reverse("portal:article-vote", args=[foreign.pk]), {"helped": "yes"}, **HOST)
    with viewing_as(SYSTEM):
        assert Vote.objects.get().contact == beside
    assert "Inventur" in page(bernds, "article", foreign.pk)


def test_only_what_visitors_get_may_be_kept_by_others(client, bernds, cast, editor):
    public = publish(cast.erp, editor, "Text.", visibility="public").article
    row = add_media(public, file=picture(), use="poster", actor=editor, now=NOW)
    address = reverse("portal:help-file", args=[row.pk, row.name])
    assert client.get(address, **HOST)["Cache-Control"].startswith("public, max-age=")
    assert bernds.get(address, **HOST)["Cache-Control"] == "private, no-cache"
    part = client.get(address, headers={"Range": "bytes=0-3"}, **HOST)
    assert (part.status_code, part["Content-Length"]) == (206, "4")
    etag = client.get(address, **HOST)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}, **HOST).status_code == 304


def test_a_question_costs_nothing_and_the_page_says_so(bernds, article):
    shown = page(bernds, "article", article.pk)
    assert "Reading and asking are free of charge" in shown
    assert f'href="{reverse("portal:catalogue")}"' in shown

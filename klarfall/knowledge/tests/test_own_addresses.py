"""Typed addresses of our own pages mean articles and files, wherever they stand; nothing else is touched."""

import pytest
from django.urls import reverse

from klarfall.core.isolation import NOBODY, viewing_as
from klarfall.knowledge.importing.references import rewritten
from klarfall.knowledge.links import Trouble, broken_in
from klarfall.knowledge.models import Edition
from klarfall.knowledge.own_addresses import named
from klarfall.knowledge.rendering import rendered
from klarfall.knowledge.tests.shelf import publish

OURS = "https://hilfe.example"


@pytest.fixture(autouse=True)
def our_host(settings):
    settings.BASE_URL = OURS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/help/articles/45/", "article:45"),
        (f"{OURS}/help/articles/45/", "article:45"),
        ("HTTP://HILFE.EXAMPLE/help/articles/45/#schritte".replace("HTTP", "http"), "article:45#schritte"),
        ("/help/articles/45/?language=en#steps", "article:45#steps"),
        ("/help/articles/45/chapters/erste-schritte/", "article:45#erste-schritte"),
        ("/help/articles/45/chapters/erste-schritte/#anmelden", "article:45#anmelden"),
        ("/desk/articles/45/reading/", "article:45"),
        ("/help/files/7/maske.png", "media:7"),
        (f"{OURS}/desk/articles/files/7/maske.png", "media:7"),
        *((same, same) for same in (
            "article:45", "#anker", "/help/", "/help/articles/45/vote/", "/help/articles/45/?edition=2",
            "//hilfe.example/help/articles/45/", f"{OURS}.evil.example/help/articles/45/", "/requests/45/",
            "https://elsewhere.example/help/articles/45/", "https://[/help/articles/45/", "/help/files/7/a/b",
            "/help/articles/9999999999999999999/", "mailto:a@b.example",
        )),
    ],
)  # fmt: skip
def test_addresses_of_ours_are_named(typed, meant):
    assert named(typed) == meant


def test_the_addresses_are_those_of_the_pages():
    pages = [reverse("portal:article", args=[4]), reverse("portal:article-chapter", args=[4, "x"]),
             reverse("desk:article", args=[4]), reverse("desk:article-reading", args=[4])]  # fmt: skip
    assert {named(one).partition("#")[0] for one in pages} == {"article:4"}
    assert {named(reverse(f"{one}-file", args=[4, "a.png"])) for one in ("desk:article",)} == {"media:4"}
    assert named(reverse("portal:help-file", args=[4, "a.png"])) == "media:4"


def test_only_links_change_and_only_those_of_ours():
    body = "[a](</help/articles/4/>) [b](<https://x.example/y>)\n\n```\n[d](/help/articles/4/)\n```"
    assert rewritten(body, named) == body.replace("</help/articles/4/>", "article:4")


@pytest.mark.django_db
def test_what_is_saved_names_the_article_and_what_was_published_before_is_checked(erp, dora, system):
    hidden = publish(erp, dora, "Geheim", visibility="internal").article
    saved = publish(erp, dora, f"[weiter](/help/articles/{hidden.pk}/)", visibility="public")
    assert saved.body == f"[weiter](article:{hidden.pk})"
    old = Edition(article=saved.article, language="de", body=f"[weiter]({OURS}/help/articles/{hidden.pk}/)")
    assert [one.trouble for one in broken_in(old)] == [Trouble.NARROWER]
    missing = Edition(article=saved.article, language="de", body="[weiter](/help/articles/999999/)")
    assert [one.trouble for one in broken_in(missing)] == [Trouble.MISSING]
    with viewing_as(NOBODY):
        assert "href" not in rendered(old).html, "readers meet words where they may not follow"

"""Writing an article in the browser: whatever one leaves by, and whatever is slow meanwhile, no word is lost."""

import pytest
from playwright.sync_api import expect

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import Edition
from klarfall.knowledge.tests.help_steps import make_article
from tests.people import Office

pytestmark = pytest.mark.browser
FIRST, SECOND = " Der erste Satz.", " Der zweite Satz."


@pytest.fixture
def draft(office: Office):
    """A draft that Dora goes on with."""
    made = make_article(office.cast.erp, office.cast.dora, body="Anfang.", now=office.clock(), published=False)
    with viewing_as(SYSTEM):
        return Edition.objects.get(article=made)


def writer(office, draft):
    dora = office.person(office.cast.dora)
    dora.go(f"/desk/articles/{draft.article_id}/")
    return dora, dora.page.locator("#id_body")


def type_at_end(body, words):
    body.press("Control+End")
    body.press_sequentially(words)


def saved_body(draft, page):
    """What the server has in the end: sent behind the page, it may arrive a moment after it."""
    for _try in range(50):
        with viewing_as(SYSTEM):
            body = Edition.objects.get(pk=draft.pk).body
        if body.endswith(SECOND):
            break
        page.wait_for_timeout(50)
    return body


def test_words_typed_just_before_leaving_are_saved_while_the_last_saving_hangs(office, draft):
    dora, body = writer(office, draft)
    held = []
    dora.page.route("**/draft/", lambda route: held.append(route) if not held else route.continue_())
    with dora.page.expect_request("**/draft/"):  # two seconds later; its answer never comes
        type_at_end(body, FIRST)
    type_at_end(body, SECOND)
    dora.click("Lesen", role="link")
    dora.page.wait_for_url("**/reading/")
    assert saved_body(draft, dora.page) == f"Anfang.{FIRST}{SECOND}"


def test_words_that_never_reached_the_server_are_offered_again(office, draft):
    dora, body = writer(office, draft)
    # An address that takes nothing: what is sent behind a page does not care whether the browser is offline by then.
    dora.page.evaluate("document.getElementById('write').dataset.autosave = '/desk/articles/0/draft/'")
    type_at_end(body, SECOND)
    dora.page.goto("about:blank")
    dora.go(f"/desk/articles/{draft.article_id}/")
    expect(body).to_have_value("Anfang.")
    dora.click("Diese Worte zeigen")
    expect(body).to_have_value(f"Anfang.{SECOND}")
    dora.click("Zurück zum gespeicherten Text")
    expect(body).to_have_value("Anfang.")
    dora.click("Diese Worte zeigen")
    dora.click("Speichern")
    dora.sees("Gespeichert.")
    assert saved_body(draft, dora.page).endswith(SECOND)
    expect(dora.page.locator("[data-copy-offer]")).to_be_hidden()

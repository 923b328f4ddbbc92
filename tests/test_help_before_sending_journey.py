"""Help while one writes, in the browser: it appears and stands in nobody's way; a draft put aside comes back."""

import pytest
from playwright.sync_api import expect

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import ArticleUse, Vote
from klarfall.knowledge.search.indexing import rebuild
from klarfall.knowledge.tests.help_steps import make_article
from klarfall.tickets.models import Ticket
from tests.people import Office

pytestmark = pytest.mark.browser
#: Where an element stands on the whole page, however far it is scrolled.
_PLACE = "one => [one.getBoundingClientRect().left, one.getBoundingClientRect().top + window.scrollY]"
TITLE = "Mahnlauf zurücknehmen"
BODY = "## Schritte\n\n1. Öffnen Sie den Mahnlauf.\n2. Nehmen Sie den Mahnlauf zurück."


def count(model, **filters):
    with viewing_as(SYSTEM):
        return model.objects.filter(**filters).count()


@pytest.fixture
def article(office: Office):
    made = make_article(office.cast.erp, office.cast.dora, title=TITLE, body=BODY, now=office.clock())
    with viewing_as(SYSTEM):
        rebuild()
    return made


@pytest.mark.parametrize("width", [1440, 375])
def test_help_appears_while_one_writes_and_the_button_stays_where_it_is(width, office, article):
    bernd = office.person(office.cast.bernd.user, viewport={"width": width, "height": 900})
    bernd.go("/requests/new/")
    send = bernd.page.get_by_role("button", name="Anfrage senden").last
    before = send.evaluate(_PLACE)
    bernd.page.locator("#id_title").press_sequentially("Mahnlauf zurücknehmen", delay=5)
    found = bernd.page.locator("#writing-help").get_by_role("link", name=TITLE)
    expect(found).to_be_visible()
    assert send.evaluate(_PLACE) == before, "the button has not moved"
    with bernd.page.expect_response(lambda answer: answer.url.endswith("/requests/new/help/")):  # it looks once more
        bernd.page.locator("#id_description").fill("Wie nehme ich den Mahnlauf zurück?")
    with bernd.page.context.expect_page() as beside:
        found.click()
    expect(beside.value.locator("h1")).to_contain_text(TITLE)
    expect(bernd.page.locator("#id_description")).to_have_value("Wie nehme ich den Mahnlauf zurück?")
    bernd.page.get_by_role("button", name=f"„{TITLE}“ hat geholfen").click()
    bernd.sees("Das freut uns")
    assert count(Vote, origin="writing", helped=True, article=article) == 1
    bernd.click("Entwurf verwerfen")
    bernd.sees("Entwurf verworfen")
    bernd.click("Rückgängig")
    expect(bernd.page.locator("#id_title")).to_have_value(TITLE)
    bernd.page.get_by_role("button", name="Anfrage senden").last.click()
    bernd.sees("Ihre Anfrage ist bei uns")
    assert count(Ticket) == 1


def test_without_scripts_a_request_about_an_article_is_sent_like_any_other(office, article):
    bernd = office.person(office.cast.bernd.user, java_script_enabled=False)
    bernd.go(f"/requests/new/?article={article.pk}")
    bernd.sees(TITLE)
    bernd.page.locator("#id_title").fill("Schritt 2 fehlt mir")
    bernd.page.locator("#id_description").fill("Der Knopf ist grau.")
    bernd.page.get_by_role("button", name="Anfrage senden").last.click()
    bernd.sees("Ihre Anfrage ist bei uns")
    assert count(ArticleUse, article=article, asked_from=True) == 1

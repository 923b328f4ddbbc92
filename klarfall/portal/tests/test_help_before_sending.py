"""Help while a request is written: what fits, what nobody may see there, and that it never stands in the way."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions.shelf import withdraw_article
from klarfall.knowledge.actions.uses import ArticleNotFitting, attach_article
from klarfall.knowledge.models import ArticleUse, Vote
from klarfall.knowledge.search.indexing import rebuild
from klarfall.knowledge.tests.help_steps import make_article
from klarfall.knowledge.tests.problem_steps import make_problem
from klarfall.tickets.actions.draft import save_draft
from klarfall.tickets.models import Concern, RequestDraft, Ticket
from klarfall.tickets.similar import similar_open
from tests.cast import make_contact

pytestmark = pytest.mark.django_db
NEW = "/requests/new/"
BODY = "## Schritte\n\n1. Öffnen Sie den Mahnlauf.\n2. Nehmen Sie den Mahnlauf zurück.\n\nDie Mahnungen sind dann fort."


@pytest.fixture
def article(cast, now):
    made = make_article(cast.erp, cast.dora, title="Mahnlauf zurücknehmen", body=BODY, now=now - timedelta(days=3))
    make_article(cast.erp, cast.dora, title="Kontenplan anlegen", body="Legen Sie Konten an.", now=now)
    make_article(cast.other, cast.dora, title="Mahnlauf im Lager zurücknehmen", body=BODY, now=now)
    make_article(cast.erp, cast.dora, title="Mahnlauf intern", body=BODY, visibility="internal", now=now)
    with viewing_as(SYSTEM):
        rebuild()
    return made


@pytest.fixture
def typed(erp):
    return {"product": erp.pk, "title": "Mahnlauf zurücknehmen", "description": "Der Mahnlauf war falsch, was nun?"}


@pytest.fixture
def filled(bernd, typed):
    return {**typed, "contact": bernd.pk, "impact": "blocked"}


def offered(client, typed):
    answer = client.post(reverse("portal:writing-help"), typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def rows(model, **filters):
    with viewing_as(SYSTEM):
        return list(model.objects.filter(**filters))


def test_fitting_articles_appear_while_one_writes_and_open_beside(bernds, article, typed):
    shown = offered(bernds, typed)
    assert f'href="/help/articles/{article.pk}/' in shown
    assert 'target="_blank"' in shown
    assert "<mark>" in shown
    assert "Kontenplan" not in shown


def test_nothing_appears_that_the_writer_may_not_read(bernds, browser_of, clara, cast, article, typed):
    shown = offered(bernds, typed)
    assert "Lager" not in shown
    assert "intern" not in shown.lower().replace("internal", "")
    assert "Lager" in offered(browser_of(clara), typed | {"product": cast.other.pk})
    assert "Lager" not in offered(bernds, typed | {"product": cast.other.pk})


def test_known_problems_appear(bernds, cast, typed):
    make_problem(cast.erp, cast.dora, title="Mahnlauf bricht beim Zurücknehmen ab", symptoms="Der Mahnlauf hängt.")
    make_problem(cast.other, cast.dora, title="Mahnlauf im Lager bricht ab", symptoms="Der Mahnlauf hängt.")
    shown = offered(bernds, typed | {"title": "Mahnlauf bricht beim Zurücknehmen ab"})
    assert "Mahnlauf bricht beim Zurücknehmen ab" in shown
    assert "Lager" not in shown


def test_open_requests_of_colleagues_appear_to_whoever_sees_them(browser_of, bernds, cast, make_ticket, typed):
    emil = make_contact("Emil", cast.acme, visibility="all")
    asked = make_ticket(contact=cast.astrid, title="Mahnlauf für Oktober zurücknehmen")
    make_ticket(contact=cast.astrid, title="Mahnlauf für Mai zurücknehmen", confidential=True)
    make_ticket(contact=cast.clara, title="Mahnlauf für Borealis zurücknehmen")
    seen = offered(browser_of(emil), typed)
    assert asked.title in seen
    assert "Mai" not in seen
    assert "Borealis" not in seen
    assert asked.title not in offered(bernds, typed), "Bernd sees his own requests only"


def test_finished_requests_and_single_common_words_are_not_alike(cast, make_ticket, in_full_sight):
    make_ticket(title="Mahnlauf drucken")
    ids = [cast.acme.pk]
    assert similar_open("Der Mahnlauf", customer_ids=ids) == []
    (found,) = similar_open("Wie kann ich den Mahnlauf drucken?", customer_ids=ids)
    Ticket.objects.filter(pk=found.pk).update(status="in_review")
    assert similar_open("", customer_ids=ids) == []
    assert similar_open("Mahnlauf drucken", customer_ids=[cast.borealis.pk]) == []


@pytest.mark.parametrize("text", ["", "M", "ä" * 100_000, "\x00", "<script>alert(1)</script>", '"-+', "%' OR 1=1"])
def test_whatever_is_typed_is_answered(text, bernds, article, typed):
    shown = offered(bernds, typed | {"title": text, "description": text, "product": text[:50], "area": "x"})
    assert "<script>alert" not in shown


def test_the_button_to_send_stands_there_whatever_is_found(bernds, article, filled):
    assert 'hx-trigger="load, ' not in bernds.get(NEW).content.decode()
    bernds.post(reverse("portal:draft"), filled)
    page = bernds.get(NEW).content.decode()
    assert 'hx-trigger="load, ' in page, "a draft asks for its help when it is opened"
    assert page.index('id="writing-help"') < page.index('class="q-send"')
    assert page.count('id="help-line"') == 1
    receipt = bernds.post(NEW, filled, follow=True).content.decode()
    assert f"/help/articles/{article.pk}/" in receipt, "without scripts help stands after sending; nothing waits for it"
    assert len(rows(Ticket)) == 1


def test_that_helped_is_counted_and_the_draft_can_go_and_come_back(bernds, bernd, article, filled):
    shown = bernds.post(reverse("portal:helped"), {"helped": article.pk, "contact": bernd.pk}).content.decode()
    (vote,) = rows(Vote)
    assert (vote.article_id, vote.origin, vote.helped) == (article.pk, "writing", True)
    assert reverse("portal:draft-aside") in shown
    answer = bernds.post(reverse("portal:draft-aside"), filled, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("portal:draft-away")
    assert 'value="Mahnlauf zurücknehmen"' not in bernds.get(NEW).content.decode()
    assert reverse("portal:draft-back") in bernds.get(reverse("portal:draft-away")).content.decode()
    page = bernds.post(reverse("portal:draft-back"), follow=True).content.decode()
    assert 'value="Mahnlauf zurücknehmen"' in page


def test_what_one_may_not_read_cannot_have_helped(bernds, cast, now):
    hidden = make_article(cast.other, cast.dora, now=now)
    assert bernds.post(reverse("portal:helped"), {"helped": hidden.pk}).status_code == 404
    assert bernds.post(reverse("portal:helped"), {"helped": "x"}).status_code == 404
    assert rows(Vote) == []


def test_nobody_brings_back_the_draft_of_somebody_else(bernds, browser_of, cast, filled):
    bernds.post(reverse("portal:draft-aside"), filled)
    browser_of(cast.astrid).post(reverse("portal:draft-back"))
    assert rows(RequestDraft)[0].discarded_at is not None


def test_a_request_about_an_article_carries_it_along(bernds, browser_of, bernd, cast, article, filled):
    page = bernds.get(f"{NEW}?article={article.pk}").content.decode()
    assert f'name="article" value="{article.pk}" checked' in page
    assert article.product.name in page
    bernds.post(NEW, filled | {"article": article.pk})
    (use,) = rows(ArticleUse)
    assert (use.article_id, use.asked_from, use.created_by_id) == (article.pk, True, bernd.user_id)
    (ticket,) = rows(Ticket)
    shown = bernds.get(reverse("portal:ticket", args=[ticket.number])).content.decode()
    assert "Mahnlauf zurücknehmen" in shown
    assert f"/help/articles/{article.pk}/" in shown
    at_desk = browser_of(cast.anna).get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    assert reverse("desk:article-reading", args=[article.pk]) in at_desk


def test_the_article_brings_its_product_and_area(browser_of, clara, cast, now):
    with viewing_as(SYSTEM):
        area = cast.other.areas.get()
    about = make_article(cast.other, cast.dora, area=area, now=now)
    page = browser_of(clara).get(f"{NEW}?article={about.pk}").content.decode()
    assert f'<option value="{cast.other.pk}" selected' in page
    assert f'<option value="{area.pk}" selected' in page


def test_an_article_out_of_sight_is_not_carried_and_the_request_is_sent_all_the_same(bernds, cast, filled, now):
    hidden = make_article(cast.other, cast.dora, title="Geheimes Lager", now=now)
    gone = make_article(cast.erp, cast.dora, title="Bald weg", now=now)
    withdraw_article(gone, actor=cast.dora, now=timezone.now())
    for pk in (hidden.pk, gone.pk, 99_999_999, "x", "9" * 40):
        page = bernds.get(f"{NEW}?article={pk}").content.decode()
        assert 'name="article"' not in page
        assert "Geheim" not in page
    assert bernds.post(NEW, filled | {"article": hidden.pk}).status_code == 303
    assert rows(ArticleUse) == []


def test_the_draft_keeps_the_article(bernds, article, filled):
    bernds.post(reverse("portal:draft"), filled | {"article": article.pk})
    assert f'name="article" value="{article.pk}" checked' in bernds.get(NEW).content.decode()
    bernds.post(reverse("portal:draft"), filled)
    assert 'name="article"' not in bernds.get(NEW).content.decode()


def test_the_words_of_a_search_become_the_title_unless_there_is_a_draft(bernds, bernd, now):
    page = bernds.get(f"{NEW}?title=Mahnlauf+%3Cb%3E").content.decode()
    assert 'value="Mahnlauf &lt;b&gt;"' in page
    save_draft(bernd, data={"title": "Meins"}, actor=bernd.user, now=now)
    page = bernds.get(f"{NEW}?title=Anderes").content.decode()
    assert 'value="Meins"' in page
    assert "Gesucht haben Sie:</strong> Anderes" in page, "the words are not lost beside the draft"
    assert "Gesucht haben Sie" not in bernds.get(f"{NEW}?title=Meins").content.decode()


def test_an_article_that_went_away_is_named_no_more(bernds, cast, article, filled):
    bernds.post(NEW, filled | {"article": article.pk})
    withdraw_article(article, actor=cast.dora, now=timezone.now())
    (ticket,) = rows(Ticket)
    shown = bernds.get(reverse("portal:ticket", args=[ticket.number])).content.decode()
    assert f"/help/articles/{article.pk}/" not in shown


def test_articles_that_the_customer_does_not_read_are_not_named_to_them(bernds, browser_of, cast, asked, now):
    titles = {
        "Für Acme": make_article(cast.erp, cast.dora, title="Für Acme", now=now),
        "Nur intern": make_article(cast.erp, cast.dora, title="Nur intern", visibility="internal", now=now),
        "Anderes Produkt": make_article(cast.other, cast.dora, title="Anderes Produkt", now=now),
    }
    for one in titles.values():
        attach_article(asked, article=one, actor=cast.anna, now=now)
    shown = bernds.get(reverse("portal:ticket", args=[asked.number])).content.decode()
    assert [title for title in titles if title in shown] == ["Für Acme"]


@pytest.mark.parametrize("who", ["astrid", "clara"])
def test_contacts_put_articles_to_their_own_requests_only(who, cast, asked, article, now):
    person = getattr(cast, who)
    with pytest.raises(Refused):
        attach_article(asked, article=article, actor=person.user, now=now)


def test_contacts_cannot_put_what_they_do_not_read(cast, asked, now):
    hidden = make_article(cast.other, cast.dora, now=now)
    with pytest.raises(ArticleNotFitting):
        attach_article(asked, article=hidden, actor=cast.bernd.user, now=now)


def test_work_that_costs_something_has_a_free_alternative_beside_it(bernds, browser_of, clara, cast, article, offer):
    """R28: how something works is explained by an article; choosing that form shows it at once."""
    ticket = offer.ticket
    part = reverse("portal:concern-articles", args=[ticket.number, 1])
    for page in (reverse("portal:decision", args=[offer.number]), reverse("portal:ticket", args=[ticket.number])):
        assert part in bernds.get(page).content.decode()
    with viewing_as(SYSTEM):
        Concern.objects.filter(ticket=ticket).update(title="Wie nehme ich den Mahnlauf zurück?")
    shown = bernds.get(part).content.decode()
    assert f"/help/articles/{article.pk}/" in shown
    assert reverse("portal:help-search") in shown
    assert "Lager" not in shown
    assert browser_of(clara).get(part).status_code == 404
    assert bernds.get(reverse("portal:concern-articles", args=[ticket.number, 9])).status_code == 404


def test_the_contact_page_offers_the_search_first(bernds):
    assert 'role="search"' in bernds.get(reverse("portal:contact")).content.decode()

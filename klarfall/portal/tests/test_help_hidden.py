"""What numbers and haste do not lead to: pictures of drafts, hits of hidden articles, documents without end."""

from io import BytesIO
from threading import BoundedSemaphore
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.cache import cache
from django.urls import reverse

from klarfall.accounts.limits import Limit
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge import papers
from klarfall.knowledge.actions import misses
from klarfall.knowledge.actions.articles import (
    ArticleData,
    Content,
    change_article,
    publish_edition,
    save_draft,
    start_edition,
)
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.actions.problems import publish_problem
from klarfall.knowledge.actions.subscriptions import renew_feed, subscribe
from klarfall.knowledge.importing.package import PackageRefused, opened
from klarfall.knowledge.models import Article, Edition, SearchMiss
from klarfall.knowledge.tests.problem_steps import make_problem
from klarfall.knowledge.tests.search_steps import PUBLIC, found, indexed, suggested
from klarfall.knowledge.tests.shelf import film, picture, publish
from klarfall.portal.views import articles
from tests.cast import NOW, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


def file_page(row) -> str:
    return reverse("portal:help-file", args=[row.pk, row.name])


def test_a_picture_of_a_draft_is_nobodys_before_it_comes_out(cast, editor, client):
    page = publish(cast.erp, editor, visibility="public").article
    who = {"actor": editor, "now": NOW}
    row, other = (add_media(page, file=picture(), use="picture", **who) for _once in range(2))
    video = add_media(page, file=film(), use="video", **who)
    draft = start_edition(page, language="de", **who)
    body = f"![Neu](media:{row.pk}) media:{other.pk}0"
    draft = save_draft(draft, content=Content(title="Neu", body=body), saved=1, **who)
    assert client.get(file_page(row)).status_code == 404
    assert client.get(file_page(video)).status_code == 200  # of the article, whatever its texts say
    publish_edition(draft, **who)
    assert client.get(file_page(row)).status_code == 200
    assert client.get(file_page(other)).status_code == 404  # the number of another file begins like its own
    publish(cast.erp, editor, f"![](media:{other.pk})", visibility="public")
    assert client.get(file_page(other)).status_code == 200  # texts show pictures of other articles, too


def data_of(page, **changed) -> ArticleData:
    """What an article is about, with changes."""
    values = {"kind": page.kind, "product": page.product, "area": None, "visibility": page.visibility}
    return ArticleData(**{**values, **changed})


def test_older_editions_were_written_for_fewer(cast, editor, client):
    who = {"actor": editor, "now": NOW}
    page = publish(cast.erp, editor, "Passwort des Hauses: Walnuss", visibility="internal").article
    draft = start_edition(page, language="de", **who)
    draft = save_draft(draft, content=Content(title="Neu", body="Für alle."), saved=1, **who)
    publish_edition(draft, **who)
    page = change_article(page, data=data_of(page, visibility="public"), **who)
    address = reverse("portal:article", args=[page.pk])
    assert "Für alle." in (shown := client.get(address).content.decode())
    assert "edition=1" not in shown
    assert client.get(f"{address}?edition=1").status_code == 404
    with viewing_as(PUBLIC):
        assert [one.number for one in Edition.objects.filter(article=page)] == [2]
    with viewing_as(SYSTEM):
        assert Edition.objects.filter(article=page, withheld=True).count() == 1


@pytest.mark.parametrize(
    ("before", "after", "withheld"),
    [
        ("public", "internal", 0),
        ("customers", "customers", 0),
        ("customers", "signed_in", 1),
        ("internal", "public", 1),
    ],
)
def test_older_editions_stay_with_those_who_had_them(cast, editor, before, after, withheld):
    who = {"actor": editor, "now": NOW}
    page = publish(cast.erp, editor, visibility=before).article
    publish_edition(start_edition(page, language="de", **who), **who)
    change_article(page, data=data_of(page, visibility=after), **who)
    with viewing_as(SYSTEM):
        assert Edition.objects.filter(article=page, withheld=True).count() == withheld


def test_older_editions_do_not_go_to_customers_of_another_product(cast, editor):
    who = {"actor": editor, "now": NOW}
    page = publish(cast.erp, editor).article
    publish_edition(start_edition(page, language="de", **who), **who)
    change_article(page, data=data_of(page, product=cast.other), **who)
    with viewing_as(SYSTEM):
        assert Edition.objects.filter(article=page, withheld=True).count() == 1


def test_a_picture_of_a_known_problem_is_shown_to_its_readers(cast, editor, client):
    page = publish(cast.erp, editor, visibility="public").article
    row = add_media(page, file=picture(), use="picture", actor=editor, now=NOW)
    said = {"symptoms": f"![So](media:{row.pk})", "visibility": "public"}
    problem = make_problem(cast.erp, editor, published=False, **said)
    assert client.get(file_page(row)).status_code == 404
    publish_problem(problem, actor=editor, now=NOW)
    assert client.get(file_page(row)).status_code == 200


@pytest.mark.parametrize("change", [{"live": False}, {"visibility": "internal"}, {"visibility": "customers"}])
def test_what_was_hidden_is_gone_before_the_index_follows(cast, editor, change):
    article = indexed(cast.erp, editor, "Kaution Walnuss", visibility="public")
    assert suggested(PUBLIC, "Walnu") == ["Kaution Walnuss"]
    with viewing_as(SYSTEM):
        Article.objects.filter(pk=article.pk).update(**change)  # its job has not run yet
    assert suggested(PUBLIC, "Walnu") == []
    answer = found(PUBLIC, "Walnuss")
    assert (answer.hits, answer.count, answer.facets.kinds) == ((), 0, {})


def test_documents_are_not_made_without_end(cast, editor, client, monkeypatch):
    page = publish(cast.erp, editor, visibility="public").article
    address = reverse("portal:article-pdf", args=[page.pk])
    monkeypatch.setattr(articles, "_PAPERS", Limit("help-pdf", 1, articles._PAPERS.span))
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 303
    monkeypatch.setattr(articles, "_PAPERS", Limit("help-pdf-more", 9, articles._PAPERS.span))
    cache.clear()
    full = BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(papers, "_QUEUE", full)
    assert client.get(address).status_code == 303  # at once: who waits holds a thread


def test_a_sign_that_xml_cannot_hold_ends_nobodys_feed(cast, editor, client):
    bernd = {"actor": cast.bernd.user, "now": NOW}
    subscription = subscribe(cast.bernd, product=cast.erp, kinds=["knowledge"], pace="each", **bernd)
    address = reverse("portal:help-feed", args=[renew_feed(subscription, **bernd)])
    publish(cast.erp, editor, title="Kaution\x01\x1f Walnuss", summary="Kurz\x08.")
    response = client.get(address)
    assert response.status_code == 200
    assert "<title>Kaution Walnuss</title>" in response.content.decode()


def test_a_known_problem_leads_to_no_article_that_its_reader_cannot_read(cast, editor, client):
    page = publish(cast.erp, editor, visibility="internal").article
    problem = make_problem(cast.erp, editor, visibility="public", article=page)
    address, link = reverse("portal:problem", args=[problem.pk]), reverse("portal:article", args=[page.pk])
    assert link not in client.get(address).content.decode()
    change_article(page, data=data_of(page, visibility="public"), actor=editor, now=NOW)
    assert link in client.get(address).content.decode()


def test_the_list_of_misses_stays_short_in_whatever_rhythm_one_searches(cast, monkeypatch):
    monkeypatch.setattr(misses, "MOST", 3)
    monkeypatch.setattr(misses, "_ONE_IN", 1)
    for number in range(8):
        misses.record_miss(f"walnuss{'abcdefgh'[number]}", product=None, actor=None, now=NOW.replace(second=30))
    with viewing_as(SYSTEM):
        assert SearchMiss.objects.count() == 3


def test_an_archive_that_tells_less_files_than_it_has_is_refused():
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for number in range(6_000):
            archive.writestr(f"{'ordner/' * 20}{number}.md", "")
    packed = bytearray(content.getvalue())
    end = packed.rfind(b"PK\x05\x06")
    packed[end + 8 : end + 12] = b"\x01\0\x01\0"
    with pytest.raises(PackageRefused):
        opened(BytesIO(bytes(packed)), "a.zip")

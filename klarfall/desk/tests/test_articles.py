"""Articles at the desk: who gets there, writing without losing anything, files, steps, editions, requests, imports."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.article_checks import of as checks_of
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.knowledge.models import Article, ArticleUse, Edition, Media, SearchMiss, SynonymGroup
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
FORM = {"summary": "Kurz.", "label": "", "version_from": "", "version_to": "", "note": "", "announced": "on"}


@pytest.fixture
def ediths(desk_of):
    """An editor who is nothing else."""
    return desk_of(make_staff("Edith", "editor"))


def begin(client, cast, title="Sollstellung wiederholen", kind="knowledge"):
    """Begin an article through the page; its number."""
    about = {"product": cast.erp.pk, "kind": kind, "area": "", "visibility": "customers", "language": "de"}
    response = client.post(at("new-article"), {**about, "title": title})
    assert response.status_code == 303, text(response)
    with viewing_as(SYSTEM):
        return Article.objects.latest("pk").pk


def words(body, saved, title="Sollstellung wiederholen", **also):
    return {**FORM, "title": title, "body": body, "saved": saved, **also}


def edition_of(pk, **having):
    with viewing_as(SYSTEM):
        return Edition.objects.select_related("article").filter(article=pk, **having).latest("number")


def picture(name="maske.png"):
    content = BytesIO()
    Image.new("RGB", (40, 30), "#ccd").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def test_who_only_keeps_the_help_reaches_nothing_of_customers(ediths, ticket, cast):
    assert ediths.get(at("start"))["Location"] == at("articles")
    shown = text(ediths.get(at("articles")))
    assert at("new-article") in shown
    assert at("customers") not in shown
    hidden = [at("customers"), at("list", slug="to-assess"), at("ticket", number=ticket.number), at("notices"),
              at("ticket-articles", number=ticket.number), at("ticket-article", number=ticket.number),
              at("customer", number=cast.acme.number), at("call"), at("handovers"), at("settings")]  # fmt: skip
    assert {path: ediths.get(path).status_code for path in hidden} == dict.fromkeys(hidden, 404)


def test_the_help_is_for_those_who_write_it(desk_of):
    biller = desk_of(make_staff("Bille", "billing"))
    paths = [at(name) for name in ("articles", "new-article", "synonyms", "help-gaps", "article-import")]
    assert {biller.get(path).status_code for path in paths} == {404}
    assert at("articles") not in text(biller.get(at("list", slug="to-assess")))


def test_a_new_editor_publishes_an_update_description_with_a_picture(ediths, cast):
    pk = begin(ediths, cast, "Neu in 8.5", "update")
    sent = {**words("## Neu\n\nSchneller.", 1, "Neu in 8.5"), "use": "picture", "description": "Die neue Maske"}
    response = ediths.post(at("article-media", pk), {**sent, "file": picture()})
    with viewing_as(SYSTEM):
        media = Media.objects.get(article=pk)
    assert response["Location"].endswith(f"#media-{media.pk}")
    assert edition_of(pk).body == "## Neu\n\nSchneller.", "what was typed is saved along with the file"
    body = f"## Neu\n\nSchneller.\n\n![Die neue Maske](media:{media.pk})"
    response = ediths.post(at("article", pk), {**words(body, 2, "Neu in 8.5"), "do": "publish"})
    assert response["Location"] == at("article-step", pk, "publish")
    asked = text(ediths.get(response["Location"]))
    assert "Es ist kein Bereich gewählt" in asked
    assert ediths.post(response["Location"]).status_code == 303
    assert edition_of(pk).status == "published"
    shown = text(ediths.get(at("article-reading", pk)))
    assert f'src="{at("article-file", media.pk, media.name)}"' in shown
    assert ediths.get(at("article-file", media.pk, media.name))["Content-Type"] == "image/png"


def test_a_picture_needs_a_description(ediths, cast):
    pk = begin(ediths, cast)
    answer = ediths.post(
        at("article-media", pk), {"use": "picture", "file": picture()}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert "was zu sehen ist" in answer.json()["error"]
    with viewing_as(SYSTEM):
        assert not Media.objects.exists()


def test_what_is_written_is_saved_by_itself_and_nobody_overwrites_anybody(ediths, annas, cast):
    pk = begin(ediths, cast)
    saved = ediths.post(at("article-draft", pk), words("Erster Satz.", 1))
    assert (saved.status_code, saved.json()["fields"]) == (200, {"saved": 2})
    late = annas.post(at("article-draft", pk), words("Annas Satz.", 1))
    assert late.status_code == 409
    assert "Edith" in late.json()["error"]
    both = annas.post(at("article", pk), {**words("Annas Satz.", 1), "do": "save"})
    assert both.status_code == 409
    assert "Annas Satz." in text(both)
    assert "Erster Satz." in text(both)
    annas.post(at("article", pk), {**words("Beide Sätze.", 2), "do": "save"})
    assert edition_of(pk).body == "Beide Sätze."


def test_text_that_cannot_be_taken_comes_back(ediths, cast):
    pk = begin(ediths, cast)
    answer = ediths.post(at("article", pk), words("Mein Text", 1, title=""))
    assert answer.status_code == 422
    assert "Mein Text" in text(answer)


def test_a_specialist_gives_to_review_and_an_editor_sends_back(annas, ediths, cast):
    pk = begin(annas, cast)
    response = annas.post(at("article", pk), {**words("Text.", 1), "do": "submit"})
    annas.post(response["Location"])
    assert edition_of(pk).status == "review"
    publish = annas.get(at("article-step", pk, "publish"))
    assert publish.status_code == 303, "specialists do not publish"
    assert "Sollstellung wiederholen" in text(ediths.get(at("articles"), {"state": "review"}))
    ediths.post(at("article-step", pk, "send-back"), {"reason": "Bitte mit Bild."})
    assert "Bitte mit Bild." in text(annas.get(at("article", pk)))
    assert edition_of(pk).status == "draft"


def test_an_empty_text_cannot_be_published(ediths, cast):
    pk = begin(ediths, cast)
    ediths.post(at("article", pk), words("", 1, summary=""))
    with viewing_as(SYSTEM):
        assert next(one.blocks for one in checks_of(edition_of(pk), []))
    ediths.post(at("article-step", pk, "publish"))
    assert edition_of(pk).status == "draft"


def test_preview_runs_nothing(ediths, cast):
    pk = begin(ediths, cast)
    shown = text(ediths.post(at("article-preview", pk), {"body": "<script>alert(1)</script>\n\n**fett**"}))
    assert "<script" not in shown
    assert "<strong>fett</strong>" in shown


def published(client, cast, body):
    pk = begin(client, cast)
    client.post(at("article", pk), words(body, 1))
    client.post(at("article-step", pk, "publish"))
    return pk


def test_editions_differ_and_an_older_one_is_taken_up_again(ediths, cast):
    pk = published(ediths, cast, "Der alte Satz.")
    ediths.post(at("article-editions", pk))
    ediths.post(at("article", pk), words("Der neue Satz.", 1))
    ediths.post(at("article-step", pk, "publish"))
    history = text(ediths.get(at("article-history", pk)))
    assert "<del>alte</del>" in history
    assert "<ins>neue</ins>" in history
    assert "Der alte Satz." in text(ediths.get(at("article-reading", pk), {"edition": 1}))
    ediths.post(at("article-restoration", pk, 1))
    assert (edition_of(pk).number, edition_of(pk).body, edition_of(pk).status) == (3, "Der alte Satz.", "draft")


def test_a_picture_is_deleted_for_good_also_from_older_editions(ediths, annas, cast):
    pk = begin(ediths, cast)
    ediths.post(at("article-media", pk), {"use": "picture", "description": "Eine Maske", "file": picture()})
    with viewing_as(SYSTEM):
        media = Media.objects.get()
    ediths.post(at("article", pk), words(f"![Eine Maske](media:{media.pk})", 1))
    ediths.post(at("article-step", pk, "publish"))
    ediths.post(at("article-editions", pk))
    ediths.post(at("article", pk), words("Ohne Bild.", 1))
    ediths.post(at("article-step", pk, "publish"))
    ediths.post(at("article-media-one", pk, media.pk), {"do": "remove"})
    page = at("article-media-deletion", pk, media.pk)
    assert page in text(ediths.get(at("article", pk))), "who looks for a removed one finds it"
    assert annas.get(page).status_code == annas.post(page).status_code == 404
    asked = text(ediths.get(page))
    assert f"{at('article-reading', pk)}?edition=1" in asked
    ediths.post(page)
    with viewing_as(SYSTEM):
        assert not Media.objects.exists()
    assert ediths.get(at("article-file", media.pk, media.name)).status_code == 404
    assert "Eine Maske" in text(ediths.get(at("article-reading", pk), {"edition": 1}))


def test_a_translation_stands_beside_the_german_text(ediths, cast):
    pk = published(ediths, cast, "Der Satz.")
    ediths.post(f"{at('article-editions', pk)}?language=en&side=1")
    page = text(ediths.get(at("article-translation", pk)))
    assert page.count("Der Satz.") == 2
    ediths.post(f"{at('article', pk)}?language=en&side=1", words("The sentence.", 1))
    assert edition_of(pk, language="en").body == "The sentence."
    ediths.post(at("article-editions", pk))
    ediths.post(at("article", pk), words("Der andere Satz.", 1))
    assert "Der deutsche Text ist neuer" in text(ediths.get(at("article-translation", pk)))


def test_facts_of_a_published_article_change_who_may_publish(ediths, annas, cast):
    pk = published(ediths, cast, "Text.")
    given = {"visibility": "internal", "area": "", "owner": "", "review_on": "01.12.2026", "expires_on": ""}
    assert annas.post(at("article-facts", pk), given).status_code == 422
    ediths.post(at("article-facts", pk), given)
    with viewing_as(SYSTEM):
        assert Article.objects.get(pk=pk).visibility == "internal"


def test_kinds_that_a_product_does_not_have_do_not_appear(ediths, cast):
    with viewing_as(SYSTEM):
        type(cast.erp).objects.filter(pk=cast.erp.pk).update(media=["manual"])
    shown = text(ediths.get(at("new-article"), {"product": cast.erp.pk}))
    assert 'value="manual"' in shown
    assert 'value="video"' not in shown


def test_synonyms_are_added_changed_and_switched_off(ediths):
    assert ediths.post(at("synonyms"), {"words": "Mahnung"}).status_code == 422
    ediths.post(at("synonyms"), {"words": "Mahnung, Zahlungserinnerung, mahnung"})
    with viewing_as(SYSTEM):
        group = SynonymGroup.objects.get()
    assert group.words == ["mahnung", "Zahlungserinnerung"]
    again = ediths.post(at("synonyms"), {"words": "Zahlungserinnerung, Mahnung"})
    assert "stehen schon in einer Gruppe" in text(again)
    ediths.post(at("synonym", group.pk), {"do": "off"})
    with viewing_as(SYSTEM):
        assert not SynonymGroup.objects.get().active
    assert ediths.get(at("synonyms"), {"q": "mahnung"}).status_code == 200


def test_what_was_searched_in_vain_is_settled(ediths, clock):
    with viewing_as(SYSTEM):
        miss = SearchMiss.objects.create(words="drehstrom", last_at=clock())
    assert "drehstrom" in text(ediths.get(at("help-gaps")))
    ediths.post(at("search-miss", miss.pk), {"do": "done"})
    assert "drehstrom" not in text(ediths.get(at("help-gaps")))
    assert "drehstrom" in text(ediths.get(at("help-gaps"), {"done": 1}))


def test_a_request_becomes_a_draft_without_its_people(annas, ticket, cast):
    asked = text(annas.get(at("ticket-article", ticket.number)))
    with viewing_as(SYSTEM):
        assert not Article.objects.exists(), "nothing is saved by looking"
    assert cast.acme.name not in asked.split("</h1>")[1].split("<dl")[0]
    annas.post(at("ticket-article", ticket.number))
    with viewing_as(SYSTEM):
        use = ArticleUse.objects.get(ticket=ticket, source=True)
        assert use.article.visibility == "internal"
    assert annas.get(at("ticket-article", ticket.number))["Location"] == at("article", use.article_id)


def test_an_article_is_put_to_a_request_and_taken_off(annas, ediths, ticket, cast):
    pk = published(ediths, cast, "Text.")
    annas.post(at("ticket-articles", ticket.number), {"article": pk})
    assert at("article-reading", pk) in text(annas.get(at("ticket", number=ticket.number)))
    annas.post(at("ticket-article-removal", ticket.number, pk))
    with viewing_as(SYSTEM):
        assert not ArticleUse.objects.exists()


def test_the_list_needs_few_queries_however_many_articles(ediths, cast):
    for number in range(3):
        begin(ediths, cast, f"Artikel {number}")
    before = len(queries_of(ediths, at("articles")))
    for number in range(6):
        begin(ediths, cast, f"Weiterer {number}")
    assert len(queries_of(ediths, at("articles"))) == before <= 8


def test_the_list_is_paged_by_key_and_searched(ediths, cast, monkeypatch):
    monkeypatch.setattr("klarfall.desk.article_list.PAGE", 2)
    for number in range(5):
        begin(ediths, cast, f"Artikel {number}")
    first = text(ediths.get(at("articles"), {"sort": "title"}))
    assert ("Artikel 0" in first, "Artikel 2" in first) == (True, False)
    after = first.split("?sort=title&amp;after=")[1].split('"')[0]
    second = text(ediths.get(at("articles"), {"sort": "title", "after": after}))
    assert ("Artikel 1" in second, "Artikel 2" in second, "Artikel 3" in second) == (False, True, True)
    assert "Artikel 4" in text(ediths.get(at("articles"), {"q": "kel 4"}))
    assert ediths.get(reverse("desk:articles"), {"after": "9" * 40}).status_code == 200

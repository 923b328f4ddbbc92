"""The Helpdesk-Center as customers, visitors and staff meet it, and what none of them may meet."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from klarfall.contracts.models import Area, InstalledVersion, ProductVersion
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.knowledge.actions.articles import Content, publish_edition, save_draft, start_edition, withdraw_article
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.models import Article, Reading, Vote
from klarfall.knowledge.tests.shelf import CAPTIONS, film, picture, publish, write
from klarfall.portal.tests.conftest import HOST
from tests.cast import NOW, fresh, make_staff
from tests.test_query_budget import BUDGET, queries_of

pytestmark = pytest.mark.django_db

BODY = """Vorweg.

## Wann Sie das brauchen

Der Saldo stimmt nicht, siehe `F-1012`.

:::achtung
Starten Sie **keinen** Lauf.
:::

## Lauf zurücknehmen

1. Öffnen Sie die Liste.
2. Prüfen Sie.

### Im Einzelnen

| Lauf | Betrag |
| --- | ---: |
| 1 | 38 |

## Ergebnis prüfen

[Weiter](https://example.com/) und <script>alert(1)</script>.
"""
SECRET = "streng-geheim"


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


@pytest.fixture
def area(cast):
    return Area.objects.get(product=cast.erp)


@pytest.fixture
def article(cast, editor, area):
    return publish(cast.erp, editor, BODY, summary="So geht es.", area=area).article


def page(client, name, *args, **query):
    response = client.get(reverse(f"portal:{name}", args=args), query, **HOST)
    assert response.status_code == 200, (name, args, response.status_code)
    return response.content.decode()


def revise(article, editor, **words):
    """The next edition of an article, published."""
    draft = start_edition(article, language="de", actor=editor, now=NOW)
    values = {"title": draft.title, "body": draft.body, "summary": draft.summary, **words}
    draft = save_draft(draft, content=Content(**values), saved=draft.saved, actor=editor, now=NOW)
    return publish_edition(draft, actor=editor, now=NOW)


def test_the_first_page_shows_what_there_is_and_nothing_else(bernds, article):
    shown = page(bernds, "help")
    for part in ("Lauf zurücknehmen", "Mahnwesen", "kind=knowledge"):
        assert part in shown
    for kind in ("video", "manual", "update", "quick_start"):
        assert f"kind={kind}" not in shown


def test_an_article_is_read_and_remembered(bernds, article):
    shown = page(bernds, "article", article.pk)
    for part in ('href="#wann-sie-das-brauchen"', 'id="lauf-zuruecknehmen"', "stepwise", "is-warning", "table-frame"):
        assert part in shown, part
    assert 'class="anchor" href="#ergebnis-pruefen"' in shown
    assert "<script>alert" not in shown
    assert f"{reverse('portal:new')}?article={article.pk}" in shown
    page(bernds, "article", article.pk)
    with viewing_as(SYSTEM):
        assert Reading.objects.get().times == 1, "loading it anew is the same reading"
    cache.clear()
    page(bernds, "article", article.pk)
    with viewing_as(SYSTEM):
        assert Reading.objects.get().times == 2
    assert 'id="recently-read"' in page(bernds, "help")


def test_an_empty_house_says_what_will_appear(bernds, cast):
    assert 'class="kinds"' not in page(bernds, "help")
    assert 'class="card empty"' in page(bernds, "help")
    assert 'class="card empty"' in page(bernds, "help-list", kind="video")


@pytest.fixture
def hidden(cast, editor):
    """Articles that Bernd may not read, each with a file: of another product, internal, unpublished, withdrawn."""
    made = {
        "foreign": publish(cast.other, editor, SECRET, title=SECRET).article,
        "internal": publish(cast.erp, editor, SECRET, title=SECRET, visibility="internal").article,
        "draft": write(cast.erp, editor, SECRET, title=SECRET).article,
        "withdrawn": publish(cast.erp, editor, SECRET, title=SECRET).article,
    }
    files = {
        name: add_media(one, file=picture(), use="picture", description=SECRET, actor=editor, now=NOW)
        for name, one in made.items()
    }
    withdraw_article(made["withdrawn"], actor=editor, now=NOW)
    return [(one.pk, files[name]) for name, one in made.items()]


@pytest.mark.parametrize("who", ["contact", "visitor"])
def test_what_one_may_not_read_does_not_exist(who, client, bernds, article, hidden):
    reader = bernds if who == "contact" else client
    for pk, file in hidden:
        addresses = [
            reverse("portal:article", args=[pk]),
            reverse("portal:article", args=[pk]) + "?edition=1&language=de",
            reverse("portal:article-chapter", args=[pk, "streng"]),
            reverse("portal:article-pdf", args=[pk]),
            reverse("portal:help-file", args=[file.pk, file.name]),
        ]
        for address in addresses:
            answer = reader.get(address, **HOST)
            assert answer.status_code == 404, address
            assert SECRET not in answer.content.decode()
    for shown in (page(reader, "help"), page(reader, "help-list")):
        assert SECRET not in shown
    with viewing_as(SYSTEM):
        assert not Reading.objects.exists()


def test_nobody_votes_on_what_they_may_not_read(bernds, hidden):
    for pk, _file in hidden:
        assert bernds.post(reverse("portal:article-vote", args=[pk]), {"helped": "yes"}, **HOST).status_code == 404
    with viewing_as(SYSTEM):
        assert not Vote.objects.exists()


def test_counts_are_of_what_the_reader_may_read(client, bernds, browser_of, cast, editor, article):
    publish(cast.other, editor, "Text.", title="Inventur")
    publish(cast.erp, editor, "Text.", title="Offen", visibility="public")
    number = {
        "visitor": page(client, "help-list"),
        "bernd": page(bernds, "help-list"),
        "clara": page(browser_of(cast.clara), "help-list"),
    }
    found = {who: len(re.findall(r'href="/help/articles/\d+/"', shown)) for who, shown in number.items()}
    assert found == {"visitor": 1, "bernd": 2, "clara": 3}


def test_visitors_read_what_is_public_and_hear_of_more(client, cast, editor):
    public = publish(cast.erp, editor, BODY, visibility="public").article
    shown = page(client, "article", public.pk)
    assert reverse("account_login") in shown
    assert reverse("portal:article-vote", args=[public.pk]) not in shown
    assert "Edith" not in shown
    assert "more-in" in page(client, "help")
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(public_pages=False)
    vendor.forget()
    assert client.get(reverse("portal:article", args=[public.pk]), **HOST).status_code == 302


def test_older_editions_stay_and_lead_to_the_current_one(bernds, article, editor):
    revise(article, editor, body="## Neu\n\nAnders.", note="Neu gefasst")
    current = page(bernds, "article", article.pk)
    assert "Anders." in current
    assert "?edition=1&amp;language=de" in current
    old = page(bernds, "article", article.pk, edition="1", language="de")
    assert "Der Saldo stimmt nicht" in old
    assert 'class="note is-open older"' in old
    assert 'id="vote"' not in old
    for wrong in ({"edition": "7"}, {"edition": "x"}, {"edition": "9" * 40}, {"language": "fr"}, {"language": "en"}):
        assert bernds.get(reverse("portal:article", args=[article.pk]), wrong, **HOST).status_code == 404, wrong


def test_an_article_is_read_in_the_language_one_chooses(bernds, article, editor):
    draft = start_edition(article, language="en", actor=editor, now=NOW)
    content = Content(title="Take a run back", body="## Steps\n\nOpen it.")
    publish_edition(save_draft(draft, content=content, saved=draft.saved, actor=editor, now=NOW), actor=editor, now=NOW)
    assert 'lang="en"' in page(bernds, "article", article.pk, language="en")
    german = page(bernds, "article", article.pk, language="de")
    assert "Vorweg." in german
    assert "?language=en" in german


def test_a_manual_is_read_chapter_by_chapter(bernds, cast, editor):
    manual = publish(cast.erp, editor, BODY, kind="manual", title="Handbuch", label="2026").article
    first = page(bernds, "article", manual.pk)
    assert "Vorweg." in first
    assert "Der Saldo" not in first
    middle = page(bernds, "article-chapter", manual.pk, "lauf-zuruecknehmen")
    assert "Öffnen Sie die Liste" in middle
    assert "Der Saldo" not in middle
    for neighbour, way in (("wann-sie-das-brauchen", "prev"), ("ergebnis-pruefen", "next")):
        assert f'{reverse("portal:article-chapter", args=[manual.pk, neighbour])}" rel="{way}"' in middle
    assert '<h2 id="im-einzelnen">' in middle
    missing = reverse("portal:article-chapter", args=[manual.pk, "gibt-es-nicht"])
    assert bernds.get(missing, **HOST).status_code == 404


def test_a_video_has_player_chapters_and_transcript(bernds, cast, editor):
    video = write(cast.erp, editor, "Text.", kind="video", title="Lauf im Film")
    by = {"actor": editor, "now": NOW}
    media = add_media(video.article, file=film(), use="video", **by)
    for use in ("captions", "chapters"):
        add_media(video.article, file=_vtt(use), use=use, language="de", **by)
    publish_edition(fresh(video), actor=editor, now=NOW)
    shown = page(bernds, "article", video.article_id)
    assert shown.count("<video") == 1
    assert 'kind="captions"' in shown
    assert f'{reverse("portal:help-file", args=[media.pk, media.name])}#t=3" data-seek="3"' in shown
    assert "Guten Tag, hier ist der Lauf. Jetzt prüfen." in shown


def _vtt(use):
    return SimpleUploadedFile(f"film.{use}.vtt", CAPTIONS)


def test_an_update_says_whether_one_has_it(bernds, cast, editor):
    with viewing_as(SYSTEM):
        old = ProductVersion.objects.get(product=cast.erp)
        new = ProductVersion.objects.create(product=cast.erp, name="2026.2", released_on=date(2026, 6, 1))
        InstalledVersion.objects.create(customer=cast.acme, product=cast.erp, version=old, since=date(2026, 2, 1))
    had = publish(cast.erp, editor, "Text.", kind="update", title="Drin", version_from=old).article
    coming = publish(cast.erp, editor, "Text.", kind="update", title="Kommt", version_from=new).article
    assert "part of your version 2026.1" in page(bernds, "article", had.pk)
    shown = page(bernds, "article", coming.pk)
    assert "you have 2026.1" in shown
    assert "Drin" in shown
    listed = page(bernds, "help-list", product=cast.erp.pk, version=new.pk)
    assert "Kommt" in listed
    assert "Drin" not in listed


def test_a_list_is_paged_by_key_in_every_order(bernds, cast, editor, area):
    titles = [f"Titel_{number:02}" for number in range(27)]
    made = [publish(cast.erp, editor, "Text.", title=title, area=area).article for title in titles]
    with viewing_as(SYSTEM):
        for number, one in enumerate(made):
            Article.objects.filter(pk=one.pk).update(helped=number % 7)
    for order in ("newest", "title", "helpful"):
        first = page(bernds, "help-list", area=area.pk, sort=order)
        older = re.search(r'href="\?([^"]*older=[^"]*)" rel="next"', first)
        assert older, order
        second = bernds.get(reverse("portal:help-list") + "?" + older[1].replace("&amp;", "&"), **HOST).content.decode()
        on = [set(re.findall(r"Titel_\d\d", shown)) for shown in (first, second)]
        assert (len(on[0]), len(on[1]), len(on[0] | on[1])) == (25, 2, 27), order
    assert re.findall(r"Titel_\d\d", page(bernds, "help-list", sort="title"))[:2] == titles[:2]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x", "product": "x", "area": "-1", "version": "9" * 50, "sort": "; drop"},
        {"sort": "title", "older": "_x"},
        {"sort": "helpful", "older": "--5_1"},
        {"older": "2026-99-99_x", "newer": "_"},
        {"product": "1", "area": "999999"},
    ],
)
def test_a_list_takes_anything_for_filters(bernds, article, query):
    assert "Lauf zurücknehmen" in page(bernds, "help-list", **query)


def test_a_vote_is_counted_changed_and_taken_back(bernds, article):
    address = reverse("portal:article-vote", args=[article.pk])

    def counted():
        found = fresh(article)
        return found.helped, found.not_helped

    bernds.post(address, {"helped": "yes"}, **HOST)
    assert counted() == (1, 0)
    bernds.post(address, {"helped": "yes"}, **HOST)
    assert counted() == (1, 0)
    answer = bernds.post(address, {"helped": "no", "reason": "unclear", "comment": "Was ist ein Lauf?"}, **HOST)
    assert answer["Location"].endswith("#vote")
    assert counted() == (0, 1)
    with viewing_as(SYSTEM):
        assert (Vote.objects.get().reason, Vote.objects.get().comment) == ("unclear", "Was ist ein Lauf?")
    shown = page(bernds, "article", article.pk)
    assert "Was ist ein Lauf?" in shown
    assert shown.count(f"{reverse('portal:new')}?article={article.pk}") == 2
    bernds.post(address, {"helped": ""}, **HOST)
    assert counted() == (0, 0)
    with viewing_as(SYSTEM):
        assert not Vote.objects.exists()


def test_votes_by_htmx_change_the_question_only(bernds, article):
    headers = {"HX-Request": "true"}
    answer = bernds.post(reverse("portal:article-vote", args=[article.pk]), {"helped": "no"}, headers=headers, **HOST)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert shown.lstrip().startswith('<section class="vote"')
    assert 'name="comment"' in shown


def test_a_comment_too_long_is_refused_and_nothing_counted(bernds, article):
    words = {"helped": "no", "comment": "x" * 1_001}
    bernds.post(reverse("portal:article-vote", args=[article.pk]), words, **HOST)
    assert fresh(article).not_helped == 0


def test_a_file_is_sent_in_parts(bernds, article, editor):
    media = add_media(article, file=film(), use="video", actor=editor, now=NOW)
    address = reverse("portal:help-file", args=[media.pk, media.name])
    whole = bernds.get(address, **HOST)
    content = b"".join(whole.streaming_content)
    assert (whole.status_code, len(content), whole["Content-Type"]) == (200, media.size, "video/mp4")
    assert "private" in whole["Cache-Control"]
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole["Content-Security-Policy"]
    part = bernds.get(address, **HOST, headers={"Range": "bytes=5-9"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[5:10])
    assert part["Content-Range"] == f"bytes 5-9/{media.size}"
    last = bernds.get(address, **HOST, headers={"Range": "bytes=-3", "If-Range": whole["ETag"]})
    assert b"".join(last.streaming_content) == content[-3:]
    stale = bernds.get(address, **HOST, headers={"Range": "bytes=-3", "If-Range": '"other"'})
    assert (stale.status_code, len(b"".join(stale.streaming_content))) == (200, media.size)
    beyond = bernds.get(address, **HOST, headers={"Range": f"bytes={media.size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{media.size}")
    known = bernds.get(address, **HOST, headers={"If-None-Match": whole["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = bernds.head(address, **HOST)
    assert (head.status_code, head["Content-Length"], head["Accept-Ranges"]) == (200, str(media.size), "bytes")
    assert bernds.post(address, **HOST).status_code == 405


def test_only_harmless_files_are_shown_in_the_page(bernds, article, editor):
    shown = add_media(article, file=picture(), use="picture", description="Liste", actor=editor, now=NOW)
    saved = add_media(article, file=SimpleUploadedFile("liste.csv", b"a;b\n1;2\n"), use="file", actor=editor, now=NOW)
    by, body = {"actor": editor, "now": NOW}, f"![](media:{shown.pk}) [Liste](media:{saved.pk})"
    draft = start_edition(article, language="de", **by)
    draft = save_draft(draft, content=Content(title="Lauf", body=body), saved=draft.saved, **by)
    publish_edition(draft, **by)
    answers = [bernds.get(reverse("portal:help-file", args=[one.pk, one.name]), **HOST) for one in (shown, saved)]
    assert [one["Content-Disposition"].partition(";")[0] for one in answers] == ["inline", "attachment"]
    assert answers[1]["Content-Type"] == "application/octet-stream"
    download = bernds.get(reverse("portal:help-file", args=[shown.pk, shown.name]) + "?download", **HOST)
    assert download["Content-Disposition"].startswith("attachment")


def test_pages_with_everything_on_them_take_few_queries(cast, editor, area, article):
    """A video whose text links to an article, and the start page with update descriptions."""
    publish(cast.erp, editor, "Text.", kind="update", title="Neu", version_from=ProductVersion.objects.first())
    draft = write(cast.erp, editor, "Text.", kind="video", title="Lauf im Film", area=area)
    by = {"actor": editor, "now": NOW}
    media = add_media(draft.article, file=film(), use="video", **by)
    add_media(draft.article, file=_vtt("captions"), use="captions", language="de", **by)
    body = f"![Film](media:{media.pk})\n\n[Lauf](article:{article.pk})"
    draft = save_draft(draft, content=Content(title=draft.title, body=body), saved=draft.saved, **by)
    publish_edition(draft, **by)
    for path in ("/", "/help/", "/help/list/?product=1&sort=title", f"/help/articles/{draft.article_id}/"):
        found = queries_of(cast.bernd.user, path)
        assert len(found) <= BUDGET, (path, [one[:120] for one in found])


def test_the_pdf_is_that_of_the_edition(bernds, article):
    answer = bernds.get(reverse("portal:article-pdf", args=[article.pk]), **HOST)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="lauf-zuruecknehmen.pdf"' in answer["Content-Disposition"]

"""Articles as PDF: hostile and huge texts become pages, and nothing of them is run."""

import pytest
from django.core.cache import cache

from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.knowledge import markup, papers
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.blocks import Blocks
from klarfall.knowledge.opening import opened
from klarfall.knowledge.tests.shelf import picture, publish
from tests.cast import NOW, make_staff

HOSTILE = (
    "\u202eumgedreht "
    + """#import "look.typ": *

#panic("run") `#eval("1")` $x^2$ *#read("/etc/passwd")* <script>alert(1)</script> \\u{202e}umgedreht

##### Zu tief

## #set page(width: 1cm)

> > > Zitat #include("x")

- [Link](javascript:alert(1)) [gut](https://example.com/?a=1&b=2)
  1. tief
     - tiefer

| a | b |
| - | - |
| #pagebreak() | 𝕏 🦄 |
| zu | viele | Zellen |

```
#let x = 1
```

![Bild](media:99999) ![](https://example.com/x.png)
"""
)


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


@pytest.fixture
def reader(cast):
    seat = Seat(cast.bernd.pk, cast.acme.pk)
    return Viewer(ViewerKind.CONTACT, cast.bernd.user_id, (seat,))


def paper_of(article, viewer) -> bytes:
    cache.clear()
    with viewing_as(viewer):
        one = opened(article.pk, languages=("de", "en"))
        return papers.paper(one)


def test_blocks_are_plain_data():
    blocks = Blocks("de", lambda target: target, lambda _source: None).of(markup.parsed(HOSTILE))
    kinds = [one["kind"] for one in blocks]
    assert kinds == ["paragraph", "paragraph", "heading", "heading", "quote", "list", "table", "code", "paragraph"]
    levels = [one["level"] for one in blocks if one["kind"] == "heading"]
    assert all(after <= before + 1 for before, after in zip([1, *levels], levels, strict=False))
    table = next(one for one in blocks if one["kind"] == "table")
    assert {len(row) for row in [table["header"], *table["rows"]]} == {table["columns"]}
    links = [
        run.get("link", "")
        for one in blocks
        if one["kind"] == "list"
        for item in one["items"]
        for run in item[0]["runs"]
    ]
    assert "https://example.com/?a=1&b=2" in links
    assert not any(link.startswith("javascript") for link in links)


@pytest.mark.django_db
def test_a_hostile_text_becomes_a_document(cast, editor, reader):
    edition = publish(cast.erp, editor, HOSTILE, title='#panic("title") *x*', summary='"#summary')
    assert paper_of(edition.article, reader).startswith(b"%PDF-")


@pytest.mark.django_db
def test_pictures_of_the_article_stand_in_it_and_those_of_others_do_not(cast, editor, reader):
    draft = publish(cast.erp, editor, "Text.").article
    other = publish(cast.other, editor, "Fremd.").article
    own = add_media(draft, file=picture(), use="picture", description="Liste", actor=editor, now=NOW)
    foreign = add_media(other, file=picture(), use="picture", description="Fremd", actor=editor, now=NOW)
    body = f"![Eigenes](media:{own.pk})\n\n![Fremdes](media:{foreign.pk})\n"
    article = publish(cast.erp, editor, body).article
    with viewing_as(reader):
        one = opened(article.pk, languages=("de",))
        found = papers._pictures(one)
    assert set(found) == {own.pk}
    assert paper_of(article, reader).startswith(b"%PDF-")


@pytest.mark.django_db
def test_a_long_manual_has_contents_and_is_kept(cast, editor):
    body = "".join(f"## Kapitel {number}\n\n{'Wort ' * 300}\n\n" for number in range(30))
    article = publish(cast.erp, editor, body, kind="manual").article
    made = paper_of(article, SYSTEM)
    with viewing_as(SYSTEM):
        assert papers.paper(opened(article.pk, languages=("de",))) == made

"""Folders, pages and tables become articles; what is wrong is named, what is hostile stays outside."""

import stat
import time
import zipfile
from io import BytesIO
from typing import Any

import pytest

from klarfall.core.action import NotAllowed
from klarfall.knowledge.importing import html_text, package, planning, reading, references, running
from klarfall.knowledge.importing.front_matter import parted
from klarfall.knowledge.importing.package import PackageRefused
from klarfall.knowledge.models import Article, Edition, Media
from klarfall.knowledge.tests.shelf import CAPTIONS, film, picture
from tests.cast import NOW
from tests.queue import waiting_jobs

SALDO = """---
id: saldo
kind: Wissensartikel
produkt: kontor
bereich: Mahnwesen
version: 2026.1
sichtbarkeit: Kunden
titel: "Saldo klären"
summary: Kurz.
---

Siehe [Lauf](../lauf.md#pruefen), [Anleitung](article:lauf) und ![Bild](bilder/rot%20gruen.png "Rot").

```
[kein Link](../lauf.md)
```
"""
LAUF = """# Lauf zurücknehmen

## Prüfen

Zurück zum [Saldo](konto/saldo.md). [Weit](https://example.org/a) [Da](#pruefen)
"""
LINKS = """---
title: T
unsinn
area: Nirgends
---
[a](fehlt.md)

![b](datei.svg) [c](article:nie) [d](../../x.md)"""
TABLE = """Titel;Inhalt;Produkt;Sichtbarkeit;Art
Eins;"Zeile 1

Zeile 2";kontor;intern;
;ohne Titel;kontor;;
Drei;x;kontor;geheim;
"""
PAGE = """<title>Seite</title><meta name=produkt content=kontor><h1>Kopf</h1>
<p onclick=x()>Hallo <script>böse()</script>Welt</p>"""


def packed(files: dict[str, str | bytes]) -> BytesIO:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def batch(files: dict[str, str | bytes]) -> reading.Batch:
    return reading.read(package.opened(packed(files), "artikel.zip"))


def told(problems: Any) -> list[tuple[str, int | None, bool]]:
    return [(one.file, one.line, one.fatal) for one in problems]


def folder() -> dict[str, str | bytes]:
    pictures = {"konto/bilder/rot gruen.png": picture().read()}
    return {"konto/saldo.md": SALDO, "lauf.md": LAUF, **pictures}


def do(files: dict[str, str | bytes], actor: Any, product: Any = None, *, publish: bool = True) -> running.Result:
    found = planning.plan(batch(files), planning.Defaults(product=product))
    return running.run(found, publish=publish, actor=actor, now=NOW)


@pytest.mark.django_db
def test_a_folder_becomes_articles_and_nothing_happens_twice(erp, dora, system):
    done = do(folder(), dora, erp)
    assert (sorted(done.new), done.changed, done.same, done.problems) == (["lauf", "saldo"], [], [], [])
    saldo, lauf = (Article.objects.get(source_id=one) for one in ("saldo", "lauf"))
    (image,) = Media.objects.all()
    edition = saldo.editions.get()
    assert edition.body.startswith(
        f'Siehe [Lauf](article:{lauf.pk}#pruefen), [Anleitung](article:{lauf.pk}) und ![Bild](media:{image.pk} "Rot").'
    )
    assert "[kein Link](../lauf.md)" in edition.body
    assert (edition.title, edition.summary, edition.status) == ("Saldo klären", "Kurz.", "published")
    assert (edition.version_from.name, saldo.area.name, saldo.visibility) == ("2026.1", "Mahnwesen", "customers")
    assert lauf.editions.get().body == (
        f"## Prüfen\n\nZurück zum [Saldo](article:{saldo.pk}). [Weit](https://example.org/a) [Da](#pruefen)"
    )
    assert "knowledge.announce" not in [name for _id, name, _args in waiting_jobs()]
    again = do(folder(), dora, erp)
    assert (again.new, again.changed, sorted(again.same)) == ([], [], ["lauf", "saldo"])
    assert (Article.objects.count(), Edition.objects.count(), Media.objects.count()) == (2, 2, 1)
    third = do({**folder(), "lauf.md": LAUF + "\nNeu."}, dora, erp)
    assert (third.changed, third.same) == (["lauf"], ["saldo"])
    assert list(lauf.editions.order_by("number").values_list("status", flat=True)) == ["superseded", "published"]


@pytest.mark.django_db
def test_one_bad_file_never_loses_the_others(erp, dora, anna, system):
    files = {
        **folder(),
        "leer.md": "---\ntitle: Leer\n---\n",
        "lang.md": "x" * 500_000,
        "fremd.md": "---\ntitle: T\nproduct: Gibt es nicht\n---\nText",
        "art.md": "---\ntitle: T\nkind: gedicht\n---\nText",
        "links.md": LINKS,
        "datei.svg": "<svg onload=alert(1)>",
        "bild.md": "![kaputt](kaputt.png)",
        "kaputt.png": b"\x89PNG\r\n\x1a\nkaputt",
        "bytes.md": b"a\0b",
    }
    found = planning.plan(batch(files), planning.Defaults(product=erp))
    assert told(found.problems) == [
        ("art.md", 3, True), ("bytes.md", None, True), ("fremd.md", 3, True), ("lang.md", 1, True),
        ("leer.md", 4, True), ("links.md", 3, False), ("links.md", 4, False), ("links.md", 6, False),
        ("links.md", 8, False), ("links.md", 8, False), ("links.md", 8, False),
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        running.run(found, publish=False, actor=anna, now=NOW)
    done = running.run(found, publish=False, actor=dora, now=NOW)
    assert sorted(done.new) == ["lauf", "links", "saldo"]
    assert [(one.file, "kaputt.png" in one.message) for one in done.problems] == [("bild.md", True)]
    assert sorted(Article.objects.values_list("source_id", flat=True)) == ["lauf", "links", "saldo"]
    assert set(Edition.objects.values_list("status", flat=True)) == {"draft"}
    assert do({"lauf.md": LAUF}, dora, erp).changed == ["lauf"]  # what waited as a draft comes out


@pytest.mark.django_db
def test_translations_videos_and_what_belongs_to_them(erp, dora, system):
    files = {
        "start.md": "# Los\n\n![Film](film.mp4)",
        "start.en.md": "# Go\n\nText [x](start.md)",
        "film.mp4": film().read(),
        "film.de.vtt": CAPTIONS,
        "film.chapters.en.vtt": CAPTIONS,
        "film.png": picture().read(),
    }
    assert do(files, dora, erp).problems == []
    article = Article.objects.get()
    assert sorted(article.editions.values_list("language", "title")) == [("de", "Los"), ("en", "Go")]
    assert sorted(Media.objects.values_list("use", "language")) == [
        ("captions", "de"), ("chapters", "en"), ("poster", ""), ("video", ""),
    ]  # fmt: skip
    assert do(files, dora, erp).same == ["start", "start"]
    assert Media.objects.count() == 4


@pytest.mark.django_db
def test_tables_and_pages(erp, dora, system):
    found = planning.plan(batch({"t.csv": TABLE.encode("cp1252"), "s.html": PAGE}), planning.Defaults())
    assert told(found.problems) == [("t.csv", 5, True), ("t.csv", 6, True)]
    done = running.run(found, publish=False, actor=dora, now=NOW)
    assert sorted(done.new) == ["s", "t/Eins"]
    assert Article.objects.get(source_id="t/Eins").visibility == "internal"
    edition = Article.objects.get(source_id="s").editions.get()
    assert (edition.title, edition.body) == ("Kopf", "Hallo Welt")


def test_hostile_archives_stay_outside():
    target = packed({"/etc/x.md": "x", "../../y.md": "y", "a\\b.md": "x", "gut.md": "# G\n\nText", "C:/z.md": "z"})
    with zipfile.ZipFile(target, "a") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    found = reading.read(package.opened(target, "x.zip"))
    assert [one.source_id for one in found.texts] == ["gut"]
    assert len(found.problems) == 5
    bombs = [
        packed({f"{one}.md": b"0" * 1_900_000 for one in range(20)}),
        packed({f"{one}.txt": b"" for one in range(5_001)}),
        BytesIO(b"PK\x03\x04 kaputt"),
    ]
    for bomb in bombs:
        start = time.process_time()
        with pytest.raises(PackageRefused):
            package.opened(bomb, "x.zip")
        assert time.process_time() - start < 2
    with pytest.raises(PackageRefused):
        package.opened(BytesIO(b"MZ"), "x.exe")


def test_a_damaged_member_is_a_problem_of_its_own():
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.md", "# A\n\nheil")
        archive.writestr("b.md", "# B\n\nText")
    whole = target.getvalue()
    for damaged in (whole.replace(b"heil", b"hell", 1), whole.replace(b"a.md", b"z.md", 1)):
        found = reading.read(package.opened(BytesIO(damaged), "x.zip"))
        assert [one.source_id for one in found.texts] == ["b"]
        assert [one.file for one in found.problems] == ["a.md"]


def test_references_are_written_anew_outside_of_code():
    text = '[a](x.md) ![b](<p q.png> "t") `[c](x.md)`\n~~~\n[d](x.md)\n~~~\n[e]: x.md\n'
    assert [(one.address, one.line, one.is_picture) for one in references.references(text)] == [
        ("x.md", 1, False), ("p q.png", 1, True), ("x.md", 1, False), ("x.md", 5, False),
    ]  # fmt: skip
    assert references.rewritten("[a](x.md) [b](y z.md)", lambda _one: "article:1#x") == "[a](article:1#x) [b](y z.md)"
    assert references.path_of("a/b/c.md", "../d%20e.png?x#f") == ("a/d e.png", "f")
    assert references.path_of("a.md", "../x.md") == ("", "")


@pytest.mark.parametrize("text", ["---\n" * 3, "---\ntitle: x", "---\n: x\n---\n", "", "---\ntitle: 'a: b'\n---\nT"])
def test_front_matter_never_fails(text):
    assert parted(text).body is not None
    assert parted("---\ntitle: 'a: b'\n---\nT").said["title"].value == "a: b"


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * 19_000, "<table>" * 19_000, "<li>" * 19_000, "<a href=x>" * 15_000, "&amp;" * 90_000, "<" * 19_000,
        "<!--" * 4_000, "<pre>" * 10_000, "x" * 1_900_000, "<td>" * 19_000, "<ul><li>" * 9_000, "<blockquote>" * 15_000,
    ],
)  # fmt: skip
def test_hostile_pages_take_no_time(html):
    start = time.process_time()
    html_text.converted(html)
    assert time.process_time() - start < 6


def test_pages_keep_their_structure():
    page = html_text.converted(
        "<h1>T</h1><h2>A</h2><ol><li>eins<ul><li>x</li></ul></li><li>zwei</li></ol><table><tr><th>A<th>B</tr>"
        "<tr><td>1|<td><p>2</p></tr></table><pre><code>a\n  b</code></pre><p># kein <b>Titel</b> *</p>"
        "<svg><a href=x>y</a></svg><iframe src=x></iframe><a href='javascript:x'>js</a>"
    )
    assert page.title == "T"
    assert page.body == (
        "## A\n\n1. eins\n   - x\n2. zwei\n\n| A | B |\n|---|---|\n| 1\\| | 2 |\n\n```\na\n  b\n```\n\n"
        "\\# kein **Titel** \\*\n\njs"
    )
    with pytest.raises(html_text.TooMuch):
        html_text.converted("<b>" * 30_000)

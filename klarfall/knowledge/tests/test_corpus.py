"""A corpus taken in by command, and queries answered on it."""

import json

import pytest
from django.core.management import call_command

from klarfall.contracts.models import Contract, Product, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.knowledge.corpus import LineRefused, record, records
from klarfall.knowledge.models import Article, Edition, Media
from klarfall.knowledge.rendering import rendered

GOOD = {
    "id": "k-1",
    "kind": "knowledge",
    "product": "Domus",
    "version": "8.4",
    "title": "Mahnung drucken",
    "body_markdown": "## Schritte\n\nSo drucken Sie eine Mahnung.",
    "visibility": "customer",
}


def line(**more):
    return json.dumps(GOOD | more).encode()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (line(id=""), "id is missing"),
        (line(id=None), "id is missing"),
        (line(id=["a"]), "id is no text"),
        (line(kind="poem"), "kind is 'poem'"),
        (line(visibility="all"), "visibility is 'all'"),
        (line(title="x" * 201), "title is longer"),
        (line(product=""), "product is missing"),
        (line(body_markdown=" "), "body_markdown is missing"),
        (line(body_markdown=5), "body_markdown is missing"),
        (line(body_markdown="x" * 5_000_000), "body_markdown:"),
        (b" " * 8_000_001, "longer than"),
    ],
)
def test_a_line_that_is_no_article_says_why(bad, says):
    with pytest.raises(LineRefused, match=says):
        record(bad)


def test_an_id_counts_once_and_empty_lines_do_not():
    found = list(records([line(), b"\n", line()]))
    assert [number for number, _one in found] == [1, 3]
    assert "line 1" in str(found[1][1])


def test_numbers_and_control_characters_are_taken_as_text():
    one = record(line(version=8.4, title="a\x00b\ud800"))
    assert (one.version, one.title) == ("8.4", "ab?")


@pytest.fixture
def run(tmp_path, capsys):
    """Takes in records, or answers queries."""

    def taken(*rows):
        file = tmp_path / "corpus.jsonl"
        file.write_bytes(b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in rows))
        call_command("import_articles", str(file))
        return capsys.readouterr().out

    def answered(*rows):
        queries, out = tmp_path / "queries.jsonl", tmp_path / "run.json"
        queries.write_text("\n".join(json.dumps(one) for one in rows))
        call_command("search_run", queries=queries, out=out)
        return json.loads(out.read_text())

    taken.answered = answered
    return taken


@pytest.mark.django_db
def test_a_corpus_is_published_and_found_when_the_command_returns(run):
    internal = GOOD | {"id": "k-2", "title": "Mahnung intern", "visibility": "internal"}
    public = GOOD | {
        "id": "k-3",
        "kind": "quickstart",
        "title": "Mahnung für alle",
        "visibility": "public",
        "product": "Other",
    }
    assert "3 articles taken in, 0 unchanged" in run(GOOD, internal, public)
    queries = [
        {"id": f"{role}-{kind}", "role": role, "type": kind, "query": "Wie kann ich eine Mahnung drucken?"}
        for role in ("public", "customer", "agent")
        for kind in ("question", "request_text")
    ]
    got = run.answered(*queries, {"id": "none", "role": "agent", "type": "none", "query": "Kaffeemaschine"})
    assert set(got["public-question"]) <= {"k-3"}
    assert "k-2" not in got["customer-question"] + got["customer-request_text"]
    assert got["customer-question"][0] == "k-1"
    assert "k-2" in got["agent-question"]
    assert got["none"] == []
    with viewing_as(SYSTEM):
        assert Product.objects.get(name="Other").media == ["quick_start"]
        assert ProductVersion.objects.filter(name="8.4").count() == 2
        assert not Customer.objects.exists()
        assert not Contract.objects.exists()


@pytest.mark.django_db
def test_once_more_changes_what_has_changed(run):
    run(GOOD, GOOD | {"id": "k-2", "title": "Kaution"})
    assert "1 articles taken in, 1 unchanged" in run(
        GOOD | {"title": "Mahnung prüfen"}, GOOD | {"id": "k-2", "title": "Kaution"}
    )
    assert "0 articles taken in, 2 unchanged" in run(
        GOOD | {"title": "Mahnung prüfen"}, GOOD | {"id": "k-2", "title": "Kaution"}
    )
    with viewing_as(SYSTEM):
        assert Article.objects.count() == 2
        assert sorted(Edition.objects.values_list("title", "status")) == [
            ("Kaution", "published"),
            ("Mahnung drucken", "superseded"),
            ("Mahnung prüfen", "published"),
        ]
    assert run.answered({"id": "q", "role": "agent", "type": "word", "query": "prüfen"}) == {"q": ["k-1"]}


@pytest.mark.django_db
def test_what_was_written_for_fewer_is_kept_from_new_readers(run):
    """The words that the wider circle never read are withheld, the ones replaced by the import itself included."""
    run(GOOD | {"visibility": "internal", "title": "Eins"})
    run(GOOD | {"visibility": "internal", "title": "Zwei"})
    run(GOOD | {"visibility": "customer", "title": "Drei"})
    run(GOOD | {"visibility": "internal", "title": "Vier"})

    def editions():
        with viewing_as(SYSTEM):
            return dict(Edition.objects.values_list("title", "withheld"))

    assert editions() == {"Eins": True, "Zwei": True, "Drei": False, "Vier": False}
    run(GOOD | {"visibility": "public", "title": "Vier"})
    assert editions() == {"Eins": True, "Zwei": True, "Drei": True, "Vier": False}
    run(GOOD | {"visibility": "public", "title": "Fünf"})
    assert not editions()["Vier"]
    run(GOOD | {"visibility": "customer", "title": "Sechs"})
    run(GOOD | {"visibility": "customer", "title": "Sieben", "product": "Other"})
    assert editions()["Sechs"]


@pytest.mark.django_db
def test_bad_lines_are_named_and_the_others_taken_in(run, capsys):
    with pytest.raises(SystemExit):
        run(b"{", GOOD, GOOD | {"id": "k-2", "kind": "poem"})
    said = capsys.readouterr()
    assert "line 1:" in said.err
    assert "line 3: kind is 'poem'" in said.err
    with viewing_as(SYSTEM):
        assert list(Article.objects.values_list("source_id", flat=True)) == ["k-1"]


@pytest.mark.django_db
def test_bad_queries_are_named_and_the_others_answered(run, tmp_path, capsys):
    run(GOOD)
    lines = [
        b'\xef\xbb\xbf{"id": 7, "role": "agent", "query": "Mahnung"}\r',
        b"{",
        b"[]",
        b"",
        b'{"id": "r", "role": "root", "query": "Mahnung"}',
        b'{"id": "n", "role": "agent"}',
        b'{"id": "l", "role": "agent", "query": ["Mahnung"]}',
        b"\xff\xfe",
        '{"id": "u", "role": "agent", "query": "Mahnung\u2028drucken", "type": null}'.encode(),
        b'{"id": "7", "role": "agent", "query": "Mahnung"}',
    ]
    queries, out = tmp_path / "queries.jsonl", tmp_path / "run.json"
    queries.write_bytes(b"\n".join(lines))
    with pytest.raises(SystemExit) as left:
        call_command("search_run", queries=queries, out=out)
    said = capsys.readouterr()
    assert left.value.code == 1
    assert json.loads(out.read_text()) == {"7": ["k-1"], "u": ["k-1"]}
    assert [line.split(":")[0] for line in said.err.splitlines()] == [f"line {n}" for n in (2, 3, 5, 6, 7, 8, 10)]
    assert "role is 'root'" in said.err
    assert "line 1 already" in said.err


@pytest.mark.django_db
def test_no_query_is_too_odd(run):
    """Whatever was typed is answered, with nothing where nothing was asked."""
    run(GOOD)
    nothing = [
        "",
        " \t\n",
        "\0",
        "wie was wo ich",
        "?!.,;",
        "\U0001f3e0\U0001f6bf",
        "%_*?",
        "\ud800",
        "x" * 100_000,
        "-",
        "+ -",
        '"',
    ]
    mahnung = [
        '"Mahnung',
        "„Mahnung",
        "Mahnung\0",
        "\u202eMahnung\u202c",
        "Mah\u200bnung",
        "(Mahnung)",
        "Mahnung*",
        "mahnung " * 12_000,
    ]
    rows = [
        {"id": f"{kind}{n}", "role": "agent", "type": kind, "query": text}
        for kind in ("word", "request_text")
        for n, text in enumerate([*nothing, *mahnung])
    ]
    got = run.answered(*rows)
    assert [got[f"{kind}{n}"] for kind in ("word", "request_text") for n in range(len(nothing))] == [[]] * 2 * len(
        nothing
    )
    assert [got[f"word{n + len(nothing)}"] for n in range(len(mahnung))] == [["k-1"]] * len(mahnung)
    assert len(got) == len(rows)


@pytest.mark.django_db
def test_a_hostile_article_is_text(run):
    body = (
        "<script>alert(1)</script><style>*{display:none}</style><svg onload=alert(1)></svg>"
        "<iframe src=//evil.example></iframe>\n\n[x](javascript:alert(1)) ![x](http://evil.example/a.png)\n\n"
        + "|a|b|\n|---|---|\n"
        + "|1|2|\n" * 3000
    )
    run(GOOD | {"body_markdown": body, "title": "<img src=x onerror=alert(1)>"})
    with viewing_as(SYSTEM):
        html = str(rendered(Edition.objects.get()).html).lower()
        assert not Media.objects.exists()
    for part in ("<script", "<style", "<svg", "<iframe", 'href="javascript', 'evil.example/a.png"'):
        assert part not in html, part
    assert run.answered({"id": "q", "role": "agent", "type": "word", "query": "onerror"}) == {"q": ["k-1"]}

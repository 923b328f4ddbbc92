"""Mails' HTML runs, loads, covers and deceives nothing, and what is harmless stays as it was."""

import re
from time import process_time
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.incoming.reading import html as reading
from klarfall.incoming.reading import links, styles
from klarfall.incoming.reading.html import harmless, with_pictures
from klarfall.incoming.tests.hostile_html import COVERS, LOADERS, SCRIPTS

_TARGETS = {"href", "src", "data-remote"}
_PLAIN = {
    "title",
    "rel",
    "target",
    "style",
    "dir",
    "lang",
    "align",
    "alt",
    "width",
    "height",
    "border",
    "color",
    "face",
}
_PLAIN |= {"size", "cellpadding", "cellspacing", "bgcolor", "valign", "nowrap", "colspan", "rowspan", "scope", "span"}
_PLAIN |= {"start", "type", "value"}


def _assert_harmless(clean: str) -> None:
    """Read by another parser than the one that cleaned, there is nothing that could run or load."""
    tree = lxml.html.fromstring(f"<html><body><div>{clean}</div></body></html>")
    for element in tree.iter():
        assert element.tag in reading._TAGS | {"html", "body", "div"}, (element.tag, clean)
        for name, value in element.attrib.items():
            assert name in _PLAIN | _TARGETS, (name, clean)
            if name == "href":
                assert urlsplit(value).scheme in ("http", "https", "mailto", "tel"), clean
            elif name == "src":
                assert value.startswith(("/", "data:image/")), clean
            elif name == "style":
                assert not re.search(r"url|expression|import|[\\@{}<]|position|var\(|calc|-\d{3}|\d{5}", value), clean


@pytest.mark.parametrize("vector", [*SCRIPTS, *LOADERS, *COVERS])
def test_leaves_nothing_that_runs_or_loads(vector: str) -> None:
    for around in (
        "{}",
        "<p>davor {} danach</p>",
        "<table><tr><td>{}</td></tr></table>",
        '<a href="https://x.example/">{}',
    ):
        clean = harmless(around.format(vector)).html
        _assert_harmless(clean)
        assert harmless(clean).html == harmless(clean).html
        _assert_harmless(harmless(clean).html)


@given(
    st.lists(
        st.sampled_from([*SCRIPTS, *LOADERS, *COVERS, "<b>", "</p>", "<table>", "<svg>", "'", '"', "-->", "&"]),
        max_size=6,
    )
)
def test_leaves_nothing_where_tricks_meet(pieces: list[str]) -> None:
    _assert_harmless(harmless("".join(pieces)).html)


@given(st.text(alphabet="<>/='\"ab img svg style&;:!-\n\x00\\", max_size=200))
def test_never_raises(text: str) -> None:
    _assert_harmless(harmless(text).html)


def test_switches_remote_pictures_off_and_on() -> None:
    clean = harmless('<img src="https://a.example/1.png?a=1&amp;b=2" alt="Plan"><img src="http://a.example/2.png">')
    assert clean.remote_images == 2
    assert " src=" not in clean.html
    shown = with_pictures(clean.html)
    assert '<img referrerpolicy="no-referrer" src="https://a.example/1.png?a=1&amp;b=2" alt="Plan">' in shown
    assert 'src="https://a.example/2.png"' in shown, "asked for by https, as browsers do it"
    assert 'src="http://' not in shown


def test_counts_each_address_once_wherever_it_hides() -> None:
    body = (
        '<img src="https://a.example/1"><img src="https://a.example/1">'
        '<td background="https://a.example/2"><p style="background:url(https://a.example/3)">x</p>'
        '<div style="display:none"><img src="https://a.example/hidden"></div>'
    )
    assert harmless(f"<table><tr>{body}</tr></table>").remote_images == 3


def test_does_not_switch_on_what_a_mail_only_writes() -> None:
    text = '&lt;img data-remote="https://evil.example/x"&gt;'
    text += '<img alt=\'<img data-remote="https://evil.example/y"\' src="cid:a">'
    assert " src=" not in with_pictures(harmless(text).html)


def test_shows_own_pictures_and_names_missing_ones() -> None:
    clean = harmless(
        '<img src="cid:logo@acme.example" alt="Logo"><img src="CID:gone@acme.example">'
        '<img src="cid:x@y" alt="Plan <b>">',
        pictures={"logo@acme.example": "/mails/7/files/1/?a=1&b=2"},
    )
    assert clean.html == (
        '<img src="/mails/7/files/1/?a=1&amp;b=2" alt="Logo"><span>[gone]</span><span>[Plan &lt;b&gt;]</span>'
    )
    assert clean.remote_images == 0


@pytest.mark.parametrize(
    ("href", "words", "host"),
    [
        ("https://evil.example/", "https://bank.example/login", "evil.example"),
        ("https://evil.example/", "www.bank.example", "evil.example"),
        ("https://bank.example@evil.example/", "bank.example", "evil.example"),
        ("https://evil.example\\@bank.example/", "https://bank.example", "evil.example"),
        ("https:/\\evil.example/", "bank.example", "evil.example"),
        ("https://bank.example.evil.example/", "bank.example", "bank.example.evil.example"),
        ("https://b\u0430nk.example/", "bank.example", "xn--bnk-6cd.example"),
        ("https://b\u0430nk.example/", "Hier klicken", "xn--bnk-6cd.example"),
        ("mailto:thief@evil.example", "help@bank.example", "evil.example"),
        ("https://evil.example/", "<b>bank</b>.example", "evil.example"),
        ("https://bank.example/x", "bank.example", ""),
        ("https://www.bank.example/x", "https://bank.example/", ""),
        ("https://evil.example/", "Zum Angebot", ""),
        ("https://m\u00fcller.example/", "m\u00fcller.example", ""),
        ("mailto:help@bank.example?subject=x", "help@bank.example", ""),
    ],
)
def test_shows_where_a_link_truly_goes(href: str, words: str, host: str) -> None:
    clean = harmless(f'<a href="{href}">{words}</a>').html
    assert re.findall(r"</a> <span>\[(.*?)\]</span>", clean) == ([host] if host else [])
    assert 'rel="noopener noreferrer nofollow" target="_blank"' in clean
    assert f'title="{links.readable(links.harmless(href) or "")}"' in clean


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color:#333;font:bold 12pt 'Segoe UI',Arial", "color:#333;font:bold 12pt 'segoe ui',arial"),
        ("background:#fff", "background-color:#fff"),
        ("background:#fff url(https://x.example/1)", ""),
        ("COLOR:RED;margin:0cm 0cm 0.0001pt", "color:red;margin:0cm 0cm 0.0001pt"),
        ("color:rgb(1, 2, 3);width:600px;text-indent:-18.0pt", "color:rgb(1, 2, 3);width:600px;text-indent:-18.0pt"),
        ("position:fixed;color:red;top:0", "color:red"),
        ("color:red;width:100vw;height:99999px", "color:red"),
        ("display:flex;display:block", "display:block"),
        ("mso-line-height-rule:exactly;line-height:150%", "line-height:150%"),
        ("color:red\\", ""),
    ],
)
def test_keeps_harmless_declarations(style: str, kept: str) -> None:
    assert styles.harmless(style) == kept


def test_keeps_what_mails_look_like() -> None:
    body = '<table border="1" cellpadding="4" style="border-collapse:collapse">'
    body += '<tr><td bgcolor="#eeeeee"><b>Größe</b></td></tr></table>'
    assert harmless(body).html == body.replace("<tr>", "<tbody><tr>").replace("</tr>", "</tr></tbody>")


def test_limits_nesting() -> None:
    clean = harmless("<div>" * 500 + "unten" + "</div>" * 500).html
    assert clean.count("<div>") == clean.count("</div>") == 100
    assert "unten" in clean


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000,
        "<table><tr><td>" * 30_000,
        "".join(f"<font color=c{number}>" for number in range(3000)) + "<p>x</p>" * 3000,
        "<div " + " ".join(f"a{number}=1" for number in range(50_000)) + ">",
        "&nbsp;x" * 300_000,
        "&amp;" * 300_000,
        "<style>" * 100_000,
        "<!--" * 200_000,
        "<" * 1_000_000,
        "<a href=x " + " " * 1_000_000,
        '<p style="' + "a:'" * 100_000 + '">x',
        ("<p style='background:url(" + " " * 1_900 + "'>") * 500,
        "".join(f"<a href='http://ä{number}.{'ö' * 600}'>a</a>" for number in range(400)),
    ],
    ids=range(13),
)
def test_reads_hostile_sizes_in_bounded_time(body: str) -> None:
    begun = process_time()
    _assert_bounded(harmless(body).html)
    assert process_time() - begun < 5


def _assert_bounded(clean: str) -> None:
    assert len(clean) < 8_000_000
    assert clean.count("<div>") <= 100


def test_loads_and_runs_nothing_in_a_browser(page: Any) -> None:
    """Without any policy, so that the cleaning alone is tried."""
    seen: list[str] = []
    body = "<hr>".join(harmless(vector).html for vector in (*SCRIPTS, *LOADERS, *COVERS))
    shell = (
        f"<!doctype html><html><head><script>pwned=()=>{{window.broken=1}}</script></head><body>{body}</body></html>"
    )

    def answer(route: Any) -> None:
        seen.append(route.request.url)
        route.fulfill(body=shell if route.request.url == "http://frame.example/" else "", content_type="text/html")

    page.route("**/*", answer)
    page.goto("http://frame.example/")
    page.evaluate(
        "for (const each of document.querySelectorAll('a,img,p,div')) each.dispatchEvent(new MouseEvent('mouseover'))"
    )
    page.wait_for_load_state("networkidle")
    assert [url for url in seen if not url.endswith("/favicon.ico")] == ["http://frame.example/"]
    assert page.evaluate("window.broken") is None
    assert (
        page.evaluate("document.querySelectorAll('body script,iframe,object,embed,form,style:not(head *)').length") == 0
    )
    assert page.evaluate("Math.max(...[...document.querySelectorAll('body *')].map(each => each.offsetHeight)) < 20000")

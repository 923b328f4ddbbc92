"""Text made of HTML reads as a person would have typed it, whatever the HTML is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading.plain import plain
from klarfall.incoming.reading.visible import visible
from klarfall.incoming.tests.hostile_html import COVERS, LOADERS, SCRIPTS


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>eins</p><p>zwei</p>", "eins\n\nzwei"),
        ("eins<br>zwei<br/><br>drei", "eins\nzwei\n\ndrei"),
        ("<div>eins</div><div><br></div><div>zwei</div>", "eins\n\nzwei"),
        ("  viele \n\t Leer&nbsp;zeichen  ", "viele Leer zeichen"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><li>b</li></ol><p>Ende</p>", "1. a\n2. b\n\nEnde"),
        ("<table><tr><th>A</th><td>1</td></tr><tr><th>B</th><td>2</td></tr></table>", "A\t1\nB\t2"),
        ('<a href="https://x.example/a">hier</a>', "hier <https://x.example/a>"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        ('<a href="mailto:b@acme.example">b@acme.example</a>', "b@acme.example"),
        ('<a href="javascript:alert(1)">hier</a>', "hier"),
        ("<blockquote>eins<blockquote>zwei</blockquote></blockquote>drei", "> eins\n>\n> > zwei\n\ndrei"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ('<img src="cid:x" alt="Plan"><img src="https://x.example/1.gif">', "[Plan]"),
        ("<style>p{}</style><script>x</script><title>t</title><p>a</p>", "a"),
        ("<!--[if mso]><p>nur Word</p><![endif]--><![if !mso]><p>alle</p><![endif]>", "alle"),
        ('<span style="display:none">versteckt</span>da', "da"),
        ('<div style="font-size:0"><div style="font-size:13px">da</div></div>', "da"),
        ("<p hidden>weg</p>da&zwnj;&#847;", "da"),
        ("3 < 5 &amp; 6 > 4 &quot;x&quot; &uuml;", '3 < 5 & 6 > 4 "x" ü'),
        ("", ""),
        ("<hr>", "-" * 30),
    ],
)
def test_reads_like_text(html: str, text: str) -> None:
    assert plain(html) == text


def test_quotes_of_html_can_be_trimmed() -> None:
    html = (
        '<div>Neu</div><div class="gmail_quote"><div>Am Mo., 12. Jan. 2026 um 10:11 Uhr schrieb S &lt;s@v.example&gt;:'
        "</div><blockquote>alt<br><br>noch älter</blockquote></div>"
    )
    seen = visible(ParsedMail(text=plain(html)))
    assert seen.text == "Neu"
    assert seen.rest.endswith("> alt\n>\n> noch älter")


@given(
    st.lists(
        st.sampled_from([*SCRIPTS, *LOADERS, *COVERS, "Wort", "<li>", "</ul>", "<td>", "<pre>", "</blockquote>"]),
        max_size=8,
    )
)
def test_never_raises(pieces: list[str]) -> None:
    text = plain("".join(pieces))
    assert "\0" not in text
    assert text == text.strip("\n")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "unten",
        "<blockquote>" * 295 + "unten",
        "<ul><li>" * 295 + "unten",
        "<p>x</p>" * 200_000 + "unten",
    ],
    ids=["divs", "quotes", "lists", "long"],
)
def test_is_bounded_and_loses_no_words(html: str) -> None:
    begun = time.process_time()
    assert plain(html).rstrip().endswith("unten")
    assert time.process_time() - begun < 8

"""Markdown of our own guides as HTML: headings with anchors, tables, pictures; raw HTML stays text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_NO_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Document:
    """A rendered text: its title (the first heading), the rest as HTML, and its chapters as (anchor, heading)."""

    title: str
    html: Markup
    chapters: tuple[tuple[str, str], ...]


def render(text: str, *, address: Callable[[str], str] = lambda target: target) -> Document:
    """Returns a Markdown text as a document; `address` turns the target of each link and picture into an address."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    title, tokens = _title(tokens)
    chapters = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[place + 1].content
            token.attrSet("id", anchor(heading))
            if token.tag == "h2":
                chapters.append((anchor(heading), heading))
        for child in token.children or []:
            _address(child, address)
    html = parser.renderer.render(tokens, parser.options, {})
    return Document(title, Markup(html), tuple(chapters))  # noqa: S704 - our own text; raw HTML is escaped by the parser


def anchor(heading: str) -> str:
    """The name of a heading in addresses."""
    return _NO_WORD.sub("-", heading.lower()).strip("-")


def _title(tokens: list[Token]) -> tuple[str, list[Token]]:
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":  # noqa: PLR2004 - a heading
        return tokens[1].content, tokens[3:]
    return "", tokens


def _address(token: Token, address: Callable[[str], str]) -> None:
    for name in ("href", "src"):
        if isinstance(target := token.attrGet(name), str):
            token.attrSet(name, address(target))
    if token.type == "image":
        token.attrSet("loading", "lazy")

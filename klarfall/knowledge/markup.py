"""The Markdown of articles: how it is parsed, which addresses it may name, and which texts are too much. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

#: Characters of a body: a manual of more than a hundred printed pages.
MOST_SIGNS = 400_000
#: Cells of all tables of a body together.
MOST_CELLS = 20_000
#: Signs of the longest line: a paragraph or a line of a table, not a book without line ends.
MOST_IN_LINE = 20_000
#: Lines with something in them, and signs that begin links, emphasis, code or entities: what a parser looks at twice.
MOST_LINES = 12_000
MOST_MARKS = 40_000
_DEEPEST = 20
_LONGEST_ANCHOR = 100

#: What follows the colons of a callout -> its kind.
CALLOUTS = {
    "hinweis": "note", "note": "note",
    "achtung": "warning", "warning": "warning",
    "tipp": "tip", "tip": "tip",
}  # fmt: skip
_FAR = re.compile(r"(?:https?://[^\s/?#]|mailto:[^\s?]+@|tel:\+?[\d])", re.IGNORECASE)
_OWN = re.compile(r"(?:#[\w-]*|/(?![/\\])[^\s\\]*|article:[^\s#]+(?:#[\w-]*)?|media:[^\s#]+)\Z")
MARKS = re.compile(r"[\[*_`<&~]")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "€": "euro"})


def is_address(address: str) -> bool:
    """Whether a link or picture may name this address: the web, mail, telephone, our own pages, articles and files."""
    return bool(_FAR.match(address) or _OWN.match(address))


def parsed(body: str) -> list[Token]:
    """The tokens of a body, headings from level 2 down. Bounded by the limits that were checked when it was saved."""
    tokens = _PARSER.parse(body[:MOST_SIGNS])
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(2, int(token.tag[1]))}"
    return tokens


def html_of(tokens: Sequence[Token]) -> str:
    """The HTML of tokens; raw HTML in texts is escaped."""
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str, int]]:
    """Place, anchor, words and level (2 to 6) of every heading; an anchor occurs once."""
    taken: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = plain(tokens[place + 1])
            yield place, _once(anchor(words), taken), words, int(token.tag[1])


def anchor(heading: str) -> str:
    """The name of a heading in addresses: small letters, digits and hyphens of ASCII."""
    folded = unicodedata.normalize("NFKD", heading.lower().translate(_FOLDED)).encode("ascii", "ignore").decode()
    return _NO_WORD.sub("-", folded)[:_LONGEST_ANCHOR].strip("-") or "abschnitt"


def _once(name: str, taken: dict[str, int]) -> str:
    """The name, numbered where it was taken already."""
    found = name
    while found in taken:
        taken[name] += 1
        found = f"{name}-{taken[name]}"
    taken[found] = 1
    return found


def plain(token: Token) -> str:
    """The words of an inline or code token, with the descriptions and captions of pictures."""
    if token.children is None:
        return " ".join(token.content.split())
    return " ".join("".join(_words(token.children)).split())


def _words(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type == "image":
            yield f" {''.join(_words(child.children or []))} {child.attrGet('title') or ''} "
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            yield child.content


def targets(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Every address that links (`a`) and pictures (`img`) of a text name, in their order."""
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                yield "a", str(child.attrGet("href") or "")
            elif child.type == "image":
                yield "img", str(child.attrGet("src") or "")


def _is_callout(params: str, *_markup: Any) -> bool:
    name = params.strip().split(None, 1)[:1]
    return bool(name) and name[0].lower() in CALLOUTS


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    parser.use(container_plugin, "callout", validate=_is_callout)
    parser.validateLink = is_address  # type: ignore[method-assign, assignment]
    return parser


_PARSER = _parser()

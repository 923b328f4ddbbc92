"""A body as clean HTML in which links to articles and files still stand as `article:45` and `media:12`. Pure, kept."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it.token import Token
from markupsafe import escape

from klarfall.knowledge import content, markup, own_addresses

_TITLES = {
    "de": {"note": "Hinweis", "warning": "Achtung", "tip": "Tipp"},
    "en": {"note": "Note", "warning": "Warning", "tip": "Tip"},
}
_TABLES = {"de": "Tabelle", "en": "Table"}
_ALIGN = re.compile(r"text-align:(left|right|center)")
#: What may stand in a text at all: the second net below the parser, which escapes HTML anyway.
_TAGS = frozenset(
    ("p", "br", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a")
) | frozenset(("img", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "div", "hr"))
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start", "class"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "figure": {"class"},
    "p": {"class"},
    **{name: {"class"} for name in ("th", "td")},
    **{name: {"id"} for name in ("h2", "h3", "h4", "h5", "h6")},
}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel", "article", "media"},
    link_rel=None,
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a text that begins with a heading of level 2; the first may have none (what stands before)."""

    anchor: str
    heading: str
    html: str
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Clean HTML by chapters, the headings as (anchor, words, level), minutes of reading, and all named addresses."""

    chapters: tuple[Chapter, ...]
    contents: tuple[tuple[str, str, int], ...]
    minutes: int
    targets: tuple[tuple[str, str], ...]

    @property
    def html(self) -> str:
        """All chapters."""
        return "".join(one.html for one in self.chapters)


@lru_cache(maxsize=128)
def skeleton(body: str, language: str) -> Skeleton:
    """The skeleton of a body in a language, which gives callouts their titles."""
    tokens = markup.parsed(body)
    _name_own_pages(tokens)
    found = content.sections_of(tokens)
    heads = list(markup.headings(tokens))
    for place, anchor, _words, _level in heads:
        tokens[place].attrSet("id", anchor)
    cuts = [place for place, _anchor, _words, level in heads if level == 2]  # noqa: PLR2004 - chapters
    parts = zip([0, *cuts], [*cuts, len(tokens)], strict=True)
    chapters = tuple(_chapter(tokens[start:end], language) for start, end in parts if end > start)
    contents = tuple((anchor, words, level) for _place, anchor, words, level in heads)
    return Skeleton(chapters, contents, content.minutes(found), tuple(markup.targets(tokens)))


def _name_own_pages(tokens: list[Token]) -> None:
    """A typed address of an article or file is what it means: readers who may not follow it meet words as well."""
    for child in (child for token in tokens for child in token.children or []):
        for kind, name in (("link_open", "href"), ("image", "src")):
            if child.type == kind:
                child.attrSet(name, own_addresses.named(str(child.attrGet(name) or "")))


def _chapter(tokens: list[Token], language: str) -> Chapter:
    heads = [one for one in tokens if one.type == "heading_open"]
    begins = bool(heads) and tokens[0].type == "heading_open" and tokens[0].tag == "h2"
    heading = markup.plain(tokens[1]) if begins else ""
    anchors = frozenset(str(one.attrGet("id")) for one in heads)
    first = str(tokens[0].attrGet("id")) if begins else ""
    html = _CLEANER.clean(markup.html_of(_dressed(tokens, language)))
    return Chapter(first, heading, html, anchors)


def _dressed(tokens: list[Token], language: str) -> list[Token]:
    """The tokens with the classes of the page, pictures that stand alone as figures, tables in a frame."""
    dressed: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "paragraph_open" and (picture := _picture_alone(tokens[place + 1])):
            dressed.append(_raw(_figure(picture)))
            place += 3
            continue
        dressed.extend(_dress(token, language))
        place += 1
    return dressed


def _dress(token: Token, language: str) -> list[Token]:
    match token.type:
        case "container_callout_open":
            name, _space, title = token.info.strip().partition(" ")
            kind = markup.CALLOUTS[name.lower()]
            words = escape(title.strip() or _titles(language)[kind])
            return [_raw(f'<div class="callout is-{kind}" role="note"><p class="callout-title">{words}</p>\n')]
        case "table_open":
            label = _TABLES.get(language, _TABLES["de"])
            frame = f'<div class="table-frame" role="region" tabindex="0" aria-label="{label}">'
            return [_raw(frame), token]
        case "table_close":
            return [token, _raw("</div>\n")]
        case "th_open" | "td_open":
            align = _ALIGN.match(str(token.attrs.pop("style", "")))
            if align:
                token.attrSet("class", f"is-{align[1]}")
        case "ordered_list_open" if token.level == 0:
            token.attrSet("class", "stepwise")
    return [token]


def _titles(language: str) -> dict[str, str]:
    return _TITLES.get(language, _TITLES["de"])


def _picture_alone(inline: Token) -> Token | None:
    children = [one for one in inline.children or [] if one.type != "text" or one.content.strip()]
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def _figure(picture: Token) -> str:
    source, caption = picture.attrGet("src"), picture.attrGet("title")
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    alt = escape(markup.plain(_of(picture)))
    return f'<figure class="figure"><img src="{escape(source)}" alt="{alt}">{words}</figure>\n'


def _of(picture: Token) -> Any:
    """The description of a picture as an inline token."""
    return Token("inline", "", 0, children=picture.children or [], content=picture.content)


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)

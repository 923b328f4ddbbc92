"""The body of an edition as plain data for documents: paragraphs, lists, tables ... as JSON values. Pure.

Nothing of it is markup any more: whoever sets a document from it cannot be made to run anything by a text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from klarfall.knowledge import markup


@dataclass(frozen=True)
class Picture:
    """Under which name a picture lies beside the document, and whether it is higher than wide."""

    name: str
    tall: bool


Run = dict[str, Any]
Block = dict[str, Any]

_DEEPEST_HEADING = 5
_TITLES = {
    "de": {"note": "Hinweis", "warning": "Achtung", "tip": "Tipp"},
    "en": {"note": "Note", "warning": "Warning", "tip": "Tip"},
}
_STYLES = {"strong": "bold", "em": "italic", "s": "struck"}


class Blocks:
    """Reads tokens into blocks. `address` makes an absolute address of a link's target (empty: words only);
    `picture` says which picture is there for a `media:` address (None: its description only)."""

    def __init__(self, language: str, address: Callable[[str], str], picture: Callable[[str], Picture | None]) -> None:
        self._titles = _TITLES.get(language, _TITLES["de"])
        self._address, self._picture = address, picture
        self._level = 1

    def of(self, tokens: Sequence[Token]) -> list[Block]:
        """The blocks of tokens of one level."""
        found: list[Block] = []
        place = 0
        while place < len(tokens):
            end = _end(tokens, place)
            block = self._block(tokens[place], tokens[place + 1 : end])
            if block is not None:
                found.append(block)
            place = end + 1
        return found

    def _block(self, token: Token, inside: Sequence[Token]) -> Block | None:  # noqa: PLR0911 - one line per kind
        match token.type:
            case "heading_open":
                # A document must not skip a level of headings; texts may.
                self._level = min(int(token.tag[1]), self._level + 1, _DEEPEST_HEADING)
                return {"kind": "heading", "level": self._level, "runs": self._runs(inside)}
            case "paragraph_open":
                return self._paragraph(inside)
            case "bullet_list_open" | "ordered_list_open":
                items = [self.of(part) for part in _parts(inside, "list_item_open")]
                start = int(token.attrGet("start") or 1)
                return {"kind": "list", "ordered": token.type.startswith("o"), "start": start, "items": items}
            case "container_callout_open":
                name, _space, title = token.info.strip().partition(" ")
                kind = markup.CALLOUTS[name.lower()]
                return {"kind": "callout", "title": title.strip() or self._titles[kind], "blocks": self.of(inside)}
            case "blockquote_open":
                return {"kind": "quote", "blocks": self.of(inside)}
            case "fence" | "code_block":
                return {"kind": "code", "text": token.content.rstrip("\n")}
            case "table_open":
                return self._table(inside)
            case "hr":
                return {"kind": "rule"}
        return None

    def _paragraph(self, inside: Sequence[Token]) -> Block | None:
        children = [one for one in inside[0].children or [] if one.type != "text" or one.content.strip()]
        if len(children) == 1 and children[0].type == "image":
            image = children[0]
            words = markup.plain(Token("inline", "", 0, children=image.children or []))
            picture = self._picture(str(image.attrGet("src") or ""))
            caption = str(image.attrGet("title") or "")
            if picture:
                alt = words or caption or picture.name
                return {"kind": "figure", "file": picture.name, "tall": picture.tall, "alt": alt, "caption": caption}
            return {"kind": "paragraph", "runs": [{"text": " ".join(filter(None, [words, caption])), "italic": True}]}
        return {"kind": "paragraph", "runs": self._runs(inside)}

    def _table(self, inside: Sequence[Token]) -> Block:
        rows = [[self._runs(cell) for cell in _cells(part)] for part in _parts(inside, "tr_open")]
        columns = max((len(row) for row in rows), default=0)
        filled = [[*row, *([[]] * (columns - len(row)))] for row in rows]
        return {"kind": "table", "columns": columns, "header": filled[0] if filled else [], "rows": filled[1:]}

    def _runs(self, inside: Sequence[Token]) -> list[Run]:
        """Pieces of text with their style; links have their whole address."""
        found: list[Run] = []
        style: dict[str, Any] = {}
        for child in [each for one in inside for each in one.children or []]:
            name = child.type.rpartition("_")[0]
            if child.type == "link_open":
                style["link"] = self._address(str(child.attrGet("href") or ""))
            elif child.type == "link_close":
                style.pop("link", None)
            elif name in _STYLES:
                if child.nesting > 0:
                    style[_STYLES[name]] = True
                else:
                    style.pop(_STYLES[name], None)
            else:
                found.append({**style, **_piece(child)})
        return found


def _piece(child: Token) -> Run:
    match child.type:
        case "softbreak":
            return {"text": " "}
        case "hardbreak":
            return {"text": "\n"}
        case "code_inline":
            return {"text": child.content, "code": True}
        case "image":
            return {"text": markup.plain(Token("inline", "", 0, children=child.children or [])), "italic": True}
        case _:
            return {"text": child.content}


def _end(tokens: Sequence[Token], place: int) -> int:
    """The place of the token that closes this one; its own place where nothing is opened."""
    depth: int = tokens[place].nesting
    end = place
    while depth > 0:
        end += 1
        depth += tokens[end].nesting
    return end


def _parts(tokens: Sequence[Token], opening: str) -> list[Sequence[Token]]:
    """What stands inside of each of these, however deep they lie; not those within one another."""
    found = []
    place = 0
    while place < len(tokens):
        if tokens[place].type == opening:
            end = _end(tokens, place)
            found.append(tokens[place + 1 : end])
            place = end
        place += 1
    return found


def _cells(row: Sequence[Token]) -> list[Sequence[Token]]:
    return [row[place + 1 : _end(row, place)] for place, one in enumerate(row) if one.type in ("th_open", "td_open")]

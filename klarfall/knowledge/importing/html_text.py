"""HTML as our Markdown: cleaned by the sanitiser, then turned part by part; what has no words in ours goes. Pure."""

import re
from dataclasses import dataclass, field
from html import unescape

import nh3

#: Tags of a file: more would be no article, and parsers look through all open ones at each.
MOST_TAGS = 20_000
_DEEPEST_LIST = 8
_KEPT = frozenset(
    (*("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "a", "img"),
     *("em", "i", "strong", "b", "del", "s", "table", "tr", "th", "td", "div", "section", "article", "figcaption", "dt",
       "dd", "dl", "figure"))
)  # fmt: skip
_GONE = frozenset(
    (*("script", "style", "template", "iframe", "object", "applet", "noscript", "svg", "math", "audio", "canvas"),
     *("select", "textarea", "head", "title", "nav", "footer", "form", "button"))
)  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=set(_KEPT),
    clean_content_tags=set(_GONE),
    attributes={"a": {"href"}, "img": {"src", "alt", "title"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+=\"[^\"]*\")*) ?/?>|([^<]+)")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_META = re.compile(r"<meta\s([^>]{0,600})>", re.IGNORECASE)
_META_PART = re.compile(r"""(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
_LINE_START = re.compile(r"^(\s*)(#{1,6}\s|[-+]\s|\d+[.)]\s|:::|>)", re.MULTILINE)
_INLINE = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}
_BLOCKS = frozenset(("p", "div", "section", "article", "figure", "figcaption", "dl", "dd", "dt"))


class TooMuch(Exception):
    """HTML with so many tags that reading it would take its time."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The Markdown of a page, its title, and what its head says by `<meta name content>`."""

    title: str
    body: str
    meta: dict[str, str]


def converted(html: str) -> Converted:
    """A page as Markdown. Raises TooMuch."""
    if html.count("<") > MOST_TAGS or html.count("&") > 5 * MOST_TAGS:
        raise TooMuch
    title = _TITLE.search(html)
    writer = _Writer()
    for closes, name, attributes, text in _TOKEN.findall(_CLEANER.clean(html.replace("\0", ""))):
        if text:
            writer.text(unescape(text))
        elif closes:
            writer.end(name)
        else:
            writer.start(name, {key: unescape(value) for key, value in _ATTRIBUTE.findall(attributes)})
    body = re.sub(r"\n{3,}", "\n\n", writer.finished()).strip()
    return Converted(writer.heading or _plain(title[1] if title else ""), body, _meta(html))


def _meta(html: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for attributes in _META.findall(html[:50_000]):
        parts = {name.lower(): unescape(a or b or c) for name, a, b, c in _META_PART.findall(attributes)}
        if "name" in parts and "content" in parts:
            found[parts["name"].lower()] = parts["content"]
    return found


def _plain(text: str) -> str:
    return " ".join(unescape(text).split())


@dataclass
class _Writer:
    """Writes Markdown as tags come; keeps no more than the open lists, links and the row of a table."""

    parts: list[str] = field(default_factory=list)
    heading: str = ""
    lists: list[list[int | None]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    quotes: int = 0
    pre: int = 0
    code: int = 0
    row: list[list[str]] | None = None
    rows: int = 0
    level: int = 0
    title: list[str] | None = None
    #: A paragraph ended; nothing of the next one is written yet.
    pending: bool = False
    #: The mark of an item was just written: its first paragraph goes on in this line.
    fresh: bool = True

    def put(self, text: str) -> None:
        if self.title is not None:
            self.title.append(text)
        elif self.row:
            self.row[-1].append(text)
        elif self.row is None and (text.strip() or not (self.pending or self.fresh)):
            if self.pending and not self.fresh:
                self.parts.append(f"\n\n{self._indent()}")
            self.pending = self.fresh = False
            self.parts.append(text)

    def text(self, text: str) -> None:
        if self.pre or self.code:
            self.put(text.replace("```", "'''") if self.pre else text)
            return
        words = re.sub(r"\s+", " ", text)
        if self.title is None:
            words = _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", words))
        self.put(words)

    def start(self, name: str, given: dict[str, str]) -> None:
        if name in _INLINE:
            self.put("" if self.pre or self.title is not None else _INLINE[name])
        elif name in _BLOCKS:
            self._block()
        elif name == "br":
            self.put(" " if self.row is not None else f"  \n{self._indent()}")
        elif name == "img":
            self._picture(given)
        else:
            self._structure(name, given)

    def _structure(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "h1" if not self.heading and self.row is None:
                self.title = []
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._block()
                self.put(f"{'#' * max(2, int(name[1]))} ")
            case "ul" | "ol":
                self.lists.append([None if name == "ul" else 1, 0])
            case "li":
                self._item()
            case "a":
                self.links.append(given.get("href", ""))
                self.put("[" if self.links[-1] else "")
            case "pre":
                self._block()
                self.put("```\n")
                self.pre += 1
            case "code" if not self.pre:
                self.put("`")
                self.code += 1
            case "blockquote":
                self.quotes += 1
                self._block()
            case "hr":
                self._block()
                self.put("---")
                self._block()
            case "table" | "tr" | "td" | "th":
                self._table(name)

    def _table(self, name: str) -> None:
        if name == "table":
            self._block()
            self.parts.append("\n\n")
            self.rows, self.row = 0, []
        elif name == "tr":
            self.row = []
        elif self.row is not None:
            self.row.append([])

    def end(self, name: str) -> None:
        if name in _INLINE:
            self.put("" if self.pre or self.title is not None else _INLINE[name])
        elif name in _BLOCKS or name == "li":
            self._block()
        else:
            self._end_structure(name)

    def _end_structure(self, name: str) -> None:
        match name:
            case "h1" if self.title is not None:
                self.heading, self.title = " ".join("".join(self.title).split()), None
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._block()
            case "ul" | "ol" if self.lists:
                self.lists.pop()
                self._block()
            case "a" if self.links:
                href = self.links.pop()
                self.put(f"](<{href.replace('>', '%3E').replace('<', '%3C')}>)" if href else "")
            case "pre" if self.pre:
                self.pre -= 1
                self.put("\n```")
                self._block()
            case "code" if self.code and not self.pre:
                self.code -= 1
                self.put("`")
            case "blockquote":
                self.quotes = max(0, self.quotes - 1)
                self._block()
            case "tr":
                self._end_row()
            case "table":
                self.row = None
                self._block()

    def _end_row(self) -> None:
        if not self.row:
            return
        cells = [" ".join("".join(cell).split()) for cell in self.row]
        lines = f"| {' | '.join(cells)} |\n"
        if not self.rows:
            lines += f"|{'---|' * len(cells)}\n"
        self.rows, self.row = self.rows + 1, []
        self.parts.append(lines)

    def _picture(self, given: dict[str, str]) -> None:
        if source := given.get("src", ""):
            caption = given.get("title", "").replace('"', "'")
            words = _SPECIAL.sub(r"\\\1", " ".join(given.get("alt", "").split()))
            title = f' "{caption}"' if caption else ""
            self.put(f"![{words}](<{source}>{title})")

    def _item(self) -> None:
        if self.row is not None:  # a cell has no lists
            self.put(" ")
            return
        depth = min(len(self.lists), _DEEPEST_LIST)
        items = self.lists[-1] if self.lists else [None, 0]
        items[1] = (items[1] or 0) + 1
        mark = "-" if items[0] is None else f"{items[1]}."
        apart = "\n\n" if depth <= 1 and items[1] == 1 else "\n"
        self.parts.append(f"{apart}{'   ' * max(0, depth - 1)}{mark} ")
        self.pending, self.fresh = False, True

    def _block(self) -> None:
        if self.row is None:
            self.pending = True
        else:
            self.put(" ")

    def _indent(self) -> str:
        return "   " * min(len(self.lists), _DEEPEST_LIST) + "> " * min(self.quotes, _DEEPEST_LIST)

    def finished(self) -> str:
        """All of it, without space at the ends of lines but for the two signs that break one."""
        lines = "".join(self.parts).split("\n")
        return "\n".join(line if line.strip() and line.endswith("  ") else line.rstrip() for line in lines)

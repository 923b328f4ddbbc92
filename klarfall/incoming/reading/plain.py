"""Readable text of HTML: for mails that bring no text of their own."""

import re
from html import unescape

import nh3

from klarfall.incoming.reading import markup, styles

_BLOCKS = markup.words(
    "address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tbody tfoot thead tr ul caption"
)
_PARAGRAPHS = markup.words("p h1 h2 h3 h4 h5 h6 table ul ol pre blockquote dl hr")
_GONE = {
    *("script", "style", "title", "template", "iframe", "object", "applet", "noembed", "noframes", "svg", "math"),
    *("audio", "video", "canvas", "select", "textarea", "datalist", "frameset", "xml", "noscript"),
}


#: What the button for indenting makes in Gmail and Outlook; quotes have a line at their left.
_INDENT = re.compile(r"(?:^|;)\s*border\s*:\s*(?:none|0|medium none)\b(?!.*border-left)", re.IGNORECASE | re.DOTALL)


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        if styles.hides(value):
            return "none"
        return "indent" if tag == "blockquote" and _INDENT.search(value[:500]) else None
    if name == "class" and tag == "p":
        return "mso" if value[:3] == "Mso" else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_BLOCKS) | {"a", "img", "br", "td", "th", "span", "font", "b", "i", "s", "u"},
    clean_content_tags=_GONE,
    attributes={
        "*": {"style", "hidden"},
        "a": {"href"},
        "img": {"alt"},
        "p": {"class"},
        "blockquote": {"class", "type", "cite"},
    },
    attribute_filter=_kept,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_RUNS = re.compile(r"(?<=\S) {2,}")
_SPACES = re.compile(r"[ \t\r\n\f]+")
#: Characters without a width that senders of newsletters fill hidden lines with.
_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\u00ad\u034f\u061c]+")
_DEEPEST_QUOTE = 20


def plain(html: str) -> str:
    """This function will make text of HTML: lists, tables, links with addresses, quotes as `> `; it never raises."""
    ready = markup.affordable(html)
    if ready is None:
        return markup.without_tags(html)
    writer = _Writer()
    for token in markup.tokens(_CLEANER.clean(ready)):
        writer.take(token)
    return writer.text()


class _Writer:
    """Collects lines; knows how deep in quotes and lists it stands."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quote = self.pre = self.hidden = 0
        self.lists: list[int] = []
        #: For each blockquote that is open: 1, or 0 for one that only indents.
        self.quotes: list[int] = []
        self.link, self.link_from, self.paragraph = "", 0, "p"
        self.is_item = self.gap = False

    def take(self, token: markup.Token) -> None:
        if self.hidden:
            if token.name and token.name not in markup.VOID:
                self.hidden += -1 if token.closes else 1
        elif token.text:
            self._words(unescape(token.text))
        elif token.closes:
            self._end(token.name)
        else:
            self._start(token)

    def text(self) -> str:
        self._break()
        return "\n".join(self.lines).strip("\n")

    def _words(self, text: str) -> None:
        text = _INVISIBLE.sub("", text)
        if self.pre:
            first, *others = text.split("\n")
            self.line += first
            for other in others:
                self._break(keep=True)
                self.line = other
            return
        text = _SPACES.sub(" ", text)
        self.line += text.lstrip(" ") if not self.line or self.line.endswith((" ", "\t")) else text

    def _start(self, token: markup.Token) -> None:
        name, attributes = token.name, token.attributes if token.raw_attributes else {}
        if (attributes.get("style") == "none" or "hidden" in attributes) and name not in markup.VOID:
            self.hidden = 1
            return
        if name == "br":
            self._break(keep=True)
        elif name == "img":
            self._picture(attributes.get("alt", ""))
        elif name == "a":
            self.link, self.link_from = attributes.get("href", ""), len(self.line)
        elif name in ("td", "th"):
            self.line = f"{self.line.rstrip()}\t" if self.line.strip() else self.line
        elif name in _BLOCKS:
            # Word's paragraphs are lines: an empty one between them makes the distance.
            self.paragraph = "div" if name == "p" and attributes.get("class") else "p"
            self._open(self.paragraph if name == "p" else name, indents=set(attributes) == {"style"})

    def _open(self, name: str, *, indents: bool) -> None:
        self._block(name)
        if name == "blockquote":
            self.quotes.append(0 if indents else 1)
            self.quote += self.quotes[-1]
        elif name == "pre":
            self.pre += 1
        elif name in ("ul", "ol"):
            self.lists.append(0 if name == "ol" else -1)
        elif name == "li":
            self._item()
        elif name == "hr":
            self._add("-" * 30)

    def _item(self) -> None:
        depth = min(max(len(self.lists) - 1, 0), 10)
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            self.line = f"{'  ' * depth}{self.lists[-1]}. "
        else:
            self.line = f"{'  ' * depth}- "
        self.is_item = True

    def _end(self, name: str) -> None:
        if name == "a":
            self._target()
        elif name in _BLOCKS:
            self._close(name)

    def _close(self, name: str) -> None:
        self._block(self.paragraph if name == "p" else name, outer=1)
        if name == "blockquote":
            self.quote -= self.quotes.pop() if self.quotes else 0
        elif name == "pre":
            self.pre = max(self.pre - 1, 0)
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()

    def _target(self) -> None:
        """The address behind the words, where it says more than the words."""
        shown, address = self.line[self.link_from :].strip(), self.link
        self.link = ""
        bare = re.sub(r"^(https?://|mailto:|tel:)", "", address).rstrip("/")
        if address.startswith(("http", "mailto:")) and shown and bare and bare not in shown.replace("mailto:", ""):
            self.line = f"{self.line.rstrip()} <{address.removeprefix('mailto:')}>"

    def _picture(self, alt: str) -> None:
        alt = _SPACES.sub(" ", alt).strip()
        if alt:
            self._words(f"[{alt[:200]}]")

    def _block(self, name: str, *, outer: int = 0) -> None:
        """End the line; a paragraph makes a distance, a list inside of a list (more than `outer` are open) does not."""
        if self.is_item and not self.line.strip(" -0123456789."):
            return
        # A block with nothing but a hard blank is the distance between two others.
        self.gap = self.gap or bool(self.line and not self.line.strip())
        self._break()
        if name in _PARAGRAPHS and not (name in ("ul", "ol") and len(self.lists) > outer):
            self.gap = True

    def _prefix(self) -> str:
        return "> " * min(self.quote, _DEEPEST_QUOTE)

    def _break(self, *, keep: bool = False) -> None:
        self.is_item = False
        line = self.line.replace("\xa0", " ").rstrip()
        if not self.pre:
            line = _RUNS.sub(" ", line)
        if line:
            self._add(line)
        elif keep:
            self.lines.append(self._prefix().rstrip())
            self.gap = False
        self.line, self.link_from = "", 0

    def _add(self, line: str) -> None:
        """A line, and an empty one above it if a paragraph ended; the quote that ended or begins does not claim it."""
        prefix = self._prefix()
        if self.gap and self.lines and self.lines[-1].strip(" >"):
            above = self.lines[-1]
            self.lines.append((prefix if above.startswith(prefix) else "> " * self._depth(above)).rstrip())
        self.gap = False
        self.lines.append(prefix + line)

    @staticmethod
    def _depth(line: str) -> int:
        return (len(line) - len(line.lstrip("> "))) // 2

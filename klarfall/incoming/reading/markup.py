"""What may come in as HTML at all: bounded in size, nesting and work; and how clean HTML is cut into tokens."""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

#: Characters of HTML that are read; nobody reads more, and browsers choke on it.
LONGEST = 5_000_000
MOST_TAGS = 150_000
#: Parsers put a text together anew at each entity, writers at each hard blank.
MOST_ENTITIES = 40_000
#: So deep elements may be nested in what a browser gets.
DEEPEST = 100
#: Below these figures even the worst HTML is read in no time.
SMALL_LENGTH, SMALL_TAGS = 30_000, 600
#: Work that reading may make: a parser looks through all open elements at each tag (depth), and opens formatting again
#: in each paragraph (characters of the formatting that is open).
MOST_WORK = 20_000_000


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set of names."""
    return frozenset(text.split())


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})")
_ALONE = words(
    "area base br col embed frame hr img input link meta param source track wbr p li td th tr dt dd option tbody thead "
    "tfoot colgroup html head body"
)
_FORMATTING = words("a b big code em font i nobr s small strike strong tt u")
#: One attribute, exactly as parsers read it; each more in one tag is compared with all before it.
_SPACE = r"[ \t\n\r\f]*+"
_ATTRIBUTE_READ = (
    rf"[ \t\n\r\f/]*+(?:=[^ \t\n\r\f/>=]*+|[^ \t\n\r\f/>=]++)"
    rf"(?:{_SPACE}={_SPACE}(?:\"[^\"]*+\"?|'[^']*+'?|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+)?+)?+"
)
_ONE, _MANY = re.compile(_ATTRIBUTE_READ), re.compile(rf"(?:{_ATTRIBUTE_READ}){{0,300}}+")
#: Entities that mean nothing to a parser, so that they may be read before it.
_ENTITY = re.compile(r"&(?:nbsp|[aouAOU]uml|szlig|euro|ndash|mdash|zwnj|shy|bull|middot|[aeiou](?:acute|grave|circ));")
_SILENT = re.compile(r"<(/?)(?:style|script|title)\b", re.IGNORECASE)
#: In cleaned HTML `>` never stands inside a tag.
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>|([^<]+)")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
#: Elements without an end.
VOID = frozenset(("br", "hr", "img", "col", "wbr", "source"))


class Token(NamedTuple):
    """A start (`name`, `attributes`), an end (`name`, `closes`) or a text (`text`, still escaped)."""

    name: str
    closes: bool
    raw_attributes: str
    text: str

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes by their names, in their order, unescaped."""
        return {name: unescape(value) for name, value in _ATTRIBUTE.findall(self.raw_attributes)}


def tokens(clean: str) -> Iterator[Token]:
    """The parts of HTML that the sanitiser wrote (only such: tags are closed, `<` and `>` escaped elsewhere)."""
    for closes, name, attributes, text in _TOKEN.findall(clean):
        yield Token(name, bool(closes), attributes, text)


def affordable(html: str) -> str | None:
    """The HTML for a parser, cut at the longest; None where reading it would take more than time that grows with it."""
    html = html[:LONGEST].replace("\0", "")
    if html.count("&") > MOST_ENTITIES:
        html = _ENTITY.sub(lambda found: unescape(found.group()), html)
    if html.count("\xa0") > MOST_ENTITIES:
        html = html.replace("\xa0", " ")
    return html if html.count("&") <= MOST_ENTITIES and _is_affordable(html) else None


def _is_affordable(html: str) -> bool:
    """Whether a parser can read the HTML in a time that grows with its length only."""
    if len(html) <= SMALL_LENGTH and html.count("<") <= SMALL_TAGS:
        return True
    open_lengths: dict[str, list[int]] = {}
    depth = formatting = work = 0
    for count, found in enumerate(_TAG.finditer(html)):
        closes, name = found.group(1), found.group(2).lower()
        length = _length(html, found.end())
        if closes:
            lengths = open_lengths.get(name)
            if lengths:
                formatting -= lengths.pop()
                depth -= 1
        elif name not in _ALONE:
            open_lengths.setdefault(name, []).append(length if name in _FORMATTING else 0)
            formatting += open_lengths[name][-1]
            depth += 1
        work += depth + formatting + length // 10
        if length < 0 or work > MOST_WORK or count > MOST_TAGS:
            return False
    return True


def _length(html: str, start: int) -> int:
    """The length of a tag's attributes, wherever it may stand; -1 where there are too many."""
    end = _MANY.match(html, start).end()  # type: ignore[union-attr]  # it matches nothing, too
    return -1 if _ONE.match(html, end) else end - start


def without_tags(html: str) -> str:
    """The words of HTML that is too much work to read properly, with line breaks where tags suggest them."""
    html, kept, silent, last = html[:LONGEST].replace("\0", ""), [], False, 0
    for found in _SILENT.finditer(html):
        if not silent:
            kept.append(html[last : found.start()])
        silent, last = not found.group(1), found.start()
    if not silent:
        kept.append(html[last:])
    text = re.sub(r"<[^<>]{0,5000}>", "\n", "".join(kept))
    return "\n".join(line for line in map(str.strip, unescape(text).split("\n")) if line)

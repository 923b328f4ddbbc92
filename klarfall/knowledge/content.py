"""What a body consists of: its sections as plain text under the anchors that the page shows; and its limits. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from markdown_it.token import Token

from klarfall.core.action import Refused
from klarfall.knowledge import markup

_WORDS_A_MINUTE = 200
_CELL = re.compile(r"(?<!\\)\|")


class BodyRefused(Refused):
    """A text that is too much for a page; says what to do."""

    code = "body_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="body")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the plain text below it, up to the next heading of any level.

    The first section has neither anchor nor heading (level 1): what stands before the first heading.
    """

    anchor: str
    heading: str
    level: int
    text: str


def sections(body: str) -> tuple[Section, ...]:
    """The sections of a Markdown body in order, empty ones before the first heading left out."""
    return sections_of(markup.parsed(body))


def sections_of(tokens: list[Token]) -> tuple[Section, ...]:
    """The same of a body that is parsed already."""
    return tuple(one for one in _sections(tokens) if one.anchor or one.text)


def _sections(tokens: list[Token]) -> Iterator[Section]:
    start, head = 0, ("", "", 1)
    for place, anchor, words, level in markup.headings(tokens):
        yield Section(*head, _text(tokens[start:place]))
        start, head = place + 3, (anchor, words, level)
    yield Section(*head, _text(tokens[start:]))


def _text(tokens: list[Token]) -> str:
    """One line per paragraph, cell or line of code."""
    lines = (markup.plain(one) for one in tokens if one.type in ("inline", "fence", "code_block"))
    return "\n".join(line for line in lines if line)


def minutes(found: tuple[Section, ...]) -> int:
    """How long it takes to read the sections, at least a minute."""
    return max(1, -(-sum(len(one.text.split()) for one in found) // _WORDS_A_MINUTE))


def check(body: str) -> None:
    """Refuse what would be too much for a page, a parser or a reader. Raises BodyRefused."""
    if len(body) > markup.MOST_SIGNS:
        words = _("This text has %(signs)s signs; at most %(most)s fit into one article. Please divide it.")
        raise BodyRefused(words % {"signs": len(body), "most": markup.MOST_SIGNS})
    lines = body.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > markup.MOST_IN_LINE:
            words = _("Line %(line)s is longer than %(most)s signs. Please break it into paragraphs.")
            raise BodyRefused(words % {"line": number, "most": markup.MOST_IN_LINE})
    if sum(bool(line.strip()) for line in lines) > markup.MOST_LINES:
        words = _("This text has more than %(most)s lines. Please divide it.")
        raise BodyRefused(words % {"most": markup.MOST_LINES})
    if len(markup.MARKS.findall(body)) > markup.MOST_MARKS:
        words = _("This text has more links, emphasis and code than fit into one article. Please divide it.")
        raise BodyRefused(words)
    if sum(len(_CELL.findall(line)) for line in lines) > markup.MOST_CELLS:
        words = _("The tables of this text have more than %(most)s cells. Please add them as a file.")
        raise BodyRefused(words % {"most": markup.MOST_CELLS})

"""What differs between two texts, by lines and within lines by words; pure, and bounded whatever the texts are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: Lines that are compared one by one; of longer texts only what lies between the equal ends.
MOST_LINES = 3_000
#: Words of a pair of lines that are compared word by word.
_MOST_WORDS = 400
#: Unchanged lines that stay around a change.
_AROUND = 2
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
#: Lines that have less in common are no version of each other.
_ALIKE = 0.4

Mark = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that stayed, went or came."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line that stayed, went or came, with its number in the older and newer text; a gap stands for many that stayed.

    Where a line was changed, `pieces` mark its words: in the older one what went, in the newer one what came.
    """

    mark: Literal["same", "gone", "new", "gap"]
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...] = ()
    #: Lines that a gap stands for.
    count: int = 1

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines to show, and how many came and went."""

    lines: tuple[Line, ...]
    came: int
    went: int

    @property
    def is_empty(self) -> bool:
        return not self.came and not self.went


def difference(older: str, newer: str) -> Difference:
    """What became of the older text in the newer one."""
    old, new = older.split("\n"), newer.split("\n")
    lines = tuple(_folded(list(_lines(old, new))))
    came = sum(line.mark == "new" for line in lines)
    return Difference(lines, came, sum(line.mark == "gone" for line in lines))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, first, last, begin, end in _steps(old, new):
        if tag == "equal":
            for place, text in enumerate(old[first:last]):
                yield Line("same", first + place + 1, begin + place + 1, (Piece("same", text),))
        else:
            yield from _changed(old, new, range(first, last), range(begin, end))


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The steps from one text to the other; what is too long in between counts as rewritten."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    if max(old_end, new_end) - head > MOST_LINES:
        yield "replace", head, old_end, head, new_end
    else:
        matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=True)
        for tag, first, last, begin, end in matcher.get_opcodes():
            yield tag, first + head, last + head, begin + head, end + head
    if tail:
        yield "equal", old_end, len(old), new_end, len(new)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _changed(old: Sequence[str], new: Sequence[str], gone: range, came: range) -> Iterator[Line]:
    """Lines that went and came; those at the same place that are alike show their words."""
    pairs = {one: _words(old[one], new[two]) for one, two in zip(gone, came, strict=False)}
    partners = dict(zip(came, gone, strict=False))
    for one in gone:
        words = pairs.get(one)
        yield Line("gone", one + 1, None, words[0] if words else (Piece("gone", old[one]),))
    for two in came:
        words = pairs.get(partners.get(two, -1))
        yield Line("new", None, two + 1, words[1] if words else (Piece("new", new[two]),))


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
    """Both lines by their words; None where they are too long or have too little in common."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if not before or not after or len(before) + len(after) > _MOST_WORDS:
        return None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, first, last, begin, end in matcher.get_opcodes():
        same = tag == "equal"
        if last > first:
            left.append(Piece("same" if same else "gone", "".join(before[first:last])))
        if end > begin:
            right.append(Piece("same" if same else "new", "".join(after[begin:end])))
    return tuple(left), tuple(right)


def _folded(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with long unchanged parts as gaps."""
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and lines[end].mark == "same":
            end += 1
        if end == place:
            yield lines[place]
            place += 1
            continue
        first = 0 if place == 0 else _AROUND
        last = 0 if end == len(lines) else _AROUND
        hidden = end - place - first - last
        if hidden > 1:
            yield from lines[place : place + first]
            yield Line("gap", lines[place + first].old, lines[place + first].new, count=hidden)
            yield from lines[end - last : end]
        else:
            yield from lines[place:end]
        place = end

"""What is new in a mail: quotes of earlier mails and signatures fold away, nothing is thrown away."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading import quotes

#: Lines further down are shown as they are; nobody writes so many by hand.
MOST_LINES = 5_000
#: A signature is short: `--` above more than this is a line that a person drew.
SIGNATURE = 25

_FORWARDED = re.compile(r"\s*(wg|fwd?|tr|i|wtr|weitergeleitet)\s?:", re.IGNORECASE)
#: Instead of a line: the mail is a forward.
_FORWARD = -1
_NEW, _BLANK, _QUOTE, _ASIDE = "new", "blank", "quote", "aside"


@dataclass(frozen=True)
class Visible:
    """`text` is what the person wrote now, `rest` the quotes and signatures that fold open; together all lines."""

    text: str
    rest: str


def visible(mail: ParsedMail) -> Visible:
    """This function will part what was written now from what was quoted; it hides nothing where all would be hidden."""
    every = mail.text.split("\n")
    lines, tail = every[:MOST_LINES], every[MOST_LINES:]
    begins = [quotes.may_begin(line) for line in lines]
    if _FORWARDED.match(mail.subject[:20]) or not any(begins):
        return Visible(_tidy(every), "")
    end = _first_cut(lines, begins)
    if end == _FORWARD:
        return Visible(_tidy(every), "")
    marks = _marks(lines[:end], begins)
    if end < len(lines) and quotes.points_below(_of(lines, marks, _NEW)):
        end, marks = len(lines), _marks(lines, begins)
    shown = _shown(marks)
    if not any(shown[at] and marks[at] == _NEW for at in range(len(marks))):
        return Visible(_tidy(every), "")
    kept = [line for line, keep in zip(lines, shown, strict=False) if keep]
    hidden = [line for line, keep in zip(lines, shown, strict=False) if not keep] + lines[end:]
    goes_on = end < len(lines) or (not shown[-1] and all(quotes.is_quoted(line) for line in tail if line.strip()))
    (hidden if goes_on else kept).extend(tail)
    return Visible(_tidy(kept), _tidy(hidden))


def _tidy(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _of(lines: list[str], marks: list[str], kind: str) -> str:
    return "\n".join(line for line, mark in zip(lines, marks, strict=False) if mark == kind)


def _first_cut(lines: list[str], begins: list[bool]) -> int:
    """The line from which on everything is a quote without marks; the number of lines where there is none.

    A forward was sent on purpose and shows everything.
    """
    quoted = [at for at, line in enumerate(lines) if quotes.is_quoted(line)]
    first_quoted = quoted[0] if quoted else -1
    last_new = max((at for at, line in enumerate(lines) if line.strip() and not quotes.is_quoted(line)), default=-1)
    for at, line in enumerate(lines):
        if not begins[at]:
            continue
        if quotes.is_quoted(line) and not quotes.is_groupwise(line):
            if at == first_quoted and quotes.is_forward(line.lstrip("> ")):
                return _FORWARD
            continue
        if quotes.is_forward(line):
            return _FORWARD
        if (above := quotes.old_notes_block(lines, at)) >= 0:
            return _with_rule(lines, above)
        if quotes.is_separator(line) or quotes.header_block(lines, at):
            return _with_rule(lines, at)
        if (length := quotes.attribution(lines, at)) and _is_unmarked(lines, quoted, at + length, last_new):
            return _with_rule(lines, at)
    return len(lines)


def _is_unmarked(lines: list[str], quoted: list[int], start: int, last_new: int) -> bool:
    """The quote that begins in the line has no marks, and nobody answered between marked lines further down."""
    position = bisect_left(quoted, start)
    following = quoted[position : position + 1]
    if not following:
        return True
    marked = not any(line.strip() for line in lines[start : following[0]][:20])
    return not marked and following[0] > last_new


def _with_rule(lines: list[str], at: int) -> int:
    """The lines of dashes or underscores above a quote belong to it."""
    above = at
    while above and (not lines[above - 1].strip() or quotes.is_rule(lines[above - 1])):
        above -= 1
    return above if any(quotes.is_rule(line) for line in lines[above:at]) else at


def _marks(lines: list[str], begins: list[bool]) -> list[str]:
    """For each line: new, blank, quote, or aside (signature, advertising of the program)."""
    marks = [_BLANK if not line.strip() else _QUOTE if quotes.is_quoted(line) else _NEW for line in lines]
    for at, line in enumerate(lines):
        if marks[at] != _NEW or not begins[at]:
            continue
        if length := quotes.attribution(lines, at) or int(quotes.introduces(line)):
            _mark_if_quote_follows(marks, at, length)
        elif quotes.is_mobile(line):
            marks[at] = _ASIDE
    _mark_signatures(lines, marks)
    _join_quotes(marks)
    return marks


def _mark_if_quote_follows(marks: list[str], at: int, length: int) -> None:
    following = next((mark for mark in marks[at + length : at + length + 4] if mark != _BLANK), _BLANK)
    if following == _QUOTE:
        marks[at : at + length] = [_QUOTE] * length


def _mark_signatures(lines: list[str], marks: list[str]) -> None:
    """From `-- ` to the next quote, where it is not too long for a signature."""
    at = 0
    while at < len(lines):
        if lines[at].rstrip() == "--" and marks[at] == _NEW:
            near = marks[at : at + 4 * SIGNATURE]
            end = at + (near.index(_QUOTE) if _QUOTE in near else len(near))
            ends = end == len(lines) or end < at + len(near)
            if ends and sum(mark != _BLANK for mark in marks[at:end]) <= SIGNATURE:
                marks[at:end] = [_ASIDE] * (end - at)
                at = end
        at += 1


def _join_quotes(marks: list[str]) -> None:
    """Empty lines between two lines of one quote belong to it."""
    last = -1
    for at, mark in enumerate(marks):
        if mark == _QUOTE:
            if last >= 0 and all(between == _BLANK for between in marks[last + 1 : at]):
                marks[last:at] = [_QUOTE] * (at - last)
            last = at


def _shown(marks: list[str]) -> list[bool]:
    """Answers between quotes stay with the quotes that they answer; a quote above or below all answers goes."""
    new = [at for at, mark in enumerate(marks) if mark == _NEW]
    if not new:
        return [False] * len(marks)
    first, last = new[0], new[-1]
    quoted = [at for at in range(last) if marks[at] == _QUOTE]
    leading = bool(quoted) and quoted[-1] < first
    return [
        mark != _ASIDE and not (mark == _QUOTE and (at > last or (leading and at < first)))
        for at, mark in enumerate(marks)
    ]

"""What reading a part yields: pieces of text in their order, files and codes of problems."""

import html as html_module
from dataclasses import dataclass, field

from klarfall.incoming.parsing.parsed import MailFile

#: Characters of text and HTML that a mail may have; a longer one is cut and kept whole as a file.
LONGEST_TEXT = 2_000_000


#: Blanks, and signs without width, with which newsletters and editors fill what stays empty.
_UNSEEN = " \t\r\n\f\v\xa0\xad\u034f\u200b\u200c\u200d\u200e\u200f\u2007\u202f\u2060\u3000\ufeff"


def says_nothing(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    return not text.strip(_UNSEEN)


@dataclass(slots=True)
class Piece:
    """A passage of the mail: its plain text, its HTML or both. A text of None is made from the HTML."""

    text: str | None = None
    html: str = ""

    def plain(self) -> str:
        """The text, made from the HTML where there is none."""
        if self.text is None:
            from klarfall.incoming.reading.plain import plain

            self.text = plain(self.html)
        return self.text


@dataclass(slots=True)
class Found:
    """Pieces, files and problems of a part and all that is in it."""

    pieces: list[Piece] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)

    def add(self, other: "Found", *, with_pieces: bool = True) -> None:
        """Append what another part has yielded."""
        if with_pieces:
            self.pieces.extend(other.pieces)
        self.files.extend(other.files)
        self.problems.update(other.problems)

    def problem(self, code: str) -> None:
        """Note a code once."""
        self.problems[code] = None

    def text(self) -> str:
        """All pieces as plain text."""
        texts = [text for piece in self.pieces if not says_nothing(text := piece.plain().strip("\n"))]
        return "\n\n".join(texts)

    def html(self) -> str:
        """All pieces as HTML, if any of them has some; what is only text is shown as it is."""
        if not any(piece.html for piece in self.pieces):
            return ""
        return "\n".join(piece.html or _as_html(piece.plain()) for piece in self.pieces)


def _as_html(text: str) -> str:
    return f"<div style='white-space: pre-wrap'>{html_module.escape(text)}</div>" if text.strip() else ""

"""Everything that is read of a mail at once: what it says, what is new in it, its harmless HTML, signs of a machine."""

from dataclasses import dataclass, fields

from klarfall.incoming.parsing.message import parse
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading.html import Harmless, harmless
from klarfall.incoming.reading.machines import Signs, signs_of
from klarfall.incoming.reading.visible import Visible, visible

_NOTHING, _NO_HTML, _NO_SIGNS = Visible("", ""), Harmless("", 0), Signs()


@dataclass(frozen=True)
class ReadMail(ParsedMail):
    """A mail with all that takes work to find out. In `shown` its own pictures are `attachment:<place in files>`."""

    said: Visible = _NOTHING
    shown: Harmless = _NO_HTML
    signs: Signs = _NO_SIGNS


def read_whole(raw: bytes) -> ReadMail:
    """This function will read a mail from its bytes to the end; it never raises for what stands in it."""
    return completed(parse(raw))


def completed(mail: ParsedMail) -> ReadMail:
    """A parsed mail with what is read out of its text and HTML."""
    pictures = {one.cid: f"attachment:{place}" for place, one in enumerate(mail.files) if one.cid}
    return ReadMail(
        **{one.name: getattr(mail, one.name) for one in fields(ParsedMail)},
        said=visible(mail),
        shown=harmless(mail.html, pictures=pictures) if mail.html.strip() else _NO_HTML,
        signs=signs_of(mail),
    )

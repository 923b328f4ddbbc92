"""Read text that people typed: say what is wrong with it, or return it in a form that can be stored. Pure."""

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import Refused

#: Characters; a message of this length fills ten pages.
LONG = 20_000
SHORT = 2_000
LINE = 160

#: Control characters but line breaks and tabs (NUL above all), and halves of surrogate pairs.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: Turn the direction of the text after them; in a single line they can only mislead.
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}


class UnusableText(Refused):
    """A text that is missing, too long or cannot be stored; `field` says which."""

    code = "unusable_text"


def required(value: Any, *, field: str, limit: int = LONG) -> str:
    """The text with single line breaks and without blanks around it; never empty. Raises UnusableText."""
    text = optional(value, field=field, limit=limit)
    if not _visible(text):
        raise UnusableText(_("Please fill in this field."), field=field)
    return text


def optional(value: Any, *, field: str, limit: int = LONG) -> str:
    """Like `required`, but empty text is fine and returned as ""."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnusableText(_("This text cannot be read."), field=field)
    if len(value) > 2 * limit:  # before any work is done on megabytes
        raise _too_long(field, limit)
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > limit:
        raise _too_long(field, limit)
    if _UNSTORABLE.search(text):
        raise UnusableText(_("The text contains characters that cannot be stored. Please remove them."), field=field)
    return text if _visible(text) else ""


def storable(text: str) -> str:
    """What can be stored of a text that nobody can be asked to correct; empty when nothing of it is visible."""
    kept = _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return kept if _visible(kept) else ""


def line(value: Any, *, field: str, limit: int = LINE) -> str:
    """A required text on one line: a title."""
    return required(_on_one_line(value), field=field, limit=limit)


def optional_line(value: Any, *, field: str, limit: int = LINE) -> str:
    """A text on one line that may be empty."""
    return optional(_on_one_line(value), field=field, limit=limit)


def _on_one_line(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > LONG:
        return value
    return " ".join(value.translate(dict.fromkeys(_DIRECTION)).split())


def _too_long(field: str, limit: int) -> UnusableText:
    return UnusableText(_("The text is too long: at most %(limit)s characters.") % {"limit": limit}, field=field)


def _visible(text: str) -> bool:
    """Is there anything to see: more than blanks, zero-width and other invisible characters?"""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)

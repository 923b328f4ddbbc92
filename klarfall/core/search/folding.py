"""One spelling for each word: lower case, ä = ae, ß = ss, no invisible characters, the same for texts and queries."""

import re
import unicodedata

#: Soft hyphens, zero width characters, marks of direction and variants: written, but not read.
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
#: One direction only: a natural "ae" (Israel, Steuer, aktuell) stays as it is, so nothing else coincides with it.
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "å": "a", "ł": "l"}
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-") | dict.fromkeys("’‘ʼ`´", "'"))


def fold(text: str) -> str:
    """The canonical spelling of a word; stable: folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
    text = unicodedata.normalize("NFC", text).translate(_GERMAN).translate(_DASHES)
    if text.isascii():
        return text
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare)


def undotted(folded: str) -> str:
    """The folded word as if umlauts had no dots: names are written Müller, Mueller and Muller by one and the same."""
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def umlauts(folded: str) -> str:
    """The folded word with umlauts again, as a stemmer expects it; "eue" and "que" keep their ue."""
    return _FOLDED_UMLAUT.sub(lambda found: _UMLAUT[found[0]], folded)


_UMLAUT = {"ae": "ä", "oe": "ö", "ue": "ü"}
_FOLDED_UMLAUT = re.compile("ae|oe|(?<![aeoq])ue")

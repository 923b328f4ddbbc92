"""Finds the runs of letters, digits and joints of a text; codes, versions and file names stay whole."""

import re
from collections.abc import Iterator

from klarfall.core.search.folding import INVISIBLE

#: No run is read further than this; what is longer is no word (base64, keys).
LONGEST = 200
_LETTER = rf"[\w\u0300-\u036f{INVISIBLE}]"
_RUN = re.compile(
    r"§{1,2}\s?[0-9]{1,9}[a-z]?\b"
    rf"|{_LETTER}++(?:(?:[-.‐‑/\\@:'’+&*]|:\\|://|(?<=[0-9]),)(?={_LETTER}){_LETTER}++)*+"
    rf"(?:\+\+|#|(?=-)-(?!{_LETTER}))?",
    re.IGNORECASE,
)


def runs(text: str) -> Iterator[re.Match[str]]:
    """Every run in order; a hyphen at its end says that the word is completed later ("Miet- und Betriebskosten")."""
    return _RUN.finditer(text)

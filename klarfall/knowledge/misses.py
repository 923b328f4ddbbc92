"""The words of a search that found nothing, as they are kept: in one spelling and order, about nobody. Pure."""

import re

from klarfall.core.search.query import parse

_MOST_WORDS, _LONGEST = 6, 120
#: Addresses, telephone numbers, account numbers, and whatever else holds many digits, may say who somebody is.
_PRIVATE = re.compile(r"@|\d{5,}|(?:\d\D?){7,}|^\d{4,}$")


def normalised(text: str) -> str:
    """The words of a query in one spelling and order, without what may name a person; empty if nothing is left."""
    words = {one.word for one in parse(text).words if not _PRIVATE.search(one.text)}
    return " ".join(sorted(words)[:_MOST_WORDS])[:_LONGEST]

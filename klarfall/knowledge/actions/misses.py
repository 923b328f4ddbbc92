"""Keep what readers looked for and did not find, for the editors."""

import re
from datetime import datetime
from typing import Any

from django.db import connection

from klarfall.core.action import action
from klarfall.core.search.query import parse
from klarfall.knowledge.models import SearchMiss

#: Rows that are kept; of more, those that were looked for longest ago go.
MOST = 10_000
_MOST_WORDS, _LONGEST = 6, 120
#: Addresses, telephone numbers, account numbers, and whatever else holds many digits, may say who somebody is.
_PRIVATE = re.compile(r"@|\d{5,}|(?:\d\D?){7,}|^\d{4,}$")
_KEEP = """
    INSERT INTO knowledge_searchmiss AS m (words, product_id, times, last_at) VALUES (%s, %s, 1, %s)
    ON CONFLICT (words, product_id) DO UPDATE SET times = m.times + 1, last_at = excluded.last_at, done_at = NULL
"""


def normalised(text: str) -> str:
    """The words of a query in one spelling and order, without what may name a person; empty if nothing is left."""
    words = {one.word for one in parse(text).words if not _PRIVATE.search(one.text)}
    return " ".join(sorted(words)[:_MOST_WORDS])[:_LONGEST]


@action
def record_miss(text: str, *, product_id: int | None, actor: Any, now: datetime) -> None:
    """Count a search without a fitting answer, without who searched. Whoever may search causes it; two statements."""
    del actor
    if not (words := normalised(text)):
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [words, product_id, now])
    oldest = SearchMiss.objects.order_by("-last_at", "-pk").values("pk")[MOST : MOST + 50]
    if now.second == 0:  # now and then is often enough
        SearchMiss.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).delete()

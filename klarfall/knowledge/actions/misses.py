"""Keep what readers looked for and did not find, for the editors."""

import secrets
from datetime import datetime
from typing import Any

from django.db import connection

from klarfall.contracts.models import Product
from klarfall.core.action import action
from klarfall.knowledge.misses import normalised
from klarfall.knowledge.models import SearchMiss

#: Rows that are kept; of more, those that were looked for longest ago go.
MOST = 10_000
_ONE_IN = 20  # searches that make room for fifty others
_KEEP = """
    INSERT INTO knowledge_searchmiss AS m (words, product_id, times, last_at) VALUES (%s, %s, 1, %s)
    ON CONFLICT (words, product_id) DO UPDATE SET times = m.times + 1, last_at = excluded.last_at, done_at = NULL
"""


@action
def record_miss(text: str, *, product: Product | None, actor: Any, now: datetime) -> None:
    """Count a search without a fitting answer, without who searched. Whoever may search causes it; two statements."""
    del actor
    if not (words := normalised(text)):
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [words, product.pk if product else None, now])
    oldest = SearchMiss.objects.order_by("-last_at", "-pk").values("pk")[MOST : MOST + 50]
    # Now and then is often enough; by chance, so that no rhythm of searching makes more than are taken away.
    if secrets.randbelow(_ONE_IN) == 0:
        SearchMiss.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).delete()

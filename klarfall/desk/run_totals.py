"""Totals of a run: net per VAT category, customers, and the VAT that is informative (section 6, rule 8)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from klarfall.billing.models import BillingBatch
from klarfall.billing.status import BatchStatus
from klarfall.billing.vat import OUTSIDE_SCOPE, REVERSE_CHARGE
from klarfall.ui.formats import percent

_DAY = 24 * 60 * 60

# VAT once per customer, category and rate, on the sum of rounded lines; PostgreSQL rounds half away from zero, too.
_SUMMED = """
    SELECT category, percent, sum(net), sum(round(net * percent / 100, 2)), count(DISTINCT customer_id)
      FROM ({lines}) one GROUP BY GROUPING SETS ((category, percent), ()) ORDER BY percent DESC NULLS LAST, category
"""
_FROZEN = """
    SELECT customer_id, category, percent, sum(net) AS net FROM billing_billingline
     WHERE batch_id = %s GROUP BY customer_id, category, percent
"""
_PREVIEW = """
    SELECT customer_id, line ->> 'category' AS category, (line ->> 'percent')::numeric AS percent,
           sum((line ->> 'net')::numeric) AS net
      FROM billing_batchconcern, jsonb_array_elements(lines) line WHERE batch_id = %s GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Category:
    """Net and VAT of one category and rate, over all customers."""

    code: str
    percent: Decimal
    net: Decimal
    vat: Decimal

    @property
    def label(self) -> str:
        """The category in words: the rate, or why there is none."""
        if self.code == REVERSE_CHARGE:
            return _("Reverse charge: the recipient owes the tax")
        if self.code == OUTSIDE_SCOPE:
            return _("Outside the scope of VAT")
        return _("%(percent)s VAT") % {"percent": percent(self.percent.normalize())}


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run comes to; `vat` is what the bills add when they are written from it."""

    categories: tuple[Category, ...]
    customers: int
    vat: Decimal


def totals_of(run: BillingBatch) -> Totals | None:
    """The totals, None while the preview is being computed.

    A run of hundreds of thousands of lines takes a second to add up, so the answer is kept until it is computed anew.
    """
    if run.computed_at is None and run.status == BatchStatus.OPEN:
        return None
    at = int((run.computed_at or run.created_at).timestamp() * 1000)
    key = f"run-totals:{run.pk}:{run.status == BatchStatus.OPEN}:{at}"
    found: Totals | None = cache.get(key)
    if found is None:
        found = _added_up(run)
        cache.set(key, found, _DAY)
    return found


def _added_up(run: BillingBatch) -> Totals:
    lines = _PREVIEW if run.status == BatchStatus.OPEN else _FROZEN
    with connection.cursor() as cursor:
        cursor.execute(_SUMMED.format(lines=lines), [run.pk])
        rows: list[Any] = cursor.fetchall()
    categories = tuple(Category(*row[:4]) for row in rows if row[0] is not None)
    customers = next((row[4] for row in rows if row[0] is None), 0)
    return Totals(categories, customers, sum((one.vat for one in categories), Decimal("0.00")))

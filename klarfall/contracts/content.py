"""What a terms version says, as plain data: for its hash, for copies of it, and for comparing two versions."""

from dataclasses import dataclass
from typing import Any

from klarfall.contracts.models import CatalogueItem, RateCardLine, TermsVersion
from klarfall.core.seals import digest

#: Texts of an item that exist in German and, with `_en`, in English.
TEXTS = ("title", "text", "reason_template", "changes_if", "default_scope", "default_exclusions")
#: Everything that an item says, in the order in which it is read.
COLUMNS = (
    "code", "clause", "outcome", "title", "title_en", "text", "text_en", "examples", "examples_en",
    "changes_if", "changes_if_en", "needs_cause", "asks_training", "work_type", "alternatives",
    "estimate_min", "estimate_max", "reason_template", "reason_template_en", "default_scope", "default_scope_en",
    "default_exclusions", "default_exclusions_en",
)  # fmt: skip
RATE_COLUMNS = ("work_type", "rate", "currency", "increment", "minimum")


@dataclass(frozen=True)
class Content:
    """Items in catalogue order, with their products at hand, and rates in the order in which they were entered."""

    items: list[CatalogueItem]
    rates: list[RateCardLine]


def contents_of(*versions: TermsVersion) -> list[Content]:
    """The contents of several versions in three queries."""
    ids = [one.pk for one in versions]
    items = CatalogueItem.objects.filter(terms__in=ids).order_by("order", "clause").prefetch_related("products")
    rates = RateCardLine.objects.filter(terms__in=ids).order_by("pk")
    return [
        Content([one for one in items if one.terms_id == pk], [one for one in rates if one.terms_id == pk])
        for pk in ids
    ]


def items_of(terms: TermsVersion) -> list[CatalogueItem]:
    """The items in catalogue order, with their products at hand."""
    return list(terms.items.order_by("order", "clause").prefetch_related("products"))


def rates_of(terms: TermsVersion) -> list[RateCardLine]:
    """The rate card, in the order in which it was entered."""
    return list(terms.rates.order_by("pk"))


def item_content(item: CatalogueItem) -> dict[str, Any]:
    """All columns of an item, with the codes of the products it is limited to."""
    found = {name: getattr(item, name) for name in COLUMNS}
    return found | {"products": sorted(product.code for product in item.products.all())}


def rate_content(rate: RateCardLine) -> dict[str, Any]:
    """All columns of a rate."""
    return {name: getattr(rate, name) for name in RATE_COLUMNS}


def content_hash(terms: TermsVersion) -> str:
    """SHA-256 over number, items in their order, and rates: what was published, word for word."""
    rates = sorted((rate_content(one) for one in rates_of(terms)), key=lambda one: str(one["work_type"]))
    written = [one | {"rate": f"{one['rate']:.2f}"} for one in rates]
    return digest({"number": terms.number, "items": [item_content(one) for one in items_of(terms)], "rates": written})

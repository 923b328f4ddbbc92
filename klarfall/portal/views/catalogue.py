"""The service catalogue: what is covered, what is chargeable, what is not offered; printable, per version."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.billing.cards import clause_words
from klarfall.contracts.models import CatalogueItem, TermsVersion
from klarfall.contracts.queries import terms_in_force
from klarfall.core import vendor
from klarfall.portal.shell import show


def catalogue(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Shows a published version; without a number the one in force."""
    now = timezone.now()
    current = terms_in_force(now)
    published = TermsVersion.objects.filter(published_at__isnull=False)
    terms = get_object_or_404(published, number=number) if number is not None else current
    items = list(terms.items.order_by("order", "clause")) if terms else []
    return show(
        request,
        "portal/catalogue/page.html",
        here="catalogue",
        now=now,
        terms=terms,
        outdated=current is not None and terms is not None and terms.pk != current.pk,
        groups=[
            (title, meaning, [_entry(one) for one in items if one.outcome == meaning]) for title, meaning in _groups()
        ],
        rates=list(terms.rates.order_by("pk")) if terms else [],
        sample=vendor.current().sample_values,
    )


def _groups() -> list[tuple[str, str]]:
    return [
        (_("A  Covered by the contract"), "covered"),
        (_("B  Chargeable separately"), "chargeable"),
        (_("C  Not in product support"), "not_offered"),
    ]


def _entry(item: CatalogueItem) -> dict[str, object]:
    title, text = clause_words(item)
    english = (get_language() or "de").startswith("en")
    examples = (item.examples_en if english else []) or item.examples
    return {
        "anchor": item.clause.replace(" ", "-"),
        "clause": item.clause,
        "title": title,
        "text": text,
        "examples": examples,
        "changes_if": item.changes_if,
    }

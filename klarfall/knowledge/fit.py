"""For which versions an edition holds, and whether that fits what a customer has installed (R21)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from django.utils.translation import gettext as _

from klarfall.contracts.models import InstalledVersion, ProductVersion
from klarfall.knowledge.models import ArticleKind, Edition
from klarfall.knowledge.versions import release_of


class Fit(Enum):
    """The answer for one reader."""

    YES = "yes"
    #: The reader's version is older than the first one it holds for, or than the update it describes.
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    #: It says nothing of versions, or nobody wrote down which version the reader has.
    UNKNOWN = ""


@dataclass(frozen=True)
class Hold:
    """What the version badge says, and how it fits the reader's version (its name, or empty)."""

    badge: str
    fit: Fit
    installed: str = ""


def badge(kind: str, first: str, last: str) -> str:
    """`ab 8.3`, `bis 8.2`, `8.1–8.3`, `8.4`; an update description is about one version. Empty for all versions."""
    if first and (kind == ArticleKind.UPDATE or first == last):
        return first
    if first and last:
        return f"{first}\u2013{last}"
    if first:
        return _("from %(version)s") % {"version": first}
    return _("up to %(version)s") % {"version": last} if last else ""


def fit_of(first: ProductVersion | None, last: ProductVersion | None, installed: ProductVersion | None) -> Fit:
    """Whether the installed version lies between the first and the last one; open ends are None."""
    own = release_of(installed)
    if own is None or (first is None and last is None):
        return Fit.UNKNOWN
    begins, ends = release_of(first), release_of(last)
    if begins is not None and own < begins:
        return Fit.TOO_OLD
    return Fit.TOO_NEW if ends is not None and own > ends else Fit.YES


def hold_of(edition: Edition, kind: str, installed: ProductVersion | None) -> Hold:
    """The badge of an edition that was read with its versions. Whoever has an update has all that came before it."""
    first, last = edition.version_from, edition.version_to
    words = badge(kind, first.name if first else "", last.name if last else "")
    if kind == ArticleKind.UPDATE:
        last = None
    return Hold(words, fit_of(first, last, installed), installed.name if installed else "")


def installed_versions(products: Iterable[int], customer_ids: Iterable[int], day: date) -> dict[int, ProductVersion]:
    """The version of each product that a company of the viewer has had since last; one query, none for visitors."""
    companies, wanted = list(customer_ids), list(products)
    if not companies or not wanted:
        return {}
    rows = InstalledVersion.objects.filter(product__in=wanted, customer__in=companies, since__lte=day)
    return {one.product_id: one.version for one in rows.select_related("version").order_by("since", "pk")}

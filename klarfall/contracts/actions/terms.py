"""The catalogue from draft to publication: begin, price, discard, publish. Clauses: `actions/clauses.py`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.content import (
    COLUMNS,
    Content,
    content_hash,
    contents_of,
    items_of,
    rate_content,
    rates_of,
)
from klarfall.contracts.models import CatalogueItem, RateCardLine, RequestKind, TermsVersion, WorkType
from klarfall.contracts.models.terms import INCREMENTS
from klarfall.contracts.queries import local_day, newest_terms, terms_draft
from klarfall.contracts.readiness import Gap, gaps
from klarfall.contracts.template import CLAUSES
from klarfall.core import audit, vendor
from klarfall.core.action import Refused, action

_MOST_NET = Decimal(100_000)
_MOST_MINUTES = 480
_CENT = Decimal("0.01")
_DAY = timedelta(days=1)


class TermsRefused(Refused):
    """Something that no catalogue may say, or that is too late; `field` names it."""

    code = "terms_refused"


class NotReady(TermsRefused):
    """The draft cannot be published yet; `gaps` names everything that is missing."""

    code = "terms_not_ready"

    def __init__(self, found: list[Gap]) -> None:
        super().__init__(" ".join(one.message for one in found))
        self.gaps = found


@dataclass(frozen=True, kw_only=True)
class RateData:
    """The hourly rate (net) of a kind of work; increment and minimum in minutes."""

    work_type: str
    rate: Decimal
    increment: int
    minimum: int


@action
def draft_terms(*, actor: Any, now: datetime) -> TermsVersion:
    """Begin a draft: a copy of the newest published version, else of the template (without rates).

    There is one draft at a time: raises TermsRefused where one exists (`queries.terms_draft` finds it).
    """
    permissions.require("terms.publish", actor)
    if terms_draft() is not None:
        raise _begun_already()
    base = newest_terms()
    first_day = max(local_day(now), base.valid_from) + _DAY if base else local_day(now)
    last = TermsVersion.objects.aggregate(number=Max("number"))["number"] or 0
    try:
        with transaction.atomic():
            draft = TermsVersion.objects.create(number=last + 1, valid_from=first_day)
    except IntegrityError as twice:  # somebody else began one in this moment
        raise _begun_already() from twice
    if base is not None:
        _copy(base, draft)
    else:
        CatalogueItem.objects.bulk_create(
            CatalogueItem(terms=draft, order=order, **one.columns) for order, one in enumerate(CLAUSES)
        )
    audit.record("terms.drafted", draft, actor=actor, now=now, data={"number": draft.number})
    return draft


def _begun_already() -> TermsRefused:
    return TermsRefused(_("There is a draft already. Please go on with it, or discard it."))


def _copy(base: TermsVersion, draft: TermsVersion) -> None:
    for order, one in enumerate(items_of(base)):
        columns = {name: getattr(one, name) for name in COLUMNS}
        copy = CatalogueItem.objects.create(terms=draft, order=order, **columns)
        copy.products.set(one.products.all())
    RateCardLine.objects.bulk_create(RateCardLine(terms=draft, **rate_content(one)) for one in rates_of(base))


@action
def change_rates(terms: TermsVersion, *, rates: Iterable[RateData], actor: Any, now: datetime) -> list[RateCardLine]:
    """Give the draft this rate card in the vendor's currency; kinds of work that are left out have no rate then.

    Raises TermsRefused with the field `<work type>_<rate|increment|minimum>`.
    """
    permissions.require("terms.publish", actor)
    draft, given = locked_draft(terms), list(rates)
    for one in given:
        _check_rate(one)
    if len({one.work_type for one in given}) != len(given):
        raise TermsRefused(_("There is one rate for each kind of work."))
    currency = vendor.current().currency
    order = list(WorkType.values)
    wanted = {one.work_type: asdict(one) | {"currency": currency} for one in given}
    before = {one.work_type: rate_content(one) for one in draft.rates.all()}
    changed = sorted(kind for kind in {*wanted, *before} if wanted.get(kind) != before.get(kind))
    if changed:
        draft.rates.all().delete()
        kinds = sorted(wanted, key=order.index)
        RateCardLine.objects.bulk_create(RateCardLine(terms=draft, **wanted[kind]) for kind in kinds)
        audit.record("terms.rates_changed", draft, actor=actor, now=now, data={"work_types": changed})
    return rates_of(draft)


def _check_rate(one: RateData) -> None:
    if one.work_type not in WorkType.values:
        raise TermsRefused(_("Please choose a kind of work."))
    if not 0 < one.rate < _MOST_NET or one.rate != one.rate.quantize(_CENT):
        raise TermsRefused(
            _("Please enter a rate above zero with at most two decimals."), field=f"{one.work_type}_rate"
        )
    if one.increment not in INCREMENTS:
        values = {"choices": ", ".join(str(minutes) for minutes in INCREMENTS)}
        text = _("Times can be rounded to %(choices)s minutes.") % values
        raise TermsRefused(text, field=f"{one.work_type}_increment")
    if not 0 <= one.minimum <= _MOST_MINUTES:
        raise TermsRefused(_("A minimum is at most 480 minutes."), field=f"{one.work_type}_minimum")


@action
def discard_draft(terms: TermsVersion, *, actor: Any, now: datetime) -> None:
    """Throw the draft away with all its clauses and rates. Raises TermsRefused for published versions."""
    permissions.require("terms.publish", actor)
    draft = locked_draft(terms)
    audit.record("terms.discarded", draft, actor=actor, now=now, data={"number": draft.number})
    draft.delete()


@action
def publish_terms(terms: TermsVersion, *, valid_from: date, actor: Any, now: datetime) -> TermsVersion:
    """Publish the draft: in force from the beginning of that day in the vendor's zone, and unchangeable from now on.

    Requests keep the version in force when they were sent (INV-11). The day is not over yet and lies after the first
    day of every published version. Raises NotReady with everything that is missing, TermsRefused for the day.
    """
    permissions.require("terms.publish", actor)
    draft = locked_draft(terms)
    _check_day(valid_from, local_day(now))
    found = [one for one in gaps_of(draft) if one.blocking]
    if found:
        raise NotReady(found)
    draft.valid_from, draft.published_at, draft.content_hash = valid_from, now, content_hash(draft)
    draft.save(update_fields=["valid_from", "published_at", "content_hash"])
    data = {"number": draft.number, "valid_from": valid_from.isoformat(), "content_hash": draft.content_hash}
    audit.record("terms.published", draft, actor=actor, now=now, data=data)
    return draft


def _check_day(valid_from: date, today: date) -> None:
    if valid_from < today:
        text = _("This day is over: requests already sent keep the catalogue they were sent under.")
        raise TermsRefused(text, field="valid_from")
    newest = newest_terms()
    if newest is not None and valid_from <= newest.valid_from:
        values = {"number": newest.number, "day": date_format(newest.valid_from, "SHORT_DATE_FORMAT")}
        text = _("Version %(number)s begins on %(day)s: please choose a later day.") % values
        raise TermsRefused(text, field="valid_from")


def gaps_of(draft: TermsVersion, content: Content | None = None) -> list[Gap]:
    """What the draft lacks, as `publish_terms` sees it; a question, not an action. `content` where it was read."""
    content = content or contents_of(draft)[0]
    tiles = RequestKind.objects.filter(active=True).values_list("usual_item", flat=True)
    return gaps(content.items, content.rates, tiles)


def locked_draft(terms: TermsVersion) -> TermsVersion:
    """The draft, held until the end of the action that asks (not an action itself): nothing changes meanwhile."""
    draft = TermsVersion.objects.select_for_update().filter(pk=terms.pk, published_at__isnull=True).first()
    if draft is None:
        raise TermsRefused(_("This version is published or was discarded: it cannot be changed."))
    return draft

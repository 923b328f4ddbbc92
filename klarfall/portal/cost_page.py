"""The page of costs: one section at a time, with its filters, its rows, and the sums above it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.billing.models import InvoiceType
from klarfall.billing.models.batch import LineKinds
from klarfall.billing.status import OfferStatus, RecordStatus
from klarfall.core.isolation import Viewer
from klarfall.portal import cost_rows as rows
from klarfall.portal.costs import MonthSum, Wanted, lines_of, outlook, periods_to_choose, sums_by_month
from klarfall.portal.costs import wanted as read_filters
from klarfall.portal.offering import offering
from klarfall.portal.paging import page_of
from klarfall.portal.shell import viewer_of
from klarfall.ui.formats import money, month_name, percent

RUNNING_PAGE = 20
FILTERS = ("customer", "person", "product", "period", "kind")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the page: its name, the kinds or states to choose from, and what fills it."""

    key: str
    label: str
    kinds: Sequence[tuple[str, Any]]
    kinds_label: str
    fill: Callable[[Wanted, Viewer, Any], dict[str, Any]]
    exports: bool = True
    filters: Sequence[str] = ("customer", "person", "product", "period")


def sections(viewer: Viewer) -> list[Section]:
    """The sections that the viewer may look at; invoices are for who sees all costs of a company."""
    offer_states = [one for one in OfferStatus.choices if one[0] != OfferStatus.DRAFT]
    record_states = [one for one in RecordStatus.choices if one[0] != RecordStatus.DRAFT]
    state = _("State")
    running = ("customer", "person", "product")
    found = [
        Section(key="bills", label=_("Already billed"), kinds=LineKinds.choices, kinds_label=_("Kind"), fill=_bills),
        Section(key="running", label=_("Running orders"), kinds=(), kinds_label="", fill=_running, exports=False,
                filters=running),
        Section(key="offers", label=_("Cost notices"), kinds=offer_states, kinds_label=state, fill=_offers),
        Section(key="records", label=_("Service records"), kinds=record_states, kinds_label=state, fill=_records),
    ]  # fmt: skip
    if viewer.customers_where("sees_costs"):
        found.append(
            Section(key="invoices", label=_("Invoices"), kinds=InvoiceType.choices, kinds_label=_("Kind"),
                    fill=_invoices, filters=("customer", "period"))
        )  # fmt: skip
    return found


def chosen_section(request: HttpRequest) -> Section:
    """The section that the address names, else the first."""
    found = sections(viewer_of(request))
    return next((one for one in found if one.key == request.GET.get("show")), found[0])


def asked(request: HttpRequest, section: Section, now: Any) -> Wanted:
    """The filters of the address, as far as the section knows them."""
    return read_filters(request, now, [value for value, _label in section.kinds])


def cost_page(request: HttpRequest, now: Any) -> dict[str, Any]:
    """Returns everything the page shows. Raises Http404 for who sees no costs."""
    section, viewer = chosen_section(request), viewer_of(request)
    ask = asked(request, section, now)
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    return {
        "section": section,
        "ask": ask,
        "tabs": [_tab(one, section, kept) for one in sections(viewer)],
        "outlook": outlook(ask.companies),
        "choices": _choices(ask, section, now),
        "sight": _sight(viewer),
        "export_query": urlencode({"show": section.key, **kept}) if section.exports else "",
        "several": len(ask.customers) > 1,
        **section.fill(ask, viewer, request.GET),
    }


def _sight(viewer: Viewer) -> str:
    """How far the viewer sees: everything (empty), all bills but not all requests, or the requests they see."""
    if all(seat.is_admin for seat in viewer.seats):
        return ""
    return "costs" if viewer.customers_where("sees_costs") else "requests"


def _tab(section: Section, current: Section, kept: dict[str, str]) -> dict[str, Any]:
    """A tab keeps the filters that its section knows; kinds and states are its own."""
    query = {"show": section.key, **{name: kept[name] for name in section.filters if name in kept}}
    return {"label": section.label, "url": "?" + urlencode(query), "current": section.key == current.key}


def _choices(ask: Wanted, section: Section, now: Any) -> list[dict[str, Any]]:
    """The selects of the filter; one with a single choice is left out."""
    companies = [(str(pk), name) for pk, name in ask.company_names.items()]
    persons = [(str(one.pk), one.person_name) for one in ask.people if one.person_name]
    products = [(one.code, one.name) for one in offering(now).own_products()]
    found = {
        "customer": (_("Company"), companies, str(ask.customer or "")),
        "period": (_("Month"), periods_to_choose(now, ask.period), ask.period.value if ask.period else ""),
        "person": (_("Person"), persons, str(ask.person.pk) if ask.person else ""),
        "product": (_("Product"), products, ask.product.code if ask.product else ""),
    }
    least = {"customer": 2, "product": 2, "person": 2}
    shown = [
        _select(name, *choice)
        for name, choice in found.items()
        if name in section.filters and len(choice[1]) >= least.get(name, 1)
    ]
    return [*shown, *([_select("kind", section.kinds_label, section.kinds, ask.kind)] if section.kinds else [])]


def _select(name: str, label: str, options: Sequence[tuple[str, Any]], chosen: str) -> dict[str, Any]:
    return {"name": name, "label": label, "options": options, "chosen": chosen}


# --- What fills the sections ---


def _bills(ask: Wanted, viewer: Viewer, query: Any) -> dict[str, Any]:
    lines = lines_of(ask, viewer)
    sums = sums_by_month(lines)
    page = page_of(rows.bill_groups(lines), query, rows.BILL_KEYS)
    return {
        "page": page,
        "months": list(rows.months_of_bills(page.rows, sums, ask)),
        "billed": _billed(ask, sums),
        "vat_words": vat_words,
    }


def _billed(ask: Wanted, sums: dict[Any, MonthSum]) -> tuple[str, Decimal]:
    """The chosen period with its net; without one the last month of which something was billed."""
    if ask.period or not sums:
        label = ask.period.label if ask.period else ""
        return label, sum((one.net for one in sums.values()), Decimal("0.00"))
    last = max(month for month, _company in sums)
    return month_name(last), sum((one.net for (month, _of), one in sums.items() if month == last), Decimal("0.00"))


def vat_words(of: MonthSum) -> str:
    """`zzgl. 19 % USt 21,09 €`; reverse charge and services abroad say so."""
    words = []
    for one in of.vat:
        values = {"percent": percent(one.percent.normalize()), "vat": money(one.vat)}
        if one.category == "S":
            words.append(_("plus %(percent)s VAT %(vat)s") % values)
        else:
            words.append(_("without VAT: the recipient owes the tax") if one.category == "AE" else _("without VAT"))
    return " · ".join(words)


def _running(ask: Wanted, viewer: Viewer, query: Any) -> dict[str, Any]:
    page = page_of(rows.running_offers(ask, viewer), query, rows.OFFER_KEYS, size=RUNNING_PAGE)
    found = rows.running_rows(page.rows, ask)
    is_all = page.newer is None and page.older is None
    return {"page": page, "rows": found, "open": sum((one.open for one in found), Decimal("0.00")), "is_all": is_all}


def _offers(ask: Wanted, viewer: Viewer, query: Any) -> dict[str, Any]:
    page = page_of(rows.offers_of(ask, viewer), query, rows.OFFER_KEYS)
    return {"page": page, "rows": [rows.offer_row(one, ask) for one in page.rows]}


def _records(ask: Wanted, viewer: Viewer, query: Any) -> dict[str, Any]:
    page = page_of(rows.records_of(ask, viewer), query, rows.RECORD_KEYS)
    return {"page": page, "rows": [rows.record_row(one, ask) for one in page.rows]}


def _invoices(ask: Wanted, _viewer: Viewer, query: Any) -> dict[str, Any]:
    page = page_of(rows.invoices_of(ask), query, rows.INVOICE_KEYS)
    return {"page": page, "rows": [rows.invoice_row(one, ask) for one in page.rows]}

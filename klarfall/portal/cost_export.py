"""The filtered rows of the page of costs as a table for a spreadsheet: exactly those, and nothing out of sight."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.billing import amounts
from klarfall.billing.line_words import kind_label
from klarfall.billing.models import BilledOffer, CostOffer
from klarfall.core.action import Refused
from klarfall.core.isolation import Viewer
from klarfall.core.spreadsheets import Cell, csv_bytes
from klarfall.portal import cost_rows as rows
from klarfall.portal.costs import Wanted, lines_of
from klarfall.portal.rows import number_of

#: More rows than any year has; a file is made in one go.
MOST_ROWS = 20_000
Row = Sequence[Cell]


class TooMany(Refused):
    """The filter leaves more rows than one file holds."""

    code = "too_many_rows"


def export(key: str, ask: Wanted, viewer: Viewer) -> bytes | None:
    """Returns the file of a section, None for one that is not exported. Raises TooMany."""
    makers: dict[str, Callable[[Wanted, Viewer], tuple[list[str], Iterator[Row]]]] = {
        "bills": _bills,
        "offers": _offers,
        "records": _records,
        "invoices": _invoices,
    }
    return csv_bytes(*makers[key](ask, viewer)) if key in makers else None


def file_name(section: str, ask: Wanted) -> str:
    """`kosten-abgerechnet-2026-11.csv`: section and period, else the day."""
    when = ask.period.value if ask.period else f"{timezone.localtime(ask.now):%Y-%m-%d}"
    words = _("costs %(section)s") % {"section": section.lower()}
    return f"{words.replace(' ', '-')}-{when}.csv"


def _limited(found: QuerySet[Any]) -> list[Any]:
    listed = list(found[: MOST_ROWS + 1])
    if len(listed) > MOST_ROWS:
        raise TooMany(_("These are more rows than one file holds. Please choose a month or a year."))
    return listed


def _bills(ask: Wanted, viewer: Viewer) -> tuple[list[str], Iterator[Row]]:
    columns = [
        _("Company"), _("Request"), _("Title"), _("Cost notice"), _("Decided by"), _("Order number"), _("Kind"),
        _("Service from"), _("Service to"), _("Minutes"), _("Hourly rate"), _("Net"), _("Currency"),
        _("VAT category"), _("VAT in percent"),
    ]  # fmt: skip
    lines = _limited(lines_of(ask, viewer).order_by("-service_to", "-pk"))
    ids = {one.offer_id for one in lines}
    offers = {one.pk: one for one in rows.decided_offers(CostOffer.objects.filter(pk__in=ids))}
    numbers = {one.pk: one for one in BilledOffer.objects.filter(pk__in=ids - offers.keys())}
    return columns, (_bill(one, offers.get(one.offer_id), numbers.get(one.offer_id), ask) for one in lines)


def _bill(line: Any, offer: Any, numbers: BilledOffer | None, ask: Wanted) -> Row:
    """`offer` where the viewer sees its request, else its `numbers`: then neither title nor names."""
    if offer is not None:
        about = (offer.ticket.number, offer.ticket.title, offer.number, ask.name(offer.decided_by), offer.order_number)
    else:
        about = (numbers.ticket_number if numbers else 0, "", numbers.number if numbers else None, "", "")
    return (
        ask.company_names.get(line.customer_id, ""),
        number_of(about[0]) if about[0] else "",
        *about[1:],
        kind_label(line.kind),
        line.service_from,
        line.service_to,
        line.minutes,
        line.rate,
        line.net,
        line.currency,
        line.category,
        line.percent,
    )


def _offers(ask: Wanted, viewer: Viewer) -> tuple[list[str], Iterator[Row]]:
    columns = [
        _("Company"), _("Cost notice"), _("Request"), _("Title"), _("State"), _("Sent"), _("Decided"),
        _("Decided by"), _("Cap, minutes"), _("Cap, net"), _("At most, net"), _("Hourly rate"), _("Order number"),
        _("Billed, net"), _("Currency"),
    ]  # fmt: skip
    found = _limited(rows.offers_of(ask, viewer).order_by("-number"))
    return columns, (_offer(one, ask) for one in found)


def _offer(offer: Any, ask: Wanted) -> Row:
    caps = rows.caps_of(offer)
    return (
        ask.company_names.get(offer.customer_id, ""),
        offer.number,
        number_of(offer.ticket.number),
        offer.ticket.title,
        offer.get_status_display(),
        offer.sent_at,
        offer.decided_at,
        ask.name(offer.decided_by),
        caps.minutes,
        caps.net,
        amounts.cap_amount(offer, caps),
        offer.rate,
        offer.order_number,
        offer.billed,
        offer.currency,
    )


def _records(ask: Wanted, viewer: Viewer) -> tuple[list[str], Iterator[Row]]:
    columns = [
        _("Company"), _("Request"), _("Title"), _("Revision"), _("State"), _("Issued"), _("Exact minutes"),
        _("Billed minutes"), _("Net"),
    ]  # fmt: skip
    found = _limited(rows.records_of(ask, viewer).order_by("-issued_at", "-pk"))
    return columns, (
        (
            ask.company_names.get(one.customer_id, ""), number_of(one.ticket.number), one.ticket.title, one.revision,
            one.get_status_display(), one.issued_at, one.exact_minutes, one.billed_minutes, one.net,
        )
        for one in found
    )  # fmt: skip


def _invoices(ask: Wanted, _viewer: Viewer) -> tuple[list[str], Iterator[Row]]:
    columns = [
        _("Company"), _("Number"), _("Kind"), _("Date"), _("Payable by"), _("Service from"), _("Service to"), _("Net"),
        _("VAT"), _("Gross"), _("Currency"),
    ]  # fmt: skip
    found = _limited(rows.invoices_of(ask).order_by("-serial"))
    return columns, (
        (
            ask.company_names.get(one.customer_id, ""), one.number, one.get_type_display(), one.issued_on, one.due_on,
            one.service_from, one.service_to, one.net, one.vat, one.gross, one.currency,
        )
        for one in found
    )  # fmt: skip

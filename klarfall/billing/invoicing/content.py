"""What stands on an invoice: lines, VAT once per category and rate, totals (section 6, rule 8). Pure.

A bill that comes out below zero is a credit note: all its amounts turn positive, and it names the invoices it corrects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from klarfall.billing.engine import LineKind, net_of, vat_totals
from klarfall.billing.line_words import explain_line, kind_label
from klarfall.billing.models.invoice import InvoiceType
from klarfall.billing.vat import OUTSIDE_SCOPE, REVERSE_CHARGE

#: Codes of UN/ECE Recommendation 20: minutes, and pieces where the net is not minutes × rate (caps, goodwill, cents).
MINUTES, PIECE = "MIN", "C62"
_HOUR = 60
_ZERO = Decimal("0.00")
_KINDS = list(LineKind)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An invoice that is corrected."""

    number: str
    issued_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Billed:
    """A frozen billing line with what people need to recognise it. Minutes and net are negative where taken back.

    `request` is the number as people write it, `run` the number of the run that a correction corrects, `corrects` the
    invoice on which the corrected line stands (None: it was billed elsewhere).
    """

    id: int
    kind: str
    minutes: int
    rate: Decimal
    net: Decimal
    currency: str
    category: str
    percent: Decimal
    service_from: date
    service_to: date
    reason: Mapping[str, Any]
    request: str
    position: int
    title: str
    offer: int
    order_number: str = ""
    run: int | None = None
    corrects: Earlier | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoiceLine:
    """One line: quantity × price = net, to the cent. `base` is the quantity that the price is for."""

    position: int
    billing_line: int
    request: str
    offer: int
    order_number: str
    kind: str
    name: str
    note: str
    minutes: int
    rate: Decimal
    quantity: int
    unit: str
    price: Decimal
    base: int
    net: Decimal
    category: str
    percent: Decimal
    service_from: date
    service_to: date
    corrects: str


@dataclass(frozen=True, slots=True)
class VatRow:
    """Net and VAT of one category and rate; the reason says why there is none."""

    category: str
    percent: Decimal
    net: Decimal
    vat: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Everything on an invoice besides its number, dates and parties."""

    type: str
    currency: str
    lines: tuple[InvoiceLine, ...]
    vat_rows: tuple[VatRow, ...]
    references: tuple[Earlier, ...]
    net: Decimal
    vat: Decimal
    service_from: date
    service_to: date

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @property
    def order_number(self) -> str:
        """The customer's order number, where all lines have the same."""
        found = {line.order_number for line in self.lines}
        return found.pop() if len(found) == 1 else ""

    def as_json(self) -> dict[str, Any]:
        """Amounts and days as text, so that they come back as they were."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Content":
        """The content as it was stored."""
        lines = tuple(InvoiceLine(**_typed(line, _LINE)) for line in stored["lines"])
        rows = tuple(VatRow(**_typed(row, _ROW)) for row in stored["vat_rows"])
        earlier = tuple(Earlier(**_typed(one, _EARLIER)) for one in stored["references"])
        rest = _typed({name: stored[name] for name in ("type", "currency", *_TOTALS)}, _TOTALS)
        return cls(lines=lines, vat_rows=rows, references=earlier, **rest)


_DATES = {"service_from": date.fromisoformat, "service_to": date.fromisoformat}
_LINE: dict[str, Any] = {"rate": Decimal, "price": Decimal, "net": Decimal, "percent": Decimal, **_DATES}
_ROW: dict[str, Any] = {"percent": Decimal, "net": Decimal, "vat": Decimal}
_EARLIER: dict[str, Any] = {"issued_on": date.fromisoformat}
_TOTALS: dict[str, Any] = {"net": Decimal, "vat": Decimal, **_DATES}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _typed(stored: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    return {name: types[name](value) if name in types else value for name, value in stored.items()}


def content_of(billed: Sequence[Billed]) -> Content:
    """The invoice or credit note of these lines, worded in the active language.

    There is at least one line, all of one customer and currency.
    """
    ordered = sorted(billed, key=_order)
    sign = -1 if _is_credit(ordered) else 1
    signed = [replace(one, net=sign * one.net) for one in ordered]
    rows = tuple(
        VatRow(total.category, total.percent, total.net, total.vat, exemption(total.category))
        for total in vat_totals((one.category, one.percent, one.net) for one in signed)
    )
    return Content(
        type=InvoiceType.CREDIT_NOTE if sign < 0 else InvoiceType.INVOICE,
        currency=ordered[0].currency,
        lines=tuple(_line(place, one, sign) for place, one in enumerate(ordered, start=1)),
        vat_rows=rows,
        references=_references(ordered),
        net=sum((row.net for row in rows), _ZERO),
        vat=sum((row.vat for row in rows), _ZERO),
        service_from=min(one.service_from for one in ordered),
        service_to=max(one.service_to for one in ordered),
    )


def _order(one: Billed) -> tuple[Any, ...]:
    """By request, concern and offer; there in the order of time and of the rules."""
    return one.request, one.position, one.offer, one.service_from, _KINDS.index(LineKind(one.kind)), one.id


def _is_credit(billed: Sequence[Billed]) -> bool:
    """Does the customer get something back? Where the net is even, the VAT decides."""
    totals = vat_totals((one.category, one.percent, one.net) for one in billed)
    net, vat = (sum((getattr(total, name) for total in totals), _ZERO) for name in ("net", "vat"))
    return net < 0 or (net == 0 and vat < 0)


def _references(billed: Sequence[Billed]) -> tuple[Earlier, ...]:
    found = {one.corrects for one in billed if one.corrects is not None}
    return tuple(sorted(found, key=lambda one: (one.issued_on, one.number)))


def _line(place: int, one: Billed, sign: int) -> InvoiceLine:
    quantity, unit, price, base = _quantity(one)
    return InvoiceLine(
        position=place,
        billing_line=one.id,
        request=one.request,
        offer=one.offer,
        order_number=one.order_number,
        kind=one.kind,
        name=one.title if one.kind == LineKind.WORK else f"{kind_label(one.kind)}: {one.title}",
        note=_note(one),
        minutes=sign * one.minutes,
        rate=one.rate,
        quantity=sign * quantity,
        unit=unit,
        price=price,
        base=base,
        net=sign * one.net,
        category=one.category,
        percent=one.percent,
        service_from=one.service_from,
        service_to=one.service_to,
        corrects=one.corrects.number if one.corrects else "",
    )


def _quantity(one: Billed) -> tuple[int, str, Decimal, int]:
    """Quantity, unit, price and its base; a price is never negative (BR-27), so the quantity carries the sign.

    Minutes at their rate an hour where that gives the frozen net exactly; else one piece at the frozen net, because a
    line must not differ by a cent from quantity × price.
    """
    if one.minutes and net_of(one.minutes, one.rate) == one.net:
        return one.minutes, MINUTES, one.rate, _HOUR
    return (-1 if one.net < 0 else 1), PIECE, abs(one.net), 1


def _note(one: Billed) -> str:
    """Where the line comes from and why it is there."""
    where = [
        _("Request %(number)s") % {"number": one.request},
        _("cost notice %(number)s") % {"number": one.offer},
    ]
    if one.order_number:
        where.append(_("your order number %(number)s") % {"number": one.order_number})
    if one.corrects:
        values = {"number": one.corrects.number, "day": date_format(one.corrects.issued_on)}
        where.append(_("corrects invoice %(number)s of %(day)s") % values)
    return f"{', '.join(where)}. {explain_line(one, run=one.run)}"


def exemption(category: str) -> str:
    """Why no VAT is charged, as the invoice has to say it; empty where it is charged."""
    if category == REVERSE_CHARGE:
        return _("Reverse charge: the recipient of the service owes the VAT.")
    if category == OUTSIDE_SCOPE:
        return _("The place of supply is outside the European Union: not subject to VAT.")
    return ""

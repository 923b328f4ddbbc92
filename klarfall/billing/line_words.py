"""Why a billing line is there, in words and with its figures; one wording for desk, portal, record and mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _

from klarfall.billing.engine import LineKind, LineReason
from klarfall.billing.models import Goodwill
from klarfall.billing.models.batch import LineKinds
from klarfall.billing.wording import minutes_text
from klarfall.ui.formats import money

_EURO = "EUR"


class Explained(Protocol):
    """What a line must have: a `BillingLine`, a line of the engine, or one of a stored preview (`StoredLine`).

    `reason` is a `LineReason`, or what was stored of one: {"figures": {name: number or its text}, …}.
    """

    @property
    def kind(self) -> Any: ...
    @property
    def minutes(self) -> int: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def rate(self) -> Decimal: ...
    @property
    def reason(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures a line was made of; minutes are whole, amounts net."""

    values: Mapping[str, Any]
    currency: str

    def number(self, name: str) -> int:
        return int(Decimal(str(self.values.get(name, 0))))

    def minutes(self, name: str) -> str:
        return minutes_text(self.number(name))

    def amount(self, name: str) -> str:
        return money(Decimal(str(self.values.get(name, 0))), self.currency)


def kind_label(kind: Any) -> str:
    """The name of a kind of line, in the active language."""
    return str(LineKinds(str(kind)).label)


def figures_of(line: Explained) -> Figures:
    """The figures of a line, wherever it comes from."""
    reason = line.reason
    values = reason.figures if isinstance(reason, LineReason) else reason.get("figures", {})
    return Figures(values, getattr(line, "currency", _EURO))


def explain_line(line: Explained, *, run: int | None = None) -> str:
    """One or two sentences in the active language; `run` is the number of the run that a correction corrects."""
    figures = figures_of(line)
    match LineKind(str(line.kind)):
        case LineKind.WORK:
            return _work(line, figures)
        case LineKind.ROUNDING:
            return _rounding(figures)
        case LineKind.CAP_REDUCTION:
            values = {"sum": figures.amount("sum"), "cap": figures.amount("cap")}
            return _("Cap %(cap)s: the minutes would have cost %(sum)s.") % values
        case LineKind.GOODWILL:
            return _goodwill(line)
        case LineKind.CORRECTION:
            return _correction(figures, run)


def explain_grant(grant: Goodwill, name: str) -> str:
    """A grant of goodwill in words: how much, by whom, why (INV-23). An empty name: the person was erased."""
    minutes, amount = minutes_text(grant.minutes), money(grant.net, _EURO)
    both = _("%(minutes)s and %(amount)s") % {"minutes": minutes, "amount": amount}
    what = both if grant.minutes and grant.net else minutes if grant.minutes else amount
    values = {"what": what, "name": name or _("Erased person"), "reason": grant.reason}
    return _("%(what)s of goodwill by %(name)s: %(reason)s") % values


def _work(line: Explained, figures: Figures) -> str:
    values = {"minutes": minutes_text(line.minutes), "rate": money(line.rate, figures.currency)}
    words = _("%(minutes)s, exact, at %(rate)s an hour.") % values
    if figures.number("exact"):
        words += " " + _("Stopped: billed to the minute, without rounding.")
    total = figures.number("minutes")
    if total and total != line.minutes:
        words += " " + _("%(all)s altogether, the others stand in earlier runs.") % {"all": minutes_text(total)}
    return words


def _rounding(figures: Figures) -> str:
    """An older rounding line may have lost its figures: then only the rule is said."""
    if not figures.number("exact"):
        return _("Rounded up once for the whole concern.")
    values = {name: figures.number(name) for name in ("exact", "increment", "minimum", "rounded", "dropped")}
    if values["exact"] < values["minimum"]:
        words = _("%(exact)s exact minutes, minimum %(minimum)s, increment %(increment)s: %(rounded)s minutes.")
    else:
        words = _("%(exact)s exact minutes, increment %(increment)s: %(rounded)s minutes.")
    if values["dropped"]:
        words += " " + _("%(dropped)s of them are dropped, the cap has no room for them.")
    return words % values


def _goodwill(line: Explained) -> str:
    if line.minutes:
        return _("Goodwill: %(minutes)s are not charged.") % {"minutes": minutes_text(abs(line.minutes))}
    return _("Goodwill: this amount is not charged.")


def _correction(figures: Figures, run: int | None) -> str:
    values = {
        "run": run,
        "billed": figures.amount("billed_net"),
        "billed_minutes": figures.minutes("billed_minutes"),
        "right": figures.amount("right_net"),
        "right_minutes": figures.minutes("right_minutes"),
    }
    if run is None:
        words = _("Billed so far %(billed)s (%(billed_minutes)s), right is %(right)s (%(right_minutes)s).")
    else:
        words = _(
            "Correction of run %(run)s: billed so far %(billed)s (%(billed_minutes)s), "
            "right is %(right)s (%(right_minutes)s)."
        )
    return words % values

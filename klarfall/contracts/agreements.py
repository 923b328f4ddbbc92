"""What is agreed with a company, in words: terms of contracts, products under them, what runs, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from klarfall.contracts.channels import open_kinds
from klarfall.contracts.models import Contract, ContractLine, InstalledVersion
from klarfall.contracts.models.product import ChannelKind
from klarfall.ui.formats import day

_MOST = 200


@dataclass(frozen=True)
class Agreed:
    """One product under a contract; `ways` in words."""

    line: ContractLine
    ways: str


@dataclass(frozen=True)
class Agreement:
    """A contract as people read it; `term` says from when to when it is in force."""

    contract: Contract
    active: bool
    term: str
    lines: list[Agreed] = field(default_factory=list)


def agreements(customer_ids: Iterable[int], today: date) -> list[Agreement]:
    """The contracts of these companies with their products, those in force first. Two queries."""
    ids = list(customer_ids)
    lines: dict[int, list[Agreed]] = {}
    rows = ContractLine.objects.filter(customer_id__in=ids).select_related("product", "calendar")
    for line in rows.order_by("product__order", "product__name", "pk"):
        ways = ", ".join(str(ChannelKind(kind).label) for kind in open_kinds(line.product_id, line.channels))
        lines.setdefault(line.contract_id, []).append(Agreed(line, ways))
    found = Contract.objects.filter(customer_id__in=ids).order_by("-starts_on", "pk")
    shown = [Agreement(one, one.is_active(today), term(one, today), lines.get(one.pk, [])) for one in found]
    return sorted(shown, key=lambda one: not one.active)


def term(contract: Contract, today: date) -> str:
    """From when to when a contract is in force, in words."""
    words = {"start": day(contract.starts_on), "end": day(contract.ends_on)}
    if contract.terminated:
        return _("no longer in force")
    if contract.starts_on > today:
        return _("begins on %(start)s") % words
    if contract.ends_on is None:
        return _("since %(start)s, without an end") % words
    return (_("ended on %(end)s") if contract.ends_on < today else _("runs until %(end)s")) % words


def installed(customer_ids: Iterable[int]) -> list[InstalledVersion]:
    """What these companies run and ran, by product, the newest first."""
    rows = InstalledVersion.objects.filter(customer_id__in=list(customer_ids)).select_related("product", "version")
    return list(rows.order_by("product__order", "product__name", "-since")[:_MOST])


def running(versions: Iterable[InstalledVersion]) -> list[InstalledVersion]:
    """Of each product the version that was installed last; `versions` come newest first."""
    latest: dict[tuple[int, int], InstalledVersion] = {}
    for one in versions:
        latest.setdefault((one.customer_id, one.product_id), one)
    return list(latest.values())


def why_not_covered(lines: Iterable[ContractLine], today: date) -> str:
    """Why work would be chargeable although nobody has assessed anything yet; empty while a line is in force.

    `lines` are those that would count, with their contracts. Asking is possible all the same (R2).
    """
    contracts = [line.contract for line in lines]
    if any(one.is_active(today) for one in contracts):
        return ""
    if not contracts:
        return _("There is no contract on file for this.")
    latest = max(contracts, key=lambda one: (one.ends_on or date.max, one.starts_on))
    words = {"name": latest.name, "number": latest.number, "end": day(latest.ends_on), "start": day(latest.starts_on)}
    if latest.terminated:
        return _("%(name)s %(number)s is no longer in force.") % words
    if latest.starts_on > today:
        return _("%(name)s %(number)s begins on %(start)s only.") % words
    return _("%(name)s %(number)s ended on %(end)s.") % words


def what_follows() -> str:
    """What that means for somebody who asks: nothing is barred, and nothing is charged without their yes."""
    return _(
        "You can ask us all the same: looking at it is free. Work would be chargeable; before it we name rate,"
        " estimate and cap, and you decide."
    )

"""*My contract*: what is agreed with each company of the person, and who does what there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.accounts.people import Person, people
from klarfall.accounts.permissions import ContactRole
from klarfall.contracts.agreements import Agreement, agreements, installed, running, what_follows, why_not_covered
from klarfall.contracts.models import ContractLine, InstalledVersion, Product
from klarfall.contracts.queries import local_day
from klarfall.customers.colleagues import release_words
from klarfall.customers.models import Contact, Customer, ReleasePolicy
from klarfall.customers.named import what_it_means
from klarfall.portal.offering import Offering, offering
from klarfall.portal.shell import customers_with_costs, viewer_of
from klarfall.service_levels.phrases import week_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.ui.formats import day

#: More colleagues are named on the page of the company's admin only.
_MOST_COLLEAGUES = 60


@dataclass(frozen=True)
class Covered:
    """One product under a contract, as the page shows it."""

    name: str
    partners: str
    hours: str
    sample: bool
    ways: str


@dataclass(frozen=True)
class Company:
    """Everything about one company. `releases`: pairs of name and limit; the limit may be out of sight."""

    customer: Customer
    agreements: list[tuple[Agreement, list[Covered]]]
    missing: str
    versions: list[InstalledVersion]
    releases: list[tuple[str, str]]
    release_note: str
    colleagues: list[str]
    more_colleagues: int
    is_admin: bool
    admins: list[str] = field(default_factory=list)

    @property
    def versions_text(self) -> str:
        """What runs, in words."""
        words = [(f"{one.product.name} {one.version.name}", day(one.since)) for one in self.versions]
        return ", ".join(_("%(version)s since %(day)s") % {"version": name, "day": since} for name, since in words)


def companies(request: HttpRequest, now: datetime) -> list[Company]:
    """The companies of the person, by name. Six queries, whatever their number."""
    viewer, today, offered = viewer_of(request), local_day(now), offering(now)
    ids = viewer.customer_ids
    agreed, versions = agreements(ids, today), running(installed(ids))
    contacts = list(Contact.objects.filter(customer_id__in=ids, is_active=True).order_by("pk"))
    names = people(one.user_id for one in contacts)
    admin, with_costs = viewer.customers_where("is_admin"), customers_with_costs(viewer)
    found = []
    for customer in Customer.objects.filter(pk__in=ids).order_by("name", "pk"):
        own = [one for one in agreed if one.contract.customer_id == customer.pk]
        team = [one for one in contacts if one.customer_id == customer.pk]
        limits = customer.pk in with_costs
        found.append(
            Company(
                customer=customer,
                agreements=[(one, _covered(one, offered, now)) for one in own],
                missing=missing(_lines(own), today),
                versions=[one for one in versions if one.customer_id == customer.pk],
                is_admin=customer.pk in admin,
                **_who(customer, team, names, today, sees_limits=limits, own=viewer.contact_ids),
            )
        )
    return found


def missing(lines: Iterable[ContractLine], today: date) -> str:
    """Why work would be chargeable, and what that means; empty while a line is in force."""
    reason = why_not_covered(lines, today)
    return f"{reason} {what_follows()}" if reason else ""


def missing_contracts(request: HttpRequest, now: datetime) -> list[str]:
    """A notice for each company of the person without any contract in force; named where there are several."""
    today, ids = local_day(now), viewer_of(request).customer_ids
    rows = list(ContractLine.objects.filter(customer_id__in=ids).select_related("contract", "customer").order_by("pk"))
    names = {line.customer_id: line.customer.name for line in rows}
    found = []
    for pk in ids:
        reason = why_not_covered([line for line in rows if line.customer_id == pk], today)
        if reason:
            found.append(f"{names[pk]}: {reason}" if len(ids) > 1 and pk in names else reason)
    return [f"{reason} {what_follows()}" for reason in found]


def missing_for(lines: Iterable[ContractLine], product: Product | None, now: datetime) -> str:
    """The same for one product: its own lines count, or those of the product it is a module of."""
    if product is None:
        return ""
    mine = [line for line in lines if line.product_id in (product.pk, product.parent_id)]
    return missing(mine, local_day(now))


def _lines(found: Iterable[Agreement]) -> list[ContractLine]:
    lines = [(one.contract, row.line) for one in found for row in one.lines]
    for contract, line in lines:
        line.contract = contract
    return [line for _contract, line in lines]


def _covered(agreement: Agreement, offered: Offering, now: datetime) -> list[Covered]:
    return [_product(row.line, row.ways, offered, now) for row in agreement.lines]


def _product(line: ContractLine, ways: str, offered: Offering, now: datetime) -> Covered:
    partners = [offered.product(pk) for pk in offered.partners.get(line.product_id, ())]
    return Covered(
        name=line.product.name,
        partners=", ".join(one.name for one in partners if one),
        hours=week_phrase(hours_of(line.calendar).at(now)),
        sample=line.calendar.sample,
        ways=ways,
    )


def _who(
    customer: Customer,
    team: list[Contact],
    names: dict[int, Person],
    today: date,
    *,
    sees_limits: bool,
    own: list[int],
) -> dict[str, Any]:
    """Who releases costs, who looks after colleagues, and who else is there."""

    def name(one: Contact) -> str:
        return names[one.user_id].name if one.user_id in names else ""

    named = [one for one in team if one.release_limit_on(today) is not None]
    is_named = customer.release_policy == ReleasePolicy.NAMED
    note = "" if is_named else _("Every contact, for the requests they see.")
    if is_named and not named:
        note = what_it_means()
    everybody = sorted(filter(None, map(name, team)), key=str.casefold)
    return {
        "releases": [(name(one), release_words(one) if sees_limits or one.pk in own else "") for one in named]
        if is_named
        else [],
        "release_note": note,
        "colleagues": everybody[:_MOST_COLLEAGUES],
        "more_colleagues": max(len(everybody) - _MOST_COLLEAGUES, 0),
        "admins": [name(one) for one in team if ContactRole.CUSTOMER_ADMIN in one.roles],
    }

"""Who would be told of a fix, before it is said: people with affected versions by company, and how many not."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from klarfall.contracts.models import ContractLine, ProductVersion
from klarfall.contracts.queries import local_day
from klarfall.knowledge.installed import installed_versions
from klarfall.knowledge.models import KnownProblem, Visibility
from klarfall.knowledge.telling import waiting
from klarfall.knowledge.versions import Affected, affected, release_of

#: People looked at; beyond that the figures say "at least".
_MOST = 500


@dataclass
class Company:
    """A customer with people who wait: what it runs, whether that is affected, how many people."""

    customer: Any
    installed: str
    affected: Affected
    people: int = 0


@dataclass
class Audience:
    """What a fix would bring about; counts people, one mail each."""

    told: int = 0
    spared: int = 0
    companies: list[Company] = field(default_factory=list)
    more: bool = False


def audience(problem: KnownProblem, fixed_in: ProductVersion | None, now: datetime) -> Audience:
    """The same rule as `telling`, for the fix in this version; None: for a workaround. For staff."""
    people = list(waiting(problem).select_related("user", "customer")[: _MOST + 1])
    found = Audience(more=len(people) > _MOST)
    ids, today = {one.customer_id for one in people}, local_day(now)
    versions, readers = installed_versions(problem.product_id, ids, today), _readers(problem, ids, today)
    companies: dict[int, Company] = {}
    for contact in people[:_MOST]:
        company = companies.get(contact.customer_id)
        if company is None:
            company = _company(problem, contact.customer, versions.get(contact.customer_id), fixed_in)
            company.affected = company.affected if contact.customer_id in readers else Affected.NO
            companies[contact.customer_id] = company
        company.people += 1
        if company.affected is Affected.NO:
            found.spared += 1
        else:
            found.told += 1
    found.companies = sorted(companies.values(), key=lambda one: (one.affected is Affected.NO, -one.people))
    return found


def _readers(problem: KnownProblem, customer_ids: set[int], today: date) -> set[int]:
    """Which of the customers read the problem once it is published: the rule of `knowledge.reach`, for many at once."""
    if problem.visibility == Visibility.INTERNAL:
        return set()
    if problem.visibility != Visibility.CUSTOMERS:
        return customer_ids
    lines = ContractLine.objects.filter(
        Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=today),
        customer__in=customer_ids,
        product__in=[problem.product_id, problem.product.parent_id],
        contract__terminated=False,
        contract__starts_on__lte=today,
    )
    return set(lines.values_list("customer_id", flat=True))


def _company(
    problem: KnownProblem, customer: Any, version: ProductVersion | None, fixed_in: ProductVersion | None
) -> Company:
    answer = affected(
        release_of(version),
        first=release_of(problem.affected_from),
        last=release_of(problem.affected_to),
        fixed_in=release_of(fixed_in),
    )
    return Company(customer, version.name if version else "", answer)

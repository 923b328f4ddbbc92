"""Known problems as tests need them: versions, installations, a problem with only the arguments that matter."""

from datetime import date
from typing import Any

from klarfall.contracts.models import InstalledVersion, Product, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.knowledge.actions.problems import ProblemData, open_problem
from klarfall.knowledge.models import KnownProblem
from tests.cast import NOW


def make_versions(product: Product) -> dict[str, ProductVersion]:
    """8.4.0, 8.4.1 and 8.4.2 of a product, by name."""
    with viewing_as(SYSTEM):
        days = {"8.4.0": date(2026, 2, 1), "8.4.1": date(2026, 4, 1), "8.4.2": date(2026, 11, 20)}
        return {
            name: ProductVersion.objects.create(product=product, name=name, released_on=day)
            for name, day in days.items()
        }


def install(customer: Customer, version: ProductVersion, since: date = date(2026, 5, 1)) -> InstalledVersion:
    """The customer runs this version since that day."""
    with viewing_as(SYSTEM):
        found: InstalledVersion = InstalledVersion.objects.create(
            customer=customer, product=version.product, version=version, since=since
        )
        return found


def make_problem(product: Product, actor: Any, *, published: bool = True, **fields: Any) -> KnownProblem:
    """A published problem of a product for its customers."""
    values = {"title": "Verteilerschlüssel fehlt in der Abrechnung", "symptoms": "Die Grundkosten sind **falsch**."}
    return open_problem(
        product=product, data=ProblemData(**{**values, **fields}), actor=actor, now=NOW, published=published
    )

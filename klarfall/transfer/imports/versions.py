"""Import of installed versions: found again by customer, product and first day."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _

from klarfall.contracts.actions.installations import check_installation
from klarfall.contracts.models import InstalledVersion, ProductVersion
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.transfer.imports.cells import Wrong
from klarfall.transfer.imports.importer import Importer, Outcome, Plan
from klarfall.transfer.imports.known import Products, customers_of
from klarfall.transfer.imports.known import customer as customer_of
from klarfall.transfer.imports.rows import Row
from klarfall.transfer.models import ImportKind

_MOST_NAMED = 8


class VersionImporter(Importer):
    """Rows of installed versions."""

    kind: ClassVar[str] = ImportKind.VERSIONS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._products = Products()

    def key(self, row: Row) -> tuple[str, ...]:
        values = row.values
        return values["customer"].lower(), self._products.key(values["product"]), values["since"].isoformat()

    def look_up(self, rows: list[Row]) -> None:
        self._customers = customers_of(row.values["customer"] for row in rows)
        versions = list(ProductVersion.objects.all())
        self._versions = {(one.product_id, one.name.casefold()): one for one in versions}
        days = {row.values["since"] for row in rows}
        known = InstalledVersion.objects.filter(customer__in=self._customers.values(), since__in=days)
        self._known: dict[tuple[Any, ...], InstalledVersion] = {
            (one.customer_id, one.product_id, one.since): one for one in self.rows(known)
        }

    def judge(self, row: Row) -> Plan:
        customer = customer_of(self._customers, row.values["customer"])
        product = self._products.find(row.values["product"])
        version = self._versions.get((product.pk, row.values["version"].casefold()))
        if version is None:
            names = [one.name for (pk, _name), one in self._versions.items() if pk == product.pk][:_MOST_NAMED]
            words = _("The product has no such version. It has: %(names)s.") % {"names": ", ".join(names) or "–"}
            raise Wrong(words, "version")
        since = row.values["since"]
        try:
            check_installation(product=product, version=version, since=since, today=local_day(self.now))
        except Refused as problem:
            raise Wrong(problem.message, problem.field or "") from None
        known = self._known.get((customer.pk, product.pk, since))
        if known is None:
            new = InstalledVersion(customer=customer, product=product, version=version, since=since)
            return Plan(row, Outcome.ADDED, new)
        if known.version_id == version.pk:
            return Plan(row, Outcome.UNCHANGED, known)
        known.version = version
        return Plan(row, Outcome.CHANGED, known)

    def write(self, plans: list[Plan]) -> None:
        InstalledVersion.objects.bulk_create([one.thing for one in plans if one.outcome is Outcome.ADDED])
        InstalledVersion.objects.bulk_update(
            [one.thing for one in plans if one.outcome is Outcome.CHANGED], ["version"]
        )

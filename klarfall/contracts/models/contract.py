"""Contract and its lines: which product of which customer is maintained, and when."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import ChannelKind, Product, ProductVersion
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.service_levels.models import ServiceCalendar


class ContractKind(models.TextChoices):
    """The two kinds of contract (R1)."""

    MAINTENANCE = "maintenance", _("Maintenance contract")
    SERVICE = "service", _("Service contract")


class Contract(CustomerOwned):
    """A maintenance or service contract of one customer."""

    kind = models.CharField(max_length=12, choices=ContractKind.choices)
    number = models.CharField(max_length=40)
    #: Under which name the customer knows it; empty = the name of its kind.
    title = models.CharField(max_length=80, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    terminated = models.BooleanField(default=False)

    portal_sight = "customer"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="contract_of_customer"),
            models.UniqueConstraint(fields=["number"], name="contract_number_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def name(self) -> str:
        """Its own name, else that of its kind."""
        return self.title or str(ContractKind(self.kind).label)

    def is_active(self, on: date) -> bool:
        """Is the contract in force on that day?"""
        ended = self.ends_on is not None and on > self.ends_on
        return not self.terminated and self.starts_on <= on and not ended


class ContractLine(CustomerOwned):
    """One product under a contract, with the service hours and channels agreed for it."""

    contract = OwnedForeignKey(Contract, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    calendar = models.ForeignKey(ServiceCalendar, models.PROTECT, related_name="+")
    channels = ArrayField(models.CharField(max_length=8, choices=ChannelKind.choices))

    portal_sight = "customer"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="contract_line_of_customer"),
            models.UniqueConstraint(fields=["contract", "product"], name="product_once_per_contract"),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"


class InstalledVersion(CustomerOwned):
    """Which version of a product the customer runs since when."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="+")
    since = models.DateField()

    portal_sight = "customer"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "product", "since"], name="one_installation_per_day"),
        ]

    def __str__(self) -> str:
        return f"installation {self.pk}"

"""TrainingRecord: the trainings on file for a contact."""

from typing import ClassVar

from django.db import models

from klarfall.contracts.models.product import Product
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey


class TrainingRecord(CustomerOwned):
    """A training of one contact for one product; informative, it never decides (R16)."""

    contact = OwnedForeignKey("customers.Contact", related_name="trainings")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=120)
    on = models.DateField()

    portal_sight = "customer"

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "contact"], name="training_of_contact"),
        ]

    def __str__(self) -> str:
        return self.topic

"""TrainingOffer: what one can learn here; TrainingRecord: the trainings on file for a contact."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from klarfall.contracts.models.product import Product
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey


class TrainingOffer(models.Model):
    """A training on offer; what is not stated is *on request*."""

    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    #: Net, per person.
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    on = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    link = models.URLField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0), name="training_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def said(self, name: str) -> str:
        """Title or description in the language in force; German where there is no English."""
        english = getattr(self, f"{name}_en") if get_language() == "en" else ""
        return english or str(getattr(self, name))


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

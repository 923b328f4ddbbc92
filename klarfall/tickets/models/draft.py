"""RequestDraft: a request that is being written; a reload keeps it."""

from typing import ClassVar

from django.db import models

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey


class RequestDraft(CustomerOwned):
    """The draft of one contact; deleted when it is sent or thrown away.

    One that is put aside (`discarded_at`) can be brought back for a while; for everybody else it is gone.
    """

    contact = OwnedForeignKey("customers.Contact", related_name="+")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    discarded_at = models.DateTimeField(null=True, blank=True)

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="draft_of_customer"),
            models.UniqueConstraint(fields=["contact"], name="one_draft_per_contact"),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"

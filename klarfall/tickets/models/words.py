"""What the search reads of tickets: the words of each one, for the desk and for its customer; kept by a job."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.ticket import Ticket


class DeskWords(CustomerOwned):
    """The words of a ticket as staff reads it, internal notes included."""

    ticket = OwnedForeignKey(Ticket, related_name="+", db_index=False)
    #: Terms without positions, and the era of the ticket (`tickets/search/eras.py`).
    words = SearchVectorField()

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket"], name="desk_words_once")]
        indexes: ClassVar = [
            # Without a list of what is pending a search costs the same at any time.
            GinIndex(fields=["words"], name="desk_words", fastupdate=False),
            models.Index(fields=["customer", "ticket"], name="desk_words_of_customer"),
        ]

    def __str__(self) -> str:
        return f"words of ticket {self.ticket_id}"


class SharedWords(CustomerOwned):
    """The words of a ticket as its customer reads it. Customers look through their own newest ones."""

    ticket = OwnedForeignKey(Ticket, related_name="+", db_index=False)
    words = SearchVectorField()

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket"], name="shared_words_once")]
        indexes: ClassVar = [models.Index(F("customer"), F("ticket").desc(), name="shared_words_newest")]

    def __str__(self) -> str:
        return f"shared words of ticket {self.ticket_id}"


class UnreadTicket(CustomerOwned):
    """A ticket whose words have changed since they were read; triggers write it, the job `tickets.words` deletes it."""

    ticket = OwnedForeignKey(Ticket, related_name="+", db_index=False)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket"], name="unread_once")]
        indexes: ClassVar = [models.Index(fields=["customer"], name="unread_of_customer")]

    def __str__(self) -> str:
        return f"unread ticket {self.ticket_id}"

"""Named sets of tickets: lists, counters and reports mean the same by the same word."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from klarfall.tickets.status import LIVE, REOPEN_DAYS, TicketStatus


class TicketQuerySet(models.QuerySet[Any]):
    """Sets of tickets; each can be narrowed further."""

    def live(self) -> "TicketQuerySet":
        """Tickets that still need somebody."""
        return self.filter(status__in=LIVE)

    def to_assess(self) -> "TicketQuerySet":
        """New ones and those in review: they wait for a specialist's assessment."""
        return self.filter(status__in=[TicketStatus.NEW, TicketStatus.IN_REVIEW])

    def in_progress(self) -> "TicketQuerySet":
        """Somebody works on them."""
        return self.filter(status=TicketStatus.IN_PROGRESS)

    def waiting_for_customer(self) -> "TicketQuerySet":
        """We asked something; the clock rests."""
        return self.filter(status=TicketStatus.WAITING_FOR_CUSTOMER)

    def waiting_for_decision(self) -> "TicketQuerySet":
        """The customer decides about costs; the clock rests."""
        return self.filter(status=TicketStatus.WAITING_FOR_DECISION)

    def assigned_to(self, user: Any) -> "TicketQuerySet":
        """Live tickets of one specialist."""
        return self.live().filter(assignee=user)

    def due_before(self, limit: datetime) -> "TicketQuerySet":
        """Live tickets whose running deadline lies before `limit`."""
        return self.live().filter(due_at__isnull=False, queue_at__lt=limit)

    def to_close(self, now: datetime) -> "TicketQuerySet":
        """Solved ones whose 14 days without reply are over."""
        return self.filter(status=TicketStatus.RESOLVED, resolved_at__lt=now - timedelta(days=REOPEN_DAYS))

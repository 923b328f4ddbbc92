"""The tickets app: tickets, concerns, assessments and their history."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "klarfall.tickets"
    label = "tickets"

    def ready(self) -> None:
        """Announce the status tables, from which guards and documents are made."""
        from klarfall.tickets import workflow  # noqa: F401

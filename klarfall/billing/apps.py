"""The billing app: cost offers, decisions and recorded time."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "klarfall.billing"
    label = "billing"

    def ready(self) -> None:
        """Announce the status tables, from which guards and documents are made."""
        from klarfall.billing import workflow  # noqa: F401

"""The telephony app: calls, wishes to be called back, and what the telephone system tells us."""

from django.apps import AppConfig


class TelephonyConfig(AppConfig):
    name = "klarfall.telephony"
    label = "telephony"

    def ready(self) -> None:
        """Announce the status table."""
        from klarfall.telephony import workflow  # noqa: F401

"""The telephony app: calls, wishes to be called back, and what the telephone system tells us."""

from django.apps import AppConfig


class TelephonyConfig(AppConfig):
    name = "klarfall.telephony"
    label = "telephony"

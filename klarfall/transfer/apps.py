"""The transfer app: imports from tables and the full export of the house."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "klarfall.transfer"
    label = "transfer"

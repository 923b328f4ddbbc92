"""The operations app: backup, doctor, health, metrics and logs of an installation."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "klarfall.operations"
    label = "operations"

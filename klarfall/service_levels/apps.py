"""The service_levels app: service hours, targets and the clock."""

from django.apps import AppConfig


class ServiceLevelsConfig(AppConfig):
    name = "klarfall.service_levels"
    label = "service_levels"

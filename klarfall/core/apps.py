"""The core app: isolation, actions, workflow machinery, jobs and the vendor's profile."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "klarfall.core"
    label = "core"

"""Registers the interface app with Django."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Layout, components, CSS and JavaScript."""

    name = "klarfall.ui"
    label = "ui"

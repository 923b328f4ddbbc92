"""The portal app: the customers' site."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "klarfall.portal"
    label = "portal"

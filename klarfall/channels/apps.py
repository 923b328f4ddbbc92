"""The channels app: what leaves the house: notices by mail."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "klarfall.channels"
    label = "channels"

"""The desk app: the site of the support team."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "klarfall.desk"
    label = "desk"

"""The demo: a vendor, its customers and ten weeks of requests, made through the real actions."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "klarfall.demo"
    label = "demo"

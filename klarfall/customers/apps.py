"""The customers app: the companies, and the people who act for them."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "klarfall.customers"
    label = "customers"

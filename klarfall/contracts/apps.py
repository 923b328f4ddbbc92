"""The contracts app: products, contracts, terms and the catalogue."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "klarfall.contracts"
    label = "contracts"

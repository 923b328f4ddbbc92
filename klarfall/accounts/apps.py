"""The accounts app: who signs in, and what each role may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "klarfall.accounts"
    label = "accounts"

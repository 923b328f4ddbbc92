"""The incoming app: mails that arrive, from the raw message to a request, a reply or the quarantine."""

from django.apps import AppConfig


class IncomingConfig(AppConfig):
    name = "klarfall.incoming"
    label = "incoming"

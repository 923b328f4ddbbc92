"""Where a wish to be called back stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallbackStatus(models.TextChoices):
    """States of a wish to be called back."""

    OPEN = "open", _("Waiting")
    DONE = "done", _("Called back")
    MISSED = "missed", _("Not reached")
    CANCELLED = "cancelled", _("Taken back")

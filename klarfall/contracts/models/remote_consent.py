"""RemoteConsentText: what people read before somebody may look at their screen; every version stays."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models


class RemoteConsentText(models.Model):
    """One version of the words, in both languages; the newest is shown with new invitations."""

    version = models.PositiveIntegerField(unique=True)
    german = models.TextField()
    english = models.TextField()
    #: Empty for the words that come with the product.
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["version"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="consent_text_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"consent text {self.version}"

    def said(self, language: str) -> str:
        """The words in a language; German unless it is English."""
        return self.english if language.startswith("en") else self.german

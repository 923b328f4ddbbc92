"""Publish a new version of the words people agree to before a remote session."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts import remote_consent
from klarfall.contracts.models import RemoteConsentText
from klarfall.core import audit
from klarfall.core.action import Refused, action

MOST = 4_000


class ConsentTextRefused(Refused):
    """Words that cannot be published like this; `field` says where."""

    code = "consent_text_refused"


@action
def publish_consent_text(*, german: str, english: str, actor: Any, now: datetime) -> RemoteConsentText:
    """Add a version; invitations made before keep the words that they showed. Unchanged words add none.

    Raises NotAllowed or ConsentTextRefused (with `field`).
    """
    permissions.require("house.set_up", actor)
    words = {name: _words(value, name) for name, value in (("german", german), ("english", english))}
    newest = RemoteConsentText.objects.select_for_update().get(pk=remote_consent.current_text(now).pk)
    newest = RemoteConsentText.objects.order_by("-version").first() or newest
    if (newest.german, newest.english) == (words["german"], words["english"]):
        return newest
    made = RemoteConsentText.objects.create(version=newest.version + 1, created_by=actor, created_at=now, **words)
    audit.record("consent_text.published", made, actor=actor, now=now, data={"version": made.version})
    return made


def _words(value: str, field: str) -> str:
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ConsentTextRefused(_("Please fill in this field."), field=field)
    if len(text) > MOST:
        raise ConsentTextRefused(
            _("The text is too long: at most %(limit)s characters.") % {"limit": MOST}, field=field
        )
    if "\x00" in text:
        raise ConsentTextRefused(_("This text cannot be read."), field=field)
    return text

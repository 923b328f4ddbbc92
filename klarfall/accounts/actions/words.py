"""Rename the terms of the interface: what requests, cost notices and the portal are called from the next page on."""

from datetime import datetime
from typing import Any

from klarfall.accounts import permissions
from klarfall.accounts.word_table import Words, table_with
from klarfall.core import audit, vendor
from klarfall.core.action import action
from klarfall.core.models import VendorProfile
from klarfall.core.words import TERMS


@action
def change_words(*, words: Words, actor: Any, now: datetime) -> VendorProfile:
    """Call the given terms so; terms that are not given keep their words, and default words reset a term.

    Pages, mails, documents and the FAQ say them at the next request. What is issued or sent keeps its words.
    Raises WordsRefused (with `field`).
    """
    permissions.require("house.set_up", actor)
    VendorProfile.objects.get_or_create(pk=1, defaults={"name": vendor.current().name})
    profile = VendorProfile.objects.select_for_update().get(pk=1)
    table = table_with(profile.words, words)
    changed = sorted(key for key in TERMS if table.get(key) != (profile.words or {}).get(key))
    if changed:
        profile.words = table
        profile.save(update_fields=["words"])
        audit.record("words.changed", profile, actor=actor, now=now, data={"terms": changed})
    vendor.forget()
    return profile

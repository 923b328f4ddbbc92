"""Keep a request that is being written: a reload, another device or a lost connection loses nothing (R59)."""

import json
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from klarfall.accounts.permissions import require
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.customers.models import Contact
from klarfall.tickets import files, text
from klarfall.tickets.aside import delete_with_files
from klarfall.tickets.models import RequestDraft, Upload

_MOST_FIELDS = 40
_MOST_CHARACTERS = 60_000


class DraftRefused(Refused):
    """A draft that cannot be kept."""

    code = "draft_refused"


@action
def save_draft(contact: Contact, *, data: dict[str, Any], actor: Any, now: datetime) -> RequestDraft:
    """Keep what was typed so far, replacing the contact's earlier draft; returns it.

    `data` are plain values by field name, unchecked beyond what can be stored: a draft may be wrong.
    """
    _require_own(contact, actor)
    _end_aside(contact)
    values = {"data": _storable(data), "saved_at": now}
    draft, _created = RequestDraft.objects.update_or_create(
        contact=contact,
        defaults=values,
        create_defaults={**values, "customer_id": contact.customer_id, "created_at": now},
    )
    return draft


@action
def discard_draft(draft: RequestDraft, *, actor: Any, now: datetime) -> None:
    """Throw the draft and its files away."""
    _require_own(draft.contact, actor)
    delete_with_files(draft)


@action
def put_draft_aside(draft: RequestDraft, *, actor: Any, now: datetime) -> None:
    """Take the draft away such that it can be brought back for an hour: an article has answered the question."""
    _require_own(draft.contact, actor)
    RequestDraft.objects.filter(pk=draft.pk).update(discarded_at=now)


@action
def bring_draft_back(draft: RequestDraft, *, actor: Any, now: datetime) -> None:
    """Take up a draft again that was put aside; nothing happens where it never was."""
    _require_own(draft.contact, actor)
    RequestDraft.objects.filter(pk=draft.pk).update(discarded_at=None)


def _end_aside(contact: Contact) -> None:
    """Whoever writes something new gives up what was put aside; its files must not get into the new request."""
    for draft in RequestDraft.objects.filter(contact=contact, discarded_at__isnull=False):
        delete_with_files(draft)


@action
def add_upload(contact: Contact, *, file: UploadedFile, actor: Any, now: datetime) -> Upload:
    """Check and keep a file for the contact's request; the draft is begun if there is none. Raises FileRefused."""
    _require_own(contact, actor)
    _end_aside(contact)
    begun = {"customer_id": contact.customer_id, "created_at": now, "saved_at": now}
    draft, _created = RequestDraft.objects.get_or_create(contact=contact, defaults=begun)
    RequestDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)  # two files at once count one after the other
    already = Upload.objects.filter(draft=draft).count()
    with files.stored([file], already=already, now=now) as (content,):
        return Upload.objects.create(
            customer_id=contact.customer_id,
            contact=contact,
            draft=draft,
            uploaded_by=actor,
            created_at=now,
            **files.fields_of(content),
        )


@action
def remove_upload(upload: Upload, *, actor: Any, now: datetime) -> None:
    """Take a file out of the draft; one that is gone already is fine."""
    _require_own(upload.contact, actor)
    files.forget(upload.key)
    Upload.objects.filter(pk=upload.pk).delete()


def _require_own(contact: Contact, actor: Any) -> None:
    require("ticket.submit", actor, contact)
    if contact.user_id != actor.pk:
        raise NotAllowed(_("A draft belongs to the person who writes it."))


def _storable(data: dict[str, Any]) -> dict[str, Any]:
    """The values as they can be stored: texts, numbers, booleans and lists of texts. Raises DraftRefused."""
    if not isinstance(data, dict) or len(data) > _MOST_FIELDS:
        raise DraftRefused(_("The draft cannot be saved."))
    kept = {text.optional_line(name, field="draft", limit=60): _value(name, value) for name, value in data.items()}
    if len(json.dumps(kept)) > _MOST_CHARACTERS:
        raise DraftRefused(_("The draft is too long to be saved."))
    return kept


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return text.optional(value, field=name)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return [text.optional(one, field=name, limit=text.SHORT) for one in value]
    raise DraftRefused(_("The draft cannot be saved."), field=name)

"""Drafts: a reload keeps what was typed, nobody else gets at it, and absurd input is refused."""

import pytest
from django.core.files.storage import default_storage

from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import Seat, Viewer, ViewerKind, viewing_as
from klarfall.tickets.actions.draft import (
    add_upload,
    bring_draft_back,
    discard_draft,
    put_draft_aside,
    remove_upload,
    save_draft,
)
from klarfall.tickets.aside import KEPT_ASIDE, forget_aside
from klarfall.tickets.files import MAX_FILES, FileRefused
from klarfall.tickets.models import RequestDraft, Upload
from tests.cast import NOW, upload


def test_a_later_draft_replaces_the_earlier_one(cast, system):
    save_draft(cast.bernd, data={"title": "eins"}, actor=cast.bernd.user, now=NOW)
    draft = save_draft(
        cast.bernd, data={"title": "zwei", "product": 3, "confidential": True}, actor=cast.bernd.user, now=NOW
    )
    assert RequestDraft.objects.get() == draft
    assert draft.data == {"title": "zwei", "product": 3, "confidential": True}


def test_drafts_are_seen_by_their_author_only(cast):
    save_draft(cast.bernd, data={"title": "geheim"}, actor=cast.bernd.user, now=NOW)
    for contact, seen in ((cast.bernd, 1), (cast.astrid, 0), (cast.clara, 0)):
        seat = Seat(contact.pk, contact.customer_id, sees_all=True, is_admin=True)
        with viewing_as(Viewer(ViewerKind.CONTACT, contact.user_id, (seat,))):
            assert RequestDraft.objects.count() == seen


@pytest.mark.parametrize(
    "data",
    [
        {"title": "a\x00b"},
        {"title": "x" * 1_000_000},
        {"nested": {"a": 1}},
        {"list": [1, 2]},
        {f"field{n}": "x" for n in range(41)},
        {f"field{n}": "x" * 5_000 for n in range(20)},
        {"name\x00": "x"},
        ["no", "dict"],
    ],
)
def test_what_cannot_be_kept_is_refused(cast, system, data):
    with pytest.raises(Refused):
        save_draft(cast.bernd, data=data, actor=cast.bernd.user, now=NOW)
    assert not RequestDraft.objects.exists()


def test_nobody_writes_into_the_draft_of_somebody_else(cast):
    for actor in (cast.clara.user, cast.astrid.user, cast.anna):
        with pytest.raises(NotAllowed):
            save_draft(cast.bernd, data={}, actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            add_upload(cast.bernd, file=upload(), actor=actor, now=NOW)


def test_files_are_counted_over_the_whole_draft(cast, system):
    for _ in range(MAX_FILES):
        add_upload(cast.bernd, file=upload(), actor=cast.bernd.user, now=NOW)
    with pytest.raises(FileRefused):
        add_upload(cast.bernd, file=upload(), actor=cast.bernd.user, now=NOW)
    assert Upload.objects.count() == MAX_FILES


def test_what_is_removed_or_discarded_leaves_the_disk_after_the_commit(
    cast, system, django_capture_on_commit_callbacks
):
    one, two = (add_upload(cast.bernd, file=upload(), actor=cast.bernd.user, now=NOW) for _ in range(2))
    with django_capture_on_commit_callbacks() as callbacks:
        remove_upload(one, actor=cast.bernd.user, now=NOW)
        remove_upload(one, actor=cast.bernd.user, now=NOW)  # a second click
        discard_draft(two.draft, actor=cast.bernd.user, now=NOW)
    assert not Upload.objects.exists()
    assert not RequestDraft.objects.exists()
    assert default_storage.exists(one.key)
    for callback in callbacks:
        callback()
    assert not default_storage.exists(one.key)
    assert not default_storage.exists(two.key)


def test_a_draft_that_was_put_aside_can_be_brought_back_for_an_hour(cast, system):
    draft = save_draft(cast.bernd, data={"title": "eins"}, actor=cast.bernd.user, now=NOW)
    kept = add_upload(cast.bernd, file=upload(), actor=cast.bernd.user, now=NOW)
    put_draft_aside(draft, actor=cast.bernd.user, now=NOW)
    assert forget_aside(NOW + KEPT_ASIDE) == 0
    bring_draft_back(draft, actor=cast.bernd.user, now=NOW)
    assert forget_aside(NOW + KEPT_ASIDE * 2) == 0
    assert RequestDraft.objects.get().discarded_at is None
    put_draft_aside(draft, actor=cast.bernd.user, now=NOW)
    assert forget_aside(NOW + KEPT_ASIDE * 2) == 1
    assert not RequestDraft.objects.exists()
    assert not Upload.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("again", [save_draft, add_upload])
def test_something_new_takes_nothing_of_what_was_put_aside(again, cast, system):
    draft = save_draft(cast.bernd, data={"title": "eins"}, actor=cast.bernd.user, now=NOW)
    old = add_upload(cast.bernd, file=upload(), actor=cast.bernd.user, now=NOW)
    put_draft_aside(draft, actor=cast.bernd.user, now=NOW)
    what = {"data": {"title": "zwei"}} if again is save_draft else {"file": upload()}
    again(cast.bernd, **what, actor=cast.bernd.user, now=NOW)
    assert RequestDraft.objects.get().discarded_at is None
    assert not Upload.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("move", [put_draft_aside, bring_draft_back])
def test_nobody_moves_the_draft_of_somebody_else(move, cast, system):
    draft = save_draft(cast.bernd, data={"title": "eins"}, actor=cast.bernd.user, now=NOW)
    with pytest.raises(NotAllowed):
        move(draft, actor=cast.astrid.user, now=NOW)

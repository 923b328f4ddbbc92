"""Which notices somebody gets: what can be switched off stays away, what is about money or rights always comes."""

from pathlib import Path

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

import klarfall.channels
from klarfall.accounts.actions.notifications import NotMutable, mute_notices
from klarfall.accounts.models import MUTABLE_GROUPS, Kind, User
from klarfall.accounts.notice_groups import NoticeGroup, groups_for
from klarfall.billing.tests.steps import send
from klarfall.channels.models import Notice
from klarfall.channels.notice_groups import LASTING, MUTABLE
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.reply import reply
from tests.cast import concern_of, fresh
from tests.queue import run_jobs

PAGE = "/account/notifications/"
MONEY = (
    "cost_notice",
    "decision_made",
    "offer_expired",
    "cap_warning",
    "cap_reached",
    "invoice",
    "link_code",
    "invitation",
)


def templates() -> set[str]:
    return {one.stem for one in (Path(klarfall.channels.__file__).parent / "templates/channels/notices").glob("*.txt")}


def test_every_kind_of_notice_belongs_to_one_group():
    named = [*MUTABLE, *(kind for one in LASTING for kind in one.kinds)]
    assert sorted(named) == sorted(templates())
    assert not set(MUTABLE) & set(MONEY)


def test_page_action_and_database_know_the_same_groups():
    assert NoticeGroup.values == MUTABLE_GROUPS
    assert {one for kind in (Kind.CONTACT, Kind.STAFF) for one in groups_for(kind)} == set(NoticeGroup)
    assert set(MUTABLE.values()) == set(NoticeGroup)
    assert groups_for(Kind.SYSTEM) == ()


def test_a_contact_switches_answers_off_and_on_again(cast, client, make_ticket):
    ticket, bernd = make_ticket(), cast.bernd.user
    run_jobs()
    mail.outbox.clear()
    client.force_login(bernd)
    page = client.get(PAGE).content.decode()
    assert page.count("checked") == len(groups_for(Kind.CONTACT))
    assert "Kostenhinweise" in page
    assert "Antworten von Kund" not in page, "what only staff gets is not asked of customers"
    on = [one.value for one in groups_for(Kind.CONTACT) if one is not NoticeGroup.REPLIES]
    assert client.post(PAGE, {"on": on}).status_code == 303
    assert fresh(bernd).muted_notices == ["replies"]
    reply(ticket, text="Eins", actor=cast.anna, now=timezone.now())
    run_jobs()
    assert mail.outbox == []
    with viewing_as(SYSTEM):
        assert not Notice.objects.filter(kind="reply").exists()
    client.post(PAGE, {"on": [*on, "replies"]})
    reply(ticket, text="Zwei", actor=cast.anna, now=timezone.now())
    run_jobs()
    assert [one.to for one in mail.outbox] == [["Bernd <bernd@acme.example>"]]
    assert PAGE in mail.outbox[0].body, "the mail says where to change it"
    assert "abbestellen" in mail.outbox[0].body


def test_cost_notices_come_whatever_is_switched_off(cast, make_ticket):
    everything = [one.value for one in groups_for(Kind.CONTACT)]
    mute_notices(cast.bernd.user, muted=everything, actor=cast.bernd.user, now=timezone.now())
    ticket = make_ticket()
    run_jobs()
    assert mail.outbox == [], "not even the confirmation"
    send(cast, concern_of(ticket))
    run_jobs()
    assert ["Bernd <bernd@acme.example>"] in [one.to for one in mail.outbox]
    body = next(one.body for one in mail.outbox if "Bernd" in one.to[0])
    assert "nicht abbestellt werden" in " ".join(body.split())


@pytest.mark.parametrize("group", ["cost_notice", "costs", "security", "invoice", "", "team_replies"])
def test_what_must_come_cannot_be_switched_off(cast, group):
    """Neither by the action nor past it; groups of staff are none of a contact's."""
    with pytest.raises(NotMutable):
        mute_notices(cast.bernd.user, muted=[group], actor=cast.bernd.user, now=timezone.now())
    if group in MUTABLE_GROUPS:
        return
    with viewing_as(SYSTEM), pytest.raises(IntegrityError, match="only_what_can_be_muted"), transaction.atomic():
        User.objects.filter(pk=cast.bernd.user_id).update(muted_notices=[group])


def test_nobody_chooses_for_somebody_else(cast):
    with pytest.raises(NotAllowed):
        mute_notices(cast.bernd.user, muted=[], actor=cast.astrid.user, now=timezone.now())


def test_staff_has_its_own_groups(cast, client):
    client.force_login(cast.anna)
    page = client.get(PAGE).content.decode()
    assert page.count("checked") == len(groups_for(Kind.STAFF))
    client.post(PAGE, {"on": ["team_replies", "cost_notice", "<script>"]})
    assert set(fresh(cast.anna).muted_notices) == {"registrations", "team_assigned", "team_questions"}


def test_who_is_not_signed_in_chooses_nothing(db, client):
    assert client.get(PAGE).headers["Location"].startswith("/account/login/")


def test_my_details_leads_to_the_settings(cast, client):
    client.force_login(cast.bernd.user)
    assert PAGE in client.get("/account/me/").content.decode()

"""An invitation: from the mail to the password, once, for fourteen days, for one person."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from klarfall.billing.authority import authority
from klarfall.billing.engine import Caps
from klarfall.billing.tests.steps import send
from klarfall.channels.models import Notice
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.actions.invite import InvitationUnusable, NotInvitable, accept_invitation, invite
from klarfall.customers.actions.release import ReleaseRefused, grant_release
from klarfall.customers.invitations import token_hash
from klarfall.customers.models import Invitation
from tests.cast import NOW, concern_of, fresh, make_contact
from tests.queue import run_jobs

GOOD = {"password1": "Kaffeetasse-im-Schnee", "password2": "Kaffeetasse-im-Schnee"}


def invited(contact, by) -> str:
    """Invite now and return the path of the link in the mail."""
    invite(contact, actor=by, now=timezone.now())
    run_jobs()
    return re.findall(r"http://localhost:\d+(/account/invitation/\S+)", mail.outbox[-1].body)[0]


def test_the_link_of_the_mail_leads_to_a_password_and_into_the_portal(cast, client):
    path = invited(cast.bernd, cast.anna)
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    response = client.post(path, GOOD)
    assert response.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(cast.bernd.user_id)
    assert fresh(cast.bernd.user).check_password(GOOD["password1"])


def test_opening_the_link_uses_nothing_up(cast, client):
    path = invited(cast.bernd, cast.anna)
    for _scanner in range(3):
        assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200
    assert client.post(path, GOOD).status_code == 303


def test_only_a_hash_is_stored(cast):
    path = invited(cast.bernd, cast.anna)
    token = path.rstrip("/").rsplit("/", 1)[-1]
    with viewing_as(SYSTEM):
        invitation = Invitation.objects.get()
        notice = Notice.objects.get(kind="invitation")
    assert invitation.token_hash == token_hash(token)
    assert token not in notice.text + notice.html + notice.subject
    assert "[[personal-link]]" in notice.text
    assert "[[" not in mail.outbox[-1].body


def test_a_used_link_leads_to_sign_in(cast, client):
    path = invited(cast.bernd, cast.anna)
    client.post(path, GOOD)
    page = Client().get(path)
    assert page.status_code == 410
    assert "schon verwendet" in page.content.decode()
    assert Client().post(path, GOOD).status_code == 410


def test_a_new_invitation_ends_the_old_one(cast, client):
    old = invited(cast.bernd, cast.anna)
    new = invited(cast.bernd, cast.anna)
    page = client.get(old)
    assert page.status_code == 410
    assert "abgelaufen" in page.content.decode()
    assert client.get(new).status_code == 200


def test_after_fourteen_days_it_has_expired(cast, client):
    path = invited(cast.bernd, cast.anna)
    with viewing_as(SYSTEM):
        invitation = Invitation.objects.get()
        assert invitation.expires_at - invitation.created_at == timedelta(days=14)
        Invitation.objects.update(expires_at=timezone.now())
    page = client.get(path)
    assert page.status_code == 410
    assert "neue Einladung" in page.content.decode(), "says how to get a new one"
    assert client.post(path, GOOD).status_code == 410
    assert not fresh(cast.bernd.user).has_usable_password()


@pytest.mark.parametrize("token", ["x", "a" * 500, "..", "%00", "<script>"])
def test_an_unknown_link_says_so(cast, client, token):
    response = client.get(f"/account/invitation/{token}/")
    assert response.status_code == 404
    assert "<script>" not in response.content.decode().split("<body")[1]


def test_somebody_else_who_is_signed_in_does_not_use_it(cast, client):
    path = invited(cast.bernd, cast.anna)
    client.force_login(cast.clara.user)
    assert client.post(path, GOOD).status_code == 409
    assert not fresh(cast.bernd.user).has_usable_password()


@pytest.mark.parametrize(
    ("first", "second"),
    [("kurz", "kurz"), ("1234567890123", "1234567890123"), ("Kaffeetasse-im-Schnee", "Kaffeetasse"), ("", "")],
)
def test_a_bad_password_is_refused_with_a_reason(cast, client, first, second):
    path = invited(cast.bernd, cast.anna)
    response = client.post(path, {"password1": first, "password2": second})
    assert response.status_code == 422
    assert not fresh(cast.bernd.user).has_usable_password()


def test_who_has_an_account_or_is_gone_is_not_invited(cast):
    path = invited(cast.bernd, cast.anna)
    Client().post(path, GOOD)
    with pytest.raises(NotInvitable):
        invite(cast.bernd, actor=cast.anna, now=timezone.now())
    with viewing_as(SYSTEM):
        cast.clara.is_active = False
        cast.clara.save()
    with pytest.raises(NotInvitable):
        invite(cast.clara, actor=cast.anna, now=timezone.now())


def test_contacts_do_not_invite(cast):
    with pytest.raises(NotAllowed):
        invite(cast.astrid, actor=cast.bernd.user, now=timezone.now())
    with viewing_as(SYSTEM):
        assert not Invitation.objects.exists()


def test_nobody_accepts_for_somebody_else_or_twice(cast):
    now = timezone.now()
    invitation = invite(cast.bernd, actor=cast.anna, now=now)
    with pytest.raises(InvitationUnusable):
        accept_invitation(invitation, password="x", actor=cast.clara.user, now=now)
    accept_invitation(invitation, password="x", actor=cast.bernd.user, now=now)
    with pytest.raises(InvitationUnusable):
        accept_invitation(invitation, password="y", actor=cast.bernd.user, now=now)
    assert fresh(cast.bernd.user).check_password("x")


def test_granting_cost_release_tells_the_person_and_the_admin_only(cast):
    admin = make_contact("Alma", cast.acme, "customer_admin")
    grant_release(cast.bernd, limit=Decimal("250.00"), actor=admin.user, now=timezone.now())
    run_jobs()
    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {"Bernd <bernd@acme.example>", "Alma <alma@acme.example>"}
    assert all("250,00" in message.body and "Acme" in message.body for message in told.values())
    assert "Bernd darf" in told["Alma <alma@acme.example>"].body
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="release.granted").count() == 1
    assert fresh(cast.bernd).roles == ["cost_release", "requester"]


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_allows_nothing_is_refused(cast, limit):
    admin = make_contact("Alma", cast.acme, "customer_admin")
    with pytest.raises(ReleaseRefused):
        grant_release(cast.bernd, limit=Decimal(limit), actor=admin.user, now=timezone.now())


def test_an_admin_of_another_company_grants_nothing(cast):
    admin = make_contact("Bea", cast.borealis, "customer_admin")
    with pytest.raises(NotAllowed):
        grant_release(cast.bernd, limit=Decimal(5), actor=admin.user, now=timezone.now())


def test_once_somebody_is_named_only_named_people_decide(cast, make_ticket):
    admin = make_contact("Alma", cast.acme, "customer_admin")
    grant_release(cast.astrid, limit=Decimal("100.00"), actor=admin.user, now=NOW)
    offer = send(cast, concern_of(make_ticket()), cap_minutes=60)  # 132.00
    answers = {one.user.name: authority(offer, one, None, NOW).reason for one in (cast.bernd, fresh(cast.astrid))}
    assert answers == {"Bernd": "not_named", "Astrid": "over_limit"}
    assert authority(offer, fresh(cast.astrid), Caps(minutes=45), NOW).allowed

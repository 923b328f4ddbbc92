"""Staff: invited by mail, roles, the last administrator, leaving and coming back."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from klarfall.accounts.actions import staff as actions
from klarfall.accounts.actions.staff import StaffRefused
from klarfall.accounts.models import User
from klarfall.accounts.staff_links import VALID_FOR, invited_by, link_of
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from tests.cast import NOW, fresh, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
PASSWORD = "Kaffeetasse-im-Schnee"


@pytest.fixture
def ada(cast):
    return make_staff("Ada", "administrator")


@pytest.fixture
def who(ada):
    return {"actor": ada, "now": NOW}


def add(who, **values):
    return actions.add_staff(
        **{"name": "Otto Neu", "email": "Otto@Vendor.example", "roles": ["agent"], **values}, **who
    )


def path_in_mail():
    return re.search(r"https?://[^/]+(/account/staff-invitation/\S+)", mail.outbox[-1].body)[1]


def choose(path):
    return Client().post(path, {"password1": PASSWORD, "password2": PASSWORD})


def test_a_new_colleague_is_invited_and_signs_in_with_the_password_they_chose(who, client):
    user = add(who)
    assert (user.email, user.staff_roles, user.has_usable_password()) == ("otto@vendor.example", ["agent"], False)
    run_jobs()
    assert mail.outbox[-1].to == ["Otto Neu <otto@vendor.example>"]
    path = path_in_mail()
    assert "Otto Neu" in client.get(path).content.decode()
    assert not fresh(user).has_usable_password()  # opening it changes nothing
    assert choose(path).headers["Location"] == "/account/login/"
    answer = client.post("/account/login/", {"login": "otto@vendor.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/desk/"
    assert (client.get(path).status_code, choose(path).status_code) == (410, 410)  # it works once


def test_the_link_ends_with_a_newer_one_with_time_and_with_the_account(who):
    user = add(who)
    first = link_of(user).rstrip("/").rpartition("/")[2]
    assert invited_by(first) == user
    actions.resend_staff_invitation(user, **who)
    assert invited_by(first) is None
    second = link_of(fresh(user)).rstrip("/").rpartition("/")[2]
    assert invited_by(second) == user
    actions.deactivate_staff(user, **who)
    assert invited_by(second) is None
    assert invited_by(second + "x") is None


def test_the_link_is_too_old_after_14_days(who, monkeypatch):
    user = add(who)
    token = link_of(user).rstrip("/").rpartition("/")[2]
    from django.core import signing

    later = signing.time.time() + (VALID_FOR + timedelta(seconds=5)).total_seconds()
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert invited_by(token) is None


def test_whoever_is_signed_in_as_somebody_else_is_told_so(who, client, anna):
    user = add(who)
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(link_of(user).partition("://")[2].partition("/")[2].join(["/", ""]), {"password1": PASSWORD})
    assert answer.status_code == 409
    assert not fresh(user).has_usable_password()


def test_a_weak_password_is_refused_and_the_link_goes_on(who):
    user = add(who)
    path = "/" + link_of(user).partition("://")[2].partition("/")[2]
    answer = Client().post(path, {"password1": "kurz", "password2": "kurz"})
    assert answer.status_code == 422
    assert choose(path).status_code in (302, 303)


def test_a_person_is_staff_or_contact_never_both(who, bernd, anna):
    for email in (bernd.user.email.upper(), anna.email):
        with pytest.raises(StaffRefused) as refused:
            add(who, email=email)
        assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "kein.at"}, "email"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": ["agent", "system"]}, "roles"),
        ({"roles": ["requester"]}, "roles"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(who, values, field):
    with viewing_as(SYSTEM):
        before = User.objects.count()
    with pytest.raises(Refused) as refused:
        add(who, **values)
    assert refused.value.field == field
    with viewing_as(SYSTEM):
        assert User.objects.count() == before


def test_somebody_stays_administrator(who, ada, cast):
    same = {"name": "Ada", "email": ada.email}
    with pytest.raises(StaffRefused) as refused:
        actions.change_staff(ada, **same, roles=["lead"], **who)
    assert refused.value.field == "roles"
    other = add(who, roles=["administrator"])
    actions.change_staff(ada, **same, roles=["lead"], **who)
    with pytest.raises(StaffRefused):
        actions.deactivate_staff(other, actor=other, now=NOW)
    assert fresh(other).is_active


def test_nobody_switches_themselves_off_and_the_last_administrator_stays(who, ada):
    second = add(who, roles=["administrator", "agent"])
    with pytest.raises(StaffRefused):
        actions.deactivate_staff(ada, **who)
    actions.deactivate_staff(ada, actor=second, now=NOW)
    with pytest.raises(NotAllowed):  # who is switched off does nothing any more
        actions.deactivate_staff(second, actor=fresh(ada), now=NOW)


def test_who_leaves_is_signed_out_at_once_and_old_sessions_never_live_again(who, anna, client):
    with viewing_as(SYSTEM):
        anna.set_password(PASSWORD)
        anna.save()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/desk/", follow=True).status_code == 200
    actions.deactivate_staff(anna, **who)
    assert "/account/login/" in client.get("/desk/").headers["Location"]
    actions.reactivate_staff(anna, **who)
    assert "/account/login/" in client.get("/desk/").headers["Location"]
    run_jobs()
    assert choose(path_in_mail()).status_code in (302, 303)


def test_contacts_the_system_and_the_erased_are_no_colleagues(who, bernd, anna):
    with viewing_as(SYSTEM):
        system = User.objects.system()
        User.objects.filter(pk=anna.pk).update(name="", is_active=False)
    for user in (bernd.user, system):
        with pytest.raises(StaffRefused):
            actions.deactivate_staff(user, **who)
    with pytest.raises(StaffRefused):
        actions.reactivate_staff(fresh(anna), **who)


def test_the_trail_holds_roles_and_names_of_fields_only(who):
    user = add(who)
    actions.change_staff(user, name="Otto Alt", email=user.email, roles=["agent", "lead"], **who)
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="staff.changed")
        added = AuditEntry.objects.get(verb="staff.added")
    assert entry.data == {"fields": ["name", "staff_roles"], "roles": ["agent", "lead"]}
    assert added.data == {"roles": ["agent"]}

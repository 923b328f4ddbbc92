"""Several browsers and clicks at once, with real connections: one account, one contact, one answer, no extra tries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from klarfall.accounts.limits import Limit, allows
from klarfall.accounts.models import User
from klarfall.billing.tests.test_concurrency import at_once
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.customers.actions.register import (
    AlreadyDecided,
    CodeRefused,
    Finished,
    complete_registration,
    confirm_code,
    decide_registration,
    start_registration,
)
from klarfall.customers.models import Contact, Customer, Invitation, Registration
from klarfall.customers.registrations import Application, hash_of, new_token

WORDS = {"name": "Rita Registriert", "password": "Kaffeetasse-im-Schnee"}


@pytest.fixture
def acme(committed_db, cast):
    with viewing_as(SYSTEM):
        rules = {"registration_policy": "automatic", "mail_domains": ["acme.example"]}
        Customer.objects.filter(pk=cast.acme.pk).update(**rules)
    return cast


def started(acme) -> tuple[str, str]:
    token = new_token()
    typed = Application(acme.acme.number, "rita@acme.example", "de", hash_of(token))
    return token, start_registration(typed, actor=User.objects.system(), now=timezone.now()).code


def proved(acme) -> Registration:
    token, code = started(acme)
    return confirm_code(token, code=code, now=timezone.now())


def complete(registration):
    return complete_registration(registration, **WORDS, actor=User.objects.system(), now=timezone.now())


def count(model, **where) -> int:
    with viewing_as(SYSTEM):
        return model.objects.filter(**where).count()


def test_four_clicks_make_one_contact_and_sign_in_once(acme):
    registration = proved(acme)
    results = at_once(*[lambda: complete(registration)] * 4)
    assert all(isinstance(one, Finished) for one in results), results
    assert [one.person is not None for one in results].count(True) == 1
    assert count(User, email="rita@acme.example") == count(Contact, user__email="rita@acme.example") == 1


def test_three_browsers_of_one_person_make_one_contact(acme):
    rows = [proved(acme) for _browser in range(3)]
    results = at_once(*[lambda row=row: complete(row) for row in rows])
    assert all(isinstance(one, Finished) for one in results), results
    assert count(User, email="rita@acme.example") == count(Contact, user__email="rita@acme.example") == 1
    assert count(Registration, contact__isnull=False) == 3


def test_admit_and_refuse_at_once_give_one_answer(acme):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=acme.acme.pk).update(registration_policy="specialist")
    registration = complete(proved(acme)).registration
    now = timezone.now()
    results = at_once(
        *[
            lambda admit=admit, who=who: decide_registration(registration, admit=admit, actor=who, now=now)
            for admit, who in ((True, acme.anna), (False, acme.dora), (True, acme.dora))
        ]
    )
    assert [type(one).__name__ for one in results].count("AlreadyDecided") == 2, results
    assert any(isinstance(one, AlreadyDecided) for one in results)
    assert count(Contact, user__email="rita@acme.example") == count(Invitation) <= 1


def test_twenty_guesses_at_once_are_no_more_than_five(acme):
    token, code = started(acme)
    wrong = "000000" if code != "000000" else "111111"
    results = at_once(*[lambda: confirm_code(token, code=wrong, now=timezone.now())] * 20)
    assert all(isinstance(one, CodeRefused) for one in results), results
    with viewing_as(SYSTEM):
        assert Registration.objects.get().attempts == 5
    with pytest.raises(CodeRefused):
        confirm_code(token, code=code, now=timezone.now())


def test_a_limit_holds_for_connections_at_once(committed_db):
    limit, now = Limit("test", 5, timedelta(hours=1)), timezone.now()

    def attempt():
        with viewing_as(NOBODY):
            return allows(limit, "rita@acme.example", now=now)

    assert at_once(*[attempt] * 15).count(True) == 5

"""The steps of a registration as tests walk them."""

import re

import pytest
from django.core import mail

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer, Registration, RegistrationPolicy
from tests.queue import run_jobs

START, CODE, DETAILS, DONE = (f"/account/register/{part}" for part in ("", "code/", "details/", "done/"))
PASSWORD = "Kaffeetasse-im-Schnee"
NAMED = {"name": "Rita Registriert"}
FULL = {**NAMED, "password1": PASSWORD, "password2": PASSWORD}
SECRET = ("Acme", "bernd")


@pytest.fixture
def acme(cast, clock):
    """Acme lets people of its domain in by itself; tests change that."""
    policy(cast.acme, RegistrationPolicy.AUTOMATIC)
    return cast


def policy(customer, how, *domains):
    with viewing_as(SYSTEM):
        values = {"registration_policy": how, "mail_domains": list(domains) or ["acme.example"]}
        Customer.objects.filter(pk=customer.pk).update(**values)


def start(client, acme, email="rita@acme.example", number=None):
    return client.post(START, {"number": number or acme.acme.number, "email": email})


def posted_code() -> str:
    """The code in the newest mail, after the mails that wait were sent."""
    run_jobs()
    found = re.search(r"Code\D*(\d{6})", mail.outbox[-1].body)
    return found[1] if found else ""


def prove(client, acme, email="rita@acme.example", **values):
    start(client, acme, email, **values)
    return client.post(CODE, {"code": posted_code()})


def registered(client, acme, email="rita@acme.example", data=FULL):
    prove(client, acme, email)
    return client.post(DETAILS, data)


def rows():
    with viewing_as(SYSTEM):
        return list(Registration.objects.order_by("pk"))


def contact_with(email):
    with viewing_as(SYSTEM):
        return Contact.objects.select_related("user", "customer").filter(user__email=email).first()


def scrubbed(answer) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken[^}]*', "", answer.content.decode())
    return re.sub(r"\b[\w.+-]+@[\w.-]+\b", "ADDRESS", page)

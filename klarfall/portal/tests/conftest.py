"""A request of Bernd's in the states that the pages show, made by the actions themselves."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from klarfall.billing.actions.assessments import Verdict, publish, send_cost_notice
from klarfall.billing.pricing import OfferTerms
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal import offering
from klarfall.portal.tests.cost_steps import bills, people
from tests.cast import concern_of

__all__ = ["bills", "people"]  # fixtures

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HOST = {"HTTP_HOST": "localhost"}


@pytest.fixture(autouse=True)
def _nothing_remembered(cast):
    offering.forget()


@pytest.fixture
def now() -> datetime:
    """Pages read the clock themselves, so their tests live now, on a full minute."""
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def browser_of(db):
    """Signs a contact or user in and returns their client."""

    def sign_in(person):
        client = Client(**HOST)
        client.force_login(getattr(person, "user", person), backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def bernds(browser_of, bernd):
    return browser_of(bernd)


@pytest.fixture
def asked(make_ticket, now):
    """A request that nobody has looked at."""
    return make_ticket(now=now - timedelta(hours=2))


@pytest.fixture
def covered(asked, cast, anna, now):
    """The request, assessed as covered."""
    verdict = Verdict(item=cast.item("COV-USE"), reason="Ein Schritt führt nicht zum Ergebnis.")
    publish(concern_of(asked), verdict=verdict, actor=anna, now=now - timedelta(hours=1))
    return asked


@pytest.fixture
def offer(asked, cast, anna, now):
    """A cost offer on the request: 60 to 90 minutes, cap 120, lower caps 60 and 90."""
    verdict = Verdict(item=cast.item("CHG-DATA-POST"), reason="Zwei Läufe von Hand.", cause="improper_use")
    terms = OfferTerms(estimate_min=60, estimate_max=90, scope="Buchungen eingrenzen.\nRücknahme prüfen.")
    return send_cost_notice(concern_of(asked), verdict=verdict, offer=terms, actor=anna, now=now - timedelta(hours=1))


@pytest.fixture
def in_full_sight(cast):
    with viewing_as(SYSTEM):
        yield

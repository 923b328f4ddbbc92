"""Calls, hand-overs, customers and undelivered mails."""

import pytest

from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Invitation
from klarfall.desk.durations import minutes_of, span_of, span_text
from klarfall.desk.tests.conftest import at, text
from klarfall.tickets.actions.handover import request_consulting, request_training
from tests.cast import fresh

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["consulting", "training"])
def test_a_hand_over_moves_on_with_its_day(kind, annas, bernd, cast, clock):
    make = request_consulting if kind == "consulting" else request_training
    wish = make(bernd, product=cast.erp, wish="Jahresabschluss üben", actor=bernd.user, now=clock())
    assert "Jahresabschluss üben" in text(annas.get(at("handovers")))
    place = at("handover", kind, wish.number)
    assert annas.get(place).status_code == 200
    assert annas.post(place, {"status": "forwarded"}).status_code == 303
    assert annas.post(place, {"status": "scheduled", "scheduled_on": ""}).status_code == 422
    assert annas.post(place, {"status": "scheduled", "scheduled_on": "2026-12-01"}).status_code == 303
    assert fresh(wish).scheduled_on.isoformat() == "2026-12-01"
    assert annas.post(place, {"status": "done"}).status_code == 303
    assert "Jahresabschluss üben" not in text(annas.get(at("handovers")))
    assert "Jahresabschluss üben" in text(annas.get(at("handovers"), {"all": 1}))
    assert annas.get(at("handover", "lunch", wish.number)).status_code == 404


def test_a_contact_is_invited_from_the_page_of_the_customer(annas, acme, bernd):
    assert at("customer", acme.number) in text(annas.get(at("customers"), {"q": "acm"}))
    assert at("invitation", bernd.pk) in text(annas.get(at("customer", acme.number)))
    assert annas.post(at("invitation", bernd.pk)).status_code == 303
    with viewing_as(SYSTEM):
        assert Invitation.objects.filter(contact=bernd).count() == 1
    assert annas.get(at("invitation", bernd.pk)).status_code == 405


def test_an_undelivered_mail_is_sent_again_once(annas, acme, bernd, clock):
    with viewing_as(SYSTEM):
        notice = Notice.objects.create(
            customer=acme, key="k", kind="message", recipient=bernd.user, status="failed", subject="Ihre Anfrage",
            error="550 unbekannt", attempts=3, created_at=clock(),
        )  # fmt: skip
    page = text(annas.get(at("notices")))
    assert "550 unbekannt" in page
    annas.post(at("dispatch", notice.pk))
    assert fresh(notice).status == "waiting"
    assert "550 unbekannt" not in text(annas.get(at("notices")))
    annas.post(at("dispatch", notice.pk))
    assert fresh(notice).status == "waiting"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1–1,5 Std.", (60, 90)),
        ("45-60", (45, 60)),
        ("45 Min. bis 2 Std.", (45, 120)),
        ("90", (90, 90)),
        ("1:30", (90, 90)),
        ("1 h 20 min", (80, 80)),
        ("0,5–1 h", (30, 60)),
    ],
)
def test_durations_are_read_as_people_write_them(typed, found):
    assert span_of(typed) == found


@pytest.mark.parametrize(
    "typed", ["", "bald", "60-45", "0", "-5", "1,2,3", "1e9", "1:75", "999999", "1.333 h", "1-2-3", "NaN"]
)
def test_what_is_unclear_is_refused(typed):
    with pytest.raises(ValueError):
        span_of(typed)


@pytest.mark.parametrize("span", [(60, 90), (45, 60), (90, 90), (45, 120), (80, 95)])
def test_what_is_shown_is_read_again(span):
    assert span_of(span_text(*span)) == span


def test_a_bare_number_means_minutes():
    assert minutes_of("120") == 120

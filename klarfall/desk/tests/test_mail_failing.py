"""What the desk shows of mails going out: a failing server, mails that wait, addresses that work again, senders."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from klarfall.channels.models import MailDomain, Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.desk.tests.conftest import at, text
from klarfall.operations.checks.finding import State
from klarfall.operations.checks.mail import check_sending
from klarfall.operations.metrics import exposition
from tests.cast import fresh
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
SHOWN = "Der Mailserver nimmt keine E-Mails an"


@pytest.fixture
def waiting(make_ticket):
    """A mail that waits because the server has been away for an hour."""
    now = timezone.now()
    make_ticket(now=now)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        Notice.objects.update(status="failed", error="421 busy", attempts=3, again_at=now + timedelta(minutes=9))
        since = now - timedelta(hours=1)
        row = MailDomain.objects.create(domain="", failing_since=since, error="ConnectionRefusedError", changed_at=now)
    cache.clear()
    return row


def test_leads_see_it_on_every_page_and_specialists_do_not(waiting, annas, doras):
    for page in (at("notices"), at("customers")):
        assert SHOWN in text(doras.get(page))
        assert SHOWN not in text(annas.get(page))


def test_the_list_says_when_a_mail_is_tried_again(waiting, annas):
    page = text(annas.get(at("notices")))
    assert "nächster Versuch" in page
    assert "421 busy" in page


@pytest.mark.parametrize("case", ["just_now", "nothing_waits"])
def test_a_short_failure_and_one_without_mails_alarm_nobody(waiting, doras, case):
    with viewing_as(SYSTEM):
        if case == "just_now":
            MailDomain.objects.update(failing_since=timezone.now() - timedelta(minutes=5))
        else:
            Notice.objects.update(again_at=None)
    assert SHOWN not in text(doras.get(at("notices")))


def test_doctor_and_metrics_tell_it(waiting):
    (found,) = check_sending(timezone.now())
    assert found.state is State.FAULT
    assert "60" in found.seen
    line = next(one for one in exposition().decode().splitlines() if one.startswith("klarfall_mail_server_failing"))
    assert float(line.split()[1]) > 3500


def test_a_working_server_is_fine(db):
    (found,) = check_sending(timezone.now())
    assert found.state is State.OK
    assert "klarfall_mail_server_failing_seconds 0.0" in exposition().decode()


def test_a_specialist_notes_at_the_customer_that_mails_arrive_again(annas, bernd, acme):
    with viewing_as(SYSTEM):
        Contact.objects.filter(pk=bernd.pk).update(mail_failed_at=timezone.now(), mail_failure="550 unknown")
    place = at("working-mail", bernd.pk)
    assert place in text(annas.get(at("customer", acme.number)))
    assert annas.get(place).status_code == 405
    assert annas.post(place).status_code == 303
    assert fresh(bernd).mail_failed_at is None
    assert place not in text(annas.get(at("customer", acme.number)))

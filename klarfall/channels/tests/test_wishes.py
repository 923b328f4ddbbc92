"""A wish without a request: confirmed to the person who has it, and its news told once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.handover import Appointment, request_consulting, request_training, set_handover_status
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


@pytest.mark.parametrize("ask", [request_consulting, request_training])
def test_the_wish_is_confirmed_with_its_number_and_without_a_price(ask, cast):
    wish = ask(cast.bernd, product=cast.erp, wish="Abläufe gemeinsam durchsehen", actor=cast.bernd.user, now=NOW)
    run_jobs()
    (message,) = mail.outbox
    assert message.to[0].endswith(f"<{cast.bernd.user.email}>")
    assert f"Nummer {wish.number}" in message.body
    assert "Beauftragt ist damit nichts" in message.body


def test_the_agreed_day_is_told_once(cast):
    wish = request_consulting(cast.bernd, product=cast.erp, wish="Termin", actor=cast.bernd.user, now=NOW)
    run_jobs()
    day = (NOW + timedelta(days=9)).date()
    set_handover_status(
        wish, status="scheduled", appointment=Appointment(on=day) if day else None, actor=cast.anna, now=NOW
    )
    run_jobs()
    run_jobs()
    assert sum(day.strftime("%d.%m.%Y") in message.body for message in mail.outbox) == 1
    with viewing_as(SYSTEM):
        assert Notice.objects.filter(kind="wish").count() == 2

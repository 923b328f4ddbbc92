"""Wishes go to the other team by mail, with a calendar entry and a link that opens this one wish."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from klarfall.channels import handover_mail
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.tickets.actions.handover import Appointment, hand_over, request_consulting, set_handover_status
from klarfall.tickets.handing_over import NoAddress
from klarfall.tickets.models import ConsultantRequest, HandoverPass
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
TEAM = "beratung@vendor.example"


def wish(cast, **given):
    values = {"product": cast.erp, "wish": "Jahresabschluss begleiten", "actor": cast.bernd.user, "now": NOW}
    return request_consulting(cast.bernd, **values | given)


def to_team():
    return [message for message in mail.outbox if TEAM in message.to[0]]


def entry(message):
    (part,) = [one for one in message.message().walk() if one.get_content_type() == "text/calendar"]
    return part.get_param("method"), Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]


def house_with_team():
    with viewing_as(SYSTEM):
        VendorProfile.objects.update(consulting_email=TEAM)


def test_with_an_address_of_the_house_the_team_has_it_at_once(cast):
    house_with_team()
    day = (NOW + timedelta(days=14)).date()
    asked = wish(cast, place="Werk 2", preferred_on=[day])
    assert (asked.status, asked.team_address) == ("forwarded", TEAM)
    run_jobs()
    (message,) = to_team()
    for word in ("Acme", "Jahresabschluss begleiten", "Werk 2", "bernd@acme.example", day.strftime("%d.%m.%Y")):
        assert word in message.body
    method, event = entry(message)
    assert (method, event["status"], event.decoded("dtstart"), int(event["sequence"])) == (
        "REQUEST",
        "TENTATIVE",
        day,
        0,
    )
    assert event["attendee"] == f"mailto:{TEAM}"
    with viewing_as(SYSTEM):
        (kept,) = HandoverPass.objects.all()
    assert kept.token_hash not in message.body
    assert "/handover/" in message.body


def test_the_product_has_a_team_of_its_own(cast):
    house_with_team()
    with viewing_as(SYSTEM):
        type(cast.erp).objects.filter(pk=cast.erp.pk).update(consulting_email="eigene@vendor.example")
    cast.erp.refresh_from_db()
    assert wish(cast).team_address == "eigene@vendor.example"


def test_without_an_address_a_specialist_hands_it_over_and_can_do_so_again(cast):
    asked = wish(cast)
    assert (asked.status, to_team()) == ("requested", [])
    with pytest.raises(NoAddress):
        hand_over(asked, address="niemand", actor=cast.anna, now=NOW)
    asked = hand_over(asked, address=f" {TEAM} ", actor=cast.anna, now=NOW)
    assert (asked.status, asked.team_address) == ("forwarded", TEAM)
    run_jobs()
    hand_over(asked, address=TEAM, actor=cast.anna, now=NOW)
    run_jobs()
    first, second = to_team()
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert not first.attachments, "without any day there is nothing for a calendar"


def test_the_agreed_time_reaches_team_and_customer_and_a_withdrawal_cancels_it(cast):
    house_with_team()
    asked = wish(cast)
    day = (NOW + timedelta(days=20)).date()
    agreed = Appointment.at(day, time(10, 30), 90, "Werk 2")
    asked = set_handover_status(
        asked, status="scheduled", appointment=agreed, note="Bitte Unterlagen bereitlegen.", actor=cast.anna, now=NOW
    )
    run_jobs()
    method, event = entry(to_team()[-1])
    assert (method, event["status"], int(event["sequence"])) == ("REQUEST", "CONFIRMED", 1)
    assert event.decoded("dtstart").astimezone(UTC) == agreed.starts_at.astimezone(UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=90)
    news = next(one for one in mail.outbox if "bernd@" in one.to[0] and "Unterlagen" in one.body)
    assert "Werk 2" in news.body
    assert entry(news)[0] == "PUBLISH"
    set_handover_status(asked, status="withdrawn", actor=cast.anna, now=NOW)
    run_jobs()
    method, event = entry(to_team()[-1])
    assert (method, event["status"], int(event["sequence"])) == ("CANCEL", "CANCELLED", 2)


def test_a_second_attempt_is_recognised_as_the_same_mail(cast):
    house_with_team()
    asked = wish(cast)
    run_jobs()
    with viewing_as(SYSTEM):
        handover_mail.hand_over("consultantrequest", asked.pk, now=NOW)
    assert len({message.extra_headers["Message-ID"] for message in to_team()}) == 1


def test_hostile_words_stay_words_in_mail_and_calendar(cast):
    house_with_team()
    bad = "BEGIN:VALARM\\nX\r\nATTENDEE:mailto:boese@elsewhere.example"
    asked = wish(cast, wish=bad, place='Saal;1,"2"', preferred_on=[(NOW + timedelta(days=3)).date()])
    run_jobs()
    _method, event = entry(to_team()[-1])
    assert str(event["location"]) == asked.place
    assert event["attendee"] == f"mailto:{TEAM}"
    assert not event.subcomponents


def test_days_that_passed_or_too_many_are_refused(cast):
    from klarfall.tickets.actions.handover import NotHandedOver

    today = timezone.localdate(NOW)
    for days in ([today - timedelta(days=1)], [today + timedelta(days=n) for n in range(4)]):
        with pytest.raises(NotHandedOver) as refused:
            wish(cast, preferred_on=days)
        assert refused.value.field == "preferred_on"
    tomorrow = today + timedelta(days=1)
    kept = wish(cast, preferred_on=[tomorrow, today, tomorrow])
    with viewing_as(SYSTEM):
        assert ConsultantRequest.objects.get(pk=kept.pk).preferred_on == [today, tomorrow]


def test_day_and_time_belong_together(cast):
    from klarfall.tickets.actions.handover import NotHandedOver

    asked, day = wish(cast), (NOW + timedelta(days=5)).date()
    at = datetime.combine(day + timedelta(days=2), time(9), tzinfo=UTC)
    for appointment, field in (
        (Appointment(on=day, starts_at=at), "starts_at"),
        (Appointment(on=day, minutes=0), "minutes"),
        (Appointment(on=day, minutes=601), "minutes"),
    ):
        with pytest.raises(NotHandedOver) as refused:
            set_handover_status(asked, status="scheduled", appointment=appointment, actor=cast.anna, now=NOW)
        assert refused.value.field == field

"""Wishes for the consultants and for training: from a concern or directly, and how far they are."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets import progress
from klarfall.tickets.actions.handover import (
    Appointment,
    NotHandedOver,
    request_consulting,
    request_training,
    set_handover_status,
)
from klarfall.tickets.events import broken_events
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import ConsultantRequest, Ticket
from klarfall.tickets.tests.steps import kinds, publish
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, concern_of, fresh


def wish(cast, **given):
    values = {"product": cast.erp, "wish": "Bitte schauen Sie vorbei.", "actor": cast.bernd.user, "now": NOW, **given}
    return request_consulting(values.pop("contact", cast.bernd), **values)


def test_a_wish_goes_directly_to_the_consultants_without_ticket(cast, system):
    request = wish(cast, place=" Werk  2 ", preferred_dates="KW 50")
    assert (request.status, request.place, request.concern, request.number > 0) == ("requested", "Werk 2", None, True)
    assert not Ticket.objects.exists()
    assert request_training(cast.bernd, product=cast.erp, wish="Mahnwesen", actor=cast.bernd.user, now=NOW).number > 0


def test_a_specialist_refers_a_concern_that_is_not_offered(make_ticket, cast, system):
    ticket = make_ticket()
    from klarfall.tickets.actions.assess import publish_assessment

    with viewing_as(SYSTEM, actor_id=cast.anna.pk):  # as billing's `refer` does: one lock, one settling at the end
        concern, held = locked_concern(concern_of(ticket))
        publish_assessment(
            concern, ticket=held, item=cast.item("NOT-ONSITE"), reason="Vor Ort.", actor=cast.anna, now=NOW
        )
        request = wish(cast, actor=cast.anna, concern=concern, ticket=held)
        progress.settle(held, actor=cast.anna, now=NOW)
    assert concern_of(ticket).status == "referred"
    assert (fresh(ticket).status, fresh(ticket).resolution_kind) == ("resolved", "handed_over")
    assert ticket.events.get(kind="handover.consulting").data["number"] == request.number
    assert broken_events(fresh(ticket)) == []


def test_a_training_instead_leaves_the_concern_to_the_decision(make_ticket, cast, system):
    ticket = make_ticket()
    publish(cast, ticket, "CHG-CONF")
    request_training(
        cast.bernd, product=cast.erp, wish="Schulung", concern=concern_of(ticket), actor=cast.bernd.user, now=NOW
    )
    assert concern_of(ticket).status == "chargeable"
    assert kinds(ticket)[-1] == "handover.training"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"wish": " "}, "wish"), ({"wish": "x" * 4_001}, "wish"), ({"place": "x" * 201}, "place")],
)
def test_bad_input_is_refused(cast, given, field):
    with pytest.raises(UnusableText) as refused:
        wish(cast, **given)
    assert refused.value.field == field


def test_nobody_wishes_for_somebody_else_and_no_concern_of_another_customer(make_ticket, cast):
    for actor in (cast.clara.user, cast.astrid.user):
        with pytest.raises(NotAllowed):
            wish(cast, actor=actor)
    foreign = concern_of(make_ticket(contact=cast.clara))
    with pytest.raises(NotHandedOver):
        wish(cast, concern=foreign)
    with pytest.raises(NotHandedOver):
        wish(cast, actor=cast.anna, concern=foreign)


def test_a_second_click_wishes_nothing_twice(cast, system):
    wish(cast)
    with pytest.raises(NotHandedOver):
        wish(cast)
    assert ConsultantRequest.objects.count() == 1


class TestStatus:
    def test_it_goes_forward(self, make_ticket, cast, system):
        ticket = make_ticket()
        request = wish(cast, concern=concern_of(ticket))
        for status, day in (("forwarded", None), ("scheduled", date(2026, 12, 1)), ("done", None)):
            request = set_handover_status(
                request, status=status, appointment=Appointment(on=day) if day else None, actor=cast.anna, now=NOW
            )
        assert (request.status, request.scheduled_on) == ("done", date(2026, 12, 1))
        told = [event.data["status"] for event in ticket.events.filter(kind="handover.status")]
        assert told == ["forwarded", "scheduled", "done"]
        with pytest.raises(TransitionNotAllowed):
            set_handover_status(request, status="withdrawn", actor=cast.anna, now=NOW)

    @pytest.mark.parametrize(
        ("status", "day", "field"),
        [
            ("scheduled", None, "scheduled_on"),
            ("scheduled", date(2026, 11, 23), "scheduled_on"),
            ("done", date(2026, 12, 1), "scheduled_on"),
            ("requested", None, "status"),
            ("lost", None, "status"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, cast, system, status, day, field):
        with pytest.raises(NotHandedOver) as refused:
            set_handover_status(
                wish(cast), status=status, appointment=Appointment(on=day) if day else None, actor=cast.anna, now=NOW
            )
        assert refused.value.field == field

    def test_only_by_staff_and_only_along_the_table(self, cast, system):
        request = wish(cast)
        with pytest.raises(NotAllowed):
            set_handover_status(request, status="done", actor=cast.bernd.user, now=NOW)
        set_handover_status(request, status="done", actor=cast.anna, now=NOW)
        with pytest.raises(DatabaseError, match="no way from"), transaction.atomic():
            ConsultantRequest.objects.update(status="requested")

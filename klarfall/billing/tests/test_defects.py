"""A defect found later: covered from the beginning, also after the bill and on a closed request (section 5, INV-13)."""

from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, resolution
from klarfall.billing.actions.assessments import NotAssessable
from klarfall.billing.actions.goodwill import grant_goodwill
from klarfall.billing.models import BillingLine, CostOffer
from klarfall.billing.tests import run_steps
from klarfall.billing.tests.steps import accept, clock, publish, send, send_more, timer, work
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.cancel import cancel
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import Concern, Ticket, TicketEvent
from tests.cast import concern_of

D = Decimal


@pytest.fixture
def concern(make_ticket):
    return concern_of(make_ticket(now=clock("07:00")))


@pytest.fixture
def worked(cast, concern):
    """30 minutes at 132.00: 66.00 net."""
    accept(send(cast, concern, at=clock("08:10")), cast.bernd, at=clock("08:20"))
    work(cast, concern, "08:30", "09:00")
    return concern


def close(cast, concern):
    """Solve the request, and let fifteen days pass."""
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get(pk=concern.ticket_id)
    resolution.resolve(
        ticket, solution="Fertig.", resolution_kind="commissioned_done", actor=cast.anna, now=clock("09:10")
    )
    assert resolution.close_due(clock("10:00", "2026-12-09")) == 1


def report(cast, concern, at="10:00", day="2026-12-10", **given):
    values = {"reason": "Fehler in 2026.1", "actor": cast.anna, **given}
    return assessments.report_defect(concern, now=clock(at, day), **values)


def dropped():
    with viewing_as(SYSTEM):
        return [event.data for event in TicketEvent.objects.filter(kind="costs.dropped").order_by("pk")]


def billed(concern):
    with viewing_as(SYSTEM):
        found = BillingLine.objects.filter(concern=concern.pk).values_list("net", flat=True)
        return sum(found, D("0.00"))


def test_on_a_closed_request_it_says_what_need_not_be_paid_and_reopens_nothing(cast, worked):
    close(cast, worked)
    assessment = report(cast, worked)
    assert (assessment.trigger, assessment.item.code) == ("defect", "COV-DEFECT")
    [event] = dropped()
    assert (event["before"], event["credited"], event["assessment"]) == ("66.00", "0.00", assessment.pk)
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get(pk=worked.ticket_id)
        assert (ticket.status, Concern.objects.get(pk=worked.pk).status) == ("closed", "done")
        assert broken_events(ticket) == []


def test_after_the_bill_the_next_run_credits_it_to_the_cent_and_once(cast, worked):
    close(cast, worked)
    run_steps.frozen()
    assert billed(worked) == D("66.00")
    report(cast, worked, day="2027-01-05")
    assert dropped()[0]["credited"] == "66.00"
    assert billed(worked) == D("66.00")  # frozen lines stay as they are (INV-20)
    second = run_steps.frozen(run_steps.DECEMBER, at="2027-01-06 10:00")
    with viewing_as(SYSTEM):
        [line] = BillingLine.objects.filter(batch=second)
        assert (line.kind, line.net, line.minutes, line.corrects.net) == ("correction", D("-66.00"), -30, D("66.00"))
    assert billed(worked) == D("0.00")


def test_goodwill_before_the_bill_lowers_what_is_credited(cast, worked):
    grant_goodwill(worked, net=D("16.00"), reason="Lange gewartet.", actor=cast.anna, now=clock("09:05"))
    close(cast, worked)
    run_steps.frozen()
    report(cast, worked, day="2027-01-05")
    assert (dropped()[0]["before"], dropped()[0]["credited"]) == ("50.00", "50.00")
    run_steps.frozen(run_steps.DECEMBER, at="2027-01-06 10:00")
    assert billed(worked) == D("0.00")


def test_goodwill_after_the_bill_is_credited_by_the_next_run(cast, worked):
    close(cast, worked)
    run_steps.frozen()
    grant_goodwill(worked, minutes=10, reason="Unser Versehen.", actor=cast.anna, now=clock("10:00", "2027-01-05"))
    with viewing_as(SYSTEM):
        event = TicketEvent.objects.get(kind="goodwill.granted")
    assert (event.data["before"], event.data["after"], event.data["credited"]) == ("66.00", "44.00", "22.00")
    second = run_steps.frozen(run_steps.DECEMBER, at="2027-01-06 10:00")
    with viewing_as(SYSTEM):
        [line] = BillingLine.objects.filter(batch=second)
        assert (line.kind, line.net) == ("goodwill", D("-22.00"))
    assert billed(worked) == D("44.00")


def test_open_and_running_offers_end_in_the_same_moment(cast, worked):
    send_more(cast, worked, at=clock("09:00"), cap_minutes=60)
    timer(cast, worked, clock("09:00"))
    report(cast, worked, at="09:20", day="2026-11-24")
    with viewing_as(SYSTEM):
        assert {offer.status for offer in CostOffer.objects.filter(concern=worked.pk)} == {"withdrawn"}
    assert dropped()[0]["before"] == "132.00"  # fifty minutes, rounded up to sixty


def test_it_is_recorded_once_by_staff_and_not_on_withdrawn_requests(cast, worked, make_ticket):
    with pytest.raises(NotAllowed):
        report(cast, worked, actor=cast.bernd.user)
    report(cast, worked, at="09:20", day="2026-11-24")
    with pytest.raises(NotAssessable):
        report(cast, worked, at="09:21", day="2026-11-24")
    assert len(dropped()) == 1
    other = make_ticket(title="Etwas anderes", now=clock("07:00"))
    cancel(other, actor=cast.bernd.user, now=clock("07:10"))
    with pytest.raises(NotAssessable):
        report(cast, concern_of(other))


def test_where_nothing_was_owed_nothing_is_said(cast, concern):
    publish(cast, concern, "COV-USE", at=clock("08:00"))
    report(cast, concern, at="09:20", day="2026-11-24")
    assert dropped() == []

"""Who sees and who may decide: the rule in memory is that of the queries, and both sites read the same figures."""

import pytest

from klarfall.billing.authority import authority, sees
from klarfall.billing.consumption import consumption
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.facts import facts_of
from klarfall.billing.tests.steps import accept, clock, decline, publish, send, send_more, split_off, timer, work
from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.tickets.models import Ticket
from tests.cast import NOW, concern_of, make_contact


@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize("offered", [False, True])
def test_sight_in_memory_is_sight_in_queries(confidential, offered, cast, make_ticket):
    ticket = make_ticket(confidential=confidential)
    if offered:
        send(cast, concern_of(ticket))
    people = [
        cast.bernd,
        cast.astrid,
        cast.clara,
        make_contact("Emil", cast.acme),
        make_contact("Alma", cast.acme, visibility="all"),
        make_contact("Adam", cast.acme, "customer_admin"),
        make_contact("Otto", cast.acme, "cost_release", release_to=clock("09:00", "2026-11-23").date()),
    ]
    for contact in people:
        with viewing_as(viewer_for(contact.user, NOW.date())):
            found = Ticket.objects.filter(pk=ticket.pk).first()
        with viewing_as(SYSTEM):
            row = Ticket.objects.get(pk=ticket.pk)
            assert sees(contact, row, NOW) == (found is not None), contact.user.name


def test_people_who_may_decide_are_named(cast, make_ticket):
    make_contact("Emil", cast.acme)  # does not see it
    alma = make_contact("Alma", cast.acme, visibility="all")
    offer = send(cast, concern_of(make_ticket()))
    answer = authority(offer, cast.bernd, None, NOW)
    assert (answer.allowed, answer.role, answer.message) == (True, "requester", "")
    assert [one.pk for one in answer.who_can] == [cast.astrid.pk, alma.pk]


def test_customers_read_the_same_facts(cast, make_ticket):
    """Except for the review, which is theirs to have free and not to see."""
    ticket = make_ticket(now=clock("07:00"))
    concern = concern_of(ticket)
    (second,) = split_off(cast, ticket, "Zweites", at=clock("07:10"))
    publish(cast, second, "COV-USE", at=clock("07:20"))
    work(cast, concern, "07:30", "07:40", purpose="triage")
    declined = send(cast, concern, at=clock("08:00"))
    decline(declined, cast.bernd, at=clock("08:05"))
    offer = send_more(cast, concern, at=clock("08:10"), cap_minutes=120)
    accept(offer, cast.bernd, at=clock("08:20"))
    timer(cast, concern, clock("08:30"))
    seat = Seat(cast.bernd.pk, cast.acme.pk)
    now = clock("09:00")
    with viewing_as(SYSTEM):
        whole, ours = facts_of([concern, second]), consumption(concern, now)
    with viewing_as(Viewer(ViewerKind.CONTACT, cast.bernd.user_id, (seat,))):
        seen, theirs = facts_of([concern, second]), consumption(concern, now)
    assert theirs.offers == ours.offers
    assert (ours.minutes[M.TRIAGE], theirs.minutes[M.TRIAGE]) == (10, 0)
    assert theirs.minutes[M.BILLABLE] == ours.minutes[M.BILLABLE] == 30
    assert set(whole[second.pk].assessments) == set(seen[second.pk].assessments)
    clara = Seat(cast.clara.pk, cast.borealis.pk, sees_all=True, is_admin=True, may_release=True)
    with viewing_as(Viewer(ViewerKind.CONTACT, cast.clara.user_id, (clara,))):
        nothing = facts_of([concern])[concern.pk]
    assert (nothing.assessments, nothing.offers, nothing.entries, nothing.done) == ((), (), (), ())

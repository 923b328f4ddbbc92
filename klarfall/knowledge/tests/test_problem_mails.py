"""Who is told of a workaround or a fix: once, with their requests, and only whose version is affected."""

import re

import pytest
from django.core import mail

from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge import telling
from klarfall.knowledge.actions import problems
from klarfall.knowledge.actions.affected import attach_ticket, report_affected, take_report_back
from klarfall.knowledge.models import ProblemReport, ProblemStep
from klarfall.knowledge.tests.problem_steps import install, make_problem, make_versions
from klarfall.tickets.models import TicketEvent
from tests.cast import NOW, fresh, make_contact, make_contract, make_customer
from tests.queue import run_jobs


@pytest.fixture
def who(anna):
    return {"actor": anna, "now": NOW}


@pytest.fixture
def versions(erp):
    return make_versions(erp)


@pytest.fixture
def problem(erp, anna):
    return make_problem(erp, anna)


def told():
    """Run everything that waits and return the mails about known problems by recipient."""
    mail.outbox.clear()
    run_jobs()
    with viewing_as(SYSTEM):
        about = set(Notice.objects.filter(kind__startswith="problem_").values_list("message_id", flat=True))
    found = {}
    for message in mail.outbox:
        if message.extra_headers["Message-ID"] in about:
            address = re.sub(r".*<|>", "", message.to[0])
            assert address not in found, "told twice"
            found[address] = message
    return found


def says(problem, *contacts):
    for contact in contacts:
        report_affected(problem, contact=contact, actor=contact.user, now=NOW)


def test_a_fix_is_told_to_those_with_affected_versions_with_their_requests(problem, versions, cast, make_ticket, who):
    bernd, astrid = cast.bernd, cast.astrid
    install(cast.acme, versions["8.4.1"])
    install(cast.borealis, versions["8.4.2"])
    says(problem, astrid, cast.clara)
    tickets = [make_ticket(title=f"Anfrage {number}") for number in range(2)]
    for ticket in tickets:
        attach_ticket(problem, ticket=ticket, **who)
    told()
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    mails = told()
    assert set(mails) == {bernd.user.email, astrid.user.email}
    text = mails[bernd.user.email].body
    assert "In 8.4.2 behoben, Sie haben 8.4.1." in text
    assert all(str(ticket.number) in text and ticket.title in text for ticket in tickets)
    assert not any(str(ticket.number) in mails[astrid.user.email].body for ticket in tickets)
    with viewing_as(SYSTEM):
        step = ProblemStep.objects.get(state="fixed")
        assert (step.told, step.spared, step.finished_at is not None) == (2, 1, True)
        events = TicketEvent.objects.filter(kind="problem.fixed", public=True)
        assert [one.data for one in events.order_by("pk")] == [
            {"problem": problem.pk, "version": "8.4.2", "installed": "8.4.1", "seal": one.sealed.commitment}
            for one in events.select_related("sealed").order_by("pk")
        ]
        assert events.count() == 2
        assert ProblemReport.objects.get(contact=cast.clara).told_at is None
    assert all(fresh(ticket).is_live for ticket in tickets)
    assert told() == {}


def test_whose_version_nobody_knows_may_be_affected(problem, versions, bernd, who):
    says(problem, bernd)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    (sent,) = told().values()
    assert "Behoben in 8.4.2" in sent.subject or "8.4.2" in sent.subject
    assert "Sie haben" not in sent.body.split("\n\n")[2]


def test_a_workaround_is_told_and_then_the_fix(problem, versions, bernd, who):
    says(problem, bernd)
    problem = problems.work_around(problem, workaround="Grundkosten von Hand eintragen.", **who)
    (first,) = told().values()
    assert "Grundkosten von Hand eintragen." in first.body
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    (second,) = told().values()
    assert "8.4.2" in second.subject


def test_a_second_fix_is_told_again(problem, versions, bernd, who):
    says(problem, bernd)
    problem = problems.fix_problem(problem, fixed_in=versions["8.4.1"], **who)
    assert len(told()) == 1
    problem = problems.reopen_problem(problem, **who)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    assert len(told()) == 1


def test_whoever_takes_it_back_hears_nothing(problem, versions, bernd, who):
    says(problem, bernd)
    with viewing_as(SYSTEM):
        report = ProblemReport.objects.get()
    take_report_back(report, actor=bernd.user, now=NOW)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    assert told() == {}


def test_a_fix_of_a_hidden_problem_is_told_once_it_is_shown(problem, versions, bernd, who):
    says(problem, bernd)
    problem = problems.hide_problem(problem, **who)
    problem = problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    assert told() == {}
    problems.publish_problem(problem, **who)
    assert len(told()) == 1


def test_a_workaround_that_was_overtaken_is_not_told(problem, versions, bernd, who):
    says(problem, bernd)
    problem = problems.work_around(problem, workaround="Neu starten.", **who)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    (sent,) = told().values()
    assert "Neu starten" not in sent.body


def test_a_person_in_two_companies_gets_a_mail_for_each_affected_one(
    problem, versions, bernd, acme, calendar, erp, who
):
    install(acme, versions["8.4.1"])
    second = make_customer("Cyan")
    make_contract(second, erp, calendar=calendar)
    other = make_contact("Zweit", second)
    with viewing_as(SYSTEM):
        other.user = bernd.user
        other.save()
    install(second, versions["8.4.2"])
    says(problem, bernd, other)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    (sent,) = told().values()
    assert "Acme" in sent.body
    assert "Cyan" not in sent.body


class Killed(BaseException):
    """What a worker meets when its process ends."""


@pytest.mark.parametrize("dies_at", [1, 2, 3, 5])
def test_a_worker_that_dies_leaves_nobody_untold_and_nobody_told_twice(
    problem, versions, acme, make_ticket, who, monkeypatch, dies_at
):
    people = [make_contact(f"Mensch{number}", acme) for number in range(5)]
    says(problem, *people)
    ticket = make_ticket(contact=people[2])
    attach_ticket(problem, ticket=ticket, **who)
    told()
    monkeypatch.setattr(telling, "_AT_ONCE", 2)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    with viewing_as(SYSTEM):
        step = ProblemStep.objects.get(state="fixed")
    before, calls = telling._tell_one, []

    def tell_one(*args):
        before(*args)
        calls.append(args)
        if len(calls) == dies_at:
            raise Killed

    monkeypatch.setattr(telling, "_tell_one", tell_one)
    with pytest.raises(Killed):
        telling.tell(step.pk, now=NOW)
    with viewing_as(SYSTEM):
        assert Notice.objects.filter(kind="problem_fixed").count() == 2 * ((dies_at - 1) // 2)
    assert set(told()) == {one.user.email for one in people}
    telling.tell(step.pk, now=NOW)
    with viewing_as(SYSTEM):
        assert Notice.objects.filter(kind="problem_fixed").count() == 5
        assert TicketEvent.objects.filter(kind="problem.fixed").count() == 1
        assert fresh(step).told == 5

"""Known problems: who reads them, what stands above whose page, who reports and what hangs on them."""

from datetime import date

import pytest
from django.utils import timezone, translation

from klarfall.core.action import NotAllowed
from klarfall.core.isolation import NOBODY, SYSTEM, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.knowledge.actions import problems
from klarfall.knowledge.actions.affected import (
    NotYourProblem,
    attach_ticket,
    detach_ticket,
    mark_checked,
    report_affected,
    take_report_back,
)
from klarfall.knowledge.actions.problems import ProblemData, ProblemRefused
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemStep, ProblemTicket
from klarfall.knowledge.problems import banners, fitting_problems, for_viewer, seen
from klarfall.knowledge.tests.problem_steps import install, make_problem, make_versions
from klarfall.knowledge.versions import Affected
from klarfall.tickets.models import TicketEvent
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, fresh, make_contact


@pytest.fixture
def who(anna):
    return {"actor": anna, "now": NOW}


def seen_by(contact):
    """The sight of a contact."""
    viewer = NOBODY if contact is None else viewer_for(contact.user, timezone.localdate(NOW))
    return viewing_as(viewer)


def test_every_step_is_written_down(erp, anna, who):
    versions = make_versions(erp)
    problem = make_problem(erp, anna, affected_from=versions["8.4.0"])
    problem = problems.work_around(problem, workaround="Von Hand eintragen.", **who)
    problem = problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    assert (problem.status, problem.fixed_at) == ("fixed", NOW)
    problem = problems.reopen_problem(problem, **who)
    assert (problem.fixed_in, problem.fixed_at) == (None, None)
    problem = problems.close_problem(problem, **who)
    with viewing_as(SYSTEM):
        steps = ProblemStep.objects.filter(problem=problem).order_by("pk").values_list("state", "version__name")
        assert list(steps) == [
            ("open", None), ("workaround", None), ("fixed", "8.4.2"), ("open", None), ("closed", None)
        ]  # fmt: skip
        verbs = list(AuditEntry.objects.filter(verb__startswith="problem.").values_list("verb", flat=True))
    assert sorted(verbs) == sorted(f"problem.{name}" for name in ("opened", "work_around", "fix", "reopen", "close"))


def test_steps_that_the_table_does_not_know_are_refused(erp, anna, who):
    problem = make_problem(erp, anna)
    with pytest.raises(TransitionNotAllowed):
        problems.doubt_workaround(problem, **who)
    problems.close_problem(problem, **who)
    with pytest.raises(TransitionNotAllowed):
        problems.fix_problem(problem, fixed_in=make_versions(erp)["8.4.2"], **who)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("affected_to", {"affected_from": "8.4.1", "affected_to": "8.4.0"}),
        ("affected_from", {"affected_from": "other"}),
        ("visibility", {"visibility": "everybody"}),
        ("area", {"area": "other"}),
        ("title", {"title": "   "}),
        ("title", {"title": "x" * 201}),
        ("symptoms", {"symptoms": "x" * 20_001}),
        ("symptoms", {"symptoms": "Nul\x00"}),
    ],
)
def test_what_cannot_be_right_names_its_field(cast, erp, other, anna, field, values):
    versions = make_versions(erp) | {"other": other.versions.get()}
    area = other.areas.get()
    given = {name: versions.get(value, value) if name != "area" else area for name, value in values.items()}
    with pytest.raises((ProblemRefused, UnusableText)) as refused:
        make_problem(erp, anna, **given)
    assert refused.value.field == field


def test_a_fix_is_newer_than_what_it_fixes(erp, anna, who):
    versions = make_versions(erp)
    problem = make_problem(erp, anna, affected_to=versions["8.4.1"])
    with pytest.raises(ProblemRefused):
        problems.fix_problem(problem, fixed_in=versions["8.4.1"], **who)


def test_customers_read_problems_of_their_products_and_visitors_public_ones(erp, other, anna, bernd, clara, who):
    theirs = make_problem(other, anna)
    public = make_problem(erp, anna, visibility="public", title="Öffentlich")
    signed_in = make_problem(other, anna, visibility="signed_in", title="Angemeldet")
    make_problem(erp, anna, visibility="internal", title="Intern")
    make_problem(erp, anna, published=False, title="Entwurf")
    expected = {None: [public], bernd: [public, signed_in], clara: [theirs, public, signed_in]}
    for contact, rows in expected.items():
        with seen_by(contact):
            assert list(KnownProblem.objects.order_by("pk")) == rows
            assert {one.problem_id for one in ProblemStep.objects.all()} == {one.pk for one in rows}
            assert {one.pk for one in fitting_problems("Verteilerschlüssel Abrechnung öffentlich")} <= {
                one.pk for one in rows
            }
            assert theirs.pk not in [one.problem.pk for one in banners(NOW)] or contact is clara
    problems.hide_problem(public, **who)
    with seen_by(None):
        assert not KnownProblem.objects.exists()


def test_above_a_page_stands_what_may_affect_the_reader(erp, other, anna, acme, bernd, who):
    versions = make_versions(erp)
    problem = make_problem(erp, anna, affected_to=versions["8.4.1"])
    make_problem(other, anna, visibility="public", title="Fremdes Produkt")
    with seen_by(bernd):
        assert [(one.problem.pk, one.affected) for one in banners(NOW)] == [(problem.pk, Affected.MAYBE)]
    install(acme, versions["8.4.0"])
    with seen_by(bernd):
        (shown,) = banners(NOW)
        assert (shown.affected, shown.installed, shown.reported) == (Affected.YES, ("8.4.0",), False)
        assert banners(NOW, hidden=[(problem.pk, "open")]) == []
        assert len(banners(NOW, hidden=[(problem.pk, "workaround")])) == 1
        assert banners(NOW, product_id=other.pk) == []
    install(acme, versions["8.4.2"], date(2026, 11, 21))
    with seen_by(bernd):
        assert banners(NOW) == []
    with seen_by(None):
        assert [one.title for one in banners(NOW)] == ["Fremdes Produkt"]


def test_above_a_page_with_an_area_stands_nothing_of_another_area(erp, anna, bernd):
    area = erp.areas.get()
    problem = make_problem(erp, anna, area=area)
    with seen_by(bernd):
        assert [one.problem.pk for one in banners(NOW, product_id=erp.pk, area_id=area.pk)] == [problem.pk]
        assert banners(NOW, product_id=erp.pk, area_id=area.pk + 1) == []


def test_a_banner_costs_one_query(erp, anna, acme, bernd, django_assert_num_queries):
    versions = make_versions(erp)
    for number in range(5):
        make_problem(erp, anna, affected_from=versions["8.4.0"], title=f"Problem {number}")
    install(acme, versions["8.4.1"])
    with seen_by(bernd):
        banners(NOW)  # the vendor's profile is remembered from then on
        with django_assert_num_queries(1):
            assert len(banners(NOW)) == 3


def test_contacts_say_once_that_it_affects_them_and_take_it_back(erp, anna, bernd, clara):
    problem = make_problem(erp, anna)
    report = report_affected(problem, contact=bernd, actor=bernd.user, now=NOW)
    assert report_affected(problem, contact=bernd, actor=bernd.user, now=NOW) == report
    with seen_by(clara):
        assert not ProblemReport.objects.exists()
        assert not banners(NOW)[0].reported
    with seen_by(bernd):
        assert banners(NOW)[0].reported
    with pytest.raises(NotYourProblem):
        take_report_back(report, actor=make_contact("Emil", bernd.customer).user, now=NOW)
    take_report_back(report, actor=bernd.user, now=NOW)
    with viewing_as(SYSTEM):
        assert not ProblemReport.objects.exists()


def test_nobody_reports_for_somebody_else_or_for_a_foreign_product(erp, other, anna, bernd, astrid, who):
    problem, foreign = make_problem(erp, anna), make_problem(other, anna)
    for wrong, contact, actor in [(problem, astrid, bernd.user), (foreign, bernd, bernd.user)]:
        with pytest.raises(NotYourProblem):
            report_affected(wrong, contact=contact, actor=actor, now=NOW)
    problems.close_problem(problem, **who)
    with pytest.raises(NotYourProblem):
        report_affected(fresh(problem), contact=bernd, actor=bernd.user, now=NOW)


def test_a_request_hangs_on_a_problem_and_its_history_says_so(erp, anna, bernd, clara, make_ticket, who):
    problem, ticket = make_problem(erp, anna), make_ticket()
    link = attach_ticket(problem, ticket=ticket, actor=bernd.user, now=NOW)
    assert attach_ticket(problem, ticket=ticket, **who) == link
    with seen_by(bernd):
        event = TicketEvent.objects.select_related("sealed").get(kind="problem.attached")
        assert event.sealed.text == problem.title
        assert ProblemTicket.objects.filter(ticket=ticket).exists()
    with seen_by(clara):
        assert not ProblemTicket.objects.exists()
    detach_ticket(link, **who)
    with seen_by(bernd):
        assert not ProblemTicket.objects.exists()
        assert TicketEvent.objects.filter(kind="problem.detached").exists()


def test_a_customer_hears_nothing_of_an_internal_problem(erp, anna, bernd, make_ticket, who):
    problem, ticket = make_problem(erp, anna, visibility="internal"), make_ticket()
    attach_ticket(problem, ticket=ticket, **who)
    with seen_by(bernd):
        assert not TicketEvent.objects.filter(kind="problem.attached").exists()
    with viewing_as(SYSTEM):
        assert TicketEvent.objects.get(kind="problem.attached").sealed.internal


def test_contacts_attach_requests_of_their_company_to_problems_they_read(erp, other, anna, clara, make_ticket):
    problem, foreign, ticket = make_problem(erp, anna), make_problem(other, anna), make_ticket()
    for wrong, actor, refusal in [
        (problem, clara.user, NotAllowed),
        (foreign, ticket.contact.user, NotYourProblem),
    ]:
        with pytest.raises(refusal):
            attach_ticket(wrong, ticket=ticket, actor=actor, now=NOW)


def test_open_requests_of_a_fixed_problem_want_a_look(erp, anna, make_ticket, who):
    versions = make_versions(erp)
    problem, ticket = make_problem(erp, anna), make_ticket()
    link = attach_ticket(problem, ticket=ticket, **who)
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], **who)
    assert fresh(link).to_check
    assert fresh(ticket).is_live
    mark_checked(fresh(link), **who)
    assert not fresh(link).to_check


def test_a_text_finds_the_problem_it_may_be_about(erp, other, anna, bernd):
    problem = make_problem(erp, anna)
    make_problem(erp, anna, title="Druck bricht ab", symptoms="Der Drucker druckt nur eine Seite.")
    make_problem(other, anna)
    text = "Guten Tag, in der Abrechnung 2025 fehlt bei uns der Verteilerschlüssel. Die Kosten sind falsch."
    with seen_by(bernd):
        assert fitting_problems(text) == [problem]
        assert fitting_problems(text, product_id=other.pk) == []
        assert fitting_problems("Wie lege ich ein Konto an?") == []
        assert fitting_problems("") == []


def test_texts_are_said_in_the_language_of_the_page(erp, anna, bernd):
    make_problem(erp, anna, title="Deutsch", title_en="English")
    with seen_by(bernd):
        with translation.override("en"):
            assert banners(NOW)[0].title == "English"
        with translation.override("de"):
            assert banners(NOW)[0].title == "Deutsch"


def test_changes_name_fields_only(erp, anna, who):
    problem = make_problem(erp, anna)
    problems.change_problem(problem, data=ProblemData(title="Geheim", banner=False), **who)
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.filter(verb="problem.changed").get()
    assert entry.data == {"fields": ["banner", "symptoms", "title"]}


def test_a_person_without_a_company_reads_as_visitors_do(erp, anna):
    public = make_problem(erp, anna, visibility="public")
    with viewing_as(Viewer(ViewerKind.CONTACT, 1)):
        assert [seen(one).affected for one in for_viewer(KnownProblem.objects.filter(pk=public.pk), NOW)] == [
            Affected.MAYBE
        ]
        assert banners(NOW) == []

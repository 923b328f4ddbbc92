"""Known problems at the desk: writing one down, steps, requests that hang on it, hints beside requests and calls."""

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions import problems
from klarfall.knowledge.actions.affected import attach_ticket, report_affected
from klarfall.knowledge.models import KnownProblem, ProblemTicket
from klarfall.knowledge.tests.problem_steps import install, make_problem, make_versions
from tests.cast import NOW, fresh, make_staff

HTMX = {"HX-Request": "true"}


@pytest.fixture
def versions(erp):
    return make_versions(erp)


@pytest.fixture
def desk(client, anna):
    client.force_login(anna)
    return client


def text(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def sent(client, path, **data):
    answer = client.post(path, data)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return answer["Location"]


WORDS = {"title": "Abrechnung falsch", "visibility": "customers", "banner": "on", "symptoms": "Falsche **Kosten**."}


def test_a_problem_is_written_down_shown_worked_around_and_fixed(desk, erp, versions):
    page = sent(desk, f"/desk/problems/new/?product={erp.pk}", **WORDS, affected_from=versions["8.4.0"].pk)
    assert "/steps/publication/" in text(desk, page)
    sent(desk, f"{page}steps/publication/")
    sent(desk, f"{page}steps/work_around/", workaround="Von Hand.")
    sent(desk, f"{page}steps/fix/", fixed_in=versions["8.4.2"].pk)
    with viewing_as(SYSTEM):
        found = KnownProblem.objects.get()
    assert (found.live, found.status, found.workaround) == (True, "fixed", "Von Hand.")
    assert desk.get("/desk/problems/").content.decode().count("Abrechnung falsch") == 0
    assert "8.4.2" in text(desk, "/desk/problems/", state="fixed")


def test_steps_that_do_not_exist_or_do_not_fit_are_refused(desk, erp, anna, versions):
    problem = make_problem(erp, anna, affected_to=versions["8.4.1"])
    path = f"/desk/problems/{problem.pk}/steps/"
    assert desk.get(f"{path}explode/").status_code == 404
    assert desk.post(f"{path}doubt/", {}).status_code == 422
    assert desk.post(f"{path}fix/", {"fixed_in": versions["8.4.1"].pk}).status_code == 422
    assert desk.post(f"{path}work_around/", {"workaround": " "}).status_code == 422
    assert fresh(problem).status == "open"


def test_before_a_fix_it_says_who_is_told_and_who_is_not(desk, erp, anna, cast, versions, make_ticket):
    problem = make_problem(erp, anna)
    install(cast.acme, versions["8.4.1"])
    install(cast.borealis, versions["8.4.2"])
    for contact in (cast.bernd, cast.clara):
        report_affected(problem, contact=contact, actor=contact.user, now=NOW)
    path = f"/desk/problems/{problem.pk}/steps/fix/"
    page = text(desk, path, fixed_in=versions["8.4.2"].pk)
    assert ("Acme" in page, "Borealis" in page) == (True, True)
    part = desk.get(path, {"fixed_in": versions["8.4.1"].pk}, headers=HTMX).content.decode()
    assert "<html" not in part
    assert part.count("8.4.") == 2


def test_a_request_becomes_a_problem_and_hangs_on_it(desk, erp, make_ticket):
    ticket = make_ticket(title="Grundkosten fehlen")
    path = f"/desk/problems/new/?ticket={ticket.number}"
    assert 'value="Grundkosten fehlen"' in text(desk, path)
    sent(desk, path, **WORDS)
    with viewing_as(SYSTEM):
        assert ProblemTicket.objects.get().ticket == ticket
    assert "Abrechnung falsch" in text(desk, f"/desk/tickets/{ticket.number}/")


def test_a_request_is_attached_by_its_number_and_taken_off(desk, erp, anna, make_ticket):
    problem, ticket = make_problem(erp, anna), make_ticket()
    page = f"/desk/problems/{problem.pk}/"
    for number in ("", "evil", "9" * 30, "424242"):
        sent(desk, f"{page}tickets/", number=number)
    with viewing_as(SYSTEM):
        assert not ProblemTicket.objects.exists()
    sent(desk, f"{page}tickets/", number=f"KF-{ticket.number}")
    with viewing_as(SYSTEM):
        link = ProblemTicket.objects.get()
    assert ticket.title in text(desk, page)
    assert "0 betroffen, 1 Anfrage<" in text(desk, "/desk/problems/")
    sent(desk, f"/desk/tickets/{ticket.number}/problems/{link.pk}/removal/", **{"from": "problem"})
    with viewing_as(SYSTEM):
        assert not ProblemTicket.objects.exists()


def test_beside_a_request_stands_the_problem_it_sounds_like(desk, erp, anna, make_ticket):
    make_problem(erp, anna)
    make_problem(erp, anna, title="Druck bricht ab", symptoms="")
    ticket = make_ticket(title="Verteilerschlüssel", description="In der Abrechnung fehlt der Schlüssel.")
    page = text(desk, f"/desk/tickets/{ticket.number}/")
    hint = page[page.index('id="problems"') :].partition("<details")[0]
    assert "Verteilerschlüssel fehlt" in hint
    assert "Druck bricht ab" not in hint
    assert ticket.title in text(desk, f"/desk/problems/{make_problem(erp, anna, title='Verteilerschlüssel fehlt').pk}/")


def test_after_a_fix_open_requests_stand_in_a_list_until_somebody_has_looked(desk, erp, anna, versions, make_ticket):
    problem, ticket = make_problem(erp, anna), make_ticket()
    link = attach_ticket(problem, ticket=ticket, actor=anna, now=NOW)
    assert ticket.title not in text(desk, "/desk/lists/problem-fixed/")
    problems.fix_problem(problem, fixed_in=versions["8.4.2"], actor=anna, now=NOW)
    assert ticket.title in text(desk, "/desk/lists/problem-fixed/")
    sent(desk, f"/desk/tickets/{ticket.number}/problems/{link.pk}/check/")
    assert ticket.title not in text(desk, "/desk/lists/problem-fixed/")


def test_beside_a_call_stands_what_may_affect_the_caller(desk, erp, other, anna, bernd, acme, versions):
    make_problem(erp, anna, title="Betrifft alte Versionen", affected_to=versions["8.4.0"])
    make_problem(other, anna, title="Anderes Produkt")
    page = text(desk, f"/desk/calls/{bernd.pk}/")
    assert ("Betrifft alte" in page, "Anderes Produkt" in page) == (True, False)
    install(acme, versions["8.4.1"])
    assert "Betrifft alte" not in text(desk, f"/desk/calls/{bernd.pk}/")


def test_who_keeps_the_help_and_nothing_else_sees_nothing_of_customers(client, erp, anna, bernd, make_ticket):
    problem, ticket = make_problem(erp, anna), make_ticket(title="Geheimer Titel")
    attach_ticket(problem, ticket=ticket, actor=anna, now=NOW)
    report_affected(problem, contact=bernd, actor=bernd.user, now=NOW)
    client.force_login(make_staff("Edith", "editor"))
    page = text(client, f"/desk/problems/{problem.pk}/")
    assert not any(word in page for word in ("Geheimer Titel", "Acme", "Bernd"))
    assert client.post(f"/desk/tickets/{ticket.number}/problems/", {"problem": problem.pk}).status_code == 404
    for path in ("steps/fix/", "tickets/"):
        page = client.get(f"/desk/problems/{problem.pk}/{path}")
        assert "Acme" not in page.content.decode()
    assert client.get(f"/desk/problems/new/?ticket={ticket.number}").content.decode().count("Geheimer") == 0

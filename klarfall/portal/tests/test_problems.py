"""Known problems in the portal: banners, list, page, *this affects me too*, and what visitors and others get."""

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions import problems
from klarfall.knowledge.actions.affected import attach_ticket
from klarfall.knowledge.models import ProblemReport, ProblemTicket
from klarfall.knowledge.tests.problem_steps import install, make_problem, make_versions
from klarfall.tickets.models import Ticket
from tests.cast import NOW, make_contact

HTMX = {"HX-Request": "true"}


@pytest.fixture
def versions(erp):
    return make_versions(erp)


def text(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_banner_stands_on_start_form_and_contact_page_of_whom_it_may_affect(client, erp, anna, bernd, clara):
    problem = make_problem(erp, anna, title="Abrechnung falsch")
    client.force_login(bernd.user)
    for path in ("/", "/requests/new/", "/contact/", "/help/"):
        assert "Abrechnung falsch" in text(client, path), path
    assert f'name="problem" value="{problem.pk}"' in text(client, "/requests/new/")


def test_who_has_a_version_without_the_problem_gets_no_banner_and_reads_so(client, erp, anna, acme, bernd, versions):
    problem = make_problem(erp, anna, title="Abrechnung falsch", affected_to=versions["8.4.1"])
    install(acme, versions["8.4.2"])
    client.force_login(bernd.user)
    assert "Abrechnung falsch" not in text(client, "/")
    assert "8.4.2" in text(client, f"/help/problems/{problem.pk}/")


def test_problems_of_other_customers_products_are_nowhere(client, other, anna, bernd):
    problem = make_problem(other, anna, title="Inventur zählt doppelt")
    client.force_login(bernd.user)
    for path in ("/", "/requests/new/", "/contact/", "/help/problems/", "/help/problems/?state=all"):
        assert "Inventur zählt doppelt" not in text(client, path), path
    assert "Inventur" not in text(client, "/help/problems/above/", product=other.pk)
    for path in ("", "affected/", "dismissal/"):
        answer = client.get(f"/help/problems/{problem.pk}/") if not path else client.post(
            f"/help/problems/{problem.pk}/{path}"
        )  # fmt: skip
        assert answer.status_code == 404
    with viewing_as(SYSTEM):
        assert not ProblemReport.objects.exists()


def test_visitors_read_public_problems_only(client, erp, anna, make_ticket, bernd):
    public = make_problem(erp, anna, title="Für alle", visibility="public")
    make_problem(erp, anna, title="Für Kunden")
    make_problem(erp, anna, title="Noch Entwurf", visibility="public", published=False)
    attach_ticket(public, ticket=make_ticket(title="Geheimer Titel"), actor=anna, now=NOW)
    for path in ("/contact/", "/help/problems/", f"/help/problems/{public.pk}/"):
        page = text(client, path)
        assert "Für alle" in page
        assert not any(hidden in page for hidden in ("Für Kunden", "Noch Entwurf", "Geheimer Titel"))
    assert client.post(f"/help/problems/{public.pk}/affected/").status_code == 302


def test_one_click_says_that_it_affects_me_and_one_takes_it_back(client, erp, anna, bernd):
    problem = make_problem(erp, anna)
    client.force_login(bernd.user)
    path = f"/help/problems/{problem.pk}/affected/"
    answer = client.post(path, {"next": "/contact/"})
    assert (answer.status_code, answer["Location"]) == (303, "/contact/")
    with viewing_as(SYSTEM):
        assert ProblemReport.objects.get().contact == bernd
    part = client.post(path, {"undo": "1", "next": "/"}, headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'name="undo"' not in part
    with viewing_as(SYSTEM):
        assert not ProblemReport.objects.exists()


def test_nobody_is_sent_to_another_site(client, erp, anna, bernd):
    problem = make_problem(erp, anna)
    client.force_login(bernd.user)
    for next_page in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/account/logout/"):
        answer = client.post(f"/help/problems/{problem.pk}/affected/", {"next": next_page})
        assert answer["Location"] == f"/help/problems/{problem.pk}/"


def test_a_banner_that_was_put_away_comes_back_with_the_next_state(client, erp, anna, bernd):
    problem = make_problem(erp, anna, title="Abrechnung falsch")
    client.force_login(bernd.user)
    assert client.post(f"/help/problems/{problem.pk}/dismissal/", {"next": "/"})["Location"] == "/"
    assert "Abrechnung falsch" not in text(client, "/")
    problems.work_around(problem, workaround="Von Hand.", actor=anna, now=NOW)
    assert "Abrechnung falsch" in text(client, "/")


@pytest.mark.parametrize("value", ["x", "1-open" * 500, "999999999999-open", "-1-open", "1-evil.%00", '"'])
def test_what_stands_in_the_cookie_harms_nobody(client, erp, anna, bernd, value):
    make_problem(erp, anna, title="Abrechnung falsch")
    client.force_login(bernd.user)
    client.cookies["problems_away"] = value
    assert "Abrechnung falsch" in text(client, "/")


def test_a_request_hangs_on_the_problem_that_was_ticked_in_its_form(client, erp, other, anna, bernd):
    problem, foreign = make_problem(erp, anna), make_problem(other, anna)
    client.force_login(bernd.user)
    sent = {
        "contact": bernd.pk, "product": erp.pk, "title": "Saldo", "description": "Falsch.", "impact": "minor",
        "kind": "unsure", "problem": [problem.pk, foreign.pk, "evil"],
    }  # fmt: skip
    assert client.post("/requests/new/", sent).status_code == 303
    with viewing_as(SYSTEM):
        assert [one.problem_id for one in ProblemTicket.objects.filter(ticket=Ticket.objects.get())] == [problem.pk]
    page = text(client, f"/help/problems/{problem.pk}/")
    assert "Saldo" in page
    client.force_login(make_contact("Emil", bernd.customer).user)
    assert "Saldo" not in text(client, f"/help/problems/{problem.pk}/")


def test_the_list_shows_open_ones_first_and_others_when_asked(client, erp, anna, bernd, versions):
    make_problem(erp, anna, title="Offenes")
    fixed = make_problem(erp, anna, title="Behobenes")
    problems.fix_problem(fixed, fixed_in=versions["8.4.2"], actor=anna, now=NOW)
    client.force_login(bernd.user)
    assert ("Offenes" in text(client, "/help/problems/"), "Behobenes" in text(client, "/help/problems/")) == (
        True,
        False,
    )
    page = text(client, "/help/problems/", state="fixed", product=erp.pk)
    assert ("Offenes" in page, "Behobenes" in page, "8.4.2" in page) == (False, True, True)
    assert text(client, "/help/problems/", state="all", older="evil", product="x" * 99)


def test_hostile_words_stay_words(client, erp, anna, bernd):
    words = "<script>alert(1)</script><style>*{display:none}</style>[x](javascript:alert(1))<svg onload=alert(1)>"
    problem = make_problem(erp, anna, title="<b>Fett</b>", symptoms=words)
    problems.work_around(problem, workaround=words, actor=anna, now=NOW)
    client.force_login(bernd.user)
    page = text(client, f"/help/problems/{problem.pk}/")
    assert not any(bad in page for bad in ("<script>alert", "<style>*", "<svg onload", 'href="javascript', "<b>Fett"))


def test_the_search_of_the_help_finds_problems_that_one_may_read(client, erp, other, anna, bernd):
    make_problem(erp, anna, title="Verteilerschlüssel fehlt")
    make_problem(other, anna, title="Schlüssel im Lager fehlt")
    client.force_login(bernd.user)
    page = text(client, "/help/search/", q="Verteilerschlüssel")
    assert ("Verteilerschlüssel fehlt" in page, "im Lager" in page) == (True, False)
    assert "im Lager" not in text(client, "/help/search/", q="Schlüssel Lager")
    client.logout()
    assert "Verteilerschlüssel fehlt" not in text(client, "/help/search/", q="Verteilerschlüssel")

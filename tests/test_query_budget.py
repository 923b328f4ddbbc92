"""Pages stay fast: few queries, no more with more rows, and never a large table read from end to end."""

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from klarfall.core.isolation import NOBODY, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.tickets.actions import reply
from klarfall.tickets.actions.submit import NewRequest, submit
from tests.acme_story import AcmeStory, copy_of, marked
from tests.cast import concern_of, make_contact
from tests.many_rows import COPIES, multiply

BUDGET = 8
#: Session, user, seats and scope of a request, and its savepoint.
_BESIDE = ("django_session", "klarfall_seats", "set_config", "SAVEPOINT", '"accounts_user"."password"')
_LARGE = 1_000  # rows


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries_of(user, path: str) -> list[str]:
    """What a page asks the database itself, once what processes remember is remembered."""
    client = client_of(user)
    assert client.get(path).status_code == 200, path
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [one["sql"] for one in captured if not any(word in one["sql"] for word in _BESIDE)]


def help_pages(story: AcmeStory) -> Iterator[tuple[str, bool, str]]:
    """The same for the Helpdesk-Center, and for pages above which known problems stand."""
    yield "subscriptions", False, "/help/subscriptions/"
    yield "known problems", False, "/help/problems/?state=all"
    yield "known problem", False, f"/help/problems/{story.things['problem'].pk}/"
    yield "known problems at the desk", True, "/desk/problems/"
    yield "known problem at the desk", True, f"/desk/problems/{story.things['problem'].pk}/"
    yield "articles at the desk", True, "/desk/articles/"
    yield "what is missing", True, "/desk/articles/gaps/"
    yield "read in vain", True, "/desk/articles/gaps/?show=unhelpful"
    yield "solved without an article", True, "/desk/articles/gaps/?show=unanswered"
    yield "synonyms", True, "/desk/articles/synonyms/"
    yield "reading at the desk", True, f"/desk/articles/{story.things['manual'].pk}/reading/"
    yield "contact", False, "/contact/"
    yield "new request", False, "/requests/new/"
    yield "home", False, "/"
    yield "help", False, "/help/"
    yield "search of help", False, "/help/search/?q=Sollstellung+drucken"
    yield "list of help", False, f"/help/list/?product={story.cast.erp.pk}&sort=title"
    yield "article", False, f"/help/articles/{story.things['article'].pk}/"
    yield "chapter", False, f"/help/articles/{story.things['manual'].pk}/chapters/schritte/"


def pages(story: AcmeStory) -> Iterator[tuple[str, bool, str]]:
    """Name, whether it is the desk's, and address of the pages that people wait for all day."""
    number, offer = story.tickets["main"].number, story.offers["sent"].number
    yield from help_pages(story)
    yield "queue", True, "/desk/lists/to-assess/"
    yield "all open", True, "/desk/lists/all-open/"
    yield "mine", True, "/desk/lists/mine/"
    yield "in danger", True, "/desk/lists/in-danger/"
    yield "workspace", True, f"/desk/tickets/{number}/"
    yield "solved workspace", True, f"/desk/tickets/{story.tickets['solved'].number}/"
    yield "search", True, "/desk/search/?q=bernd"
    yield "list", False, "/requests/"
    yield "ended", False, "/requests/?state=ended"
    yield "everybody's", False, "/requests/?scope=all"
    yield "request", False, f"/requests/{number}/"
    yield "decision", False, f"/offers/{offer}/decision/"
    yield "decisions", False, "/decisions/"
    yield "my contract", False, "/contract/"
    yield "colleagues", False, "/colleagues/"
    yield "colleagues who registered", False, "/colleagues/registrations/"
    yield "registrations", True, "/desk/registrations/"
    yield "notifications", False, "/account/notifications/"
    yield "customers", True, "/desk/customers/"
    yield "found customers", True, "/desk/customers/?q=bern&sort=newest"
    yield "customer", True, f"/desk/customers/{story.cast.acme.number}/"
    for sight in ("session", "session_agreed", "session_ended"):
        yield f"remote {sight}", False, f"/remote/{story.things[sight].pk}/"
        if sight != "session_agreed":  # what a minute of it would be takes four queries more
            yield f"remote {sight} at the desk", True, f"/desk/remote/{story.things[sight].pk}/"
    yield "service record", False, f"/service-records/{story.things['records'][0].pk}/"
    for section in ("bills", "running", "offers", "records", "invoices"):
        yield f"costs: {section}", False, f"/costs/?show={section}"


def who_looks(story: AcmeStory, name: str, *, is_desk: bool) -> Any:
    """Whose page it is: costs and colleagues are for the customer's admin."""
    if is_desk:
        return story.cast.anna
    return story.gesa.user if name.startswith(("costs", "colleagues")) else story.cast.bernd.user


def test_no_page_takes_more_than_eight_queries(acme_story):
    """The story's request is the largest there is: ten concerns, every state of an offer, a running timer."""
    over = {}
    for name, is_desk, path in pages(acme_story):
        found = queries_of(who_looks(acme_story, name, is_desk=is_desk), path)
        if len(found) > BUDGET:
            over[f"{name} ({len(found)})"] = [sql[:160] for sql in found]
    assert over == {}


#: The trace of a concern reads its facts (4), entries, locks, decisions and goodwill; once a month, by one person.
_TRACE = 16


def test_billing_pages_take_few_queries(acme_story):
    story, run = acme_story, acme_story.things["run"].number
    biller, preview = story.things["biller"], story.things["preview"].number
    trace = f"/desk/billing/{run}/concerns/{story.concern('billed').pk}/"
    paths = ["/desk/billing/", f"/desk/billing/{run}/", f"/desk/billing/{preview}/", "/desk/billing/audit/", trace]
    found = {path: queries_of(biller, path) for path in paths}
    over = {path: sqls for path, sqls in found.items() if len(sqls) > (_TRACE if path == trace else BUDGET)}
    assert {path: [len(sqls), *(sql[:160] for sql in sqls)] for path, sqls in over.items()} == {}


def test_the_number_of_queries_does_not_grow_with_rows(acme_story):
    """One request or sixty, one message or thirty: the same questions to the database."""
    story, newcomer = acme_story, make_contact("Nora", acme_story.cast.acme, "requester", "customer_admin")
    request = {"product": story.cast.erp, "impact": "minor"}

    def ask(number: int):
        words = NewRequest(title=f"Frage {number}", description=f"Text {number}", **request)
        return submit(newcomer, request=words, actor=newcomer.user, now=story.later(minutes=1))

    ticket = ask(0)
    lists = ["/desk/lists/to-assess/", "/desk/lists/all-open/", "/", "/requests/", "/requests/?scope=all"]
    single = [f"/desk/tickets/{ticket.number}/", f"/requests/{ticket.number}/"]

    def counts() -> dict[str, int]:
        who = {path: story.cast.anna if path.startswith("/desk") else newcomer.user for path in lists + single}
        return {path: len(queries_of(user, path)) for path, user in who.items()}

    before = counts()
    for number in range(1, 60):
        ask(number)
    for number in range(30):
        reply.reply(ticket, text=marked(f"wort {number}"), actor=newcomer.user, now=story.later(minutes=2))
    assert concern_of(ticket).position == 1
    grown = {path: (before[path], now) for path, now in counts().items() if now > before[path]}
    assert grown == {}


@pytest.fixture(scope="module")
def large_database(told_story, database_server, django_db_blocker) -> None:
    """The story with some three thousand more requests of a hundred and fifty companies, in a database of its own."""
    with contextlib.ExitStack() as opened:
        opened.enter_context(django_db_blocker.unblock())
        opened.enter_context(database_server.beside("large", like="story"))
        owner = database_server.connect(database_server.owner, settings.DATABASE["NAME"])
        multiply(opened.enter_context(owner), told_story)


@pytest.fixture
def large_story(told_story, large_database, database_server, django_db_blocker, clock) -> Iterator[AcmeStory]:
    clock.set(told_story.now)
    with django_db_blocker.unblock(), database_server.beside("large"):
        yield copy_of(told_story)


#: Editors look through the newest 2,000 requests; the story has fewer, and reading them all is right then.
_LOOKS_AT_MORE = {"solved without an article"}


def test_no_hot_page_reads_a_large_table_from_end_to_end(large_story):
    """By the planner's own choice, with its own statistics."""
    story = large_story
    assert sum(COPIES.values()) > 3_000
    reading: dict[str, set[str]] = {}
    for name, is_desk, path in pages(story):
        if name in _LOOKS_AT_MORE:
            continue
        user = who_looks(story, name, is_desk=is_desk)
        found = queries_of(user, path)
        with viewing_as(sight(user)):
            for sql in found:
                # What the page asks on behalf of the system is out of this person's sight.
                if sql.lstrip().upper().startswith(("SELECT", "WITH", "(SELECT")) and "knowledge_searchmiss" not in sql:
                    reading.setdefault(name, set()).update(scanned(sql) & large_tables())
    assert {name: tables for name, tables in reading.items() if tables} == {}


def sight(user) -> Viewer:
    if user.is_staff:
        return Viewer(ViewerKind.STAFF, user.pk)
    with viewing_as(NOBODY):
        return viewer_for(user, timezone.localdate())


def scanned(sql: str) -> set[str]:
    """The tables that the plan of a query reads sequentially."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (COSTS OFF) " + sql.replace("%", "%%"), [])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [_LARGE])
        return {name for (name,) in cursor.fetchall()}


def test_the_copies_are_there_and_belong_to_many(large_story):
    """Else the plans above would prove nothing."""
    with viewing_as(Viewer(ViewerKind.STAFF, large_story.cast.anna.pk)):
        large = large_tables()
        assert large >= {"tickets_ticket", "tickets_concern", "tickets_message", "tickets_ticketevent"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT customer_id) FROM tickets_ticket")
            assert cursor.fetchone()[0] > 100
    assert timedelta(0) <= timezone.now() - large_story.now < timedelta(hours=1)

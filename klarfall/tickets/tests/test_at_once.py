"""Two at the same moment: one wins, the other is told, and the history stays one chain."""

import threading

from django.db import connection

from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.draft import add_upload, save_draft
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.actions.review import begin_review
from klarfall.tickets.events import broken_events
from klarfall.tickets.files import MAX_FILES
from klarfall.tickets.models import Assessment, Message, Objection, RequestDraft, Ticket, Upload
from klarfall.tickets.tests.steps import kinds, publish, seeing
from tests.cast import NOW, fresh, upload


def at_once(*actions):
    """Run the actions in threads that start together; returns the codes of refusals, "" for success."""
    outcomes, start = [""] * len(actions), threading.Barrier(len(actions))

    def run(place, act):
        try:
            start.wait(10)
            act()
        except Refused as refused:
            outcomes[place] = refused.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return sorted(outcomes)


def count(model):
    with viewing_as(SYSTEM):
        return model.objects.count()


def test_a_double_click_on_send_makes_one_ticket(committed_db, make_ticket, cast):
    assert at_once(make_ticket, make_ticket, make_ticket) == ["", "already_sent", "already_sent"]
    assert count(Ticket) == 1


def test_two_specialists_assess_at_once(committed_db, make_ticket, cast):
    ticket = make_ticket()
    outcomes = at_once(
        lambda: publish(cast, ticket, "COV-USE"),
        lambda: publish(cast, ticket, "CHG-CONF", actor=cast.dora),
    )
    assert outcomes == ["", "already_assessed"]
    assert count(Assessment) == 1


def test_everybody_writes_at_once_into_one_chain(committed_db, make_ticket, cast):
    ticket = make_ticket()
    people = [cast.bernd.user, seeing(cast.astrid), cast.anna, cast.dora]
    acts = [lambda who=who: reply(ticket, text=f"von {who.name}", actor=who, now=NOW) for who in people]
    assert at_once(*acts, lambda: begin_review(ticket, actor=cast.anna, now=NOW))[:4] == [""] * 4
    assert count(Message) == 5
    assert kinds(ticket).count("ticket.begin_review") == 1
    with viewing_as(SYSTEM):
        assert broken_events(fresh(ticket)) == []


def test_two_objections_at_once_are_one_second_review(committed_db, make_ticket, cast):
    ticket = make_ticket()
    assessment = publish(cast, ticket, "CHG-CONF")
    acts = [
        lambda who=who: open_objection(assessment, text="anders", actor=who, now=NOW)
        for who in (cast.bernd.user, seeing(cast.astrid))
    ]
    assert at_once(*acts) == ["", "not_objectable"]
    assert count(Objection) == 1


def test_two_tabs_save_one_draft_and_keep_to_the_limit_of_files(committed_db, cast):
    actor = cast.bernd.user
    tabs = [lambda n=n: save_draft(cast.bernd, data={"title": f"Tab {n}"}, actor=actor, now=NOW) for n in range(3)]
    assert at_once(*tabs) == ["", "", ""]
    assert count(RequestDraft) == 1
    for _ in range(MAX_FILES - 1):
        add_upload(cast.bernd, file=upload(), actor=actor, now=NOW)
    adds = [lambda: add_upload(cast.bernd, file=upload(), actor=actor, now=NOW) for _ in range(3)]
    assert at_once(*adds) == ["", "file_refused", "file_refused"]
    assert count(Upload) == MAX_FILES

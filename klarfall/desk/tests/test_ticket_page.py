"""The workspace: what it shows, the first look, replies and everything about the whole ticket."""

import pytest
from django.test import Client

from klarfall.billing.tests.steps import accept, publish
from klarfall.billing.tests.steps import send as send_offer
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import HOST, at, queries_of, send, text
from klarfall.tickets.actions import review
from klarfall.tickets.models import Attachment, Concern, Message, RemoteSession
from tests.cast import concern_of, fresh, upload

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def shown(client, ticket, **query):
    response = client.get(at("ticket", ticket.number), query)
    assert response.status_code == 200
    return text(response)


def messages_of(ticket):
    with viewing_as(SYSTEM):
        return list(Message.objects.filter(ticket=ticket).select_related("sealed").order_by("pk"))


def test_it_shows_conversation_checklist_and_customer(annas, ticket):
    page = shown(annas, ticket)
    assert "Der Saldo der Liegenschaft 12 stimmt nicht." in page
    assert page.count('<li class="is-cov">') == 3
    assert "Acme" in page
    assert 'class="ql"' in page


def test_contacts_find_nothing_and_strangers_the_sign_in(ticket, desk_of, bernd):
    assert desk_of(bernd).get(at("ticket", ticket.number)).status_code == 404
    assert Client(**HOST).get(at("ticket", ticket.number)).status_code == 302
    assert desk_of(bernd).post(at("messages", ticket.number), {"kind": "note", "text": "x"}).status_code == 404
    assert len(messages_of(ticket)) == 1


def test_without_a_suggestion_nothing_is_preselected(annas, ticket):
    page = shown(annas, ticket)
    assert 'class="kk maybe' not in page
    assert 'name="outcome" value="covered" checked' not in page


def test_opening_a_new_request_begins_the_review_by_itself(annas, ticket):
    page = shown(annas, ticket)
    assert 'hx-trigger="load, submit"' in page
    assert fresh(ticket).status == "new"  # looking alone changes nothing
    annas.post(at("review", ticket.number), **HX)
    assert fresh(ticket).status == "in_review"
    assert 'hx-trigger="load, submit"' not in shown(annas, ticket)
    assert annas.post(at("review", ticket.number)).status_code == 303  # a second look is no error


def test_a_reply_reaches_the_customer_and_a_note_does_not(annas, ticket):
    send(annas, ticket, "messages", {"kind": "reply", "text": "Welche Version?", "waits": "on"}, position=None)
    assert fresh(ticket).status == "waiting_for_customer"
    send(annas, ticket, "messages", {"kind": "note", "text": "Nur für uns"}, position=None)
    assert [(one.text, one.internal) for one in messages_of(ticket)[1:]] == [
        ("Welche Version?", False),
        ("Nur für uns", True),
    ]
    page = shown(annas, ticket)
    assert "Nur für uns" in page
    assert "msg intern" in page


def test_files_travel_with_a_reply_and_can_be_fetched(annas, ticket, desk_of, bernd, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    data = {"kind": "reply", "text": "Siehe Anhang", "attachments": upload("protokoll.txt", b"Zeile 1")}
    send(annas, ticket, "messages", data, position=None)
    with viewing_as(SYSTEM):
        file = Attachment.objects.get(ticket=ticket)
    answer = annas.get(at("attachment", file.pk))
    assert b"".join(answer.streaming_content) == b"Zeile 1"
    assert "attachment" in answer["Content-Disposition"]
    assert desk_of(bernd).get(at("attachment", file.pk)).status_code == 404


def test_a_refused_file_keeps_the_text_that_was_typed(annas, ticket):
    data = {"kind": "reply", "text": "Mein langer Text", "attachments": upload("schad.exe", b"MZ")}
    page = text(send(annas, ticket, "messages", data, position=None, status=422))
    assert "Mein langer Text" in page
    assert "schad.exe" in page
    assert len(messages_of(ticket)) == 1


def test_htmx_gets_refused_forms_with_status_200_because_it_swaps_nothing_else(annas, ticket):
    answer = annas.post(at("messages", ticket.number), {"kind": "reply", "text": ""}, **HX)
    assert answer.status_code == 200
    assert 'class="note is-err"' in text(answer)


def test_scripts_in_texts_stay_texts(annas, make_ticket, clock):
    bad = "<script>alert(1)</script>"
    ticket = make_ticket(title=f"Titel {bad}", description=bad, tried=bad, now=clock())
    page = shown(annas, ticket)
    assert bad not in page
    assert "&lt;script&gt;" in page
    assert bad not in text(annas.get(at("list", "to-assess")))


def test_it_is_assigned_to_me_or_others(annas, ticket, anna, dora):
    send(annas, ticket, "assignment", {"to": anna.pk}, position=None)
    assert fresh(ticket).assignee_id == anna.pk
    send(annas, ticket, "assignment", {"to": dora.pk}, position=None)
    assert "Dora" in shown(annas, ticket)
    send(annas, ticket, "assignment", {"to": ""}, position=None)
    assert fresh(ticket).assignee_id is None


def test_it_is_never_assigned_to_a_contact(annas, ticket, bernd):
    send(annas, ticket, "assignment", {"to": bernd.user_id}, position=None, status=422)
    assert fresh(ticket).assignee_id is None


def test_splitting_makes_tabs_and_one_concern_none(annas, ticket, anna, clock):
    assert 'class="concerns"' not in shown(annas, ticket)
    review.begin_review(ticket, actor=anna, now=clock())
    send(annas, ticket, "concerns", {"titles": "Termin vor Ort\n\n Darf ich das?\n"}, position=None)
    page = shown(annas, ticket, concern=3)
    assert page.count("&amp;concern=") >= 3
    assert 'aria-current="page"' in page
    with viewing_as(SYSTEM):
        titles = list(Concern.objects.filter(ticket=ticket).values_list("title", flat=True))
    assert titles[1:] == ["Termin vor Ort", "Darf ich das?"]
    send(annas, ticket, "concern-title", {"title": "Besuch"}, position=2)
    assert concern_of(ticket, 2).title == "Besuch"
    send(annas, ticket, "concern-title", {"title": ""}, position=2, status=422)


def test_ability_to_work_is_recorded_with_its_workaround(annas, ticket, clock):
    clock.set("2026-11-24 10:00")
    data = {"at": "2026-11-24T09:30", "workaround": "Export über die Liste"}
    send(annas, ticket, "restoration", {**data, "at": "2026-11-24T11:00"}, position=None, status=422)
    assert fresh(ticket).restored_at is None
    send(annas, ticket, "restoration", data, position=None)
    assert fresh(ticket).restored_at.isoformat() == "2026-11-24T08:30:00+00:00"


def test_it_is_solved_with_a_text_only(annas, ticket, cast, clock):
    publish(cast, concern_of(ticket), "COV-USE", at=clock())
    send(annas, ticket, "solution", {"solution": " ", "resolution_kind": "use_clarified"}, position=None, status=422)
    assert fresh(ticket).status != "resolved"
    solved = {"solution": "Kennzeichen gesetzt.", "resolution_kind": "use_clarified"}
    send(annas, ticket, "solution", solved, position=None)
    assert fresh(ticket).status == "resolved"
    page = shown(annas, ticket)
    assert "Kennzeichen gesetzt." in page
    assert 'id="resolve"' not in page


def test_consent_to_a_remote_session_names_a_contact_of_the_customer(annas, ticket, bernd, clara, clock):
    clock.set("2026-11-24 10:00")
    data = {"contact": bernd.pk, "way": "phone", "at": "2026-11-24T09:55", "purpose": "Saldo ansehen"}
    send(annas, ticket, "consents", {**data, "contact": clara.pk}, position=None, status=422)
    send(annas, ticket, "consents", data, position=None)
    with viewing_as(SYSTEM):
        assert RemoteSession.objects.get(ticket=ticket).consent_by_id == bernd.pk


def test_a_missing_data_processing_agreement_warns(annas, ticket, acme):
    with viewing_as(SYSTEM):
        type(acme).objects.filter(pk=acme.pk).update(dpa_reference="")
    assert 'class="note is-err"' in shown(annas, ticket)


@pytest.mark.parametrize("name", ["times", "history"])
def test_time_and_evidence_have_pages_of_their_own(name, annas, ticket, cast, astrid, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    accept(offer, astrid, at=clock())
    page = text(annas.get(at(name, ticket.number)))
    if name == "history":
        assert offer.text_hash in page
        assert "is-err" not in page
    assert ticket.title in page


def test_a_plain_request_costs_at_most_eight_queries(annas, ticket):
    found = queries_of(annas, at("ticket", ticket.number))
    assert len(found) <= 8, "\n".join(found)


def test_a_commissioned_one_costs_at_most_ten(annas, ticket, cast, astrid, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    accept(offer, astrid, at=clock())
    found = queries_of(annas, at("ticket", ticket.number))
    assert len(found) <= 10, "\n".join(found)

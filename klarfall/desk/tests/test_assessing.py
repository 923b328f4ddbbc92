"""Assessing at the desk: one button, cost notices, hand-overs, fixed texts, second reviews; refusals change nothing."""

import re
from decimal import Decimal

import pytest
from django.core import mail

from klarfall.billing.actions import decisions, links
from klarfall.billing.models import CostOffer, CustomerDecision
from klarfall.billing.tests.steps import accept, decline, publish
from klarfall.billing.tests.steps import send as send_offer
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, send, text, verdict_data
from klarfall.tickets.actions import object as objections
from klarfall.tickets.actions import review
from klarfall.tickets.models import Assessment, ConsultantRequest, Message, Objection
from tests.cast import concern_of, fresh
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def basis_of(ticket, outcome):
    with viewing_as(SYSTEM):
        seen = Message.objects.filter(ticket=ticket, internal=False)
        return {f"{outcome}-messages": [one.pk for one in seen]}


def covered(cast, ticket, **more):
    fields = {"answer": "Bitte das Kennzeichen neu setzen.", "resolution_kind": "use_clarified", **more}
    return verdict_data(cast, "covered", "COV-QUESTION", **fields) | basis_of(ticket, "covered")


def chargeable(cast, ticket, code="CHG-CONF", **more):
    fields = {"estimate": "45–60 Min.", "scope": "Verteilerschlüssel anlegen", "reason": "Das ist Einrichtung.", **more}
    return verdict_data(cast, "chargeable", code, **fields) | basis_of(ticket, "chargeable")


def not_offered(cast, ticket, code, **more):
    return verdict_data(cast, "not_offered", code, reason="Das leisten andere.", **more) | basis_of(
        ticket, "not_offered"
    )


def offers_of(ticket):
    with viewing_as(SYSTEM):
        return list(CostOffer.objects.filter(ticket=ticket).order_by("number"))


def assessments_of(ticket):
    with viewing_as(SYSTEM):
        return list(Assessment.objects.filter(ticket=ticket).select_related("item", "sealed").order_by("pk"))


def test_one_button_answers_assesses_and_solves(annas, ticket, cast, anna):
    send(annas, ticket, "answer", covered(cast, ticket))
    assert fresh(ticket).status == "resolved"
    [found] = assessments_of(ticket)
    assert (found.outcome, found.assessor_id, found.item.code) == ("covered", anna.pk, "COV-QUESTION")
    with viewing_as(SYSTEM):
        answer = Message.objects.filter(ticket=ticket).select_related("sealed").latest("pk")
    assert answer.text == "Bitte das Kennzeichen neu setzen."
    assert answer.from_customer is False


def test_an_empty_reason_takes_that_of_the_catalogue(annas, ticket, cast):
    send(annas, ticket, "answer", covered(cast, ticket))
    assert assessments_of(ticket)[0].reason == cast.item("COV-QUESTION").reason_template.strip()


def test_the_one_button_needs_an_answer_and_changes_nothing_without(annas, ticket, cast):
    page = text(send(annas, ticket, "answer", covered(cast, ticket, answer="", reason="Getippt"), status=422))
    assert "Getippt" in page
    assert 'value="covered" checked' in page
    assert fresh(ticket).status == "new"
    assert assessments_of(ticket) == []


def test_an_item_of_another_outcome_is_refused(annas, ticket, cast):
    data = covered(cast, ticket) | {"covered-item": cast.item("CHG-CONF").pk}
    send(annas, ticket, "answer", data, status=422)
    assert assessments_of(ticket) == []


def test_only_assessing_leaves_the_request_open(annas, ticket, cast):
    send(annas, ticket, "assessment", covered(cast, ticket, answer=""), outcome="covered")
    assert fresh(ticket).status == "in_progress"
    assert concern_of(ticket).status == "covered"
    assert 'class="kk is-cov"' in text(annas.get(at("ticket", ticket.number)))


def test_without_basis_nothing_is_published(annas, ticket, cast):
    data = covered(cast, ticket) | {"covered-messages": []}
    send(annas, ticket, "answer", data, status=422)
    assert assessments_of(ticket) == []


def test_a_call_as_basis_needs_its_note(annas, ticket, cast):
    page = text(send(annas, ticket, "answer", covered(cast, ticket, by_call="on"), status=422))
    assert 'id="id_1_covered-call_note_error"' in page
    send(annas, ticket, "answer", covered(cast, ticket, by_call="on", call_note="Kennzeichen am Telefon gesehen."))
    assert assessments_of(ticket)[0].sealed.data["call_note"] == "Kennzeichen am Telefon gesehen."


def test_a_cost_notice_takes_three_typed_fields(annas, ticket, cast):
    send(annas, ticket, "cost-notice", chargeable(cast, ticket))
    [offer] = offers_of(ticket)
    assert (offer.status, offer.estimate_min, offer.estimate_max) == ("sent", 45, 60)
    assert offer.scope == "Verteilerschlüssel anlegen"
    assert offer.cap_minutes is not None
    assert fresh(ticket).status == "waiting_for_decision"
    page = text(annas.get(at("ticket", ticket.number)))
    assert offer.canonical_text.splitlines()[0] in page


@pytest.mark.parametrize(
    ("typed", "minutes", "net"),
    [("2 Std.", 120, None), ("90", 90, None), ("296 €", None, "296.00"), ("1.234,50 €", None, "1234.50")],
)
def test_a_cap_is_typed_in_time_or_money(typed, minutes, net, annas, ticket, cast):
    send(annas, ticket, "cost-notice", chargeable(cast, ticket, cap=typed))
    [offer] = offers_of(ticket)
    assert (offer.cap_minutes, offer.cap_net) == (minutes, net and Decimal(net))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("estimate", ""),
        ("estimate", "bald"),
        ("estimate", "90-60"),
        ("cap", "0"),
        ("cap", "viel"),
        ("cap", "-5 €"),
        ("valid_until", "2020-01-01"),
    ],
)
def test_a_wrong_figure_is_named_and_nothing_is_sent(field, value, annas, ticket, cast):
    data = chargeable(cast, ticket, **{field: value})
    page = text(send(annas, ticket, "cost-notice", data, status=422))
    assert f'id="id_1_chargeable-{field}_error"' in page
    assert "Verteilerschlüssel anlegen" in page
    assert (offers_of(ticket), assessments_of(ticket)) == ([], [])


def test_the_preview_shows_amount_and_text_and_writes_nothing(annas, ticket, cast):
    data = chargeable(cast, ticket, cap="120")
    part = text(annas.post(at("preview", ticket.number, 1), data, **HX))
    assert "264,00" in part
    assert "<html" not in part
    assert "Verteilerschlüssel anlegen" in part
    whole = text(annas.post(at("preview", ticket.number, 1), data))
    assert "<h1" in whole
    assert 'name="chargeable-scope"' in whole  # without JavaScript it can be sent from here
    assert offers_of(ticket) == []
    assert "264" not in text(annas.post(at("preview", ticket.number, 1), data | {"chargeable-estimate": "?"}, **HX))


def test_a_visit_goes_to_the_consultants_with_the_wish(annas, ticket, cast):
    data = not_offered(cast, ticket, "NOT-ONSITE")
    send(annas, ticket, "assessment", data, outcome="not_offered", status=422)
    send(annas, ticket, "assessment", data | {"not_offered-wish": "Umstellung besprechen"}, outcome="not_offered")
    with viewing_as(SYSTEM):
        wish = ConsultantRequest.objects.get(concern__ticket=ticket)
    assert wish.wish == "Umstellung besprechen"
    assert "Umstellung besprechen" in text(annas.get(at("handovers")))


def test_legal_questions_get_the_fixed_text_and_never_an_offer(annas, ticket, cast):
    send(annas, ticket, "assessment", not_offered(cast, ticket, "NOT-LEGAL"), outcome="not_offered")
    assert assessments_of(ticket)[0].reason == "Wir beraten nicht rechtlich."
    page = text(annas.get(at("ticket", ticket.number)))
    assert 'id="offer"' not in page
    crafted = {"estimate": "60", "scope": "Doch beraten"}
    send(annas, ticket, "offers", crafted, status=422)
    data = chargeable(cast, ticket) | {"chargeable-item": cast.item("NOT-LEGAL").pk}
    send(annas, ticket, "cost-notice", data, status=422)
    assert offers_of(ticket) == []


def test_an_unknown_outcome_or_concern_does_not_exist(annas, ticket, cast):
    data = covered(cast, ticket)
    assert annas.post(at("assessment", ticket.number, 1, "free"), data).status_code == 404
    assert annas.post(at("answer", ticket.number, 7), data).status_code == 404
    assert annas.get(at("answer", ticket.number, 1)).status_code == 405


def test_each_concern_of_a_split_request_is_assessed_by_itself(annas, ticket, cast, anna, clock):
    review.begin_review(ticket, actor=anna, now=clock())
    review.split(fresh(ticket), titles=["Bitte vorbeikommen"], actor=anna, now=clock())
    send(annas, ticket, "answer", covered(cast, ticket), status=422)  # the one button is for single concerns
    send(annas, ticket, "assessment", covered(cast, ticket, answer=""), outcome="covered")
    send(
        annas,
        ticket,
        "assessment",
        not_offered(cast, ticket, "NOT-ONSITE", wish="Termin"),
        position=2,
        outcome="not_offered",
    )
    assert [concern_of(ticket, n).status for n in (1, 2)] == ["covered", "referred"]
    send(annas, ticket, "completion", {}, position=1)
    assert concern_of(ticket).status == "done"


def test_an_offer_is_withdrawn_and_a_new_one_follows_the_wish(annas, ticket, cast, astrid, bernd, clock):
    first = send_offer(cast, concern_of(ticket), at=clock())
    annas.post(at("withdrawal", first.number))
    assert fresh(first).status == "withdrawn"
    send(annas, ticket, "offers", {"estimate": "30-45", "scope": "Nur prüfen"})
    second = offers_of(ticket)[1]
    decisions.counter(second, text="Höchstens eine halbe Stunde bitte", actor=bernd.user, now=clock())
    page = text(annas.get(at("ticket", ticket.number)))
    assert "Höchstens eine halbe Stunde bitte" in page
    assert 'id="offer" open' in page
    send(annas, ticket, "offers", {"estimate": "30", "scope": "Nur prüfen", "cap": "30"})
    assert [one.status for one in offers_of(ticket)] == ["withdrawn", "countered", "sent"]
    annas.post(at("withdrawal", second.number))
    assert fresh(second).status == "countered"


def test_a_running_offer_is_extended(annas, ticket, cast, astrid, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    accept(offer, astrid, at=clock())
    send(annas, ticket, "offers", {"estimate": "60", "scope": "Noch eine Liegenschaft"})
    assert offers_of(ticket)[1].extends_id == offer.pk
    assert concern_of(ticket).status == "accepted"


def test_a_decision_on_the_phone_needs_the_code_of_that_person(annas, ticket, cast, bernd, astrid, clara, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    place = at("phone-decision", offer.number)
    data = {"contact": bernd.pk, "code": "000000", "cap": "", "order_number": ""}
    assert annas.post(place, data).status_code == 422
    assert annas.post(place, {**data, "contact": clara.pk}).status_code == 422
    assert annas.post(place, {**data, "code": "x"}).status_code == 422
    code = links.issue_phone_code(offer, actor=bernd.user, now=clock())
    spaced = f"{code[:3]} {code[3:]}"
    assert annas.post(place, {**data, "code": spaced, "order_number": "B-77"}).status_code == 303
    with viewing_as(SYSTEM):
        decision = CustomerDecision.objects.get(offer=offer)
    assert (decision.contact_id, decision.channel) == (bernd.pk, "phone_code")


def test_the_code_for_the_phone_is_mailed_and_never_shown_at_the_desk(annas, ticket, cast, bernd, clara, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    run_jobs()
    page = text(annas.get(at("ticket", ticket.number) + "?open=phone"))
    assert at("phone-code", offer.number) in page
    mail.outbox.clear()
    place, data = at("phone-code", offer.number), {"contact": bernd.pk, "code": "", "cap": "", "order_number": ""}
    assert annas.post(place, {**data, "contact": clara.pk}).status_code == 422
    answer = annas.post(place, data)
    assert (answer.status_code, "open=phone" in answer["Location"]) == (303, True)
    part = text(annas.post(place, data, **HX))
    run_jobs()
    [sent] = [one for one in mail.outbox if re.search(r"\b\d{6}\b", one.body)]
    [code] = re.findall(r"\b\d{6}\b", sent.body)
    assert sent.to == ["Bernd <bernd@acme.example>"]
    assert code not in part + text(annas.get(answer["Location"])) + text(annas.get(at("history", ticket.number)))


def test_a_new_assessment_says_why_and_the_card_changes(annas, ticket, cast, clock):
    publish(cast, concern_of(ticket), "COV-USE", at=clock())
    data = chargeable(cast, ticket, trigger="midway")
    send(annas, ticket, "cost-notice", data)
    assert [one.trigger for one in assessments_of(ticket)] == ["initial", "midway"]
    shown = text(annas.get(at("history", ticket.number)))
    assert shown.count('<article class="card">') == 3  # two versions and one offer


def test_a_second_review_is_not_decided_against_the_customer_by_the_assessor(annas, doras, ticket, cast, bernd, clock):
    assessed = publish(cast, concern_of(ticket), "CHG-CONF", at=clock())
    objection = objections.open_objection(assessed, text="Das war vorher schon da.", actor=bernd.user, now=clock())
    page = text(annas.get(at("ticket", ticket.number)))
    assert "Das war vorher schon da." in page
    place = at("objection-review", ticket.number, objection.pk)
    confirm = {"result": "confirmed", "item": "", "text": "Es bleibt Einrichtung."}
    refused = annas.post(place, confirm)
    assert refused.status_code == 422
    assert "Es bleibt Einrichtung." in text(refused)
    assert doras.post(place, {**confirm, "result": "changed"}).status_code == 422  # changed, but to what?
    assert doras.post(place, confirm).status_code == 303
    assert fresh(objection).result == "confirmed"
    assert annas.post(place, confirm).status_code == 422


def test_the_assessor_may_decide_in_the_customers_favour(annas, ticket, cast, bernd, clock):
    assessed = publish(cast, concern_of(ticket), "CHG-CONF", at=clock())
    objection = objections.open_objection(assessed, text="Das ist ein Fehler.", actor=bernd.user, now=clock())
    data = {"result": "changed", "item": cast.item("COV-USE").pk, "text": "Sie haben recht."}
    assert annas.post(at("objection-review", ticket.number, objection.pk), data).status_code == 303
    assert concern_of(ticket).status == "covered"


@pytest.mark.parametrize("code", ["CHG-DATA-POST", "CHG-INFRA-NET"])
def test_a_second_review_may_find_another_cause(doras, ticket, cast, bernd, clock, code):
    assessed = publish(cast, concern_of(ticket), "CHG-CONF", at=clock())
    objection = objections.open_objection(assessed, text="Das war der Server.", actor=bernd.user, now=clock())
    place = at("objection-review", ticket.number, objection.pk)
    data = {"result": "changed", "item": cast.item(code).pk, "text": "Es liegt woanders.", "training": "yes"}
    refused = text(doras.post(place, data))
    assert 'name="cause"' in refused
    assert "is-error" in refused or "error" in refused
    assert fresh(objection).is_open
    cause = {"CHG-DATA-POST": "improper_use", "CHG-INFRA-NET": "infrastructure"}[code]
    assert doras.post(place, {**data, "cause": cause}).status_code == 303
    found = assessments_of(ticket)[-1]
    assert (found.item.code, found.cause, found.training) == (code, cause, "yes")


def test_an_objection_of_another_request_does_not_exist_here(doras, ticket, make_ticket, cast, bernd, clock):
    assessed = publish(cast, concern_of(ticket), "CHG-CONF", at=clock())
    objection = objections.open_objection(assessed, text="Nein.", actor=bernd.user, now=clock())
    other = make_ticket(title="Etwas anderes", now=clock())
    data = {"result": "confirmed", "item": "", "text": "x"}
    assert doras.post(at("objection-review", other.number, objection.pk), data).status_code == 404
    with viewing_as(SYSTEM):
        assert Objection.objects.get(pk=objection.pk).is_open


def test_a_defect_makes_it_free_also_later(annas, ticket, cast, bernd, clock):
    offer = send_offer(cast, concern_of(ticket), at=clock())
    decline(offer, bernd, at=clock())
    send(annas, ticket, "defect", {"reason": ""}, status=422)
    send(annas, ticket, "defect", {"reason": "Im Protokoll steht ein Absturz des Programms."}, status=422)
    send(annas, ticket, "defect", {"reason": "Im Protokoll steht ein Absturz des Programms.", "sure": "on"})
    assert assessments_of(ticket)[-1].trigger == "defect"
    assert 'class="kk is-cov"' in text(annas.get(at("ticket", ticket.number)))

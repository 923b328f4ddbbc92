"""Values nobody offered, links that are over, the same twice, requests no page of ours sends: refused in German."""

import re
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from klarfall.accounts.models import User
from klarfall.billing.actions import decisions, links
from klarfall.billing.models import CostOffer, CustomerDecision
from klarfall.contracts.models import CatalogueItem, RateCardLine, TermsVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.invitations import token_hash
from klarfall.customers.models import Invitation
from klarfall.tickets.models import ConsultantRequest, Message, Ticket
from tests.acme_story import submitted
from tests.addresses import addresses
from tests.cast import fresh
from tests.customers_data import changed, fingerprint
from tests.forms import client_of, moment, notice_data, request_data, said, text_of


@pytest.fixture
def bernd(acme_story) -> Client:
    return client_of(acme_story.cast.bernd.user)


@pytest.fixture
def anna(acme_story) -> Client:
    return client_of(acme_story.cast.anna)


def choices(story) -> list[tuple[str, str, dict]]:
    """Forms with a value that nobody offered."""
    number, offer = story.tickets["main"].number, story.offers["sent"]
    desk = f"/desk/tickets/{number}"
    work = {"purpose": "work", "channel": "internal", "start": moment(story.now), "end": moment(story.now)}
    answer = {"choice": "accept", "cap": "full", "text_hash": offer.text_hash, "confirmed": "1"}
    return [
        ("bernd", "/requests/new/", request_data(story, impact="catastrophic")),
        ("bernd", "/requests/new/", request_data(story, product="999999")),
        ("bernd", "/requests/new/", request_data(story, product=story.cast.partner.pk)),
        ("bernd", "/requests/new/", request_data(story, product="9" * 40)),
        ("bernd", "/requests/new/", request_data(story, area="999999")),
        ("bernd", "/requests/new/", request_data(story, kind="no-such-kind")),
        ("bernd", "/requests/new/", request_data(story, needed_by="2020-01-01")),
        ("bernd", "/requests/new/", request_data(story, needed_by="31.02.2027")),
        ("bernd", "/requests/new/", request_data(story, needed_by="99999-01-01")),
        ("bernd", f"/requests/{story.tickets['solved'].number}/rating/", {"stars": "6"}),
        ("bernd", f"/requests/{story.tickets['solved'].number}/rating/", {"stars": "-1"}),
        ("bernd", f"/requests/{story.tickets['solved'].number}/rating/", {"stars": ""}),
        ("bernd", f"/offers/{offer.number}/decision/", {**answer, "choice": "maybe"}),
        ("bernd", f"/offers/{offer.number}/decision/", {**answer, "choice": "", "cap": ""}),
        ("bernd", f"/offers/{offer.number}/decision/", {**answer, "cap": "m1"}),
        ("bernd", f"/offers/{offer.number}/decision/", {**answer, "cap": ""}),
        ("bernd", f"/offers/{offer.number}/decision/", {**answer, "choice": "other:holiday"}),
        ("anna", f"{desk}/concerns/1/times/", {**work, "purpose": "holiday", "activity": "x"}),
        ("anna", f"{desk}/concerns/1/times/", {**work, "activity": "rückwärts"}),
        ("anna", f"{desk}/concerns/1/times/", {**work, "end": "2027-01-01T10:00", "activity": "Zukunft"}),
        ("anna", f"{desk}/concerns/1/times/", {**work, "start": "gestern", "activity": "x"}),
        ("anna", f"{desk}/concerns/1/times/", {**work, "channel": "remote", "activity": ""}),
        ("anna", f"{desk}/messages/", {"kind": "shout", "text": "x"}),
        ("anna", f"{desk}/assignment/", {"to": "999999"}),
        ("anna", f"{desk}/solution/", {"solution": "So", "resolution_kind": "magic"}),
        ("anna", f"{desk}/solution/", {"solution": "So", "resolution_kind": "no_work"}),
        ("anna", f"{desk}/consents/",
         {"contact": story.cast.clara.pk, "way": "phone", "at": moment(story.now), "purpose": "x"}),
        ("anna", f"{desk}/restoration/", {"at": "2027-01-01T10:00", "workaround": "Zukunft"}),
        ("anna", f"{desk}/concerns/", {"titles": "\n".join(str(n) for n in range(30))}),
        ("anna", f"/desk/offers/{offer.number}/phone-decision/", {"contact": story.cast.clara.pk, "code": "123456"}),
        ("anna", f"/desk/offers/{offer.number}/phone-decision/", {"contact": story.cast.bernd.pk, "code": "12"}),
        ("anna", f"/desk/offers/{offer.number}/phone-decision/",
         {"contact": story.cast.bernd.pk, "code": "123456", "cap": "77"}),
        ("anna", f"/desk/handovers/consulting/{story.things['consulting'].number}/", {"status": "scheduled"}),
        ("anna", f"/desk/handovers/consulting/{story.things['consulting'].number}/",
         {"status": "scheduled", "scheduled_on": "2020-01-01"}),
        ("anna", f"/desk/handovers/consulting/{story.things['consulting'].number}/", {"status": "lost"}),
    ]  # fmt: skip


def test_values_that_nobody_offered_are_refused(acme_story, bernd, anna):
    before, clients = fingerprint(), {"bernd": bernd, "anna": anna}
    wrong = {}
    for who, path, data in choices(acme_story):
        answer = clients[who].post(path, data)
        if answer.status_code not in (404, 409, 422):
            wrong[f"{path} {data}"] = answer.status_code
    assert wrong == {}
    assert set(changed(before)) <= {"tickets_requestdraft", "billing_decisionattempt", "billing_decisioncode"}


AMOUNTS = {
    "150": "150.00", "150,00": "150.00", "150.00": "150.00", "1.234,50": "1234.50", "1,234.50": "1234.50",
    "1234,5": "1234.50", " 99,90 € ": "99.90",
}  # fmt: skip
NO_AMOUNTS = ("0", "-5", "1,2,3", "12,345", "abc", "1e9", "NaN", "Infinity", "9" * 19, "٣٤", "10,001", "0,00")


@pytest.mark.parametrize("typed", AMOUNTS)
def test_amounts_are_read_with_comma_and_point(acme_story, bernd, typed):
    offer = acme_story.offers["sent"]
    data = {"choice": "counter", "proposed_cap": typed, "text_hash": offer.text_hash, "confirmed": "1"}
    answer = bernd.post(f"/offers/{offer.number}/decision/", data)
    assert answer.status_code == 303, said(answer)
    with viewing_as(SYSTEM):
        kept = CustomerDecision.objects.select_related("sealed").get(offer=offer).sealed.data["evidence"]
    assert Decimal(kept["wished_cap_net"]) == Decimal(AMOUNTS[typed])


@pytest.mark.parametrize("typed", NO_AMOUNTS)
def test_what_is_no_amount_is_refused(acme_story, bernd, typed):
    offer, before = acme_story.offers["sent"], fingerprint()
    data = {"choice": "counter", "proposed_cap": typed, "text_hash": offer.text_hash, "confirmed": "1"}
    answer = bernd.post(f"/offers/{offer.number}/decision/", data)
    assert answer.status_code == 422, typed
    assert set(changed(before)) <= {"billing_decisionattempt"}


@pytest.mark.parametrize(
    "fields",
    [
        {"estimate": ""}, {"estimate": "bald"}, {"estimate": "0"}, {"estimate": "-5 min"}, {"estimate": "60-45 min"},
        {"estimate": "9999999 Std."}, {"cap": "0"}, {"cap": "0 €"}, {"cap": "-1 Std."}, {"cap": "1 €"}, {"cap": "viel"},
        {"cap": "99999999999 €"}, {"valid_until": "2020-01-01"}, {"valid_until": "2999-01-01"},
        {"valid_until": "31.02.2027"}, {"item": "999999"}, {"work_type": "magic"}, {"cause": "magic"},
        {"training": "perhaps"},
    ],
    ids=str,
)  # fmt: skip
def test_a_cost_notice_with_impossible_figures_is_not_sent(acme_story, anna, fields):
    before = fingerprint()
    number = acme_story.tickets["new"].number
    data = notice_data(acme_story, **{"scope": "Einrichten", "reason": "Eine Einstellung.", **fields})
    assert anna.post(f"/desk/tickets/{number}/concerns/1/cost-notice/", data).status_code == 422
    assert changed(before) == []


def test_without_a_cap_the_notice_gets_one_and_the_database_takes_none_without(acme_story, anna):
    number = acme_story.tickets["new"].number
    with viewing_as(SYSTEM):
        basis = list(Message.objects.filter(ticket=acme_story.tickets["new"]).values_list("pk", flat=True))
    data = notice_data(acme_story, scope="Einrichten") | {"chargeable-messages": basis}
    answer = anna.post(f"/desk/tickets/{number}/concerns/1/cost-notice/", data)
    assert answer.status_code == 303, said(answer)
    with viewing_as(SYSTEM):
        offer = CostOffer.objects.latest("pk")
        assert offer.cap_minutes == 90, "a third more than the estimate, rounded up"
        copy = {field.attname: getattr(offer, field.attname) for field in offer._meta.concrete_fields}
        without = CostOffer(
            **{**copy, "id": None, "number": 99_999, "status": "draft", "cap_minutes": None, "cap_net": None}
        )
        with pytest.raises(DatabaseError, match="offer_has_cap"), transaction.atomic():
            without.save(force_insert=True)


def test_what_is_published_or_sent_is_never_edited(acme_story):
    """Terms, items, rates, offers, assessments, decisions, events: the database refuses, even for the system."""
    story = acme_story
    offer, terms = story.offers["sent"], story.cast.terms
    with viewing_as(SYSTEM):
        changes = [
            lambda: TermsVersion.objects.filter(pk=terms.pk).update(valid_from="2020-01-01"),
            lambda: CatalogueItem.objects.filter(terms=terms).update(text="anders"),
            lambda: RateCardLine.objects.filter(terms=terms).update(rate="999.00"),
            lambda: CatalogueItem.objects.filter(terms=terms).delete(),
            lambda: CostOffer.objects.filter(pk=offer.pk).update(rate="999.00"),
            lambda: CostOffer.objects.filter(pk=offer.pk).update(canonical_text="anders"),
            lambda: CostOffer.objects.filter(pk=offer.pk).update(valid_until="2030-01-01"),
            lambda: CustomerDecision.objects.update(kind="accept"),
            lambda: CustomerDecision.objects.all().delete(),
            lambda: Ticket.objects.filter(pk=story.tickets["main"].pk).update(submitted_at=story.now),
        ]
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


# Twice, at once, too late -------------------------------------------------------------------------------------------


def test_the_same_form_twice_has_one_effect(acme_story, bernd, anna):
    story, number = acme_story, acme_story.tickets["main"].number
    offer = story.offers["sent"]
    with viewing_as(SYSTEM):
        before = (Ticket.objects.count(), Message.objects.count(), ConsultantRequest.objects.count())
    decided = {"choice": "decline", "text_hash": offer.text_hash}
    forms = [
        (bernd, "/requests/new/", request_data(story)),
        (bernd, f"/requests/{number}/replies/", {"text": "Doppelt"}),
        (bernd, "/wishes/consulting/new/", request_data(story, wish="Doppelt")),
        (bernd, f"/offers/{offer.number}/decision/", decided),
        (anna, f"/desk/tickets/{number}/messages/", {"kind": "note", "text": "Doppelt"}),
    ]
    for client, path, data in forms:
        first, second = client.post(path, data), client.post(path, data)
        assert first.status_code == 303, (path, said(first))
        assert second.status_code in (303, 409, 422), path
    with viewing_as(SYSTEM):
        after = (Ticket.objects.count(), Message.objects.count(), ConsultantRequest.objects.count())
        assert CustomerDecision.objects.filter(offer=offer).count() == 1
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 3, 1]


def test_of_two_people_who_decide_at_once_the_first_wins_and_the_second_is_told(acme_story):
    """Both have the page open; the second sees who was faster, and the attempt is kept."""
    story, offer = acme_story, acme_story.offers["sent"]
    bernd, astrid = client_of(story.cast.bernd.user), client_of(story.cast.astrid.user)
    path = f"/offers/{offer.number}/decision/"
    for client in (bernd, astrid):
        assert client.get(path).status_code == 200
    accept = {"choice": "accept", "cap": "full", "text_hash": offer.text_hash, "confirmed": "1"}
    assert bernd.post(path, accept).status_code == 303
    late = astrid.post(path, {"choice": "decline", "text_hash": offer.text_hash})
    assert late.status_code == 409
    assert "Bernd" in text_of(late)
    with viewing_as(SYSTEM):
        assert CustomerDecision.objects.get(offer=offer).kind == "accept"
        assert offer.attempts.filter(actor=story.cast.astrid.user, reason="decided").count() == 1


def test_a_cap_alone_orders_nothing_before_the_summary_was_seen(acme_story, bernd):
    """Whoever picks a cap means to commission; but that is shown and confirmed first."""
    offer, before = acme_story.offers["sent"], fingerprint()
    shown = bernd.post(f"/offers/{offer.number}/decision/", {"cap": "full", "text_hash": offer.text_hash})
    assert (shown.status_code, "So wird Ihre Entscheidung festgehalten" in text_of(shown)) == (200, True)
    assert changed(before) == []


def test_a_decision_about_an_older_text_or_after_the_last_day_is_refused(acme_story, bernd, clock):
    offer, path = acme_story.offers["sent"], f"/offers/{acme_story.offers['sent'].number}/decision/"
    accept = {"choice": "accept", "cap": "full", "text_hash": "0" * 64, "confirmed": "1"}
    assert bernd.post(path, accept).status_code == 409
    clock.set(acme_story.now + timedelta(days=60))
    late = client_of(acme_story.cast.bernd.user).post(path, {**accept, "text_hash": offer.text_hash})
    assert late.status_code in (409, 422)
    assert re.search("gültig|abgelaufen|verfallen", text_of(late))
    assert fresh(offer).status == "sent"


def test_links_that_are_wrong_used_or_expired_say_so(acme_story, clock):
    story, token = acme_story, acme_story.things["token"]
    somebody = Client()
    for wrong in ("x", "x" * 500, token[:-1], f"{token}x", "%00", "../../etc"):
        answer = somebody.get(f"/l/{wrong}/")
        assert answer.status_code == 404, wrong
        assert "Link" in text_of(answer) or "nicht" in text_of(answer)
    decisions.decline(story.offers["sent"], actor=story.cast.bernd.user, now=story.later())
    clock.set(story.now)
    used = somebody.get(f"/l/{token}/")
    assert (used.status_code, "entschieden" in text_of(used)) == (410, True)
    assert somebody.post(f"/l/{token}/code/").status_code == 410


def test_an_expired_link_says_that_nothing_is_charged(acme_story, clock):
    clock.set(acme_story.now + timedelta(days=60))
    answer = Client().get(f"/l/{acme_story.things['token']}/")
    assert answer.status_code == 410
    assert "abgelaufen" in text_of(answer)
    with pytest.raises(links.LinkRefused):
        links.open_link(acme_story.things["token"], now=clock())


def test_wrong_codes_are_counted_and_end_the_code(acme_story, clock):
    path, somebody = f"/l/{acme_story.things['token']}/code/", Client()
    link = links.open_link(acme_story.things["token"], now=clock())
    code = links.issue_link_code(link, actor=User.objects.system(), now=clock())
    for wrong in ("", "abc", "12345", "1" * 50, *(f"{n:06}" for n in range(8) if f"{n:06}" != code)):
        assert somebody.post(path, {"code": wrong}).status_code == 422
    assert somebody.post(path, {"code": code}).status_code == 422, "tried too often: even the right one is over"


def test_invitations_that_are_wrong_or_expired_say_so(acme_story, clock):
    assert Client().get("/account/invitation/nothing/").status_code == 404
    with viewing_as(SYSTEM):
        Invitation.objects.update(token_hash=token_hash("known"))
    assert Client().get("/account/invitation/known/").status_code == 200
    clock.set(acme_story.now + timedelta(days=15))
    answer = Client().post("/account/invitation/known/", {"password1": "Kaffeetasse-im-Schnee"})
    assert answer.status_code == 410


# Requests that no page of ours sends --------------------------------------------------------------------------------


def test_a_form_without_its_token_changes_nothing(acme_story):
    client, before = client_of(acme_story.cast.bernd.user, enforce_csrf_checks=True), fingerprint()
    number, offer = acme_story.tickets["main"].number, acme_story.offers["sent"].number
    for path in (
        "/requests/new/",
        f"/requests/{number}/replies/",
        f"/offers/{offer}/decision/",
        "/requests/new/draft/",
    ):
        answer = client.post(path, {"text": "x", "choice": "decline"})
        assert answer.status_code == 403
        assert "Formular ist abgelaufen" in text_of(answer)
    assert changed(before) == []


def test_looking_never_changes_anything(acme_story, bernd, anna):
    """GET and HEAD of every address, by everybody: mail scanners and previews follow links."""
    before = fingerprint()
    for client, site in ((bernd, "portal"), (anna, "desk"), (Client(), None)):
        with_head: set[str] = set()
        for one in addresses(acme_story, site):
            if one.name != "account_logout":
                answered = client.get(one.path).status_code == HTTPStatus.OK
                if answered and one.name not in with_head:  # the same view answers both: one of a kind will do
                    with_head.add(one.name)
                    client.head(one.path)
        assert len(with_head) > 10
    # What somebody read last is remembered for themselves: nothing that anybody else meets.
    assert [table for table in changed(before) if table != "knowledge_reading"] == []


@pytest.mark.parametrize(
    "query",
    [
        "older=x", "older=2026-99-99_1", "newer=_", "after=x", "before=x_y", "product=-1", "state=%F0%9F",
        "page=" + "9" * 30, "scope=everything", "list=../x", "concern=" + "9" * 30,
    ],
)  # fmt: skip
def test_unreadable_addresses_show_the_first_page(acme_story, bernd, anna, query):
    assert bernd.get(f"/requests/?{query}").status_code == 200
    assert anna.get(f"/desk/lists/to-assess/?{query}").status_code == 200
    assert anna.get(f"/desk/tickets/{acme_story.tickets['main'].number}/?{query}").status_code == 200


def test_a_null_character_in_an_address_is_found_nowhere(bernd, anna):
    for client, path in ((bernd, "/requests/?state=%00"), (bernd, "/l/a%00b/"), (anna, "/desk/customers/?q=%00")):
        assert client.get(path).status_code == 404, path


def test_numbers_too_large_for_the_database_are_just_not_found(acme_story, bernd, anna):
    for path in (
        "/requests/{}/",
        "/offers/{}/decision/",
        "/files/{}/",
        "/catalogue/{}/",
        "/requests/1/concerns/{}/stop/",
    ):
        assert bernd.get(path.format("9" * 25)).status_code == 404, path
    for path in ("/desk/tickets/{}/", "/desk/times/{}/", "/desk/calls/{}/", "/desk/attachments/{}/"):
        assert anna.get(path.format("9" * 25)).status_code == 404, path


def test_a_new_request_that_is_refused_keeps_what_was_typed(acme_story, bernd):
    data = request_data(acme_story, title="Bleibt stehen", description="", tried="Alles")
    answer = bernd.post("/requests/new/", data)
    assert answer.status_code == 422
    assert "Bleibt stehen" in text_of(answer)
    assert "Alles" in text_of(bernd.get("/requests/new/"))
    assert submitted(acme_story, "danach").pk

"""Staff can never create an effective acceptance (INV-6): by no action, link, code, page or statement."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from klarfall.accounts.models import User
from klarfall.accounts.permissions import StaffRole
from klarfall.billing.actions import decisions, links
from klarfall.billing.actions.decisions import DecisionRefused
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionAttempt, DecisionCode
from klarfall.billing.status import OfferStatus
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, Viewer, ViewerKind, viewing_as
from tests.acme_story import AcmeStory
from tests.cast import fresh, make_staff
from tests.customers_data import changed, fingerprint


@pytest.fixture
def offer(acme_story) -> CostOffer:
    """The offer that waits for Acme's decision."""
    return acme_story.offers["sent"]


@pytest.fixture
def code(acme_story, offer) -> str:
    """A code that Bernd could read out now."""
    return links.issue_phone_code(offer, actor=acme_story.cast.bernd.user, now=acme_story.now)


def assert_nothing_was_accepted(offer: CostOffer) -> None:
    assert fresh(offer).status == OfferStatus.SENT
    with viewing_as(SYSTEM):
        assert not CustomerDecision.objects.filter(offer=offer).exists()


def test_staff_accepts_by_no_action(acme_story, offer):
    """Neither as themselves, nor with the proof or channel of somebody else; each attempt is written down."""
    staff, now = make_staff("Staff", *StaffRole.values), acme_story.now
    with viewing_as(SYSTEM):
        code = DecisionCode.objects.filter(offer=offer).first()
    assert code is not None
    for given in ({}, {"channel": "personal_link", "proof": code}, {"channel": "phone_code", "proof": code}):
        with pytest.raises(DecisionRefused) as refused:
            decisions.accept(offer, cap=None, text_hash=offer.text_hash, **given, actor=staff, now=now)
        assert refused.value.code == "staff"
    with viewing_as(SYSTEM):
        assert DecisionAttempt.objects.filter(offer=offer, actor=staff, reason="staff").count() == 3
    assert_nothing_was_accepted(offer)


def test_staff_makes_no_link_and_no_code(acme_story, offer):
    """The actions that mail them leave it to the database to refuse, so that no other way is open either."""
    anna, bernd, now = acme_story.cast.anna, acme_story.cast.bernd, acme_story.now
    link = links.open_link(acme_story.things["token"], now=now)
    for attempt in (
        lambda: links.make_link(offer, contact=bernd, actor=anna, now=now),
        lambda: links.issue_link_code(link, actor=anna, now=now),
        lambda: links.issue_mailed_phone_code(offer, contact=bernd, actor=anna, now=now),
    ):
        with pytest.raises(DatabaseError, match="nobody makes the proof of somebody else"), transaction.atomic():
            attempt()
    with pytest.raises(NotAllowed):
        links.issue_phone_code(offer, actor=anna, now=now)


def test_staff_without_the_code_of_the_person_accepts_nothing_on_the_phone(acme_story, offer, code):
    """Guessing is counted and ends after a few attempts; a code for the link is none for the phone."""
    cast = acme_story.cast
    typed = ["000000", "", "abcdef", acme_story.things["link_code"], *(f"{n:06}" for n in range(10))]
    refusals = []
    for guess in [*(one for one in typed if one != code), code]:
        with pytest.raises(DecisionRefused) as refused:
            links.accept_by_phone(offer, contact=cast.bernd, code=guess, cap=None, actor=cast.anna, now=acme_story.now)
        refusals.append(refused.value.code)
    assert refusals[0] == "wrong_code"
    assert refusals[-1] == "code_over", "after so many attempts even the right one does not count"
    assert_nothing_was_accepted(offer)


def test_the_code_of_one_person_is_none_for_another(acme_story, offer, code):
    cast = acme_story.cast
    for contact in (cast.astrid, acme_story.gesa, cast.clara):
        with pytest.raises(DecisionRefused):
            links.accept_by_phone(offer, contact=contact, code=code, cap=None, actor=cast.anna, now=acme_story.now)
    assert_nothing_was_accepted(offer)


def test_a_contact_who_reads_out_the_code_does_decide(acme_story, offer, code):
    """Else nothing above would prove anything."""
    cast = acme_story.cast
    links.accept_by_phone(offer, contact=cast.bernd, code=code, cap=None, actor=cast.anna, now=acme_story.now)
    assert fresh(offer).status == OfferStatus.ACCEPTED


def test_staff_accepts_by_no_page(acme_story, offer, code):
    """Neither in the portal, nor by a personal link without its code, nor with a made-up form in the desk."""
    client = Client()
    client.force_login(acme_story.cast.anna)
    answer = {"choice": "accept", "cap": "full", "text_hash": offer.text_hash, "confirmed": "1"}
    before, token = fingerprint(), acme_story.things["token"]
    assert client.post(f"/offers/{offer.number}/decision/", answer).status_code == 404
    assert client.post(f"/l/{token}/decision/", answer).status_code == 403
    assert client.post(f"/l/{token}/code/", {"code": code}).status_code == 403
    typed = {"contact": acme_story.cast.bernd.pk, "code": "000 000", "cap": ""}
    client.post(f"/desk/offers/{offer.number}/phone-decision/", typed)
    assert_nothing_was_accepted(offer)
    assert set(changed(before)) <= {"billing_decisioncode", "billing_decisionattempt"}


def _decision_row(story: AcmeStory, offer: CostOffer) -> dict[str, Any]:
    """A decision as plain SQL would write it: taken from a real one, about the offer that waits."""
    with viewing_as(SYSTEM):
        real = CustomerDecision.objects.get(offer=story.offers["accepted"])
        values = {field.attname: getattr(real, field.attname) for field in real._meta.concrete_fields}
        fact = 1_000
    own = {"concern_id": offer.concern_id, "offer_id": offer.pk, "text_hash": offer.text_hash, "fact": fact}
    return values | own | {"id": None, "at": story.now, "chosen_cap_minutes": None}


@pytest.mark.parametrize("actor", ["anna", "system", ""])
def test_staff_accepts_by_no_sql_that_the_desk_could_run(acme_story, offer, actor):
    """Even with full sight and full rights: the trigger compares the actor with the person who decides."""
    who = {"anna": acme_story.cast.anna.pk, "system": User.objects.system().pk}.get(actor)
    with viewing_as(SYSTEM, actor_id=who):
        for channel in ("portal", "personal_link", "phone_code"):
            row = CustomerDecision(**{**_decision_row(acme_story, offer), "channel": channel})
            with pytest.raises(DatabaseError), transaction.atomic():
                row.save(force_insert=True)
        with pytest.raises(DatabaseError, match="decided by nobody"), transaction.atomic():
            _at_once(lambda: CostOffer.objects.filter(pk=offer.pk).update(status=OfferStatus.ACCEPTED))
    with viewing_as(Viewer(ViewerKind.STAFF, acme_story.cast.anna.pk)):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            CostOffer.objects.filter(pk=offer.pk).update(status=OfferStatus.ACCEPTED)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            CustomerDecision(**_decision_row(acme_story, offer)).save(force_insert=True)
    assert_nothing_was_accepted(offer)


def _at_once(change: Callable[[], Any]) -> None:
    """Make a change and have deferred constraints checked, as at the end of a transaction."""
    change()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_decision_that_changes_nothing_about_its_offer_is_refused(acme_story, offer):
    """The person themselves, around the action: a decision without its effect does not stay."""
    row = CustomerDecision(**_decision_row(acme_story, offer))
    bernd = viewing_as(SYSTEM, actor_id=acme_story.cast.bernd.user_id)
    with bernd, pytest.raises(DatabaseError, match="without effect"), transaction.atomic():
        _at_once(lambda: row.save(force_insert=True))
    assert_nothing_was_accepted(offer)

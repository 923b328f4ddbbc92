"""The page of one wish for the team that fulfils it: opens that wish, changes nothing by itself, shows nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from klarfall.contracts.actions.training_offers import TrainingData, add_training
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.handover import hand_over, request_consulting, request_training
from klarfall.tickets.handing_over import new_pass
from klarfall.tickets.models import ConsultantRequest, HandoverPass, TrainingRequest
from tests.cast import concern_of, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def asked(cast):
    wish = request_consulting(
        cast.bernd, product=cast.erp, wish="Bitte bei uns", place="Werk 2", actor=cast.bernd.user, now=NOW
    )
    return hand_over(wish, address="team@vendor.example", actor=cast.anna, now=NOW)


def address(wish, now=NOW):
    with viewing_as(SYSTEM):
        return f"/handover/{new_pass(wish, now=now)}/"


def kept(wish):
    with viewing_as(SYSTEM):
        return type(wish).objects.get(pk=wish.pk)


def test_the_link_opens_the_wish_without_signing_in_and_changes_nothing(asked, client):
    page = client.get(address(asked))
    assert page.status_code == 200
    text = page.content.decode()
    for word in ("Bitte bei uns", "Werk 2", "Acme", "bernd@acme.example"):
        assert word in text
    assert kept(asked).status == "forwarded"
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get("/wishes/").status_code == 302, "there is nothing behind it"


def test_the_link_of_a_team_that_no_longer_has_the_wish_opens_nothing(asked, client, cast):
    before = address(asked)
    again = hand_over(asked, address="team@vendor.example", actor=cast.anna, now=NOW)
    assert client.get(before).status_code == 200, "mailed once more, the older link stays good"
    other = hand_over(again, address="partner@elsewhere.example", actor=cast.anna, now=NOW)
    assert client.get(before).status_code == 404
    assert client.post(before, {"status": "done"}).status_code == 404
    assert kept(asked).status == "forwarded"
    assert client.get(address(other)).status_code == 200


def test_the_team_enters_day_and_time_and_the_customer_reads_it(asked, client, cast):
    day = (NOW + timedelta(days=12)).date()
    where = address(asked)
    answer = {"status": "scheduled", "scheduled_on": f"{day:%Y-%m-%d}", "starts_at": "09:15", "minutes": "120"}
    assert client.post(where, answer | {"place": "Werk 3", "note": "Wir kommen zu zweit."}).status_code == 303
    wish = kept(asked)
    assert (wish.status, wish.scheduled_on, wish.minutes, wish.place) == ("scheduled", day, 120, "Werk 3")
    again = client.get(where).content.decode()
    assert all(f'value="{one}"' in again for one in ("09:15", "120", "Werk 3")), "saved once more, nothing is lost"
    client.force_login(cast.bernd.user)
    text = client.get(f"/wishes/consulting/{wish.number}/").content.decode()
    assert "Wir kommen zu zweit." in text
    assert "09:15" in text


def test_what_makes_no_sense_is_said_at_its_field(asked, client):
    where = address(asked)
    page = client.post(where, {"status": "scheduled", "scheduled_on": ""})
    assert (page.status_code, kept(asked).status) == (422, "forwarded")
    past = {"status": "scheduled", "scheduled_on": "2020-01-01"}
    assert client.post(where, past).status_code == 422
    assert client.post(where, {"status": "requested"}).status_code == 422


def test_a_finished_wish_takes_nothing_more(asked, client):
    where = address(asked)
    assert client.post(where, {"status": "done"}).status_code == 303
    assert client.post(where, {"status": "withdrawn"}).status_code == 422
    assert kept(asked).status == "done"
    assert "starts_at" not in client.get(where).content.decode()


@pytest.mark.parametrize("token", ["x", "a" * 43, "b" * 300, "%00"])
def test_any_other_token_is_unknown(client, db, cast, token):
    assert client.get(f"/handover/{token}/").status_code == 404


def test_a_pass_is_good_for_half_a_year_and_for_its_own_wish(asked, client, cast):
    other = request_consulting(cast.clara, product=cast.erp, wish="Etwas Fremdes", actor=cast.clara.user, now=NOW)
    assert "Etwas Fremdes" not in client.get(address(asked)).content.decode()
    assert client.get(address(asked, NOW - timedelta(days=181))).status_code == 404
    assert kept(other).status == "requested"
    with viewing_as(SYSTEM):
        assert {one.wish.pk for one in HandoverPass.objects.all()} == {asked.pk}


def test_from_a_concern_the_wish_keeps_its_way_back(make_ticket, client, cast):
    concern = concern_of(make_ticket())
    client.force_login(cast.bernd.user)
    where = f"/wishes/consulting/new/?concern={concern.pk}"
    assert concern.title in client.get(where).content.decode()
    sent = {"contact": cast.bernd.pk, "product": cast.erp.pk, "wish": "Vor Ort"}
    assert client.post(where, sent).status_code == 303
    with viewing_as(SYSTEM):
        assert ConsultantRequest.objects.get().concern_id == concern.pk
    client.force_login(cast.clara.user)
    assert client.get(where).status_code == 404, "another customer's concern does not exist"
    assert client.post(where, sent | {"contact": cast.clara.pk}).status_code == 404


def test_trainings_show_price_and_date_or_on_request(client, cast):
    chief = make_staff("Adelheid", "administrator")
    day = (NOW + timedelta(days=40)).date()
    for title, more in (("Grundkurs", {"price": 490, "on": day, "link": "https://kurse.example/"}), ("Auf Wunsch", {})):
        add_training(data=TrainingData(title=title, **more), actor=chief, now=NOW)
    add_training(data=TrainingData(title="Alter Kurs", active=False), actor=chief, now=NOW)
    client.force_login(cast.bernd.user)
    text = client.get("/trainings/").content.decode()
    assert "490,00" in text
    assert "auf Anfrage" in text
    assert "Alter Kurs" not in text


def test_a_training_on_offer_is_asked_for_by_name(client, cast):
    chief = make_staff("Adelheid", "administrator")
    offer = add_training(data=TrainingData(title="Grundkurs", product=cast.erp), actor=chief, now=NOW)
    client.force_login(cast.bernd.user)
    assert "Grundkurs" in client.get(f"/wishes/training/new/?offer={offer.pk}").content.decode()
    sent = {"contact": cast.bernd.pk, "product": cast.erp.pk, "wish": "Grundkurs", "offer": offer.pk}
    assert client.post("/wishes/training/new/", sent).status_code == 303
    with viewing_as(SYSTEM):
        assert TrainingRequest.objects.get().offer_id == offer.pk
    again = request_training(
        cast.bernd, product=cast.erp, wish="Noch einmal", offer=offer, actor=cast.bernd.user, now=NOW
    )
    hand_over(again, address="kurse@vendor.example", actor=cast.anna, now=NOW)
    run_jobs()
    client.force_login(cast.anna)
    assert "Grundkurs" in client.get(f"/desk/handovers/training/{again.number}/").content.decode()

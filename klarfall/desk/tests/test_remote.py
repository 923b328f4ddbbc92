"""Remote sessions at the desk: forms, entitlement, the words, the settings; and what is mailed about them."""

import pytest
from django.core import mail

from klarfall.billing.actions import remote as held
from klarfall.billing.tests.remote_steps import AGREED, agree, ask, begin
from klarfall.billing.tests.steps import clock as at
from klarfall.contracts import channels
from klarfall.contracts.models import ContactChannel, Product, RemoteConsentText
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.tickets.actions import remote
from klarfall.tickets.models import RemoteSession
from tests.cast import concern_of, fresh, make_contact, make_customer, make_staff
from tests.queue import run_jobs


@pytest.fixture
def ticket(make_ticket):
    return make_ticket()


@pytest.fixture
def annas(client, anna):
    client.force_login(anna)
    return client


@pytest.fixture
def admins(client):
    client.force_login(make_staff("Adelheid", "administrator"))
    return client


def invite(client, ticket, contact, **given):
    values = {"contact": contact.pk, "purpose": "Maske ansehen", "code": "", "link": "", **given}
    return client.post(f"/desk/tickets/{ticket.number}/remote-sessions/", values)


def test_credentials_and_scripts_stand_as_an_error_in_the_form(annas, ticket, bernd, clock):
    for field, value in (("link", "javascript:alert(1)"), ("purpose", "Passwort: geheim"), ("code", "1&2")):
        answer = invite(annas, ticket, bernd, **{field: value})
        assert answer.status_code == 422
        assert f"id_invite_{field}" in answer.content.decode()
    with viewing_as(SYSTEM):
        assert not RemoteSession.objects.exists()


def test_a_missing_agreement_asks_for_a_reason(annas, make_ticket, clock):
    frieda = make_contact("Frieda", make_customer("Fjord", dpa_reference=""))
    ticket = make_ticket(contact=frieda)
    assert invite(annas, ticket, frieda).status_code == 422
    assert invite(annas, ticket, frieda, dpa_reason="Nur Testdaten.").status_code == 303
    with viewing_as(SYSTEM):
        assert RemoteSession.objects.get().dpa_reason == "Nur Testdaten."


def test_where_the_way_is_switched_off_there_is_no_button(annas, ticket, cast, bernd, clock):
    page = f"/desk/tickets/{ticket.number}/"
    assert 'data-opens="invite"' in annas.get(page).content.decode()
    with viewing_as(SYSTEM):
        ContactChannel.objects.create(product=cast.erp, kind="remote", active=False)
    channels.forget()
    html = annas.get(page).content.decode()
    assert 'data-opens="invite"' not in html
    assert "Für dieses Produkt ist die Fernwartung abgeschaltet." in html
    assert invite(annas, ticket, bernd).status_code == 422


def test_the_page_says_before_the_start_what_a_minute_would_be(annas, ticket, cast, clock):
    session = agree(ask(cast, ticket), cast.bernd)
    html = annas.get(f"/desk/remote/{session.pk}/").content.decode()
    assert 'value="triage"' in html
    assert f"/desk/remote/{session.pk}/start/" in html
    assert fresh(session).text_hash in html


def test_news_only_when_there_are_any(annas, ticket, cast, clock):
    session = ask(cast, ticket)
    part = {"HTTP_HX_REQUEST": "true"}
    path = f"/desk/remote/{session.pk}/"
    assert annas.get(f"{path}?seen=invited-0-", **part).status_code == 204
    agree(session, cast.bernd)
    assert annas.get(f"{path}?seen=invited-0-", **part).status_code == 200


def test_a_link_in_the_database_is_checked_once_more(annas, client, ticket, cast, clock):
    session = agree(ask(cast, ticket), cast.bernd)
    with viewing_as(SYSTEM):
        RemoteSession.objects.filter(pk=session.pk).update(link="javascript:alert(1)")
    assert "javascript:alert" not in annas.get(f"/desk/remote/{session.pk}/").content.decode()
    client.force_login(cast.bernd.user)
    assert "javascript:alert" not in client.get(f"/remote/{session.pk}/").content.decode()


def test_opening_the_page_agrees_to_nothing_and_others_do_not_find_it(client, ticket, cast, clock):
    session = ask(cast, ticket)
    client.force_login(cast.bernd.user)
    assert client.get(f"/remote/{session.pk}/").status_code == 200
    assert [client.get(f"/remote/{session.pk}/{one}/").status_code for one in ("consent", "refusal", "end")] == [
        405
    ] * 3
    assert fresh(session).status == "invited"
    client.force_login(cast.clara.user)
    assert client.get(f"/remote/{session.pk}/").status_code == 404
    assert client.post(f"/remote/{session.pk}/consent/", {"text_hash": "x"}).status_code == 404


def test_the_product_says_how_its_tool_is_opened(admins, cast, clock):
    path = f"/desk/settings/products/{cast.erp.code}/"
    given = {"name": "Kontor ERP", "code": "kontor", "kind": "erp", "remote_link": "data:text/html,x"}
    answer = admins.post(path, given)
    assert (answer.status_code, "ausführen" in answer.content.decode()) == (422, True)
    assert admins.post(path, {**given, "remote_link": "remote-tool:{code}"}).status_code == 303
    with viewing_as(SYSTEM):
        assert Product.objects.get(pk=cast.erp.pk).remote_link == "remote-tool:{code}"


def test_the_house_may_want_the_agreement_always(admins, clock):
    page = admins.get("/desk/settings/house/")
    assert 'name="remote_needs_agreement"' in page.content.decode()
    given = {"name": "Kontor Software", "number_prefix": "KF", "time_zone": "Europe/Berlin", "offer_valid_days": 14}
    assert admins.post("/desk/settings/house/", {**given, "remote_needs_agreement": "on"}).status_code == 303
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().remote_needs_agreement
    vendor.forget()


def test_the_words_have_a_page_for_administrators(admins, client, anna, clock):
    path = "/desk/settings/remote/"
    assert "Eine namentlich genannte Fachkraft" in admins.get(path).content.decode()
    assert admins.post(path, {"german": "Neu.", "english": ""}).status_code == 422
    assert admins.post(path, {"german": "Neu.", "english": "New."}).status_code == 303
    with viewing_as(SYSTEM):
        assert RemoteConsentText.objects.last().german == "Neu."
    client.force_login(anna)
    assert client.get(path).status_code == 404


def mails(to):
    return [one.subject for one in mail.outbox if to.email in one.to[0]]


def test_who_is_asked_and_who_agreed_hear_of_it(ticket, cast, clock):
    session = ask(cast, ticket)
    run_jobs("channels.fan_out", "channels.deliver")
    assert [one for one in mails(cast.bernd.user) if "Bildschirm" in one]
    agree(session, cast.bernd)
    begin(cast, session, concern_of(ticket))
    held.end_session(session, actor=cast.bernd.user, now=at("09:45"))
    run_jobs("channels.fan_out", "channels.deliver")
    told = next(one for one in mail.outbox if "Die Fernwartung ist beendet" in one.subject)
    assert cast.bernd.user.email in told.to[0]
    assert "kostet nichts" in told.body
    assert any("Fernwartung beendet" in one for one in mails(cast.anna))


def test_whoever_asked_hears_of_a_refusal(ticket, cast, clock):
    session = ask(cast, ticket)
    remote.decline_session(session, reason="Lieber am Telefon.", actor=cast.bernd.user, now=AGREED)
    run_jobs("channels.fan_out", "channels.deliver")
    assert any("Keine Fernwartung" in one for one in mails(cast.anna))

"""The main job in the browser, on both sides of the counter: from the invitation to the reopened request."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.models import CostOffer
from klarfall.billing.tests.steps import classes
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import ConsultantRequest, Ticket, TrainingRequest
from tests.cast import concern_of
from tests.people import Office, Person

pytestmark = pytest.mark.browser
PASSWORD = "Kaffeetasse-im-Schnee"
NOTE = {"name": "beleg.txt", "mimeType": "text/plain", "buffer": b"Buchung 4711"}


def newest() -> Ticket:
    with viewing_as(SYSTEM):
        return Ticket.objects.latest("pk")


def offer_of(ticket: Ticket) -> CostOffer:
    with viewing_as(SYSTEM):
        return CostOffer.objects.filter(ticket=ticket).latest("pk")


def desk(person: Person, ticket: Ticket, concern: int = 1) -> None:
    """Open the workspace; the review begins by itself."""
    person.go(f"/desk/tickets/{ticket.number}/?concern={concern}")
    expect(person.page.get_by_role("button", name="Sichtung beginnen")).to_have_count(0)


def send_cost_notice(anna: Person, *, item: str, estimate: str, scope: str, cap: str = "") -> None:
    """Assess with key 2 and type what a cost notice needs."""
    anna.page.locator("h1").click()
    anna.page.keyboard.press("2")
    form = anna.page.locator("form.verdict.chargeable")
    form.get_by_label("Leistung").select_option(label=item)
    anna.fill("Schätzung", estimate, within=form)
    anna.fill("Was wir tun würden", scope, within=form)
    if cap:
        anna.fill("Obergrenze", cap, within=form)
    anna.click("Kostenhinweis senden", within=form)
    anna.sees("Kostenhinweis gesendet")


def record(anna: Person, office: Office, ticket: Ticket, start: str, end: str, purpose: str, concern: int = 1) -> None:
    """Enter time by hand, a minute after it ended, by the clock of the day."""
    day = office.clock().date().isoformat()
    office.clock.set(f"{day} {end}")
    office.clock.forward(minutes=1)
    desk(anna, ticket, concern)
    section = anna.page.locator("#time")
    if section.get_attribute("open") is None:
        section.locator("summary").click()
    section.get_by_label("Zweck").select_option(purpose)
    anna.page.locator("#id_time_start").fill(f"{day}T{start}")
    anna.page.locator("#id_time_end").fill(f"{day}T{end}")
    anna.page.locator("#id_time_activity").fill("Verteilerschlüssel eingerichtet")
    anna.click("Zeit erfassen", within=section)
    anna.sees("Zeit erfasst")


def ask(person: Person, title: str, description: str) -> Ticket:
    """Send a request by the form, with the least one has to type."""
    person.go("/requests/new/")
    person.fill("Kurz in einem Satz", title)
    person.fill("Beschreibung", description)
    person.click("Anfrage senden")
    person.sees("Ihre Anfrage ist bei uns")
    return newest()


def commission(person: Person, offer: CostOffer, cap: str) -> None:
    """Choose, check the summary, order."""
    person.go(f"/offers/{offer.number}/decision/")
    assert person.page.locator("input:checked").count() == 0, "nothing is chosen beforehand"
    person.page.locator("#id_choice_accept").check()
    person.page.locator(f"input[name=cap][value={cap}]").check()
    person.click("Weiter")
    person.sees("So wird Ihre Entscheidung festgehalten")
    person.page.get_by_role("button", name=re.compile("^Kostenpflichtig beauftragen")).click()
    person.sees("hat beauftragt")


def test_the_whole_way(office):
    """Invitation, request, two concerns, cost notice, lower cap, work, solution, rating, reopening."""
    anna = office.person(office.cast.anna)
    bernd = invited(office, anna)
    ticket = asked_with_draft_and_file(office, bernd)
    assert [one.to for one in office.post() if ticket.title in one.subject]
    split_and_offered(office, anna, ticket)
    decided_with_a_lower_cap(office, bernd, ticket)
    worked_and_solved(office, anna, bernd, ticket)
    rated_and_reopened(bernd, anna, ticket)


def invited(office: Office, anna: Person) -> Person:
    """Anna invites Bernd; the link of the mail leads to a password and into the portal."""
    anna.go(f"/desk/customers/{office.cast.acme.number}/")
    row = anna.page.get_by_role("listitem").filter(has_text="bernd@")
    anna.click("Einladen", within=row)
    anna.sees("Erneut einladen")
    (letter,) = office.post()
    assert letter.to == ["Bernd <bernd@acme.example>"]
    bernd = office.person()
    bernd.go(office.link_in(letter, "/account/invitation/"))
    bernd.page.locator("#id_password1").fill(PASSWORD)
    bernd.page.locator("#id_password2").fill(PASSWORD)
    bernd.click("Passwort speichern und anmelden")
    bernd.sees("Wobei können wir helfen?")
    return bernd


def asked_with_draft_and_file(office: Office, bernd: Person) -> Ticket:
    """One click to the form; what was typed survives a reload; the file is there."""
    page = bernd.page
    page.get_by_role("link", name="Neue Anfrage stellen").first.click()
    page.get_by_label("Welches Produkt ist betroffen?").select_option(label="Kontor ERP")
    page.get_by_label("Ist ein angebundenes Partnerprodukt betroffen?").select_option(label="Messdienst Connect")
    bernd.fill("Kurz in einem Satz", "Mahnlauf bricht ab")
    bernd.fill("Beschreibung", "Der Mahnlauf bricht ab. Und bitte einen Verteilerschlüssel anlegen.")
    bernd.fill("Was haben Sie schon versucht?", "Neu gestartet")
    page.locator("#id_files").set_input_files([NOTE])
    expect(page.locator("[data-drop-list] li")).to_contain_text("gesendet")
    with page.expect_response("**/requests/new/draft/"):
        page.get_by_label("Wir können nicht arbeiten").check()
    bernd.sees("zuletzt gespeichert um")
    page.reload()
    expect(page.get_by_label("Kurz in einem Satz")).to_have_value("Mahnlauf bricht ab")
    expect(page.get_by_label("Wir können nicht arbeiten")).to_be_checked()
    bernd.sees("beleg.txt", "Mit dem Senden beauftragen Sie keine kostenpflichtige Leistung.", "Erste Antwort bis")
    bernd.click("Anfrage senden")
    bernd.sees("Ihre Anfrage ist bei uns", "Sie haben keine kostenpflichtige Leistung beauftragt")
    bernd.click("Zur Anfrage", "link")
    bernd.sees("Mahnlauf bricht ab", "beleg.txt", "Noch nicht eingeordnet")
    return newest()


def split_and_offered(office: Office, anna: Person, ticket: Ticket) -> None:
    """The queue, the first look, two concerns: one covered, one with a cost notice of three typed fields."""
    anna.go("/desk/")
    anna.sees("Zum Einordnen")
    anna.page.get_by_role("link", name="Mahnlauf bricht ab").first.click()
    expect(anna.page.get_by_role("button", name="Sichtung beginnen")).to_have_count(0)
    anna.sees("beleg.txt", "Neu gestartet")
    anna.page.locator("#split summary").click()
    anna.fill("Weitere Anliegen", "Verteilerschlüssel anlegen")
    anna.click("Aufteilen", within=anna.page.locator("#split"))
    anna.sees("2. Verteilerschlüssel anlegen")
    covered = anna.page.locator("form.verdict.covered")
    anna.page.locator("h1").click()
    anna.page.keyboard.press("1")
    covered.get_by_label("Begründung").fill("Ein Fehler im Ablauf; die Ursache suchen wir.")
    covered.get_by_role("button", name=re.compile("im Vertrag enthalten")).click()
    anna.sees("Eingeordnet.")
    desk(anna, ticket, 2)
    send_cost_notice(anna, item="B 3 Einstellungen und Konfiguration", estimate="45-60 min", scope="Schlüssel anlegen")
    anna.sees("Wartet auf Entscheidung")


def decided_with_a_lower_cap(office: Office, bernd: Person, ticket: Ticket) -> None:
    """The mail carries the full text; its link leads the signed-in person to the page; the confirmation has it all."""
    offer = offer_of(ticket)
    letters = [one for one in office.post() if "bernd@" in one.to[0]]
    notice = next(one for one in letters if offer.canonical_text in one.body)
    assert any("Im Vertrag enthalten" in one.subject for one in letters), "covered ones are mailed, too"
    bernd.go(office.link_in(notice, "/l/"))
    assert bernd.path == f"/offers/{offer.number}/decision/"
    bernd.sees("132,00 €", "Schlüssel anlegen", "Leistungskatalog B 3")
    commission(bernd, offer, "m45")
    assert offer_of(ticket).status == "accepted"
    confirmation = [one for one in office.post() if "bernd@" in one.to[0]][-1]
    assert offer.canonical_text in confirmation.body
    assert "99,00" in confirmation.body


def worked_and_solved(office: Office, anna: Person, bernd: Person, ticket: Ticket) -> None:
    """Timer and entry by hand; used minutes on both sides; a solution text and its kind."""
    desk(anna, ticket, 2)
    anna.click("Uhr starten")
    anna.sees("Die Uhr läuft")
    office.clock.forward(minutes=21)
    anna.page.reload()
    anna.fill("Tätigkeit", "Schlüssel angelegt", within=anna.page.locator("#timer"))
    anna.click("Anhalten und erfassen")
    anna.sees("Zeit erfasst")
    assert classes(concern_of(ticket, 2))[M.BILLABLE] in (20, 21)
    for person in (anna, bernd):
        person.go(f"/desk/tickets/{ticket.number}/?concern=2" if person is anna else f"/requests/{ticket.number}/")
        person.sees("von 45 Min. verbraucht")
    anna.page.locator("#resolve summary").click()
    anna.fill("Lösung", "Der Mahnlauf läuft wieder.", within=anna.page.locator("#resolve"))
    anna.page.locator("#id_resolve_resolution_kind").select_option(label="Ordnungsgemäßer Einsatz wiederhergestellt")
    anna.page.locator("#resolve").get_by_role("button", name=re.compile("^Lösen")).click()
    anna.sees("Gelöst.")
    assert any("Der Mahnlauf läuft wieder." in one.body for one in office.post())


def rated_and_reopened(bernd: Person, anna: Person, ticket: Ticket) -> None:
    bernd.go(f"/requests/{ticket.number}/")
    bernd.sees("Der Mahnlauf läuft wieder.")
    bernd.page.locator("input[name=stars][value='5']").check()
    bernd.click("Bewertung senden")
    bernd.sees("Danke")
    bernd.click("Wieder öffnen", "link")
    bernd.fill("Was ist noch offen?", "Heute bricht er wieder ab.")
    bernd.click("Wieder öffnen")
    bernd.sees("Heute bricht er wieder ab.")
    assert newest().status in ("in_review", "in_progress")
    anna.go(f"/desk/tickets/{ticket.number}/")
    anna.sees("Heute bricht er wieder ab.")


def test_a_covered_question_takes_the_keyboard_only(office):
    """1, the answer, Ctrl+Enter: answered, covered, solved, mailed."""
    ticket = ask(office.person(office.cast.bernd.user), "Wo stelle ich die Mahnstufe ein?", "Ich finde es nicht.")
    anna = office.person(office.cast.anna)
    anna.go("/desk/lists/to-assess/")
    anna.page.keyboard.press("j")
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator("h1")).to_contain_text("Mahnstufe")
    expect(anna.page.get_by_role("button", name="Sichtung beginnen")).to_have_count(0)
    anna.page.keyboard.press("1")
    anna.page.keyboard.type("Unter Stammdaten, Mahnwesen, Stufen.")
    anna.page.keyboard.press("Control+Enter")
    anna.sees("im Vertrag enthalten, gelöst.")
    assert newest().status == "resolved"
    letters = [one for one in office.post() if ticket.title in one.subject and "bernd@" in one.to[0]]
    assert any("Unter Stammdaten" in one.body and "Leistungskatalog A" in one.body for one in letters)


def test_s1_plain_acceptance_through_the_pages(office):
    """Triage 11; accepted at nine with the full cap; work 22 + 18 + 27 = 67 billable minutes."""
    bernd, anna = office.person(office.cast.bernd.user), office.person(office.cast.anna)
    office.clock.set("2026-11-24 08:05")
    ticket = ask(bernd, "Verteilerschlüssel", "Bitte einen Verteilerschlüssel anlegen.")
    record(anna, office, ticket, "08:20", "08:31", "triage")
    desk(anna, ticket)
    send_cost_notice(
        anna, item="B 3 Einstellungen und Konfiguration", estimate="45-60 min", scope="Anlegen", cap="120 min"
    )
    office.clock.set("2026-11-24 09:00")
    commission(bernd, offer_of(ticket), "full")
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        record(anna, office, ticket, start, end, "work")
    assert classes(concern_of(ticket)) == {M.TRIAGE: 11, M.BILLABLE: 67}
    anna.sees("1 Std. 7 Min. von 2 Std. verbraucht")
    bernd.go(f"/requests/{ticket.number}/")
    bernd.sees("1 Std. 7 Min. von 2 Std. verbraucht")


def test_s7_other_form_and_not_offered_through_the_pages(office):
    """Three wishes in one request: another form, the consultants, the fixed text; nothing is billed."""
    bernd, anna = office.person(office.cast.bernd.user), office.person(office.cast.anna)
    office.clock.set("2026-11-24 08:05")
    ticket = ask(bernd, "Drei Fragen", "Schlüssel anlegen, bitte kommen, und dürfen wir das umlegen?")
    record(anna, office, ticket, "08:20", "08:34", "triage")
    anna.page.locator("#split summary").click()
    anna.fill("Weitere Anliegen", "Bitte kommen Sie vorbei\nDürfen wir das umlegen?")
    anna.click("Aufteilen", within=anna.page.locator("#split"))
    anna.sees("3. Dürfen wir das umlegen?")
    desk(anna, ticket, 1)
    send_cost_notice(
        anna, item="B 3 Einstellungen und Konfiguration", estimate="30-45 min", scope="Anlegen", cap="45 min"
    )
    not_offered(anna, ticket, 2, "C 1 Termin vor Ort", wish="Eine Einweisung im Büro")
    not_offered(anna, ticket, 3, "C 2 Rechtliche oder steuerliche Beratung")
    no_offer_on_legal_advice(office, ticket)
    another_form(bernd, ticket)
    states = [concern_of(ticket, position).status for position in (1, 2, 3)]
    assert states[:2] == ["other_form", "referred"]
    assert [classes(concern_of(ticket, position)) for position in (1, 2, 3)] == [{M.TRIAGE: 14}, {}, {}]
    with viewing_as(SYSTEM):
        assert TrainingRequest.objects.filter(customer=office.cast.acme).count() == 1
        assert ConsultantRequest.objects.get(customer=office.cast.acme).wish == "Eine Einweisung im Büro"
    bernd.go(f"/requests/{ticket.number}/")
    bernd.sees("Wir beraten nicht rechtlich.")


def not_offered(anna: Person, ticket: Ticket, concern: int, item: str, *, wish: str = "") -> None:
    desk(anna, ticket, concern)
    anna.page.locator("h1").click()
    anna.page.keyboard.press("3")
    form = anna.page.locator("form.verdict.not_offered")
    form.get_by_label("Leistung").select_option(label=item)
    if wish:
        form.get_by_label("Wunsch, für").fill(wish)
    form.get_by_role("button", name=re.compile("nicht im Produktsupport")).click()
    anna.sees("Eingeordnet.")


def no_offer_on_legal_advice(office: Office, ticket: Ticket) -> None:
    """Not even by a made-up form."""
    client = Client()
    client.force_login(office.cast.anna)
    offer = {"estimate": "30", "scope": "Beraten", "cap": "1 Std."}
    notice = {f"chargeable-{name}": value for name, value in offer.items()}
    notice |= {"chargeable-item": office.cast.item("NOT-LEGAL").pk, "chargeable-cause": "not_relevant"}
    path = f"/desk/tickets/{ticket.number}/concerns/3"
    assert client.post(f"{path}/offers/", offer).status_code == 422
    assert client.post(f"{path}/cost-notice/", {**notice, "chargeable-training": "unknown"}).status_code == 422
    with viewing_as(SYSTEM):
        assert CostOffer.objects.filter(concern=concern_of(ticket, 3)).count() == 0


def another_form(bernd: Person, ticket: Ticket) -> None:
    bernd.go(f"/offers/{offer_of(ticket).number}/decision/")
    bernd.page.locator("[id='id_choice_other:training']").check()
    bernd.click("Weiter")
    bernd.sees("So wird Ihre Entscheidung festgehalten")
    bernd.page.get_by_role("button", name="Diese Form wählen").click()
    bernd.sees("hat eine andere Form gewählt")


def test_without_scripts_the_key_parts_work(office):
    """Request with a file, one-button answer, cost notice, decision, time: plain forms do it all."""
    bernd = office.person(office.cast.bernd.user, java_script_enabled=False)
    anna = office.person(office.cast.anna, java_script_enabled=False)
    ticket = asked_without_scripts(bernd)
    offered_without_scripts(anna, ticket)
    commission(bernd, offer_of(ticket), "full")
    anna.go(f"/desk/tickets/{ticket.number}/")
    anna.page.locator("input[name=purpose][value=work]").check()
    anna.click("Uhr starten")
    office.clock.forward(minutes=10)
    anna.click("Anhalten und erfassen")
    bernd.go(f"/requests/{ticket.number}/")
    bernd.fill("Antwort schreiben", "Vielen Dank!")
    bernd.click("Antworten")
    bernd.sees("Vielen Dank!", "von 2 Std. verbraucht")


def asked_without_scripts(bernd: Person) -> Ticket:
    bernd.go("/requests/new/")
    bernd.fill("Kurz in einem Satz", "Ohne Skripte")
    bernd.fill("Beschreibung", "Das geht auch so.")
    bernd.page.locator("#id_files").set_input_files([NOTE])
    bernd.click("Entwurf speichern")
    bernd.sees("beleg.txt")
    bernd.click("Anfrage senden")
    bernd.sees("Ihre Anfrage ist bei uns")
    return newest()


def offered_without_scripts(anna: Person, ticket: Ticket) -> None:
    anna.go(f"/desk/tickets/{ticket.number}/")
    anna.click("Sichtung beginnen")
    anna.page.locator("input[name=outcome][value=chargeable]").check()
    form = anna.page.locator("form.verdict.chargeable")
    form.get_by_label("Leistung").select_option(label="B 3 Einstellungen und Konfiguration")
    anna.fill("Schätzung", "1-1,5 Std.", within=form)
    anna.fill("Was wir tun würden", "Einstellen", within=form)
    anna.click("Betrag und Text anzeigen", within=form)
    anna.sees("Leistungskatalog B 3")
    anna.page.go_back()
    form.get_by_role("button", name=re.compile("^Kostenhinweis senden")).click()
    anna.sees("Kostenhinweis gesendet")

"""German phrases: read under one noun, said of another one."""

import pytest

from klarfall.core.german import Slot, form, readings
from klarfall.core.noun_forms import propose_dative, propose_english_plural, propose_genitive, propose_plural
from klarfall.core.words import TERMS, Noun

CASE = Noun("Vorgang", "Vorgänge", "m")
TICKET = Noun("Ticket", "Tickets", "n")
CARD = Noun("Karte", "Karten", "f")
CLIENT = Noun("Klient", "Klienten", "m", "Klienten")
REQUEST, OFFER = TERMS["request"].de, TERMS["offer"].de


def said(text: str, source: Noun, surface: str, slot: str, target: Noun) -> str:
    found = {one.of(target) for one in readings(text, source, surface) if str(one.slot) == slot}
    assert len(found) == 1, found
    return found.pop()


@pytest.mark.parametrize(
    ("text", "slot", "masculine", "neuter"),
    [
        ("die Anfrage", "N", "der Vorgang", "das Ticket"),
        ("die Anfrage", "A", "den Vorgang", "das Ticket"),
        ("der Anfrage", "D", "dem Vorgang", "dem Ticket"),
        ("der Anfrage", "G", "des Vorgangs", "des Tickets"),
        ("Die Anfrage", "N", "Der Vorgang", "Das Ticket"),
        ("zur Anfrage", "D", "zum Vorgang", "zum Ticket"),
        ("in der Anfrage", "D", "im Vorgang", "im Ticket"),
        ("In die Anfrage", "A", "In den Vorgang", "Ins Ticket"),
        ("zu einer anderen Anfrage", "D", "zu einem anderen Vorgang", "zu einem anderen Ticket"),
        ("eine neue Anfrage", "A", "einen neuen Vorgang", "ein neues Ticket"),
        ("Neue Anfrage", "N", "Neuer Vorgang", "Neues Ticket"),
        ("Neue Anfrage", "A", "Neuen Vorgang", "Neues Ticket"),
        ("Ihre Anfrage", "N", "Ihr Vorgang", "Ihr Ticket"),
        ("Ihrer Anfrage", "D", "Ihrem Vorgang", "Ihrem Ticket"),
        ("Diese Anfrage", "N", "Dieser Vorgang", "Dieses Ticket"),
        ("keine Anfrage", "A", "keinen Vorgang", "kein Ticket"),
        ("unsere eigene Anfrage", "N", "unser eigener Vorgang", "unser eigenes Ticket"),
        ("eine offene oder alte Anfrage", "A", "einen offenen oder alten Vorgang", "ein offenes oder altes Ticket"),
        ("Anfrage", "N", "Vorgang", "Ticket"),
        ("Anfragen", "NP", "Vorgänge", "Tickets"),
        ("Anfragen", "DP", "Vorgängen", "Tickets"),
        ("Keine neuen Anfragen", "NP", "Keine neuen Vorgänge", "Keine neuen Tickets"),
        ("Weitere Anfragen", "NP", "Weitere Vorgänge", "Weitere Tickets"),
        ("der Anfragen", "GP", "der Vorgänge", "der Tickets"),
        ("den anderen Anfragen", "DP", "den anderen Vorgängen", "den anderen Tickets"),
        ("%(count)s neue Anfragen", "NP", "%(count)s neue Vorgänge", "%(count)s neue Tickets"),
    ],
)  # fmt: skip
def test_a_feminine_phrase_is_said_of_other_genders(text, slot, masculine, neuter):
    surface = text.split()[-1]
    assert said(text, REQUEST, surface, slot, CASE) == masculine
    assert said(text, REQUEST, surface, slot, TICKET) == neuter
    assert said(text, REQUEST, surface, slot, REQUEST) == text


@pytest.mark.parametrize(
    ("text", "slot", "feminine", "neuter"),
    [
        ("Der Kostenhinweis", "N", "Die Karte", "Das Ticket"),
        ("den Kostenhinweis", "A", "die Karte", "das Ticket"),
        ("im Kostenhinweis", "D", "in der Karte", "im Ticket"),
        ("zum Kostenhinweis", "D", "zur Karte", "zum Ticket"),
        ("vom Kostenhinweis", "D", "von der Karte", "vom Ticket"),
        ("beim Kostenhinweis", "D", "bei der Karte", "beim Ticket"),
        ("des Kostenhinweises", "G", "der Karte", "des Tickets"),
        ("Ein beauftragter Kostenhinweis", "N", "Eine beauftragte Karte", "Ein beauftragtes Ticket"),
        ("den Kostenhinweisen", "DP", "den Karten", "den Tickets"),
    ],
)
def test_a_masculine_phrase_is_said_of_other_genders(text, slot, feminine, neuter):
    surface = text.split()[-1]
    assert said(text, OFFER, surface, slot, CARD) == feminine
    assert said(text, OFFER, surface, slot, TICKET) == neuter


@pytest.mark.parametrize(
    ("text", "source", "slot", "target", "expected"),
    [
        ("ihn", OFFER, "A", CARD, "sie"),
        ("Sie", REQUEST, "N", CASE, "Er"),
        ("sie", REQUEST, "A", TICKET, "es"),
        ("einen neuen", OFFER, "A", CARD, "eine neue"),
        ("eine", REQUEST, "A", CASE, "einen"),
        ("keine", REQUEST, "N", TICKET, "keines"),
        ("die", REQUEST, "N", CASE, "der"),
        ("der gültige", OFFER, "N", TICKET, "das gültige"),
    ],
)
def test_what_stands_for_the_noun_follows_it(text, source, slot, target, expected):
    assert said(text, source, "", slot, target) == expected


def test_a_weak_noun_has_its_ending_in_all_cases_but_the_first():
    assert said("die Anfrage", REQUEST, "Anfrage", "N", CLIENT) == "der Klient"
    assert said("die Anfrage", REQUEST, "Anfrage", "A", CLIENT) == "den Klienten"
    assert form(CLIENT, Slot("D", plural=False)) == "Klienten"


@pytest.mark.parametrize("text", ["das Anfrage", "dem Anfrage", "neues Anfrage", "zum Anfrage", "ein Anfrage"])
def test_what_does_not_go_together_is_not_read(text):
    assert list(readings(text, REQUEST, "Anfrage")) == []


@pytest.mark.parametrize(
    ("one", "gender", "many", "genitive", "dative"),
    [
        ("Vorgang", "m", "Vorgänge", "Vorgangs", "Vorgängen"),
        ("Fall", "m", "Fälle", "Falls", "Fällen"),
        ("Service-Ticket", "n", "Service-Tickets", "Service-Tickets", "Service-Tickets"),
        ("Beleg", "m", "Belege", "Belegs", "Belegen"),
        ("Kosteninfo", "f", "Kosteninfos", "Kosteninfo", "Kosteninfos"),
        ("Freigabe", "f", "Freigaben", "Freigabe", "Freigaben"),
        ("Meldung", "f", "Meldungen", "Meldung", "Meldungen"),
        ("Helferin", "f", "Helferinnen", "Helferin", "Helferinnen"),
        ("Nachweis", "m", "Nachweise", "Nachweises", "Nachweisen"),
        ("Verzeichnis", "n", "Verzeichnisse", "Verzeichnisses", "Verzeichnissen"),
        ("Center", "n", "Center", "Centers", "Centern"),
        ("Büro", "n", "Büros", "Büros", "Büros"),
    ],
)
def test_forms_are_proposed_by_the_usual_rules(one, gender, many, genitive, dative):
    assert propose_plural(one, gender) == many
    assert propose_genitive(one, gender) == genitive
    assert propose_dative(many) == dative


def test_english_plurals_are_proposed():
    assert [propose_english_plural(one) for one in ("case", "enquiry", "box", "search", "survey")] == [
        "cases", "enquiries", "boxes", "searches", "surveys",
    ]  # fmt: skip

"""Markers: with default words the text that was written, with other words right German and English."""

import json
import re

import pytest
from django.conf import settings

from klarfall.core.marked_texts import BadMarker, in_english, in_german, plain, problems, terms_in
from klarfall.core.words import TERMS, Noun

OTHER = {
    "portal": Noun("Servicezentrale", "Servicezentralen", "f"),
    "support": Noun("Anwenderhilfe", "Anwenderhilfen", "f"),
    "consulting": Noun("Projektteam", "Projektteams", "n"),
    "request": Noun("Vorgang", "Vorgänge", "m"),
    "catalogue": Noun("Verzeichnis", "Verzeichnisse", "n"),
    "offer": Noun("Kosteninfo", "Kosteninfos", "f"),
    "record": Noun("Protokoll", "Protokolle", "n"),
    "release": Noun("Budget", "Budgets", "n"),
}


def marked() -> list[dict]:
    return json.loads((settings.LOCALE_PATHS[0] / "de/LC_MESSAGES/words.json").read_text())


def german_texts() -> list[str]:
    return [form for one in marked() for form in ([one["german"]] if isinstance(one["german"], str) else one["german"])]


def test_with_default_words_every_text_is_as_it_was_written():
    """Taken apart and inflected again, each of the few hundred texts gives its own words."""
    defaults = {key: term.de for key, term in TERMS.items()}
    texts = german_texts()
    assert len(texts) > 280
    wrong = [text for text in texts if in_german(text, defaults) != plain(text) and not _short(text)]
    assert wrong == []
    assert [problem for text in texts for problem in problems(text)] == []


def _short(text: str) -> bool:
    """Texts with a short name (Portal, Support): with the default noun they say the whole name."""
    names = "|".join(name for term in TERMS.values() for name in term.short)
    return re.search(rf"\[\[[^]]*\b({names})", text) is not None


def test_no_default_word_is_left_when_everything_is_renamed():
    left = [in_german(text, OTHER) for text in german_texts() if terms_in(text) <= OTHER.keys()]
    stems = ("Anfrage", "Kostenhinweis", "Leistungsnachweis", "Serviceportal", "Leistungskatalog", "Kostenfreigabe")
    verbs = ("Anfragen, nachsehen", "auf Anfrage")  # asking, and prices on request: no request of the interface
    found = [text for text in left if any(stem in text for stem in stems)]
    assert [text for text in found if not any(verb in text for verb in verbs)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wie hat uns [[die Anfrage|N]] erreicht?", "Wie hat uns der Vorgang erreicht?"),
        ("[[Kostenhinweis]] %(number)s [[zur Anfrage]] %(request)s", "Kosteninfo %(number)s zum Vorgang %(request)s"),
        ("Der Zeitpunkt liegt außerhalb [[dieser Anfrage|G]].", "Der Zeitpunkt liegt außerhalb dieses Vorgangs."),
        ("Öffnen Sie [[den Kostenhinweis]] [[im Portal]].", "Öffnen Sie die Kosteninfo in der Servicezentrale."),
        ("Nicht [[im Produktsupport]]", "Nicht in der Anwenderhilfe"),
        ("Sie erhalten [[einen neuen Kostenhinweis]].", "Sie erhalten eine neue Kosteninfo."),
        ("Nach dem %(day)s läuft [[er@offer]] ab", "Nach dem %(day)s läuft sie ab"),
        ("kann [[ihre@request|owner]] Einordnung ändern", "kann seine Einordnung ändern"),
        ("[[Die Beratung|N]] nennt [[ihren@consulting|owner]] Preis", "Das Projektteam nennt seinen Preis"),
        ("[[Beratungs~termin]] anfragen", "Projektteam-Termin anfragen"),
        ("steuerliche [[=Beratung]]", "steuerliche Beratung"),
        ("je Anliegen.[[@request]]", "je Anliegen."),
        ("Zu [[Anfragen|DP]] und %(count)s [[Anfragen|NP]]", "Zu Vorgängen und %(count)s Vorgänge"),
        ("in [[dem Leistungskatalog]], [[der@catalogue|N]] gilt", "in dem Verzeichnis, das gilt"),
        ("Wir prüfen [[den Leistungsnachweis]], weil [[er@record]] fehlt", "Wir prüfen das Protokoll, weil es fehlt"),
    ],
)  # fmt: skip
def test_sentences_are_right_german_with_other_words(text, expected):
    assert problems(text) == []
    assert in_german(text, OTHER) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Ihre Anfrage", "'Anfrage'"),
        ("Die Anfragenummer", "'Anfragenummer'"),
        ("[[die Anfrage]]", "one of A, N"),
        ("[[das Anfrage]]", "do not go together"),
        ("[[der Vogel]]", "no interface term"),
        ("[[ihn@bird]]", "no term 'bird'"),
        ("[[Anfrage@request|owner]]", "owner"),
    ],
)
def test_what_is_wrong_is_said(text, part):
    assert any(part in problem for problem in problems(text)), problems(text)


def test_a_marker_nobody_understands_is_an_error():
    with pytest.raises(BadMarker):
        in_german("[[das Anfrage]]", OTHER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A request and an open request", "An enquiry and an open enquiry"),
        ("Requests cannot be sent yet", "Enquiries cannot be sent yet"),
        ("Cost notice %(offer)s for request %(request)s", "Quote %(offer)s for enquiry %(request)s"),
        ("Answer in the service portal.", "Answer in the uniform desk."),
        ("a request in the portal", "an enquiry in the uniform desk"),
        ("Opens a portal", "Opens a uniform desk"),
        ("Handed over to the consultants", "Handed over to the project team"),
        ("Ask for a consultant", "Ask for the project team"),
        ("requested, requests", "requested, enquiries"),
    ],
)
def test_english_keeps_plurals_capital_letters_and_articles(text, expected):
    nouns = {
        "request": Noun("enquiry", "enquiries"),
        "offer": Noun("quote", "quotes"),
        "portal": Noun("uniform desk", "uniform desks"),
        "consulting": Noun("project team", "project teams"),
    }
    assert in_english(text, nouns) == expected

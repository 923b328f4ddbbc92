"""Trimming hides no line for good, hides nothing that was newly written, and takes no time, whatever arrives."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading.visible import Visible, visible

_LINES = st.sampled_from(
    [
        "",
        " ",
        "Hallo,",
        "> Zitat",
        ">> tiefer",
        "-- ",
        "--",
        "Antwort",
        "Von meinem iPhone gesendet",
        "\xa0",
        "a" * 500,
        "Am 12.01.2026 um 10:11 schrieb Support <s@vendor.example>:",
        "On Mon, Jan 12, 2026 at 10:11 AM Support <",
        "s@v.example> wrote:",
        "Von: Support <s@vendor.example>",
        "Gesendet: Montag, 12. Januar 2026 10:11",
        "An: Bernd",
        "Betreff: Drucker",
        "-----Ursprüngliche Nachricht-----",
        "________________________________",
        "---------- Forwarded message ---------",
        "Siehe unten im Text",
        "##- Bitte oberhalb dieser Zeile antworten -##",
        "Le lun. 12 janv. 2026 à 10:11, S <s@v.example> a écrit :",
    ]
)


def _seen(*lines: str, subject: str = "") -> Visible:
    return visible(ParsedMail(text="\n".join(lines), subject=subject))


def _lines(*texts: str) -> list[str]:
    return sorted(line.rstrip() for text in texts for line in text.split("\n") if line.strip())


@given(st.lists(st.one_of(_LINES, st.text(max_size=30)), max_size=40))
def test_keeps_every_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    seen = visible(ParsedMail(text=text))
    assert _lines(seen.text, seen.rest) == _lines(text)
    assert bool(seen.text.strip()) == bool(text.strip())


@given(st.lists(_LINES, max_size=20), st.lists(_LINES, max_size=20))
def test_shows_what_stands_above_all_quotes_and_between_marked_ones(before: list[str], after: list[str]) -> None:
    seen = _seen("Ganz neu.", "> eine Frage", "Eine Antwort.", "> noch eine")
    assert "Eine Antwort." in seen.text
    assert _seen("Ganz neu.", *before, *after).text.startswith("Ganz neu.")


def test_shows_the_questions_that_answers_stand_under() -> None:
    seen = _seen("Am 12.01.2026 um 10:11 schrieb S:", "> Version?", "", "5.2", "", "> Seit wann?", "Gestern", "> Gruß")
    assert seen.text.endswith("> Version?\n\n5.2\n\n> Seit wann?\nGestern")
    assert seen.rest == "> Gruß"


def test_hides_the_quote_above_a_single_answer() -> None:
    seen = _seen("Am 12.01.2026 um 10:11 schrieb S:", "> Version?", "> Danke", "", "5.2")
    assert (seen.text, seen.rest) == ("5.2", "Am 12.01.2026 um 10:11 schrieb S:\n> Version?\n> Danke")


@pytest.mark.parametrize("subject", ["WG: Rechnung", "Fwd: Rechnung", "FW: Rechnung", "TR: Facture", "wg: Rechnung"])
def test_shows_forwards_whole(subject: str) -> None:
    lines = (
        "Bitte prüfen",
        "",
        "Von: M <m@x.example>",
        "Gesendet: 12.01.2026 10:11",
        "An: B",
        "Betreff: R",
        "",
        "Text",
    )
    assert _seen(*lines, subject=subject).rest == ""
    assert _seen(*lines, subject=f"AW: {subject}").text == "Bitte prüfen"


@pytest.mark.parametrize(
    "line",
    [
        "Am 12.01.2026 schrieb ich Ihnen, dass der Export nicht geht:",
        "Am 12.01.2026 um 10:11 haben wir Ihnen geschrieben:",
        "On 12 January 2026 I wrote to your colleague:",
        "Le 12 janvier 2026 nous avons écrit à votre collègue :",
        "Von: Hamburg",
        "Datum: 12.01.2026",
        "Betreff der Rechnung: Wartung",
        "--help wird nicht erkannt",
        "Der Kunde schrieb: Es geht nicht.",
        "Die Mail wird mit Outlook nicht gesendet:",
        "Die Nachricht von meinem iPhone wird nicht gesendet, weil das Postfach voll ist",
        "Am Montag um 8:00 Uhr ging nichts mehr:",
        "Die ursprüngliche Nachricht war leer.",
        "Original Message fehlt im Archiv",
        "=====================",
    ],
)
def test_takes_no_sentence_of_a_person_for_a_quote(line: str) -> None:
    seen = _seen("Guten Tag,", line, "bitte helfen Sie uns.", "", "Bernd")
    assert seen.rest == ""
    assert line in seen.text


def test_takes_a_drawn_line_for_no_signature() -> None:
    assert _seen("Liste:", "--", *(f"Punkt {number}" for number in range(60))).rest == ""


@pytest.mark.parametrize(
    "line",
    [
        "Von meinem iPhone gesendet",
        "Von meinem iPad gesendet",
        "Gesendet von meinem iPhone",
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Gesendet von Outlook für Android",
        "Gesendet von Mail für Windows",
        "Get Outlook for iOS",
        "Gesendet mit der GMX Mail App",
        "Gesendet mit der WEB.DE Mail App",
        "Von Samsung Mobile gesendet",
        "Sent from Mail for Windows",
        "Gesendet mit der Telekom Mail App",
        "Sent from Outlook for iOS<https://aka.ms/o0ukef>",
        "Envoyé depuis mon mobile Orange",
        "Gesendet mit Proton Mail für iOS",
        "Laden Sie Outlook für Android herunter <https://aka.ms/AAb9ysg>",
        "Virenfrei.www.avast.com",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "Von meinem Huawei-Mobiltelefon gesendet",
    ],
)
def test_hides_the_advertising_of_mail_programs(line: str) -> None:
    assert _seen("Danke!", "", line) == Visible("Danke!", line)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        " " * 1_000_000 + "x",
        "> " * 500_000,
        "-" * 1_000_000,
        "> a\nb\n" * 50_000,
        "-- \nx\n" * 50_000,
        "Von: a\nGesendet: 12.01.2026\n" * 50_000,
        "Am 12.01.2026 um 10:11 schrieb x\n" * 100_000,
        ("-" * 380 + "a\n") * 5_000,
        ("Am" + " schrieb" * 47 + "\n") * 5_000,
        ("gesendet von " + "mail app " * 20 + "\n") * 10_000,
        ("------ " + "schrieb " * 45 + "\n") * 5_000,
        ("von meinem " + "gesendet " * 20 + "\n") * 5_000,
        "\n" * 1_000_000 + ">",
        "Hallo\n" + "> Zitat\n" * 100_000,
    ],
    ids=range(15),
)
def test_takes_no_time_for_hostile_texts(text: str) -> None:
    begun = time.process_time()
    seen = visible(ParsedMail(text=text))
    assert time.process_time() - begun < 8
    assert len(seen.text) + len(seen.rest) <= len(text) + 1


def test_folds_away_a_quote_of_any_length() -> None:
    seen = _seen("Hallo", *["> Zitat"] * 20_000)
    assert seen.text == "Hallo"


@pytest.mark.parametrize(
    "quote",
    [
        "Am Montag, 12. Januar 2026 um 10:11:12 MEZ hat Support <s@v.example> Folgendes geschrieben:\n\n\nBitte",
        "-----Original-Nachricht-----\nBetreff: Drucker\nDatum: 12.01.2026 10:11\nVon: S <s@v.example>\n\nBitte",
        "Support <s@v.example> hat am 12.01.2026 10:11 CET geschrieben:\n\n\nBitte",
        "Am Montag, dem 12.01.2026 um 10:11 +0100 schrieb Support:\n> Bitte",
        "* Support <s@v.example> [2026-01-12 10:11]:\n\n> Bitte",
        '"Support" <s@v.example>\n12.01.2026 10:11\n\nAn\n"Bernd" <b@a.example>\nKopie\n\nThema\nDrucker\n\n\nBitte',
        "Von: Support <s@v.example> Gesendet: Montag, 12. Januar 2026 10:11 An: Bernd Betreff: Drucker\n\nBitte",
        "Von:\tSupport/Vendor/DE\nAn:\tBernd\nDatum:\t12.01.2026 10:11\nBetreff:\tDrucker\n\nBitte",
        "Am 12.01.2026 um 10:11 Uhr\nschrieb Support der Beispielfirma <s@v.example>:\n\nBitte",
        "Von: Support <s@v.example>\n\nGesendet: Montag, 12. Januar 2026 10:11\n\nAn: Bernd\n\nBetreff: x\n\nBitte",
        "---- Am Mo, 12 Jan 2026 10:11:12 +0100 Support <s@v.example> schrieb ----\n\n> Bitte",
        "Am 12.01.2026 um 10:11 schrieb Support <s@v.example>:\n\nGuten Tag Bernd,\n\nBitte\n\n> tiefer",
        "____________________\nDe : S <s@v.example>\nEnvoyé : 12 janvier 2026 10:11\nÀ : B\nObjet : x\n\nBitte",
    ],
)
def test_knows_rarer_forms_of_quotes(quote: str) -> None:
    seen = _seen("Hallo,", "", "läuft.", "", "Gruß Bernd", "", *quote.split("\n"), subject="AW: Drucker")
    assert seen.text == "Hallo,\n\nläuft.\n\nGruß Bernd"
    assert "Bitte" in seen.rest

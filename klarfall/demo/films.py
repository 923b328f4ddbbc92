"""What the demo's two films show and say, scene by scene, and the pictures of a few articles."""

from dataclasses import dataclass, replace

from klarfall.demo.screens import Screen

MENUS = ("Mietenbuchhaltung", "Zahlungsverkehr", "Betriebskosten", "Auswertungen", "Stammdaten")


@dataclass(frozen=True)
class Shot:
    """Some seconds of a film: a screen, what the pointer is led to, and what is said.

    `points` is `menu:NAME`, `row:NUMBER` or `button:LABEL`; `chapter` names the chapter that begins here (de, en).
    """

    seconds: int
    screen: Screen
    points: str
    german: str
    english: str
    chapter: tuple[str, str] | None = None


_LIST = Screen(
    "Auswertungen › Sollliste je Vertrag", "Sollliste je Vertrag",
    ("Vertrag", "Monat", "Gebucht", "Betrag"),
    (
        ("31-0040", "11", "01.11. 02:00", "612,00 €"),
        ("31-0041", "11", "01.11. 02:00", "745,50 €"),
        ("31-0041", "11", "02.11. 14:07", "745,50 €"),
        ("31-0042", "11", "01.11. 02:00", "530,00 €"),
        ("31-0042", "11", "02.11. 14:07", "530,00 €"),
        ("31-0043", "11", "01.11. 02:00", "688,20 €"),
    ),
    ("Filter", "Laufprotokoll"),
)  # fmt: skip
_RUNS = Screen(
    "Mietenbuchhaltung › Sollstellung › Laufprotokoll", "Laufprotokoll",
    ("Lauf", "Gestartet", "Verträge", "Summe"),
    (
        ("4711", "01.11. 02:00", "186", "118.420,70 €"),
        ("4718", "02.11. 14:07", "186", "118.420,70 €"),
        ("4655", "01.10. 02:00", "186", "118.420,70 €"),
    ),
    ("Rücknahme prüfen", "Zurücknehmen"),
    marked=(1,),
)  # fmt: skip
_TWICE = replace(
    _LIST,
    rows=tuple(_LIST.rows[place] for place in (1, 2, 3, 4)),
    doubtful=(1, 3),
    news="2 Verträge mit doppeltem Soll",
)

DOUBLED = (
    Shot(
        5, _LIST, "menu:Auswertungen",
        "Öffnen Sie die Auswertung „Sollliste je Vertrag“.", "Open the report “Sollliste je Vertrag”.",
        ("Auswertung öffnen", "Opening the report"),
    ),
    Shot(
        6, replace(_LIST, pressed="Filter"), "button:Filter",
        "Filtern Sie nach gleichen Beträgen im selben Monat.", "Filter for equal amounts in the same month.",
        ("Doppelte finden", "Finding doubles"),
    ),
    Shot(
        6, _TWICE, "row:1",
        "Übrig bleiben nur Doppelbuchungen. Maßgeblich ist die Uhrzeit.",
        "Only doubled postings are left. The time of day decides.",
    ),
    Shot(
        5, replace(_TWICE, pressed="Laufprotokoll"), "button:Laufprotokoll",
        "Mit einem Klick gelangen Sie ins Laufprotokoll.", "One click leads to the record of runs.",
        ("Zum Laufprotokoll", "To the record of runs"),
    ),
    Shot(
        5, _RUNS, "row:1",
        "Der zweite Lauf ist schon markiert.", "The second run is marked already.",
    ),
    Shot(
        5, replace(_RUNS, pressed="Rücknahme prüfen", news="186 Verträge geprüft, keiner davon eingezogen"),
        "button:Rücknahme prüfen",
        "Prüfen Sie die Rücknahme, bevor Sie Lastschriften einziehen.",
        "Check the reversal before you collect direct debits.",
    ),
)  # fmt: skip

_PAYING = Screen(
    "Zahlungsverkehr › Mandate", "Mandat zu Vertrag 31-0044",
    ("Feld", "Inhalt"),
    (
        ("IBAN", ""), ("Kontoinhaber:in", ""), ("Referenz", ""), ("Unterschrift", ""), ("Status", "Entwurf"),
    ),
    ("Neu", "Drucken", "Speichern"),
)  # fmt: skip
_FILLED = (
    ("IBAN", "DE02 1203 0000 0000 2020 51"), ("Kontoinhaber:in", "Mietpartei"), ("Referenz", "M-310044-1"),
    ("Unterschrift", "offen"), ("Status", "Entwurf"),
)  # fmt: skip
_SIGNED = (*_FILLED[:3], ("Unterschrift", "12.11."), ("Status", "gültig"))

MANDATE = (
    Shot(
        5, replace(_PAYING, pressed="Neu"), "button:Neu",
        "Öffnen Sie den Vertrag, Register Zahlung, und wählen Sie „Neu“.",
        "Open the lease, tab Zahlung, and choose “Neu”.",
        ("Mandat erfassen", "Entering the mandate"),
    ),
    Shot(
        6, replace(_PAYING, rows=_FILLED, marked=(0,), news="IBAN geprüft: Prüfziffer stimmt"), "row:0",
        "Geben Sie die IBAN ein. Die Prüfziffer wird sofort geprüft.",
        "Enter the IBAN. Its check digits are verified at once.",
    ),
    Shot(
        5, replace(_PAYING, rows=_FILLED, marked=(2,)), "row:2",
        "Übernehmen Sie die vorgeschlagene Referenz.", "Take over the reference that is proposed.",
    ),
    Shot(
        5, replace(_PAYING, rows=_FILLED, pressed="Drucken", news="Formular gedruckt"), "button:Drucken",
        "Drucken Sie das Formular und lassen Sie es unterschreiben.", "Print the form and have it signed.",
        ("Formular drucken", "Printing the form"),
    ),
    Shot(
        5, replace(_PAYING, rows=_SIGNED, marked=(3, 4), pressed="Speichern"), "button:Speichern",
        "Tragen Sie das Datum der Unterschrift ein: Das Mandat gilt.",
        "Enter the day of the signature: the mandate is valid.",
        ("Unterschrift eintragen", "Entering the signature"),
    ),
)  # fmt: skip

#: Name of the file -> its shots.
FILMS = {"doppelte-sollbuchungen": DOUBLED, "sepa-mandat": MANDATE}

#: Name of the picture -> its screen.
PICTURES = {
    "laufprotokoll": _RUNS,
    "verteilerschluessel": Screen(
        "Betriebskosten › Schlüssel", "Aufzug Vorderhaus",
        ("Einheit", "Gebäude", "Anteil"),
        (
            ("0101", "Vorderhaus", "62,40"), ("0201", "Vorderhaus", "62,40"), ("0301", "Vorderhaus", "71,15"),
            ("1101", "Hinterhaus", ""), ("1201", "Hinterhaus", ""),
        ),
        ("Summe prüfen", "Freigeben"), marked=(0, 1, 2), news="Summe der Anteile: 195,95",
    ),
    "mandatspruefung": Screen(
        "Zahlungsverkehr › Lastschriften › Prüfliste", "Prüfliste",
        ("Vertrag", "Betrag", "Mandat"),
        (
            ("31-0040", "612,00 €", "gültig"), ("31-0041", "745,50 €", "abgelaufen"),
            ("31-0042", "530,00 €", "gültig"), ("31-0043", "688,20 €", "fehlt"),
        ),
        ("Mandate öffnen", "Datei erzeugen"), doubtful=(1, 3), news="2 von 4 Verträgen werden eingezogen",
    ),
}  # fmt: skip

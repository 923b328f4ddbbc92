"""Samples for the gallery: made-up people, firms and requests in the language of the default profile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from klarfall.ui.klar_karte import Action, KlarKarte

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
TITLE = "Doppelte Sollstellung Oktober bereinigen"


class SampleForm(forms.Form):
    """One field of each kind, shown empty, filled and with errors."""

    customer_number = forms.CharField(label=_("Customer number"), help_text=_("Six digits"), max_length=6)
    code = forms.RegexField(
        r"^[A-Z0-9]{4}-[A-Z0-9]{4}$",
        label=_("Invitation code"),
        error_messages={"invalid": _("A character is missing. The code has the form ABCD-1234.")},
    )
    description = forms.CharField(label=_("Description"), widget=forms.Textarea(attrs={"rows": 4}))
    area = forms.ChoiceField(label=_("Area"), choices=[("a", "Mietenbuchhaltung"), ("b", "Zahlungsverkehr")])
    impact = forms.ChoiceField(
        label=_("How much does it hinder you?"),
        widget=forms.RadioSelect,
        choices=[("stop", "Wir können nicht arbeiten"), ("detour", "Nur mit Umweg"), ("hardly", "Kaum")],
    )
    until = forms.DateField(
        label=_("When do you need a solution?"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    limit = forms.DecimalField(label=_("Limit"), required=False)
    newsletter = forms.BooleanField(label=_("Tell me about updates"), required=False)


_CLAUSE: dict[str, Any] = {"clause_label": "Leistungskatalog B 2.1", "clause_url": "#"}
_FEE: dict[str, Any] = {
    "state": "chargeable",
    "why": "Bereinigung einer Doppelbuchung nach zwei von Hand gestarteten Läufen.",
}

#: The Klar-Karte in all its states.
CARDS = [
    KlarKarte(
        state="covered",
        lead="Wir lösen das im Rahmen Ihres Wartungsvertrags.",
        why="Akutes Problem im laufenden Betrieb.",
        clause_label="Leistungskatalog A 1.2",
        clause_url="#",
        cost_total="0,00 €",
        decides="Niemand muss etwas freigeben.",
        next="Nächste Antwort bis heute, 13:30 Uhr.",
        since="Verbindlich seit heute, 08:47 Uhr",
        history_url="#",
    ),
    KlarKarte(
        **_FEE,
        **_CLAUSE,
        lead="Sie entscheiden, ob und in welcher Form wir weiterarbeiten.",
        cost_total="höchstens 296,00 €",
        cost_note="1 bis 1,5 Std. geschätzt, 148,00 € je Stunde, netto",
        decides="Petra Sommer oder Jonas Weber, beide mit Kostenfreigabe bis 1.000 €.",
        next="Nach Ihrer Freigabe beginnen wir heute bis 14:00 Uhr. Ohne Entscheidung ruht die Anfrage.",
        actions=[
            Action(label="Ansehen und entscheiden", url="#", primary=True),
            Action(label="Ohne Kosten selbst lösen", url="#"),
        ],
        since="Verbindlich seit heute, 09:58 Uhr",
        disagree_url="#",
    ),
    KlarKarte(
        **_FEE,
        **_CLAUSE,
        verdict="Beauftragt, kostenpflichtig",
        lead="Petra Sommer hat mit Obergrenze beauftragt.",
        cost_total="111,00 € von 296,00 €",
        used_percent=37.5,
        used_text="45 von 120 Min. verbraucht",
        decided="24.11.2026, 10:51 Uhr, Fassung 1",
        next="Bei 296,00 € halten wir an und fragen neu.",
    ),
    KlarKarte(
        **_FEE,
        verdict="Nicht beauftragt",
        lead="Sie haben nicht beauftragt. Es entstehen keine Kosten.",
        decided="24.11.2026, 11:05 Uhr, Petra Sommer",
        next="Verlauf und Artikel bleiben für Sie da.",
    ),
    KlarKarte(
        state="not_offered",
        lead="Termine vor Ort übernehmen unsere Berater:innen.",
        why="Der Produktsupport hilft per Telefon, E-Mail und Fernwartung.",
        cost_note="Im Support keine. Die Beratung nennt ihren Preis.",
        decides="Sie. Ohne Ihre Auswahl kommt kein Auftrag zustande.",
        next="Geht an die Beratung: Anna Reuter meldet sich bis morgen, 12:00 Uhr.",
        since="Verbindlich seit 19.11.2026, 11:48 Uhr",
        disagree_url="#",
    ),
    KlarKarte(
        state="open",
        lead="Wir sehen Ihre Anfrage bis heute, 12:10 Uhr durch.",
        why="Noch offen. Ihre Angabe: „Ich bin unsicher“.",
        cost_note="Bisher keine. Die Sichtung ist kostenfrei.",
        decides="Sie, falls die Leistung kostenpflichtig ist.",
        next="Sie erhalten eine Nachricht mit der Einordnung.",
    ),
    KlarKarte(
        state="chargeable",
        provisional=True,
        verdict="Voraussichtlich kostenpflichtig",
        lead="Unverbindlich – verbindlich erst nach Sichtung.",
        why="Sie beschreiben eine Doppelbuchung nach einem zweiten Lauf.",
        cost_note="Beim Senden keine. Nach der Sichtung nennen wir Satz, Schätzung und Obergrenze.",
        changes_if="ein Programmfehler den zweiten Lauf ausgelöst hat. Dann ist die Hilfe im Vertrag enthalten.",
    ),
    KlarKarte(
        **_FEE,
        **_CLAUSE,
        clause_text="Unterstützung bei der Bereinigung von Daten, bspw. von Falsch- oder Doppelbuchungen",
        lead="Bereinigung einer Doppelbuchung",
        review="Zweite Prüfung läuft, Antwort bis morgen, 10:00 Uhr. Sie kostet nichts.",
        changes_if="ein Programmfehler den zweiten Lauf ausgelöst hat.",
    ),
    KlarKarte(
        **_FEE,
        lead="Bereinigung einer Doppelbuchung",
        superseded="Ersetzt durch Fassung 2 vom 25.11.2026, 09:10 Uhr.",
    ),
]


CHANNELS = [
    {
        "kind": "phone",
        "value": "0800 / 123 45 67",
        "href": "tel:08001234567",
        "note": "gebührenfrei",
        "short": "Anrufen",
    },
    {
        "kind": "email",
        "value": "hilfe@support.example",
        "href": "mailto:hilfe@support.example",
        "note": "wird zur Anfrage",
        "short": "E-Mail",
    },
    {
        "kind": "remote",
        "value": "Fernwartung",
        "href": "#",
        "note": "nach Absprache mit Code",
        "short": "Fernwartung",
    },
]
FILES = [
    {"name": "Laufprotokoll_Soll_10-2026.pdf", "size": 214000, "url": "#"},
    {"name": "Bildschirmfoto 09-31.png", "size": 186000, "url": "#"},
]


def _steps(waiting: bool) -> list[dict[str, Any]]:
    """Returns the progress of a request; chargeable ones have the customer's decision in between."""
    first = [
        {"label": "Eingegangen", "note": "heute, 09:38", "state": "done"},
        {"label": "Eingeordnet", "note": "09:58, kostenpflichtig", "state": "done"},
    ]
    decision = {"label": "Ihre Entscheidung", "note": "wartet auf Sie", "state": "now", "you": True}
    work = {"label": "In Bearbeitung", "note": "", "state": "" if waiting else "now"}
    return [*first, *([decision] if waiting else []), work, {"label": "Gelöst", "note": "", "state": ""}]


def _messages() -> list[dict[str, Any]]:
    """Returns a customer's message with files, a specialist's answer and an internal note."""
    return [
        {
            "author": "Petra Sommer",
            "when": "heute, 09:38",
            "text": "Der Sollstellungslauf Oktober wurde am 02.11. versehentlich zweimal gestartet.\n\n"
            "Im Objekt 114 haben jetzt 38 Mietverträge zwei Sollbuchungen. Siehe https://example.org/lauf?id=2.",
            "files": FILES,
        },
        {
            "author": "Tobias Brandt",
            "us": True,
            "role": "Produktsupport",
            "when": "09:58",
            "text": "Guten Morgen, Frau Sommer. Das Protokoll zeigt zwei Starts im Abstand von vier Minuten.",
        },
        {
            "author": "Selin Aydın",
            "us": True,
            "internal": True,
            "when": "09:47",
            "text": "Im August gab es den gleichen Fall in Objekt 92.",
        },
    ]


def _requests() -> list[dict[str, Any]]:
    """Returns rows of a customer's list, one per meaning."""
    rows: list[tuple[str, str, str, str, str]] = [
        ("Lastschriftlauf bricht ab", "covered", "In Bearbeitung", "nächste Antwort bis 13:30", ""),
        (TITLE, "chargeable", "Wartet auf Sie", "Kosten entscheiden", "you"),
        ("Termin zur Umstellung", "not_offered", "Übergeben an Beratung", "drei Termine vorgeschlagen", ""),
        ("Guthaben fehlen in der Einzelabrechnung", "open", "Eingegangen", "Einordnung bis 12:10", ""),
    ]
    return [
        {
            "url": "#",
            "number": f"KF-18{31 + index}",
            "title": title,
            "details": "Mietenbuchhaltung · Miriam Köhler",
            "meaning": meaning,
            "status": status,
            "status_note": note,
            "you": bool(you),
        }
        for index, (title, meaning, status, note, you) in enumerate(rows)
    ]


def _queue() -> list[dict[str, Any]]:
    """Returns rows of the desk's queue: in danger, normal, selected, on hold."""
    rows: list[tuple[str, str, str | None, str, int | None, int]] = [
        ("ERP startet nach Windows-Update nicht", "open", "Zwei Lesarten", "phone", 21, 18),
        ("Statusdifferenz Wohnung 0412 nach Auszug", "chargeable", None, "email", -12, 0),
        (TITLE, "chargeable", None, "portal", 107, 89),
        ("Darf Grundsteuer auf Gewerbemieter:innen umgelegt werden?", "not_offered", None, "portal", 109, 91),
        ("Mahnstufe bleibt nach Zahlungseingang stehen", "covered", "Im Vertrag", "remote", 112, 93),
        ("Einweisung für zwei neue Kolleg:innen", "you", "Entscheidung offen", "portal", None, 0),
    ]
    return [
        {
            "url": "#",
            "title": title,
            "number": f"KF-18{34 + index}",
            "customer": "Hausverwaltung Lindenhof",
            "area": "Mietenbuchhaltung",
            "meaning": meaning,
            "meaning_text": words,
            "maybe": meaning != "you",
            "proposal_note": "B 2.1",
            "channel_kind": channel,
            "received": "09:38",
            "sel": index == 2,  # noqa: PLR2004 - the third row is the one that is open beside the list
            "left": left,
            "share": share,
        }
        for index, (title, meaning, words, channel, left, share) in enumerate(rows)
    ]


def _shell() -> dict[str, Any]:
    """Returns what a site gives to the portal's shell."""
    return {
        "nav": [
            {"label": "Start", "url": "#", "key": "home"},
            {"label": "Anfragen", "url": "#", "key": "requests"},
            {"label": "Entscheidungen", "url": "#", "key": "decisions", "count": 2, "count_label": "offen"},
            {"label": "Helpdesk-Center", "url": "#", "key": "help"},
            {"label": "Leistungskatalog", "url": "#", "key": "catalogue"},
        ],
        "here": "requests",
        "hours": {"open": True, "text": "Geöffnet bis 17:00 Uhr"},
        "open_count": 2,
        "footer_links": [
            {"label": "Leistungskatalog: Was ist enthalten?", "url": "#"},
            {"label": "Kontakt", "url": "#"},
        ],
        "now": NOW,
    }


def _desk() -> dict[str, Any]:
    """Returns what a site gives to the desk's shells."""
    mine = [
        {"label": "Zum Einordnen", "url": "#", "icon": "inbox", "count": 7, "current": True},
        {"label": "Mir zugeordnet", "url": "#", "icon": "person", "count": 5},
    ]
    team = [
        {"label": "Frist in Gefahr", "url": "#", "icon": "alert", "count": 2, "hot": True},
        {"label": "Alle offenen", "url": "#", "icon": "merge", "count": 1200},
    ]
    return {
        "views": [{"title": "Meine Arbeit", "items": mine}, {"title": "Team", "items": team}],
        "rail": [*mine, *team],
        "search_url": "#",
        "hours": {"open": True, "text": "Annahme bis 17:00"},
        "shortcuts": [("J", "nächste"), ("K", "vorige"), ("1", "im Vertrag"), ("R", "antworten")],
        "queue": _queue(),
        "messages_": _messages(),
        "title": TITLE,
        "started": timezone.now() - timedelta(minutes=13),
    }


def components() -> dict[str, Any]:
    """Returns the samples of the page with all components."""
    bad = SampleForm({"customer_number": "", "code": "LH7Q-2MK", "description": "", "impact": "detour", "area": "a"})
    return _shell() | {
        "cards": CARDS,
        "steps_waiting": _steps(True),
        "steps_working": _steps(False),
        "messages_": _messages(),
        "requests": _requests(),
        "form": SampleForm(initial={"impact": "detour", "limit": Decimal("1000.00"), "customer_number": "204817"}),
        "bad_form": bad,
        "queue": _queue(),
        "started": timezone.now() - timedelta(minutes=13),
        "amounts": (Decimal(148), Decimal(222), Decimal(296)),
        "files": [
            {"name": "Bildschirmfoto 09-31.png", "size": 186000, "note": "eingefügt", "remove_url": "#"},
            {"name": "Laufprotokoll_Soll_10-2026.pdf", "size": 214000, "note": "geprüft", "remove_url": "#"},
        ],
        "strong_event": Markup("<b>Eingeordnet: Kostenpflichtig</b> mit Schätzung und Obergrenze"),
        "clock_words": "Servicezeit heute 8 bis 17 Uhr, jetzt 10:42 Uhr",
        "channels": CHANNELS,
        "person": SimpleNamespace(name="Petra Sommer", email="p.sommer@lindenhof.example"),
    }


def sign_in() -> dict[str, Any]:
    """Returns the samples of the registration shell."""
    return {
        "steps_title": "Einmal registrieren, etwa 4 Minuten",
        "steps": [
            {"title": "Kundennummer und Einladung", "note": "Aus dem Schreiben", "state": "done"},
            {"title": "E-Mail bestätigen", "note": "Sechsstelliger Code, 15 Minuten gültig", "state": "now"},
            {"title": "Passwort wählen", "note": "Zweiter Faktor, wenn Sie möchten", "state": ""},
            {"title": "Fertig", "note": "Rolle und Benachrichtigungen", "state": ""},
        ],
        "guide_url": "#",
        "guide_label": "Anleitung für das Serviceportal",
        "help_phone": "0800 / 123 45 67",
        "help_text": "gebührenfrei",
        "form": SampleForm({"code": "LH7Q-2MK", "customer_number": "204817"}),
    }


def request_page() -> dict[str, Any]:
    """Returns the samples of a customer's request that waits for a decision."""
    return components() | {"card": CARDS[1], "title": TITLE}


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "components": components,
    "request": request_page,
    "queue": _desk,
    "workspace": lambda: _desk() | components() | {"user": None},
    "sign-in": sign_in,
}

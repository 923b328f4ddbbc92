"""The demo's service catalogue, rate card and request tiles (domain.md, section 3), in own words."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from klarfall.contracts.models import CatalogueItem, Product, RateCardLine, RequestKind, TermsVersion


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue as it is seeded."""

    code: str
    clause: str
    outcome: str
    title: str
    title_en: str
    text: str
    example: str
    reason: str
    changes_if: str = ""
    needs_cause: bool = False
    asks_training: bool = False
    work_type: str = ""
    alternatives: tuple[str, ...] = ()
    scope: str = ""
    exclusions: str = ""
    estimate: tuple[int, int] | None = None
    products: tuple[str, ...] = field(default=())


_DEFECT = "ein Programmfehler die Ursache ist. Dann ist die Hilfe im Vertrag enthalten."

ENTRIES = (
    Entry(
        "COV-QUESTION", "A 1.1", "covered", "Konkrete Frage klären", "Answering a concrete question",
        "Klärung konkreter Fragestellungen, die im laufenden Betrieb der Anwendung auftreten.",
        "Warum erscheint dieser Vertrag nicht in der Sollstellung?",
        "Sie fragen nach einem bestimmten Vorgang in der Anwendung.",
        asks_training=True,
    ),
    Entry(
        "COV-USE", "A 1.2", "covered", "Problem in der Anwendung", "Problem in using the application",
        "Hilfestellung bei Problemen in der Anwendung, die trotz vorhandener Schulung nicht eigenständig gelöst werden können.",
        "Die Mahnstufe bleibt nach dem Zahlungseingang stehen.",
        "Ein Arbeitsschritt führt trotz richtiger Eingaben nicht zum erwarteten Ergebnis.",
        asks_training=True,
    ),
    Entry(
        "COV-ACUTE", "A 1.3", "covered", "Akutes Problem im laufenden Betrieb", "Acute problem in running operation",
        "Behebung akuter Probleme im laufenden Betrieb.",
        "Der Zahlungslauf bricht mit einer Meldung ab.",
        "Der laufende Betrieb ist gestört.",
    ),
    Entry(
        "COV-DEFECT", "A 2.1", "covered", "Programmfehler", "Product defect",
        "Behebung oder Umgehung eines Fehlers der gelieferten Software.",
        "Seit dem Update werden Beträge doppelt angezeigt.",
        "Die Ursache ist ein Fehler im Programm.",
    ),
    Entry(
        "COV-INVESTIGATE", "A 2.2", "covered", "Ursache finden", "Finding the cause",
        "Untersuchung eines unklaren Verhaltens, bis die Ursache feststeht.",
        "Zwei Auswertungen zeigen verschiedene Summen.",
        "Die Ursache steht noch nicht fest. Bis wir sie kennen, ist die Untersuchung im Vertrag enthalten.",
    ),
    Entry(
        "CHG-TRAIN-NEW", "B 1.1", "chargeable", "Einweisung neuer Mitarbeiter:innen", "Introducing new staff",
        "Schulung und Wissensaufbau im Umgang mit der Anwendung, insbesondere Einweisung neuer Mitarbeiter:innen.",
        "Neue Kollegin in die Mietenbuchhaltung einweisen.",
        "Gewünscht ist eine Einweisung in die Arbeit mit der Anwendung.",
        work_type="train", alternatives=("training", "article"), estimate=(60, 90),
        scope="Einweisung am Bildschirm in die genannten Arbeitsschritte, mit Übung an Ihren Daten.",
        exclusions="Schriftliche Unterlagen, Einrichtung neuer Benutzer:innen.",
        changes_if="es um ein einzelnes Problem geht, das die Arbeit gerade aufhält. Dann ist die Hilfe im Vertrag enthalten.",
        asks_training=True,
    ),
    Entry(
        "CHG-TRAIN-BASIC", "B 1.2", "chargeable", "Grundsätzliche Funktionsweise erläutern", "Explaining how a module works",
        "Grundsätzliche Erläuterung der Funktionsweise von Modulen und Programmen.",
        "Wie funktioniert das Mahnwesen?",
        "Gefragt ist nach der Funktionsweise des Moduls im Ganzen, nicht nach einem einzelnen Vorgang.",
        work_type="train", alternatives=("article", "training"), estimate=(45, 60),
        scope="Erläuterung der Funktionsweise am Bildschirm mit einem Durchlauf an Ihren Daten.",
        exclusions="Einrichtung, Schulungsunterlagen.",
        changes_if="es um ein einzelnes Problem geht, das die Arbeit gerade aufhält. Dann ist die Hilfe im Vertrag enthalten.",
        asks_training=True,
    ),
    Entry(
        "CHG-CONF", "B 1.3", "chargeable", "Einstellungen und Konfiguration", "Settings and configuration",
        "Fragen zu Einstellungen oder Konfigurationen des Systems, für das ERP-System wie für angebundene Partnerprodukte, zum Beispiel zur Anlage von Verteilerschlüsseln.",
        "Verteilerschlüssel für die neue Aufzugsanlage anlegen.",
        "Gewünscht ist eine Einstellung des Systems nach Ihren Vorgaben.",
        work_type="support", alternatives=("article", "training", "consultant"), estimate=(45, 60),
        scope="Einstellung nach Ihren Angaben, Probe an einem Beispiel, kurze Beschreibung für Ihre Unterlagen.",
        exclusions="Prüfung anderer Objekte, rechtliche oder steuerliche Bewertung.",
        changes_if="eine vorhandene Einstellung nicht so wirkt, wie sie beschrieben ist. Dann ist die Hilfe im Vertrag enthalten.",
    ),
    Entry(
        "CHG-DATA-POST", "B 2.1", "chargeable", "Falsch- oder Doppelbuchungen bereinigen", "Cleaning up wrong or double postings",
        "Unterstützung bei der Bereinigung von Daten, die durch nicht sachgemäße Bedienung entstanden sind, insbesondere von Falsch- oder Doppelbuchungen.",
        "Zweiten Sollstellungslauf zurücknehmen.",
        "Zwei Läufe wurden von Hand gestartet; dadurch entstanden die Buchungen.",
        needs_cause=True, work_type="support", alternatives=("article", "training"), estimate=(60, 90),
        scope="Buchungen eingrenzen, Rücknahme zuerst im Testmandanten, danach mit Ihrem Einverständnis im Echtmandanten, Abgleich der offenen Posten.",
        exclusions="Korrektur bereits versandter Schreiben, steuerliche Bewertung.",
        changes_if=_DEFECT,
    ),
    Entry(
        "CHG-DATA-STATUS", "B 2.2", "chargeable", "Statusdifferenzen auflösen", "Resolving status differences",
        "Unterstützung bei der Auflösung von Statusdifferenzen, die durch nicht sachgemäße Bedienung entstanden sind.",
        "Die Wohnung gilt als vermietet, obwohl der Vertrag beendet ist.",
        "Der Status wurde von Hand geändert, ohne den zugehörigen Vorgang abzuschließen.",
        needs_cause=True, work_type="support", alternatives=("article",), estimate=(30, 60),
        scope="Vorgang eingrenzen, Status richtigstellen, Abgleich der abhängigen Daten.",
        exclusions="Prüfung weiterer Objekte.",
        changes_if=_DEFECT,
    ),
    Entry(
        "CHG-DATA-OTHER", "B 2.3", "chargeable", "Sonstige Datenbereinigung", "Other data clean-up",
        "Unterstützung bei der Bereinigung weiterer Daten, die durch nicht sachgemäße Bedienung entstanden sind.",
        "Doppelt angelegte Personen zusammenführen.",
        "Die Daten wurden mehrfach angelegt.",
        needs_cause=True, work_type="support", alternatives=("article", "training"), estimate=(30, 60),
        scope="Betroffene Datensätze eingrenzen und nach Ihrer Freigabe bereinigen.",
        exclusions="Datensätze, die Sie nicht benannt haben.",
        changes_if=_DEFECT,
    ),
    Entry(
        "CHG-INST-SERVER", "B 3.1", "chargeable", "Installation auf dem Server", "Installation on the server",
        "Durchführung oder Unterstützung bei der Installation auf Servern.",
        "Umzug der Anwendung auf einen neuen Server begleiten.",
        "Gewünscht ist die Durchführung oder Begleitung einer Installation.",
        work_type="install", alternatives=("article", "consultant"), estimate=(90, 180),
        scope="Installation per Fernwartung gemeinsam mit Ihrer Technik, Funktionsprüfung.",
        exclusions="Beschaffung, Datensicherung, Arbeiten am Betriebssystem.",
    ),
    Entry(
        "CHG-INST-CLIENT", "B 3.2", "chargeable", "Installation auf Arbeitsplätzen", "Installation on clients",
        "Durchführung oder Unterstützung bei der Installation auf Netzwerkclients.",
        "Zwei neue Arbeitsplätze einrichten.",
        "Gewünscht ist die Durchführung oder Begleitung einer Installation.",
        work_type="install", alternatives=("article",), estimate=(30, 60),
        scope="Installation per Fernwartung auf den genannten Arbeitsplätzen, Funktionsprüfung.",
        exclusions="Drucker, Betriebssystem, weitere Arbeitsplätze.",
    ),
    Entry(
        "CHG-INFRA-HW", "B 4.1", "chargeable", "Problem mit Hardware", "Problem with hardware",
        "Unterstützung bei Problemfällen, die im Zusammenhang mit der verwendeten Hardware stehen.",
        "Der Etikettendrucker zieht zwei Blätter ein.",
        "Die Prüfung zeigt: Die Ursache liegt an der Hardware.",
        needs_cause=True, work_type="support", estimate=(30, 60),
        scope="Eingrenzung gemeinsam mit Ihrer Technik, Vorschlag zur Abhilfe.",
        exclusions="Reparatur und Beschaffung.", changes_if=_DEFECT,
    ),
    Entry(
        "CHG-INFRA-OS", "B 4.2", "chargeable", "Problem mit dem Betriebssystem", "Problem with the operating system",
        "Unterstützung bei Problemfällen, die im Zusammenhang mit eingesetzten Betriebssystemen stehen.",
        "Nach einem Systemupdate startet die Anwendung nicht.",
        "Die Prüfung zeigt: Die Ursache liegt am Betriebssystem.",
        needs_cause=True, work_type="support", estimate=(60, 120),
        scope="Eingrenzung per Fernwartung, Abhilfe am betroffenen Arbeitsplatz.",
        exclusions="Weitere Arbeitsplätze, Arbeiten am Netzwerk.", changes_if=_DEFECT,
    ),
    Entry(
        "CHG-INFRA-NET", "B 4.3", "chargeable", "Problem mit dem Netzwerk", "Problem with the network",
        "Unterstützung bei Problemfällen, die im Zusammenhang mit der Netzwerkkonfiguration stehen.",
        "Der Zugriff aus der Außenstelle bricht ab.",
        "Die Prüfung zeigt: Die Ursache liegt an der Netzwerkkonfiguration.",
        needs_cause=True, work_type="support", estimate=(60, 120),
        scope="Eingrenzung gemeinsam mit Ihrer Technik, Vorschlag zur Einstellung.",
        exclusions="Änderungen an fremden Geräten.", changes_if=_DEFECT,
    ),
    Entry(
        "CHG-OTHER", "B 5.1", "chargeable", "Sonstige kostenpflichtige Leistung", "Other chargeable service",
        "Weitere Leistungen, die nicht im Vertrag enthalten sind; die Begründung nennt den Einzelfall.",
        "Einmalige Auswertung nach eigenem Muster erstellen.",
        "",
        work_type="senior", alternatives=("consultant",), estimate=(60, 120),
        scope="", exclusions="",
    ),
    Entry(
        "NOT-ONSITE", "C 1.1", "not_offered", "Termin vor Ort", "Visit on site",
        "Termine vor Ort leistet der Produktsupport nicht. Gern vereinbaren Sie dafür einen Termin mit der Beratung.",
        "Bitte schicken Sie jemanden vorbei.",
        "Sie wünschen einen Termin bei Ihnen im Haus. Dafür ist die Beratung da.",
        alternatives=("consultant",), products=("powerhaus", "archiv-connect"),
    ),
    Entry(
        "NOT-LEGAL", "C 2.1", "not_offered", "Rechtliche oder steuerliche Beratung", "Legal or tax advice",
        "Aus rechtlichen Gründen darf der Produktsupport keine rechtliche oder steuerliche Beratung leisten.",
        "Dürfen wir diese Kosten umlegen?",
        "Gefragt ist nach der rechtlichen oder steuerlichen Bewertung.",
    ),
    Entry(
        "NOT-PRODUCT", "C 3.1", "not_offered", "Fremdes Produkt", "Foreign product",
        "Für Produkte, die nicht zum Lieferumfang gehören, leistet der Produktsupport keine Hilfe.",
        "Frage zu einer Tabellenkalkulation.",
        "Die Frage betrifft ein Produkt, das nicht von uns betreut wird.",
    ),
)  # fmt: skip

RATES = {"support": "148.00", "senior": "168.00", "train": "132.00", "install": "148.00"}

KINDS = (
    ("acute", "alert", "Etwas funktioniert nicht", "Something does not work", "Fehlermeldung, Abbruch, falsches Ergebnis", "Error, crash, wrong result", "COV-ACUTE", "covered", False),
    ("question", "question", "Ich komme nicht weiter", "I am stuck", "Konkrete Frage trotz Schulung", "A concrete question in spite of training", "COV-QUESTION", "covered", False),
    ("data", "clean", "Daten bereinigen", "Clean up data", "Doppel- oder Falschbuchung, Statusdifferenz", "Double or wrong posting, status difference", "CHG-DATA-POST", "chargeable", False),
    ("config", "sliders", "Einstellung oder Konfiguration", "Setting or configuration", "Auch für Partnerprodukte", "For partner products as well", "CHG-CONF", "chargeable", False),
    ("training", "training", "Schulung oder Einweisung", "Training or introduction", "Neue Kolleg:innen, Funktionsweise", "New colleagues, how it works", "CHG-TRAIN-NEW", "chargeable", False),
    ("install", "server", "Installation oder Technik", "Installation or technology", "Server, Netzwerk, Hardware", "Server, network, hardware", "CHG-INST-CLIENT", "chargeable", False),
    ("onsite", "pin", "Termin vor Ort", "Visit on site", "Geht an unsere Berater:innen", "Goes to our consultants", "NOT-ONSITE", "not_offered", True),
    ("unsure", "chat", "Ich bin unsicher", "I am not sure", "Wir ordnen es für Sie ein", "We assess it for you", "", "", False),
)  # fmt: skip


def seed_terms(products: dict[str, Product], *, valid_from: date, published_at: datetime) -> TermsVersion:
    """Write and publish version 1 of the catalogue with its rate card."""
    terms = TermsVersion.objects.create(number=1, valid_from=valid_from)
    for order, entry in enumerate(ENTRIES):
        item = CatalogueItem.objects.create(terms=terms, order=order, **_columns(entry))
        item.products.set(products[code] for code in entry.products)
    for work_type, rate in RATES.items():
        RateCardLine.objects.create(terms=terms, work_type=work_type, rate=Decimal(rate))
    terms.published_at = published_at
    terms.save()
    return terms


def _columns(entry: Entry) -> dict[str, object]:
    low, high = entry.estimate or (None, None)
    return {
        "code": entry.code,
        "clause": entry.clause,
        "outcome": entry.outcome,
        "title": entry.title,
        "title_en": entry.title_en,
        "text": entry.text,
        "examples": [entry.example],
        "reason_template": entry.reason,
        "changes_if": entry.changes_if,
        "needs_cause": entry.needs_cause,
        "asks_training": entry.asks_training,
        "work_type": entry.work_type,
        "alternatives": list(entry.alternatives),
        "default_scope": entry.scope,
        "default_exclusions": entry.exclusions,
        "estimate_min": low,
        "estimate_max": high,
    }


def seed_kinds() -> None:
    """Write the tiles of the new request; *Ich bin unsicher* comes last and is the default."""
    names = ("code", "icon", "title", "title_en", "hint", "hint_en", "usual_item", "usual_outcome", "to_consulting")
    for order, row in enumerate(KINDS):
        RequestKind.objects.create(order=order, **dict(zip(names, row, strict=True)))

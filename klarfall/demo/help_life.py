"""What happened around the demo's help: readings and votes, known problems, subscriptions, searches in vain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from klarfall.contracts.models import Area, Product, ProductVersion
from klarfall.core.isolation import Seat
from klarfall.demo.scene import Cast
from klarfall.knowledge.actions.affected import attach_ticket, report_affected
from klarfall.knowledge.actions.problems import ProblemData, fix_problem, open_problem, work_around
from klarfall.knowledge.actions.reading import note_reading, vote
from klarfall.knowledge.actions.subscriptions import subscribe
from klarfall.knowledge.models import Article, KnownProblem, SearchMiss, SynonymGroup
from klarfall.tickets.models import Ticket

_LEAD = "Katrin Vogt"

#: Who read what, and whether it helped: person, source, helped (None = no answer), reason, words.
READINGS: tuple[tuple[str, str, bool | None, str, str], ...] = (
    ("Petra Sommer", "co2-aufteilung", False, "unclear", "Wo stelle ich ein, dass wir zwei Heizungen haben?"),
    ("Petra Sommer", "mandate-neu-zuordnen", True, "", ""),
    ("Petra Sommer", "sollstellungslauf-zuruecknehmen", None, "", ""),
    ("Jonas Weber", "archiv-belegarten", True, "", ""),
    ("Jonas Weber", "verbindung-aussenstelle", True, "", ""),
    ("Aylin Kaya", "aenderungsprotokoll-lesen", True, "", ""),
    ("Aylin Kaya", "sollstellungslauf-zuruecknehmen", True, "", ""),
    ("Ralf Hennig", "buchungsexport-steuerberatung", True, "", ""),
    ("Ralf Hennig", "sollstellungslauf-zuruecknehmen", True, "", ""),
    ("Ralf Hennig", "lastschriftlauf-starten", None, "", ""),
    ("Doreen Pohl", "rueckstandsliste-stichtag", False, "does_not_work", "Am Zweiten fehlen die drei Posten auch."),
    ("Doreen Pohl", "mahnstufe-bleibt-stehen", True, "", ""),
    ("Doreen Pohl", "sollstellungslauf-zuruecknehmen", False, "not_my_question", ""),
    ("Svea Thomsen", "wohnwerk-entwurf-suche", True, "", ""),
    ("Malte Jensen", "wohnwerk-indexwerte", True, "", ""),
)

#: Words that mean the same in this vendor's houses, beside the general list of the product.
SYNONYMS = (
    ("Laufprotokoll", "Laufliste", "Joblog"),
    ("Kautionszinsen", "Sparzinsen"),
    ("Mandant", "Buchungskreis"),
    ("Hausgeld", "Wohngeld"),
)

#: What was looked for in vain, and how often.
MISSES = (("Glasfaserausbau", 6), ("Balkonkraftwerk", 4), ("Tiefgarage Schranke", 3), ("Mieterportal App", 2))

#: Person, product, kinds, pace.
SUBSCRIPTIONS = (
    ("Petra Sommer", "powerhaus", ("update", "knowledge"), "weekly"),
    ("Ralf Hennig", "powerhaus", ("update",), "each"),
    ("Malte Jensen", "wohnwerk", ("update", "manual"), "daily"),
)


@dataclass(frozen=True)
class Trouble:
    """A known problem: since how many days, of which versions, its texts, and whom it concerns."""

    days: int
    area: str
    title: str
    title_en: str
    symptoms: str
    symptoms_en: str
    versions: tuple[str, str]
    article: str
    workaround: str = ""
    workaround_en: str = ""
    fixed_in: str = ""
    visibility: str = "customers"
    tickets: tuple[str, ...] = ()
    reported_by: tuple[str, ...] = ()


TROUBLES = (
    Trouble(
        21, "Auswertungen",
        "Rückstandsliste: Posten des Vormonats fehlen bei Stichtag am Monatsersten",
        "List of arrears: items of the month before are missing when the key date is the first",
        "Liegt der Stichtag auf einem Monatsersten, fehlen in der Rückstandsliste offene Posten des Vormonats.",
        "With a key date on the first of a month, the list of arrears lacks open items of the month before.",
        ("8.4", "8.4.1"), "rueckstandsliste-stichtag",
        "Wählen Sie als Stichtag den Zweiten des Monats.", "Choose the second of the month as key date.",
        fixed_in="8.4.2", tickets=("Rückstandsliste zeigt bezahlte Mieten",), reported_by=("Ralf Hennig",),
    ),
    Trouble(
        16, "Betriebskosten",
        "CO₂-Aufteilung fehlt bei zwei Heizanlagen in einem Objekt",
        "The sharing of CO₂ costs is missing with two heating systems in one property",
        "Hat ein Objekt mehrere Heizanlagen, fehlt in der Betriebskostenabrechnung der Abschnitt *CO₂-Kosten*,"
        " obwohl die Emissionen erfasst sind.",
        "Where a property has several heating systems, the section *CO₂-Kosten* is missing in the settlement.",
        ("8.4", "8.4.1"), "co2-aufteilung",
        fixed_in="8.4.2", tickets=("CO₂-Aufteilung erscheint nicht in der Abrechnung",),
    ),
    Trouble(
        2, "Finanzbuchhaltung",
        "Buchungsexport endet mit Zeitüberschreitung (FB-4420)",
        "The export of postings ends with a timeout (FB-4420)",
        "Der Export für ein Quartal oder Jahr endet nach zehn Minuten mit **FB-4420**.",
        "The export of a quarter or a year ends after ten minutes with **FB-4420**.",
        ("8.4", ""), "buchungsexport-steuerberatung",
        "Exportieren Sie jeden Monat einzeln:\n\n1. Zeitraum auf einen Monat stellen.\n2. **Exportieren**.\n"
        "3. Für die übrigen Monate wiederholen. Die Dateien lassen sich nacheinander einlesen.",
        "Export every month by itself; the files can be read in one after the other.",
        tickets=("Buchungsexport endet mit Zeitüberschreitung",), reported_by=("Doreen Pohl", "Jonas Weber"),
    ),
    Trouble(
        0, "Installation und System",
        "PowerHaus startet nach dem Windows-Update dieser Nacht nicht",
        "PowerHaus does not start after last night's Windows update",
        "Das Startbild erscheint kurz, dann geschieht nichts. Betroffen sind einzelne Arbeitsplätze;"
        " der Server läuft. Wir untersuchen, welches Update die Laufzeitumgebung entfernt.",
        "The start picture shows for a moment, then nothing happens. Single workplaces are affected.",
        ("8.4", ""), "startet-nicht-windows-update", visibility="signed_in",
        tickets=("PowerHaus startet nach Windows-Update nicht",),
    ),
)  # fmt: skip


def seed_life(cast: Cast, articles: Mapping[str, Article], now: datetime) -> None:
    """Write everything that happened around the articles, as of `now`."""
    _seed_readings(cast, articles, now)
    for trouble in TROUBLES:
        _seed_trouble(cast, articles, trouble, now)
    for person, product, kinds, pace in SUBSCRIPTIONS:
        contact = cast.contacts[person]
        subscribe(contact, product=cast.products[product], kinds=kinds, pace=pace, actor=contact.user, now=now)
    SynonymGroup.objects.bulk_create(SynonymGroup(words=list(words), changed_at=now) for words in SYNONYMS)
    SearchMiss.objects.bulk_create(
        SearchMiss(words=words.lower(), times=times, last_at=now - timedelta(days=place + 1))
        for place, (words, times) in enumerate(MISSES)
    )


def _seed_readings(cast: Cast, articles: Mapping[str, Article], now: datetime) -> None:
    for place, (person, source, helped, reason, words) in enumerate(READINGS):
        contact, article = cast.contacts[person], articles[source]
        at = now - timedelta(hours=5 * place + 2)
        note_reading(article, seat=Seat(contact.pk, contact.customer_id), actor=contact.user, now=at)
        if helped is not None:
            vote(article, contact=contact, helped=helped, reason=reason, comment=words, actor=contact.user, now=at)


def _seed_trouble(cast: Cast, articles: Mapping[str, Article], trouble: Trouble, now: datetime) -> None:
    """Open a problem, tell its way around and its fix, and let people and requests hang on it."""
    lead, begun = cast.staff[_LEAD], now - timedelta(days=trouble.days, minutes=90)
    product = cast.products["powerhaus"]
    versions = {row.name: row for row in ProductVersion.objects.filter(product=product)}
    data = _data(trouble, product, articles[trouble.article], versions)
    problem = open_problem(product=product, data=data, published=True, actor=lead, now=begun)
    for name in trouble.reported_by:
        contact = cast.contacts[name]
        report_affected(problem, contact=contact, actor=contact.user, now=begun + timedelta(minutes=20))
    if trouble.workaround:
        later = begun + timedelta(hours=1)
        words, english = trouble.workaround, trouble.workaround_en
        problem = work_around(problem, workaround=words, workaround_en=english, actor=lead, now=later)
    if trouble.fixed_in:
        fixed = versions[trouble.fixed_in]
        problem = fix_problem(problem, fixed_in=fixed, actor=lead, now=now - timedelta(days=5))
    _hang(problem, trouble, cast, now)


def _hang(problem: KnownProblem, trouble: Trouble, cast: Cast, now: datetime) -> None:
    for ticket in Ticket.objects.filter(title__in=trouble.tickets):
        attach_ticket(problem, ticket=ticket, actor=cast.staff["Selin Aydın"], now=now)


def _data(trouble: Trouble, product: Product, article: Article, versions: Mapping[str, ProductVersion]) -> ProblemData:
    first, last = trouble.versions
    return ProblemData(
        title=trouble.title,
        title_en=trouble.title_en,
        symptoms=trouble.symptoms,
        symptoms_en=trouble.symptoms_en,
        area=Area.objects.get(product=product, name=trouble.area),
        affected_from=versions.get(first),
        affected_to=versions.get(last),
        article=article,
        visibility=trouble.visibility,
    )

"""The default catalogue (domain.md, section 3) as the tests see it, with the rate card of the scenarios."""

from datetime import date, datetime
from decimal import Decimal

from klarfall.contracts.models import CatalogueItem, RateCardLine, TermsVersion

#: code, title, what it needs or brings along.
COVERED = [
    ("COV-USE", "Problem in der Anwendung", {"asks_training": True}),
    ("COV-QUESTION", "Konkrete Fragestellung", {}),
    ("COV-ACUTE", "Akutes Problem im laufenden Betrieb", {}),
    ("COV-DEFECT", "Fehler im Produkt", {}),
    ("COV-INVESTIGATE", "Ursache finden", {}),
]
CHARGEABLE = [
    ("CHG-TRAIN-NEW", "Einweisung neuer Mitarbeiter:innen", {"work_type": "train", "asks_training": True}),
    ("CHG-TRAIN-BASIC", "Grundsätzliche Funktionsweise", {"work_type": "train", "asks_training": True}),
    ("CHG-CONF", "Einstellungen und Konfiguration", {"work_type": "support"}),
    ("CHG-DATA-POST", "Falsch- und Doppelbuchungen", {"work_type": "support", "needs_cause": True}),
    ("CHG-DATA-STATUS", "Statusdifferenzen", {"work_type": "support", "needs_cause": True}),
    ("CHG-DATA-OTHER", "Andere Datenbereinigung", {"work_type": "support", "needs_cause": True}),
    ("CHG-INST-SERVER", "Installation auf Servern", {"work_type": "install"}),
    ("CHG-INST-CLIENT", "Installation auf Arbeitsplätzen", {"work_type": "install"}),
    ("CHG-INFRA-HW", "Hardware", {"work_type": "support", "needs_cause": True}),
    ("CHG-INFRA-OS", "Betriebssysteme", {"work_type": "support", "needs_cause": True}),
    ("CHG-INFRA-NET", "Netzwerk", {"work_type": "support", "needs_cause": True}),
    ("CHG-OTHER", "Sonstige Leistung", {"work_type": "senior"}),
]
NOT_OFFERED = [
    ("NOT-ONSITE", "Termin vor Ort", {"alternatives": ["consultant"]}),
    ("NOT-LEGAL", "Rechtliche oder steuerliche Beratung", {}),
    ("NOT-PRODUCT", "Fremdes Produkt", {}),
]
RATES = {"support": "132.00", "senior": "150.00", "train": "120.00", "install": "148.00"}


def make_terms(
    number: int = 1,
    valid_from: date = date(2026, 1, 1),
    published_at: datetime | None = None,
    rates: dict[str, str] = RATES,
):
    """A published terms version with every item and rate; published at the start of its first day by default."""
    terms = TermsVersion.objects.create(number=number, valid_from=valid_from)
    CatalogueItem.objects.bulk_create(
        [
            CatalogueItem(
                terms=terms,
                code=code,
                clause=f"{letter} {place}",
                outcome=outcome,
                title=title,
                text=f"{title}: so steht es im Leistungskatalog.",
                reason_template=f"Das ist {title}.",
                order=100 * group + place,
                **({"alternatives": ["article", "training", "consultant"]} if outcome == "chargeable" else {}) | fields,
            )
            for group, (letter, outcome, rows) in enumerate(
                [("A", "covered", COVERED), ("B", "chargeable", CHARGEABLE), ("C", "not_offered", NOT_OFFERED)]
            )
            for place, (code, title, fields) in enumerate(rows, start=1)
        ]
    )
    RateCardLine.objects.bulk_create(
        [RateCardLine(terms=terms, work_type=kind, rate=Decimal(rate)) for kind, rate in rates.items()]
    )
    midnight = datetime.fromisoformat(f"{valid_from}T00:00:00+00:00")
    TermsVersion.objects.filter(pk=terms.pk).update(published_at=published_at or midnight)
    terms.refresh_from_db()
    return terms

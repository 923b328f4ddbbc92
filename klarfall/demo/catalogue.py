"""The demo's service catalogue, rate card and request tiles: the template with examples of its trade and its rates."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from klarfall.contracts.content import content_hash
from klarfall.contracts.models import CatalogueItem, Product, RateCardLine, RequestKind, TermsVersion
from klarfall.contracts.template import CLAUSES, TILES

#: What the demo says otherwise than the template: code -> columns.
OWN: dict[str, dict[str, Any]] = {
    "COV-QUESTION": {
        "examples": ("Warum erscheint dieser Vertrag nicht in der Sollstellung?",),
        "examples_en": ("Why is this lease missing from the rent run?",),
    },
    "COV-USE": {
        "examples": ("Die Mahnstufe bleibt nach dem Zahlungseingang stehen.",),
        "examples_en": ("The dunning level stays after the payment came in.",),
    },
    "COV-ACUTE": {
        "examples": ("Der Zahlungslauf bricht mit einer Meldung ab.",),
        "examples_en": ("The payment run ends with an error message.",),
    },
    "CHG-TRAIN-NEW": {
        "examples": ("Neue Kollegin in die Mietenbuchhaltung einweisen.",),
        "examples_en": ("Introducing a new colleague to rent accounting.",),
    },
    "CHG-TRAIN-BASIC": {
        "examples": ("Wie funktioniert das Mahnwesen?",),
        "examples_en": ("How does dunning work?",),
    },
    "CHG-CONF": {
        "text": "Fragen zu Einstellungen oder Konfigurationen des Systems, für das ERP-System wie für angebundene Partnerprodukte, zum Beispiel zur Anlage von Verteilerschlüsseln.",
        "text_en": "Questions about settings or configuration of the system, for the ERP system and for connected partner products, for example creating allocation keys.",
        "examples": ("Verteilerschlüssel für die neue Aufzugsanlage anlegen.",),
        "examples_en": ("Creating the allocation key for the new lift.",),
    },
    "CHG-DATA-POST": {
        "examples": ("Zweiten Sollstellungslauf zurücknehmen.",),
        "examples_en": ("Taking back the second rent run.",),
        "reason_template": "Zwei Läufe wurden von Hand gestartet; dadurch entstanden die Buchungen.",
        "reason_template_en": "Two runs were started by hand; this made the postings.",
        "default_scope": "Buchungen eingrenzen, Rücknahme zuerst im Testmandanten, danach mit Ihrem Einverständnis im Echtmandanten, Abgleich der offenen Posten.",
        "default_scope_en": "Finding the postings, taking them back first in the test company, then with your consent in the live company, matching the open items.",
    },
    "CHG-DATA-STATUS": {
        "examples": ("Die Wohnung gilt als vermietet, obwohl der Vertrag beendet ist.",),
        "examples_en": ("The flat counts as let although the lease has ended.",),
    },
    "NOT-ONSITE": {
        "text": "Termine vor Ort leistet der Produktsupport nicht. Gern vereinbaren Sie dafür einen Termin mit der Beratung.",
        "text_en": "Product support does not visit on site. Please arrange an appointment with our consultants for that.",
        "reason_template": "Sie wünschen einen Termin bei Ihnen im Haus. Dafür ist die Beratung da.",
    },
    "NOT-LEGAL": {
        "text": "Aus rechtlichen Gründen darf der Produktsupport keine rechtliche oder steuerliche Beratung leisten.",
        "text_en": "For legal reasons product support may not give legal or tax advice.",
    },
    "NOT-PRODUCT": {
        "text": "Für Produkte, die nicht zum Lieferumfang gehören, leistet der Produktsupport keine Hilfe.",
        "text_en": "Product support gives no help with products that we do not deliver.",
    },
}
#: Items that only concern some products.
PRODUCTS = {"NOT-ONSITE": ("powerhaus", "archiv-connect")}

ENTRIES = tuple(replace(one, **OWN.get(one.code, {})) for one in CLAUSES)

RATES = {"support": "148.00", "senior": "168.00", "train": "132.00", "install": "148.00"}


def seed_terms(products: dict[str, Product], *, valid_from: date, published_at: datetime) -> TermsVersion:
    """Write and publish version 1 of the catalogue with its rate card."""
    terms = TermsVersion.objects.create(number=1, valid_from=valid_from)
    for order, entry in enumerate(ENTRIES):
        item = CatalogueItem.objects.create(terms=terms, order=order, **entry.columns)
        item.products.set(products[code] for code in PRODUCTS.get(entry.code, ()))
    for work_type, rate in RATES.items():
        RateCardLine.objects.create(terms=terms, work_type=work_type, rate=Decimal(rate))
    terms.content_hash = content_hash(terms)
    terms.published_at = published_at
    terms.save()
    return terms


def seed_kinds() -> None:
    """Write the tiles of the new request; *Ich bin unsicher* comes last and is the default."""
    for order, tile in enumerate(TILES):
        RequestKind.objects.create(order=order, **tile.columns)

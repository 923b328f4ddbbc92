"""The canonical text of an offer and of a decision: every figure, one language, hashed."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from klarfall.billing.actions import offers
from klarfall.billing.engine import Caps
from klarfall.billing.tests.steps import accept, clock, publish, refresh, send, terms, verdict
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import NOW, concern_of

pytestmark = pytest.mark.usefixtures("cast")


def test_the_german_text_has_every_figure(cast, make_ticket):
    offer = send(
        cast,
        concern_of(make_ticket()),
        given=terms(
            45,
            600,
            cap_minutes=1000,
            cap_net=Decimal("2000.50"),
            exclusions="Keine Schulung.",
            lower_caps=[Caps(minutes=60)],
            valid_until=date(2026, 12, 8),
        ),
    )
    text = offer.canonical_text
    for words in (
        f"Kostenhinweis {offer.number} zur Anfrage KF-",
        "Leistungskatalog B 3, Fassung 1 vom Do, 01.01.2026",
        "„Einstellungen und Konfiguration: so steht es im Leistungskatalog.“",
        "Was wir tun:\nEinrichten und prüfen.",
        "Nicht dabei:\nKeine Schulung.",
        "Stundensatz: 132,00 € netto",
        "Zeiten werden zusammengezählt und einmal auf 15 Minuten aufgerundet, nie über die Obergrenze.",
        "Mindestens: 15 Minuten",
        "Schätzung: 45 bis 600 Minuten, etwa 99,00 € bis 1.320,00 € netto",
        "Obergrenze: 1.000 Minuten oder 2.000,50 € netto, je nachdem, was zuerst erreicht ist",
        "höchstens 2.000,50 € netto (zur Information: 2.380,60 € mit 19 % USt.)",
        "60 Minuten, das sind höchstens 132,00 € netto (zur Information: 157,08 € mit 19 % USt.)",
        "Gültig bis zum Ende des Tages Di, 08.12.2026 (Europe/Berlin).",
        "Schweigen ist keine Zustimmung.",
    ):
        assert words in text
    assert "angefangene" not in text
    assert "\u00a0" not in text
    assert offer.text_hash == hashlib.sha256(text.encode()).hexdigest()


def test_the_text_is_in_the_language_of_the_contact(cast, make_ticket):
    with viewing_as(SYSTEM):
        cast.bernd.user.language = "en"
        cast.bernd.user.save()
    offer = send(cast, concern_of(make_ticket()), cap_minutes=None, cap_net=Decimal("222.00"))
    assert offer.language == "en"
    assert "Hourly rate: €132.00 net" in offer.canonical_text
    assert "Cap: €222.00 net, that is at most €222.00 net" in offer.canonical_text


def test_a_preview_writes_nothing_and_says_the_same(cast, make_ticket):
    concern = concern_of(make_ticket())
    shown = offers.preview(concern, terms(cap_minutes=120), now=NOW, item=cast.item("CHG-CONF"))
    offer = send(cast, concern, cap_minutes=120)
    assert shown.offer.pk is None
    assert shown.cap_amount == Decimal("264.00")
    assert shown.text.split("\n")[1:] == offer.canonical_text.split("\n")[1:]


def test_the_decision_says_what_was_commissioned_by_whom(cast, make_ticket):
    offer = send(cast, concern_of(make_ticket()))
    decision = accept(offer, cast.astrid, at=clock("09:30"), cap=Caps(minutes=60), order_number="PO-77")
    with viewing_as(SYSTEM):
        kept = refresh(decision).sealed.data
    assert "Kostenpflichtig beauftragt. Obergrenze: 60 Minuten, das sind höchstens 132,00 € netto" in kept["shown"]
    assert "Entschieden von Astrid am Di, 24.11.2026, 09:30 Uhr" in kept["shown"]
    assert offer.text_hash in kept["shown"]
    assert (kept["order_number"], kept["evidence"]["address"]) == ("PO-77", "192.0.2.7")


def test_an_offer_needs_a_chargeable_assessment(cast, make_ticket):
    concern = concern_of(make_ticket())
    publish(cast, concern, "COV-USE")
    with pytest.raises(offers.OfferImpossible):
        offers.preview(concern, terms(), now=NOW)
    with pytest.raises(offers.OfferImpossible):
        offers.preview(concern, terms(), now=NOW, item=verdict(cast, "NOT-LEGAL").item)

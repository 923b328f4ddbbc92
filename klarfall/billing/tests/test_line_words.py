"""Why lines are there, in words: the same sentence for lines of the engine, of a preview and of a frozen run."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from klarfall.billing.engine import LineKind, LineReason
from klarfall.billing.line_words import explain_grant, explain_line, kind_label
from klarfall.billing.models import Goodwill

NBSP = "\u00a0"


@dataclass
class Line:
    kind: str
    minutes: int = 0
    net: Decimal = Decimal("0.00")
    rate: Decimal = Decimal("132.00")
    reason: Any = field(default_factory=dict)
    currency: str = "EUR"


@pytest.fixture(autouse=True)
def _german():
    with translation.override("de"):
        yield


def said(line, **given):
    return explain_line(line, **given).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("kind", "minutes", "figures", "words"),
    [
        ("work", 67, {"minutes": 67, "rate": "132.00"}, "67 Minuten genau, zu 132,00 € je Stunde."),
        ("work", 1, {"minutes": 1}, "1 Minute genau, zu 132,00 € je Stunde."),
        (
            "work", 22, {"minutes": 89},
            "22 Minuten genau, zu 132,00 € je Stunde. Insgesamt 89 Minuten, die übrigen stehen in früheren Läufen.",
        ),
        (
            "work", 34, {"minutes": 34, "exact": 1},
            "34 Minuten genau, zu 132,00 € je Stunde. Gestoppt: minutengenau abgerechnet, ohne Aufrundung.",
        ),
        (
            "rounding", 8, {"exact": 67, "minimum": 15, "increment": 15, "rounded": 75, "dropped": 0},
            "67 Minuten genau, Takt 15: 75 Minuten.",
        ),
        (
            "rounding", 26, {"exact": 4, "minimum": 30, "increment": 15, "rounded": 30, "dropped": 0},
            "4 Minuten genau, Mindestzeit 30, Takt 15: 30 Minuten.",
        ),
        (
            "rounding", 3, {"exact": 67, "minimum": 15, "increment": 15, "rounded": 75, "dropped": 5},
            "67 Minuten genau, Takt 15: 75 Minuten. 5 davon entfallen, die Obergrenze lässt dafür keinen Platz.",
        ),
        ("rounding", 1, {}, "Einmal für das ganze Anliegen aufgerundet."),
        (
            "cap_reduction", 0, {"sum": "198.00", "cap": "190.00"},
            "Obergrenze 190,00 €: Die Minuten hätten 198,00 € gekostet.",
        ),
        ("goodwill", -5, {"minutes": 5}, "Kulanz: 5 Minuten werden nicht berechnet."),
        ("goodwill", 0, {"minutes": 0}, "Kulanz: Dieser Betrag wird nicht berechnet."),
        (
            "correction", -67, {"billed_minutes": 67, "billed_net": "147.40", "right_minutes": 0, "right_net": "0.00"},
            "Bisher abgerechnet 147,40 € (67 Minuten), richtig sind 0,00 € (0 Minuten).",
        ),
    ],
)  # fmt: skip
def test_a_line_says_why_with_its_figures(kind, minutes, figures, words):
    assert said(Line(kind, minutes, reason={"code": kind, "figures": figures, "because": []})) == words
    reason = LineReason(LineKind(kind), figures)
    assert said(Line(LineKind(kind), minutes, reason=reason)) == words


def test_a_correction_names_the_run_it_corrects():
    figures = {"billed_minutes": 75, "billed_net": "165.00", "right_minutes": 60, "right_net": "132.00"}
    words = said(Line("correction", -15, reason={"figures": figures}), run=12)
    assert words == (
        "Korrektur zu Lauf 12: bisher abgerechnet 165,00 € (75 Minuten), richtig sind 132,00 € (60 Minuten)."
    )


@pytest.mark.parametrize(
    ("minutes", "net", "name", "words"),
    [
        (15, "0", "Dora", "15 Minuten Kulanz von Dora: Lange gewartet."),
        (0, "20.00", "Dora", "20,00 € Kulanz von Dora: Lange gewartet."),
        (15, "20.00", "", "15 Minuten und 20,00 € Kulanz von Gelöschte Person: Lange gewartet."),
    ],
)
def test_goodwill_names_grantor_and_reason(minutes, net, name, words):
    grant = Goodwill(minutes=minutes, net=Decimal(net), reason="Lange gewartet.")
    assert explain_grant(grant, name).replace(NBSP, " ") == words


def test_every_kind_has_a_name():
    assert len({kind_label(kind) for kind in LineKind}) == len(LineKind)

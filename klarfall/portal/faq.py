"""Questions and answers about support (R66), generated from the catalogue in force: what it says, the answers say."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from klarfall.contracts.models import CatalogueItem, ContactChannel, Product, RateCardLine, TermsVersion
from klarfall.contracts.models.terms import Outcome
from klarfall.portal.offering import Offering

_INVESTIGATION = "COV-INVESTIGATE"


@dataclass(frozen=True)
class Service:
    """A service of the catalogue in the reader's language."""

    clause: str
    anchor: str
    title: str
    text: str
    examples: list[str]
    changes_if: str
    #: Names of the products that it is limited to; empty: it holds for all.
    products: list[str]


@dataclass(frozen=True)
class Answers:
    """What the eight answers are made of."""

    terms: TermsVersion
    covered: list[Service]
    chargeable: list[tuple[str, list[Service]]]
    not_offered: list[Service]
    rates: list[RateCardLine]
    products: list[str]
    visited: list[str]
    ways: list[str]
    investigates: bool


def answers(offered: Offering) -> Answers | None:
    """Everything that the page says; None where no catalogue is in force."""
    if offered.terms is None:
        return None
    by_outcome = {outcome: [one for one in offered.items.values() if one.outcome == outcome] for outcome in Outcome}
    priced = {one.work_type for one in by_outcome[Outcome.CHARGEABLE]}
    return Answers(
        terms=offered.terms,
        covered=[service(one) for one in by_outcome[Outcome.COVERED]],
        chargeable=_groups(by_outcome[Outcome.CHARGEABLE]),
        not_offered=[service(one) for one in by_outcome[Outcome.NOT_OFFERED]],
        rates=[one for one in offered.terms.rates.order_by("pk") if one.work_type in priced],
        products=[one.name for one in offered.products],
        visited=[one.name for one in offered.products if one.onsite_by_support],
        ways=ways_of_support(offered),
        investigates=_INVESTIGATION in offered.items,
    )


def service(item: CatalogueItem) -> Service:
    """A catalogue item as both pages show it; where a translation is missing, the German text stands."""
    return Service(
        clause=item.clause,
        anchor=item.clause.replace(" ", "-"),
        title=item.said("title"),
        text=item.said("text"),
        examples=item.said_examples(),
        changes_if=item.said("changes_if"),
        products=[one.name for one in item.products.all()],
    )


def _groups(items: Iterable[CatalogueItem]) -> list[tuple[str, list[Service]]]:
    """Chargeable services by kind (R26 to R35), in catalogue order; a vendor's own ones stand last."""
    titles = {
        "CHG-TRAIN": _("Training and building up knowledge"),
        "CHG-CONF": _("Settings and configuration"),
        "CHG-DATA": _("Cleaning up data"),
        "CHG-INST": _("Installation"),
        "CHG-INFRA": _("Hardware, operating system, network"),
    }
    found: dict[str, list[Service]] = {}
    for item in items:
        kind = next((kind for kind in titles if item.code.startswith(kind)), "")
        found.setdefault(kind, []).append(service(item))
    own = found.pop("", [])
    named = [(titles[kind], services) for kind, services in found.items()]
    return [*named, (_("Further services"), own)] if own else named


def ways_of_support(offered: Offering) -> list[str]:
    """By which ways support works, as far as some product has them: never on site (R50)."""
    names = {"phone": _("by phone"), "email": _("by e-mail"), "remote": _("by remote session")}
    own: list[tuple[Product, tuple[ContactChannel, ...]]] = [
        (one, offered.channels.get(one.pk, ())) for one in offered.products
    ]
    used = {str(way.kind) for _product, ways in own for way in ways}
    return [words for kind, words in names.items() if kind in used]


def contents() -> list[tuple[str, str]]:
    """Anchor and question of each of the eight answers, in the order of the page."""
    return [
        ("benefit", _("What does product support do for me?")),
        ("covered", _("What does my contract cover?")),
        ("chargeable", _("Which services are chargeable?")),
        ("rates", _("What does an hour cost, and who decides?")),
        ("doubt", _("How do I find out whether my request costs something?")),
        ("not-offered", _("What can product support not do?")),
        ("contact", _("How do I reach product support?")),
        ("registration", _("How do I get access?")),
    ]

"""Calls of the actions about the catalogue and the tiles of a new request, for the permission sweep."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from klarfall.contracts.actions import clauses, terms, tiles, training_offers
from klarfall.contracts.models import CatalogueItem, RequestKind
from klarfall.core.isolation import SYSTEM, viewing_as

_PUBLISH, _HOUSE = "terms.publish", "house.set_up"
_CLAUSE = clauses.ItemData(clause="A 9.9", outcome="covered", title="Neu")
_RATE = terms.RateData(work_type="support", rate=Decimal(99), increment=5, minimum=0)
_COURSE = training_offers.TrainingData(title="Aufbaukurs")
_TILE = tiles.TileData(icon="chat", title="Neu", title_en="New", hint="", hint_en="")


def _draft(t: Any) -> Any:
    return t.thing("terms_draft")


def _item(t: Any) -> CatalogueItem:
    with viewing_as(SYSTEM):
        return CatalogueItem.objects.select_related("terms").get(terms=_draft(t), code="COV-USE")


def _tile() -> RequestKind:
    with viewing_as(SYSTEM):
        return RequestKind.objects.get(code="unsure")


def _published(t: Any) -> Any:
    day = (t.story.now + timedelta(days=40)).date()
    return terms.publish_terms(_draft(t), valid_from=day, **t.who)


#: Action -> permission, and a call that would do it.
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    terms.draft_terms: (_PUBLISH, lambda t: terms.draft_terms(**t.who)),
    terms.change_rates: (_PUBLISH, lambda t: terms.change_rates(_draft(t), rates=[_RATE], **t.who)),
    terms.discard_draft: (_PUBLISH, lambda t: terms.discard_draft(_draft(t), **t.who)),
    terms.publish_terms: (_PUBLISH, _published),
    clauses.add_item: (_PUBLISH, lambda t: clauses.add_item(_draft(t), code="COV-NEU", data=_CLAUSE, **t.who)),
    clauses.change_item: (_PUBLISH, lambda t: clauses.change_item(_item(t), data=_CLAUSE, **t.who)),
    clauses.remove_item: (_PUBLISH, lambda t: clauses.remove_item(_item(t), **t.who)),
    clauses.move_item: (_PUBLISH, lambda t: clauses.move_item(_item(t), up=False, **t.who)),
    training_offers.add_training: (_HOUSE, lambda t: training_offers.add_training(data=_COURSE, **t.who)),
    training_offers.change_training: (
        _HOUSE,
        lambda t: training_offers.change_training(t.thing("offered_training"), data=_COURSE, **t.who),
    ),
    tiles.add_tile: (_HOUSE, lambda t: tiles.add_tile(code="neu", data=_TILE, **t.who)),
    tiles.change_tile: (_HOUSE, lambda t: tiles.change_tile(_tile(), data=_TILE, **t.who)),
    tiles.move_tile: (_HOUSE, lambda t: tiles.move_tile(_tile(), up=True, **t.who)),
    tiles.add_default_tiles: (_HOUSE, lambda t: tiles.add_default_tiles(**t.who)),
}

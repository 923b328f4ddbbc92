"""Tiles of the new request: what customers choose from. A tile that is not wanted is switched off, never deleted."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import RequestKind, TermsVersion
from klarfall.contracts.models.terms import Outcome
from klarfall.contracts.queries import newest_terms
from klarfall.contracts.template import TILES
from klarfall.core import audit
from klarfall.core.action import Refused, action

_CODE = re.compile(r"[a-z][a-z0-9-]{1,23}")
_LIMITS = {"title": 60, "title_en": 60, "hint": 120, "hint_en": 120, "icon": 24}


class TileRefused(Refused):
    """Something that no tile can be; `field` names it."""

    code = "tile_refused"


@dataclass(frozen=True, kw_only=True)
class TileData:
    """What a tile says. `usual_item`: a code of the catalogue or empty; from it comes the usual outcome."""

    icon: str
    title: str
    title_en: str
    hint: str
    hint_en: str
    usual_item: str = ""
    to_consulting: bool = False
    active: bool = True


@action
def add_tile(*, code: str, data: TileData, actor: Any, now: datetime) -> RequestKind:
    """Add a tile, as the last one. Raises TileRefused (with `field`)."""
    permissions.require("house.set_up", actor)
    if not _CODE.fullmatch(code) or code == "new":  # an address of the desk
        raise TileRefused(_("A short name consists of small letters, digits and hyphens."), field="code")
    if RequestKind.objects.filter(code=code).exists():
        raise TileRefused(_("There is a tile with this short name already."), field="code")
    values = _checked(data)
    tile = RequestKind.objects.create(code=code, order=RequestKind.objects.count(), **values)
    audit.record("tile.added", tile, actor=actor, now=now, data={"code": code})
    return tile


@action
def change_tile(tile: RequestKind, *, data: TileData, actor: Any, now: datetime) -> RequestKind:
    """Change a tile or switch it off; requests sent under it keep it. Raises TileRefused (with `field`)."""
    permissions.require("house.set_up", actor)
    tile = RequestKind.objects.select_for_update().get(pk=tile.pk)
    values = _checked(data, but=tile)
    changed = sorted(name for name, value in values.items() if getattr(tile, name) != value)
    if changed:
        for name in changed:
            setattr(tile, name, values[name])
        tile.save(update_fields=changed)
        audit.record("tile.changed", tile, actor=actor, now=now, data={"code": tile.code, "fields": changed})
    return tile


@action
def move_tile(tile: RequestKind, *, up: bool, actor: Any, now: datetime) -> None:
    """Change places with the tile before it (`up`) or after it; at the end nothing changes."""
    permissions.require("house.set_up", actor)
    tiles = list(RequestKind.objects.select_for_update().order_by("order", "pk"))
    place = next(position for position, one in enumerate(tiles) if one.pk == tile.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(tiles):
        return
    tiles[place], tiles[other] = tiles[other], tiles[place]
    for order, one in enumerate(tiles):
        RequestKind.objects.filter(pk=one.pk).exclude(order=order).update(order=order)
    audit.record("tile.moved", tile, actor=actor, now=now, data={"code": tile.code, "up": up})


@action
def add_default_tiles(*, actor: Any, now: datetime) -> list[RequestKind]:
    """Give a house without any tile those of the template; raises TileRefused where there are some."""
    permissions.require("house.set_up", actor)
    if RequestKind.objects.exists():
        raise TileRefused(_("There are tiles already."))
    made = [RequestKind.objects.create(order=order, **one.columns) for order, one in enumerate(TILES)]
    for tile in made:
        audit.record("tile.added", tile, actor=actor, now=now, data={"code": tile.code})
    return made


def usual_items() -> dict[str, Outcome]:
    """The codes that a tile may name, with their outcome, from the newest catalogue; a question, not an action."""
    terms: TermsVersion | None = newest_terms()
    rows = terms.items.order_by("order", "clause").values_list("code", "outcome") if terms else []
    return {code: Outcome(outcome) for code, outcome in rows}


def _checked(data: TileData, but: RequestKind | None = None) -> dict[str, Any]:
    """The columns to write; raises TileRefused with the field that cannot be right."""
    values = {name: one.strip() if isinstance(one, str) else one for name, one in asdict(data).items()}
    for name, most in _LIMITS.items():
        if len(values[name]) > most:
            raise TileRefused(_("Please use at most %(most)s characters.") % {"most": most}, field=name)
    for name in ("title", "title_en", "icon"):
        if not values[name]:
            raise TileRefused(_("Please fill this in: customers see it in both languages."), field=name)
    values["usual_outcome"] = ""
    if values["usual_item"]:
        known = usual_items()
        if values["usual_item"] not in known:
            raise TileRefused(_("The catalogue has no such service."), field="usual_item")
        values["usual_outcome"] = known[values["usual_item"]].value
    others = RequestKind.objects.filter(active=True)
    others = others.exclude(pk=but.pk) if but else others
    if not values["active"] and not others.exists():
        raise TileRefused(_("One tile must stay: without it nobody could send a request."), field="active")
    return values

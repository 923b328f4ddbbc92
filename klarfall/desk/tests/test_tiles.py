"""Tiles of the new request in the desk: words, icon, order, usual assessment."""

from datetime import date

import pytest

from klarfall.contracts.actions.tiles import TileData, TileRefused, add_default_tiles, add_tile, change_tile, move_tile
from klarfall.contracts.models import CatalogueItem, RequestKind, TermsVersion
from klarfall.contracts.template import CLAUSES, TILES
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.desk.forms.tiles import ICONS
from klarfall.desk.tests.conftest import at, text
from klarfall.ui.icons import PATHS
from tests.cast import NOW, make_staff

DATA = {
    "title": "Einstellung", "title_en": "Setting", "hint": "Auch Partner", "hint_en": "Partners too",
    "icon": "sliders", "usual_item": "CHG-CONF", "active": "on",
}  # fmt: skip


@pytest.fixture
def admin(cast):
    return make_staff("Mara", "administrator")


@pytest.fixture
def maras(desk_of, admin):
    return desk_of(admin)


def tile(code):
    with viewing_as(SYSTEM):
        return RequestKind.objects.get(code=code)


def data(**more):
    return TileData(**{"icon": "chat", "title": "T", "title_en": "T", "hint": "", "hint_en": ""} | more)


def test_every_icon_exists_and_the_template_uses_no_other():
    assert set(ICONS) <= set(PATHS)
    assert {one.icon for one in TILES} <= set(ICONS)


def test_a_tile_is_added_with_the_outcome_of_its_service(maras):
    assert maras.post(at("tile-new"), DATA | {"code": "config"}).status_code == 303
    made = tile("config")
    assert (made.usual_outcome, made.order, made.to_consulting) == (
        "chargeable",
        RequestKind.objects.count() - 1,
        False,
    )
    page = text(maras.get(at("tiles")))
    assert "Einstellung" in page
    assert "Setting" in page


def test_a_tile_is_changed_and_switched_off(maras):
    maras.post(at("tile-new"), DATA | {"code": "config"})
    changed = DATA | {"title": "Anders", "usual_item": "", "to_consulting": "on"}
    del changed["active"]
    assert maras.post(at("tile", "config"), changed).status_code == 303
    now = tile("config")
    assert (now.title, now.usual_item, now.usual_outcome) == ("Anders", "", "")
    assert now.to_consulting
    assert not now.active
    with viewing_as(SYSTEM):
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["tile.added", "tile.changed"]


@pytest.mark.parametrize("wrong", [{"title_en": ""}, {"icon": "cov"}, {"usual_item": "CHG-NEVER"}, {"title": "x" * 61}])
def test_what_no_tile_can_be_is_refused_beside_its_field(maras, wrong):
    answer = maras.post(at("tile-new"), DATA | {"code": "config"} | wrong)
    assert answer.status_code == 422
    assert 'class="error"' in text(answer) or "is-err" in text(answer)
    assert not RequestKind.objects.filter(code="config").exists()


@pytest.mark.parametrize("code", ["new", "Config", "a b", "unsure"])
def test_a_short_name_that_cannot_be_is_refused(maras, code):
    before = RequestKind.objects.count()
    assert maras.post(at("tile-new"), DATA | {"code": code}).status_code == 422
    assert RequestKind.objects.count() == before


def test_tiles_change_places(maras):
    for code in ("one", "two"):
        maras.post(at("tile-new"), DATA | {"code": code})
    order = lambda: list(RequestKind.objects.order_by("order").values_list("code", flat=True))  # noqa: E731
    before = order()
    maras.post(at("tile-place", "two"), {"to": "up"})
    assert order() == [*before[:-2], "two", "one"]
    maras.post(at("tile-place", "one"), {"to": "down"})
    assert order() == [*before[:-2], "two", "one"]


def test_the_last_tile_stays(cast, admin):
    with viewing_as(SYSTEM), pytest.raises(TileRefused) as refused:
        change_tile(tile("unsure"), data=data(active=False), actor=admin, now=NOW)
    assert refused.value.field == "active"


def test_an_empty_house_takes_over_those_of_the_template(cast, admin):
    with viewing_as(SYSTEM):
        with pytest.raises(TileRefused):
            add_default_tiles(actor=admin, now=NOW)
        RequestKind.objects.all().delete()
        made = add_default_tiles(actor=admin, now=NOW)
    assert [one.code for one in made] == [one.code for one in TILES]
    outcomes = {one.code: one.outcome for one in CLAUSES}
    assert all(one.usual_outcome == outcomes.get(one.usual_item, "") for one in made)


def test_a_service_that_the_newest_catalogue_has_no_more_is_named(maras, cast):
    maras.post(at("tile-new"), DATA | {"code": "config"})
    with viewing_as(SYSTEM):
        newer = TermsVersion.objects.create(number=2, valid_from=date(2026, 6, 1))
        CatalogueItem.objects.create(terms=newer, code="COV-USE", clause="A 1", outcome="covered", title="T", text="T")
        TermsVersion.objects.filter(pk=newer.pk).update(published_at=NOW)
    assert "CHG-CONF" in text(maras.get(at("tiles")))
    assert maras.get(at("tile", "config")).status_code == 200


def test_only_administrators_change_tiles(cast, doras, dora):
    for name, args in (("tiles", []), ("tile-new", []), ("tile", ["unsure"])):
        assert doras.get(at(name, *args)).status_code == 404
    assert doras.post(at("tile-place", "unsure"), {"to": "up"}).status_code == 404
    who = {"actor": dora, "now": NOW}
    for act in (
        lambda: add_tile(code="x1", data=data(), **who),
        lambda: change_tile(tile("unsure"), data=data(), **who),
        lambda: move_tile(tile("unsure"), up=True, **who),
        lambda: add_default_tiles(**who),
    ):
        with pytest.raises(NotAllowed):
            act()

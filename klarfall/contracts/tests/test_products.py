"""Products, areas, versions and ways of contact: what is refused and why, what stays, what is gone at once."""

from datetime import date

import pytest

from klarfall.contracts import channels
from klarfall.contracts.actions import contact_channels as ways
from klarfall.contracts.actions import products as actions
from klarfall.contracts.actions.contact_channels import ChannelData, ChannelRefused
from klarfall.contracts.actions.products import ProductData, ProductRefused, VersionData
from klarfall.contracts.models import Area, CatalogueItem, InstalledVersion, Product, ProductVersion, TermsVersion
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.master_rows import StillReferred, UnusableLine
from klarfall.core.models import AuditEntry
from tests.cast import NOW, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("system")]
_DAY = date(2026, 6, 1)


@pytest.fixture
def who(cast):
    return {"actor": make_staff("Ada", "administrator"), "now": NOW}


def add(who, **values):
    return actions.add_product(data=ProductData(**{"name": "Neu", **values}), **who)


def test_a_new_product_stands_at_the_end_with_the_portal_and_a_code_of_its_name(who):
    first, second = add(who, name="Wärme & Maß"), add(who, name="Wärme Maß")
    assert (first.code, second.code) == ("warme-ma", "warme-ma-2")
    assert first.order < second.order
    assert [(one.kind, one.active) for one in first.channels.all()] == [("portal", True)]
    assert AuditEntry.objects.filter(verb="product.added", subject_id=first.pk).count() == 1


def test_no_product_takes_the_address_of_the_page_for_new_ones(who):
    assert add(who, name="New").code == "new-2"
    with pytest.raises(ProductRefused) as refused:
        add(who, name="Andere", code="new")
    assert refused.value.field == "code"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "KONTOR erp"}, "name"),
        ({"code": "kontor"}, "code"),
        ({"code": "mit leer"}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"kind": "etwas"}, "kind"),
        ({"kind": "module"}, "parent"),
        ({"media": ("manual", "film")}, "media"),
    ],
)
def test_what_a_product_cannot_be_is_said_beside_the_field(who, values, field):
    with pytest.raises(Refused) as refused:
        add(who, **values)
    assert refused.value.field == field
    assert Product.objects.count() == 3


def test_modules_belong_to_an_erp_system_and_partners_are_connected_to_it(who, cast):
    module = add(who, kind="module", parent=cast.erp, linked=(cast.partner,))
    assert (module.parent, list(module.linked.all())) == (cast.erp, [cast.partner])
    for values, field in (
        ({"kind": "module", "parent": cast.partner}, "parent"),
        ({"linked": (cast.other,)}, "linked"),
        ({"kind": "partner", "linked": (cast.partner,)}, "linked"),
    ):
        with pytest.raises(ProductRefused) as refused:
            add(who, name="Noch eins", **values)
        assert refused.value.field == field
    with pytest.raises(ProductRefused):  # it has a module itself
        actions.change_product(cast.erp, data=ProductData(name="Kontor ERP", kind="partner"), **who)


def test_the_trail_names_what_was_changed_and_nothing_is_written_without_a_change(who, cast):
    data = ProductData(name="Kontor", kind="erp", media=("manual",), linked=(cast.partner,))
    actions.change_product(cast.erp, data=data, **who)
    actions.change_product(cast.erp, data=data, **who)
    (entry,) = AuditEntry.objects.filter(verb="product.changed")
    assert entry.data == {"fields": ["name"], "active": True}


def test_what_something_refers_to_stays_and_what_nobody_refers_to_goes(who, cast, make_ticket):
    area = cast.erp.areas.get()
    make_ticket(area=area)
    for remove, row in ((actions.remove_area, area), (actions.remove_product, cast.erp)):
        with pytest.raises(StillReferred) as refused:
            remove(row, **who)
        assert "schalten Sie" in str(refused.value.message)
    actions.remove_area(cast.other.areas.get(), **who)
    assert not Area.objects.filter(product=cast.other).exists()
    product = add(who)
    actions.add_area(product, name="Bereich", **who)
    actions.remove_product(product, **who)
    assert not Product.objects.filter(pk=product.pk).exists()


def test_a_product_to_which_a_clause_is_limited_stays(who):
    """Without it the clause would hold for every product."""
    product = add(who)
    terms = TermsVersion.objects.create(number=99, valid_from=_DAY)
    item = CatalogueItem.objects.create(terms=terms, code="X", clause="A 9", outcome="covered", title="X", text="X")
    item.products.add(product)
    with pytest.raises(StillReferred):
        actions.remove_product(product, **who)


def test_a_version_that_somebody_has_installed_stays(who, cast):
    version = cast.erp.versions.get()
    free = actions.add_version(cast.erp, data=VersionData(name="2027", released_on=_DAY), **who)
    InstalledVersion.objects.create(customer=cast.acme, product=cast.erp, version=version, since=_DAY)
    with pytest.raises(StillReferred):
        actions.remove_version(version, **who)
    actions.remove_version(free, **who)
    assert list(ProductVersion.objects.filter(product=cast.erp)) == [version]


def test_versions_and_areas_are_checked(who, cast):
    for data, field in (
        (VersionData(name="2026.1", released_on=_DAY), "name"),
        (VersionData(name="", released_on=_DAY), "name"),
        (VersionData(name="9", released_on=_DAY, supported_until=date(2026, 5, 31)), "supported_until"),
    ):
        with pytest.raises(Refused) as refused:
            actions.add_version(cast.erp, data=data, **who)
        assert refused.value.field == field
    with pytest.raises(ProductRefused):
        actions.add_area(cast.erp, name="mahnwesen", **who)
    with pytest.raises(UnusableLine):
        actions.add_area(cast.erp, name="  ", **who)


def test_rows_change_places_and_the_order_is_numbered_anew(who, cast):
    names = ["Eins", "Zwei", "Drei"]
    rows = [actions.add_area(cast.partner, name=name, **who) for name in names]
    Area.objects.filter(product=cast.partner).update(order=0)  # as an import may leave them
    actions.move_area(rows[2], up=False, **who)  # by name: Drei, Eins, Zwei
    assert [one.name for one in cast.partner.areas.all()] == ["Eins", "Drei", "Zwei"]
    actions.move_area(rows[1], up=False, **who)  # the last one stays the last
    assert [(one.name, one.order) for one in cast.partner.areas.all()] == [("Eins", 1), ("Drei", 2), ("Zwei", 3)]


def test_products_change_places(who, cast):
    before = list(Product.objects.all())
    actions.move_product(before[-1], up=True, **who)
    assert list(Product.objects.all()) == [before[0], before[2], before[1]]
    assert AuditEntry.objects.filter(verb="product.moved").count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (ChannelData(kind="fax", value="1"), "kind"),
        (ChannelData(kind="phone"), "value"),
        (ChannelData(kind="phone", value="Nummer"), "value"),
        (ChannelData(kind="phone", value="+49 (0) 6131 55"), "value"),
        (ChannelData(kind="phone", value="1" * 21), "value"),
        (ChannelData(kind="phone", value="12"), "value"),
        (ChannelData(kind="phone", value="0800<script>"), "value"),
        (ChannelData(kind="email", value="kein.at"), "value"),
        (ChannelData(kind="email", value="a@b.example", toll_free=True), "toll_free"),
        (ChannelData(kind="remote", value="https://x.example"), "value"),
        (ChannelData(kind="email", value="a@b.example", note="x" * 201), "note"),
        (ChannelData(kind="portal", active=False), "active"),
        (ChannelData(kind="portal"), "kind"),
    ],
)
def test_a_way_of_contact_leads_somewhere(who, data, field):
    product = add(who)
    with pytest.raises(Refused) as refused:
        ways.add_channel(product, data=data, **who)
    assert refused.value.field == field
    assert product.channels.count() == 1


@pytest.mark.parametrize("number", ["0800 / 38000 1078", "+49 6131 5550-40", "06131 555040", "110"])
def test_phone_numbers_are_kept_as_they_are_written(who, number):
    found = ways.add_channel(add(who), data=ChannelData(kind="phone", value=number, toll_free=True), **who)
    assert (found.value, found.toll_free) == (number, True)


def test_nothing_comes_before_the_portal(who):
    product = add(who)
    mail = ways.add_channel(product, data=ChannelData(kind="email", value="a@b.example"), **who)
    phone = ways.add_channel(product, data=ChannelData(kind="phone", value="0800 123"), **who)
    for _turn in range(3):
        ways.move_channel(phone, up=True, **who)
    assert [one.kind for one in product.channels.all()] == ["portal", "phone", "email"]
    with pytest.raises(ChannelRefused):
        ways.remove_channel(product.channels.get(kind="portal"), **who)
    ways.remove_channel(mail, **who)
    assert [one.kind for one in product.channels.all()] == ["portal", "phone"]


def test_a_kind_is_off_when_every_way_of_this_kind_is(who):
    product = add(who)
    one, two = (ways.add_channel(product, data=ChannelData(kind="phone", value=n), **who) for n in ("0800 1", "0800 2"))
    assert channels.switched_off(product.pk) == frozenset()
    ways.change_channel(one, data=ChannelData(kind="phone", value="0800 1", active=False), **who)
    assert "phone" in channels.open_kinds(product.pk)
    ways.change_channel(two, data=ChannelData(kind="phone", value="0800 2", active=False), **who)
    assert channels.switched_off(product.pk) == {"phone"}
    assert channels.open_kinds(product.pk, ["phone", "email"]) == ["email"]


def test_only_administrators_set_up_products(cast):
    with pytest.raises(NotAllowed):
        add({"actor": cast.dora, "now": NOW})

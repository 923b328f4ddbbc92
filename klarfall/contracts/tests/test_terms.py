"""The catalogue from the template over drafts to publication, and that requests keep theirs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction
from django.utils import translation

from klarfall.contracts.actions.clauses import ItemData, add_item, change_item, move_item, remove_item
from klarfall.contracts.actions.terms import (
    NotReady,
    RateData,
    TermsRefused,
    change_rates,
    discard_draft,
    draft_terms,
    gaps_of,
    publish_terms,
)
from klarfall.contracts.content import COLUMNS, content_hash, item_content, items_of, rates_of
from klarfall.contracts.models import CatalogueItem, RateCardLine, RequestKind, TermsVersion
from klarfall.contracts.queries import newest_terms, terms_draft, terms_in_force
from klarfall.contracts.template import CLAUSES, TILES
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from tests.cast import NOW, berlin, make_staff

RATES = [RateData(work_type=kind, rate=Decimal("140.00"), increment=15, minimum=15) for kind in
         ("support", "senior", "train", "install")]  # fmt: skip
CODES = {
    "COV-USE", "COV-QUESTION", "COV-ACUTE", "COV-DEFECT", "COV-INVESTIGATE", "CHG-TRAIN-NEW", "CHG-TRAIN-BASIC",
    "CHG-CONF", "CHG-DATA-POST", "CHG-DATA-STATUS", "CHG-DATA-OTHER", "CHG-INST-SERVER", "CHG-INST-CLIENT",
    "CHG-INFRA-HW", "CHG-INFRA-OS", "CHG-INFRA-NET", "CHG-OTHER", "NOT-ONSITE", "NOT-LEGAL", "NOT-PRODUCT",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _as_system(db):
    with viewing_as(SYSTEM):
        yield


@pytest.fixture
def who(dora):
    return {"actor": dora, "now": NOW}


@pytest.fixture
def founder(db):
    """Who sets up a house without any catalogue."""
    VendorProfile.objects.get_or_create(pk=1, defaults={"name": "Vendor"})
    return {"actor": make_staff("Mara", "administrator"), "now": NOW}


@pytest.fixture
def draft(cast, dora):
    """A draft beside the catalogue in force."""
    return draft_terms(actor=dora, now=NOW)


def data_of(item: CatalogueItem, **more) -> ItemData:
    columns = {name: getattr(item, name) for name in COLUMNS if name != "code"}
    tuples = {name: tuple(columns[name]) for name in ("examples", "examples_en", "alternatives")}
    return ItemData(**columns | tuples | {"products": tuple(item.products.all())} | more)


def item(draft, code):
    return draft.items.get(code=code)


def test_the_template_has_every_service_in_both_languages_and_no_word_of_a_vendor():
    assert {one.code for one in CLAUSES} == CODES
    for one in CLAUSES:
        assert "" not in (one.title, one.text, *one.examples)
        assert one.examples
        for name, value in one.columns.items():
            if name.endswith("_en"):
                assert bool(value) == bool(one.columns[name.removesuffix("_en")]), (one.code, name)
    everything = str([one.columns for one in (*CLAUSES, *TILES)])
    for word in ("PowerHaus", "Aareon", "Wohnwerk", "Archiv Connect", "Produktsupport", "EUR", "€"):
        assert word not in everything
    assert {one.usual_item for one in TILES} - {""} <= CODES


def test_the_first_draft_comes_from_the_template_and_asks_for_rates(founder):
    draft = draft_terms(**founder)
    assert {one.code for one in items_of(draft)} == CODES
    assert rates_of(draft) == []
    blocking = [one for one in gaps_of(draft) if one.blocking]
    assert [one.rates for one in blocking] == [True] * 4
    with pytest.raises(NotReady) as refused:
        publish_terms(draft, valid_from=date(2026, 11, 24), **founder)
    assert [one.message for one in refused.value.gaps] == [one.message for one in blocking]
    change_rates(draft, rates=RATES, **founder)
    assert gaps_of(draft) == []
    published = publish_terms(draft, valid_from=date(2026, 11, 24), **founder)
    assert terms_in_force(NOW) == published
    assert terms_in_force(NOW - timedelta(seconds=1)) is None


def test_a_draft_copies_the_newest_published_version(draft, cast):
    assert draft.number == cast.terms.number + 1
    assert [item_content(one) for one in items_of(draft)] == [item_content(one) for one in items_of(cast.terms)]
    assert len(rates_of(draft)) == 4
    assert terms_in_force(NOW) == cast.terms


def test_there_is_one_draft_at_a_time(draft, who):
    with pytest.raises(TermsRefused):
        draft_terms(**who)
    with pytest.raises(DatabaseError), transaction.atomic():
        TermsVersion.objects.create(number=9, valid_from=date(2027, 1, 1))
    discard_draft(draft, **who)
    assert terms_draft() is None
    assert draft_terms(**who).number == 2


def test_of_two_who_begin_at_once_one_is_told(draft, who, monkeypatch):
    monkeypatch.setattr("klarfall.contracts.actions.terms.terms_draft", lambda: None)
    with pytest.raises(TermsRefused):
        draft_terms(**who)
    assert TermsVersion.objects.filter(published_at__isnull=True).count() == 1


def test_a_limit_to_products_is_copied_and_published(draft, cast, who):
    change_item(item(draft, "NOT-ONSITE"), data=data_of(item(draft, "NOT-ONSITE"), products=(cast.erp,)), **who)
    change_all_ready(draft, who)
    first = publish_terms(draft, valid_from=date(2026, 12, 1), **who)
    second = draft_terms(**who)
    assert list(item(second, "NOT-ONSITE").products.all()) == [cast.erp]
    assert first.valid_from < second.valid_from


def change_all_ready(draft, who):
    """The catalogue of the tests lacks examples, and its reason for what is called other is ready-made."""
    for one in items_of(draft):
        reason = "" if one.code == "CHG-OTHER" else one.reason_template
        change_item(one, data=data_of(one, examples=("Zum Beispiel so.",), reason_template=reason), **who)


@pytest.mark.parametrize(
    ("code", "change", "named"),
    [
        ("COV-USE", {"text": " "}, "German text"),
        ("COV-USE", {"examples": ()}, "German example"),
        ("CHG-OTHER", {"reason_template": "Wie immer."}, "reason"),
        ("CHG-DATA-POST", {"needs_cause": False}, "cause"),
    ],
)
def test_publishing_names_what_is_missing(draft, who, code, change, named):
    change_all_ready(draft, who)
    changed = item(draft, code)
    change_item(changed, data=data_of(changed, **change), **who)
    with pytest.raises(NotReady) as refused, translation.override("en"):
        publish_terms(draft, valid_from=date(2026, 12, 1), **who)
    assert [one.item.code for one in refused.value.gaps] == [code]
    assert named in refused.value.gaps[0].message
    assert TermsVersion.objects.get(pk=draft.pk).published_at is None


def test_a_missing_translation_only_warns(draft, who):
    change_all_ready(draft, who)
    assert {one.blocking for one in gaps_of(draft)} == {False}
    assert publish_terms(draft, valid_from=date(2026, 12, 1), **who).published_at == NOW


def test_a_chargeable_item_without_a_rate_is_named(draft, who):
    change_all_ready(draft, who)
    change_rates(draft, rates=[one for one in RATES if one.work_type != "train"], **who)
    with pytest.raises(NotReady) as refused:
        publish_terms(draft, valid_from=date(2026, 12, 1), **who)
    assert [one.rates for one in refused.value.gaps] == [True]


@pytest.mark.parametrize("outcome", ["chargeable", "covered"])
def test_legal_advice_is_never_chargeable(draft, who, outcome):
    legal = item(draft, "NOT-LEGAL")
    with pytest.raises(TermsRefused) as refused:
        change_item(legal, data=data_of(legal, outcome=outcome, work_type="support"), **who)
    assert refused.value.field == "outcome"
    CatalogueItem.objects.filter(pk=legal.pk).update(outcome="chargeable", work_type="support")  # past the action
    change_all = [one for one in gaps_of(draft) if one.blocking and one.item and one.item.code == "NOT-LEGAL"]
    assert change_all


@pytest.mark.parametrize("code", ["NOT-LEGAL", "COV-DEFECT", "COV-INVESTIGATE"])
def test_what_assessing_stands_on_stays(draft, who, code):
    with pytest.raises(TermsRefused):
        remove_item(item(draft, code), **who)
    item(draft, code).delete()  # past the action
    assert any(code in one.message for one in gaps_of(draft) if one.blocking)


def test_the_day_is_not_over_and_lies_after_every_published_version(draft, cast, who):
    change_all_ready(draft, who)
    for day in (date(2026, 11, 23), cast.terms.valid_from):
        with pytest.raises(TermsRefused) as refused:
            publish_terms(draft, valid_from=day, **who)
        assert refused.value.field == "valid_from"
    coming = publish_terms(draft, valid_from=date(2026, 12, 24), **who)
    assert (newest_terms(), terms_in_force(NOW)) == (coming, cast.terms)
    later = draft_terms(**who)
    with pytest.raises(TermsRefused):
        publish_terms(later, valid_from=date(2026, 12, 24), **who)
    assert publish_terms(later, valid_from=date(2026, 12, 25), **who).number == 3


def test_today_is_the_day_in_the_vendors_zone(draft, dora):
    late = berlin("2026-11-24 00:30")  # still the 23rd in UTC
    who = {"actor": dora, "now": late}
    change_all_ready(draft, who)
    with pytest.raises(TermsRefused):
        publish_terms(draft, valid_from=date(2026, 11, 23), **who)
    publish_terms(draft, valid_from=date(2026, 11, 24), **who)
    assert terms_in_force(late) == terms_in_force(late + timedelta(days=9)) == newest_terms()


def test_requests_keep_the_catalogue_in_force_when_they_were_sent(draft, cast, who, make_ticket):
    """INV-11, across midnight in the vendor's zone."""
    before = make_ticket(now=berlin("2026-11-24 10:00"))
    change_all_ready(draft, who)
    coming = publish_terms(draft, valid_from=date(2026, 11, 25), **who)
    last = make_ticket(now=berlin("2026-11-24 23:59"), title="Kurz vor Mitternacht")
    first = make_ticket(now=berlin("2026-11-25 00:00"))
    assert (before.terms, last.terms, first.terms) == (cast.terms, cast.terms, coming)
    before.refresh_from_db()
    assert before.terms == cast.terms
    with pytest.raises(DatabaseError), transaction.atomic():
        type(before).objects.filter(pk=before.pk).update(terms=coming)


def test_what_is_published_is_hashed_and_cannot_be_changed(draft, who):
    change_all_ready(draft, who)
    published = publish_terms(draft, valid_from=date(2026, 12, 1), **who)
    fresh = TermsVersion.objects.get(pk=published.pk)
    assert fresh.content_hash == content_hash(fresh) != ""
    one = items_of(fresh)[0]
    for act in (
        lambda: change_item(one, data=data_of(one, title="Anders"), **who),
        lambda: remove_item(one, **who),
        lambda: move_item(one, up=False, **who),
        lambda: add_item(fresh, code="COV-NEW", data=data_of(one, clause="A 9.9"), **who),
        lambda: change_rates(fresh, rates=RATES, **who),
        lambda: discard_draft(fresh, **who),
        lambda: publish_terms(fresh, valid_from=date(2026, 12, 2), **who),
    ):
        with pytest.raises(TermsRefused):
            act()
    for write in (
        lambda: CatalogueItem.objects.filter(pk=one.pk).update(title="Anders"),
        lambda: RateCardLine.objects.filter(terms=fresh).update(rate=1),
        lambda: TermsVersion.objects.filter(pk=fresh.pk).update(valid_from=date(2027, 1, 1)),
        lambda: one.products.clear() or one.products.add(1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_the_hash_knows_every_word_and_every_rate(draft, who):
    seen = {content_hash(draft)}
    one = item(draft, "COV-USE")
    change_item(one, data=data_of(one, text_en="Other words"), **who)
    seen.add(content_hash(draft))
    move_item(item(draft, "COV-USE"), up=False, **who)
    seen.add(content_hash(draft))
    change_rates(draft, rates=[replace(one, minimum=5) for one in RATES], **who)
    seen.add(content_hash(draft))
    assert len(seen) == 4


def test_clauses_are_added_moved_and_removed(draft, who):
    new = ItemData(clause="B 6.1", outcome="chargeable", title="Auswertung bauen", work_type="senior")
    made = add_item(draft, code="CHG-REPORT", data=new, **who)
    chargeable = [one.code for one in items_of(draft) if one.outcome == "chargeable"]
    assert chargeable[-2:] == ["CHG-OTHER", "CHG-REPORT"]
    assert items_of(draft)[-1].outcome == "not_offered"
    move_item(made, up=True, **who)
    assert [one.code for one in items_of(draft) if one.outcome == "chargeable"][-2:] == ["CHG-REPORT", "CHG-OTHER"]
    before = [one.code for one in items_of(draft)]
    move_item(item(draft, "COV-USE"), up=True, **who)  # first of its outcome
    assert [one.code for one in items_of(draft)] == before
    remove_item(made, **who)
    with pytest.raises(TermsRefused):
        remove_item(made, **who)
    with pytest.raises(ObjectDoesNotExist):
        item(draft, "CHG-REPORT")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("clause", {"clause": "1.2"}),
        ("clause", {"clause": "A 1"}),  # is there
        ("title", {"title": "  "}),
        ("outcome", {"outcome": "perhaps"}),
        ("work_type", {"outcome": "chargeable"}),
        ("examples", {"examples": ("x" * 201,)}),
        ("examples_en", {"examples_en": ("x",) * 9}),
        ("changes_if_en", {"changes_if_en": "x" * 241}),
        ("estimate_max", {"estimate_min": 60}),
        ("estimate_max", {"estimate_min": 60, "estimate_max": 30}),
        ("estimate_max", {"estimate_min": 0, "estimate_max": 30}),
        ("code", {}),
    ],
)
def test_what_no_clause_can_say_is_refused_with_its_field(draft, who, field, change):
    new = replace(ItemData(clause="A 9.1", outcome="covered", title="Neu"), **change)
    with pytest.raises(TermsRefused) as refused:
        add_item(draft, code="CHG-NEW" if field == "code" else "COV-NEW", data=new, **who)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("train_rate", {"rate": Decimal("0.00")}),
        ("train_rate", {"rate": Decimal("99.999")}),
        ("train_increment", {"increment": 7}),
        ("train_minimum", {"minimum": 481}),
    ],
)
def test_what_no_rate_can_be_is_refused_with_its_field(draft, who, field, change):
    with pytest.raises(TermsRefused) as refused:
        change_rates(draft, rates=[*RATES[:2], replace(RATES[2], **change)], **who)
    assert refused.value.field == field
    assert rates_of(draft)[0].rate == Decimal("132.00")


def test_an_uncovered_item_has_no_kind_of_work(draft, who):
    conf = item(draft, "CHG-CONF")
    changed = change_item(conf, data=data_of(conf, outcome="covered"), **who)
    assert changed.work_type == ""
    assert [one.outcome for one in items_of(draft)] == sorted(
        (one.outcome for one in items_of(draft)), key=["covered", "chargeable", "not_offered"].index
    )


def test_everything_is_audited_without_words(draft, who):
    one = item(draft, "COV-USE")
    change_item(one, data=data_of(one, title="Ganz geheim"), **who)
    change_item(one, data=data_of(item(draft, "COV-USE")), **who)  # nothing changes, nothing is recorded
    change_rates(draft, rates=RATES, **who)
    entries = list(AuditEntry.objects.order_by("pk").values_list("verb", "data"))
    assert [verb for verb, _data in entries] == ["terms.drafted", "terms.item_changed", "terms.rates_changed"]
    assert entries[1][1] == {"code": "COV-USE", "fields": ["title"]}


def test_only_leads_and_administrators_publish(draft, cast, who):
    one = item(draft, "COV-USE")
    for actor in (cast.anna, cast.bernd.user):
        for act in (
            lambda who: draft_terms(**who),
            lambda who: change_item(one, data=data_of(one), **who),
            lambda who: add_item(draft, code="COV-X", data=data_of(one), **who),
            lambda who: remove_item(one, **who),
            lambda who: move_item(one, up=True, **who),
            lambda who: change_rates(draft, rates=RATES, **who),
            lambda who: discard_draft(draft, **who),
            lambda who: publish_terms(draft, valid_from=date(2027, 1, 1), **who),
        ):
            with pytest.raises(NotAllowed):
                act({"actor": actor, "now": NOW})


def test_a_tile_that_leads_nowhere_is_named(draft, who):
    RequestKind.objects.filter(code="unsure").update(usual_item="CHG-GONE")
    change_all_ready(draft, who)
    assert any("CHG-GONE" in one.message for one in gaps_of(draft) if not one.blocking)

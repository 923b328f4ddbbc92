"""Contracts, lines, installed versions and trainings: what cannot be right is refused, what is used stays."""

from datetime import date, timedelta

import pytest

from klarfall.contracts.actions.contracts import (
    ContractData,
    ContractRefused,
    LineData,
    add_contract,
    add_line,
    change_contract,
    change_line,
    remove_line,
)
from klarfall.contracts.actions.installations import record_installation, remove_installation
from klarfall.contracts.actions.trainings import record_training, remove_training
from klarfall.contracts.models import ContractLine, InstalledVersion, Product, ProductVersion, TrainingRecord
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from tests.cast import NOW, fresh, make_contract, make_customer


def data(**values) -> ContractData:
    return ContractData(**{"kind": "service", "number": "S-1", "starts_on": date(2026, 1, 1), **values})


def field_of(act, *args, **kwargs) -> str | None:
    with pytest.raises(Refused) as problem:
        act(*args, **kwargs, now=NOW)
    return problem.value.field


def test_a_contract_is_known_by_its_own_name_or_that_of_its_kind(acme, dora):
    contract = add_contract(acme, data=data(), actor=dora, now=NOW)
    assert contract.name != "Rundum-Service"
    changed = change_contract(contract, data=data(title=" Rundum-Service "), actor=dora, now=NOW)
    assert fresh(changed).name == "Rundum-Service"
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.get(verb="contract.changed").data == {"fields": ["title"]}


def test_what_cannot_be_right_is_refused(acme, borealis, dora):
    for values, field in (
        ({"kind": "lease"}, "kind"),
        ({"number": " "}, "number"),
        ({"number": f"W-{borealis.number}"}, "number"),
        ({"title": "x" * 81}, "title"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
    ):
        assert field_of(add_contract, acme, data=data(**values), actor=dora) == field


def test_a_line_has_an_offered_product_once_and_always_the_portal(acme, erp, other, calendar, dora):
    contract = add_contract(acme, data=data(), actor=dora, now=NOW)
    line = add_line(contract, data=LineData(product=erp, calendar=calendar, channels=("phone",)), actor=dora, now=NOW)
    assert line.channels == ["portal", "phone"]
    again = LineData(product=erp, calendar=calendar)
    assert field_of(add_line, contract, data=again, actor=dora) == "product"
    assert field_of(change_line, line, data=LineData(product=other, calendar=calendar), actor=dora) == "product"
    visits = LineData(product=erp, calendar=calendar, channels=("visit",))
    assert field_of(change_line, line, data=visits, actor=dora) == "channels"
    with viewing_as(SYSTEM):
        Product.objects.filter(pk=other.pk).update(active=False)
    gone = LineData(product=fresh(other), calendar=calendar)
    assert field_of(add_line, contract, data=gone, actor=dora) == "product"
    assert len(change_line(line, data=again, actor=dora, now=NOW).channels) == len(again.channels)


def test_a_line_to_which_requests_refer_stays(acme, erp, other, calendar, dora, make_ticket):
    used = make_ticket().contract_line
    with pytest.raises(ContractRefused):
        remove_line(used, actor=dora, now=NOW)
    unused = add_line(used.contract, data=LineData(product=other, calendar=calendar), actor=dora, now=NOW)
    remove_line(unused, actor=dora, now=NOW)
    with viewing_as(SYSTEM):
        assert list(ContractLine.objects.filter(customer=acme)) == [used]


def test_installed_versions_belong_to_their_product_and_are_corrected_by_day(acme, erp, other, dora):
    with viewing_as(SYSTEM):
        version, foreign = (ProductVersion.objects.get(product=one) for one in (erp, other))
        newer = ProductVersion.objects.create(product=erp, name="2026.2", released_on=date(2026, 6, 1))
    given = {"product": erp, "since": date(2026, 7, 1), "actor": dora}
    assert field_of(record_installation, acme, **given, version=foreign) == "version"
    tomorrow = given | {"since": NOW.date() + timedelta(days=1)}
    assert field_of(record_installation, acme, **tomorrow, version=version) == "since"
    for one in (version, version, newer):
        found = record_installation(acme, **given, version=one, now=NOW)
    with viewing_as(SYSTEM):
        assert [one.version for one in InstalledVersion.objects.filter(customer=acme)] == [newer]
        assert AuditEntry.objects.filter(verb="installation.recorded").count() == 2
        remove_installation(found, actor=dora, now=NOW)
        assert not InstalledVersion.objects.filter(customer=acme).exists()


def test_a_training_is_written_down_once(bernd, erp, dora):
    given = {"product": erp, "topic": " Mahnwesen ", "on": date(2026, 3, 1), "actor": dora, "now": NOW}
    training = record_training(bernd, **given)
    assert record_training(bernd, **given).pk == training.pk
    assert field_of(record_training, bernd, product=erp, topic="", on=NOW.date(), actor=dora) == "topic"
    late = {"product": erp, "topic": "x", "on": NOW.date() + timedelta(days=1), "actor": dora}
    assert field_of(record_training, bernd, **late) == "on"
    with viewing_as(SYSTEM):
        remove_training(training, actor=dora, now=NOW)
        assert not TrainingRecord.objects.exists()


def test_numbers_are_given_once_in_the_house(erp, calendar, dora):
    first, second = make_customer("Ceta"), make_customer("Delta")
    make_contract(first, erp, calendar=calendar, number="W-77")
    assert field_of(add_contract, second, data=data(number="W-77"), actor=dora) == "number"

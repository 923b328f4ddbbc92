"""The corpus of the benchmark has the shape that it claims, and its rows are such as the product accepts."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bench import base, corpus, queries, truth
from bench.pages import people

SIZE = 300


@pytest.fixture
def superuser(database_server, committed_db):
    if database_server.cluster is None:
        pytest.skip("Filling needs the superuser of the embedded PostgreSQL")
    cache.clear()
    with database_server.cluster.connect("superuser", settings.DATABASE["NAME"]) as connection:
        yield connection


def test_a_small_corpus_is_true_and_its_pages_can_be_shown(superuser):
    corpus.write(superuser, SIZE, base.seed(), lambda _step: None)
    shape = truth.figures(superuser, SIZE)
    assert shape["messages"] / SIZE == pytest.approx(2.95)
    assert shape["bytes"] == pytest.approx(640, rel=0.03)
    assert shape["common"] / SIZE == pytest.approx(0.21)
    assert shape["rare"] == 6
    assert (shape["customers"], shape["agents"], shape["areas"]) == (2_000, 20, 8)
    assert shape["unassessed"] / SIZE == pytest.approx(0.05, abs=0.02)
    assert shape["waiting"] / SIZE == pytest.approx(0.022, abs=0.01)
    assert shape["days"] == pytest.approx(3 * 365, rel=0.01)
    truth.prove(superuser)
    _show_everything()


def _show_everything() -> None:
    """Every ticket on both sites: a page with an error would be measured as a quick one."""
    who = people()
    for staff, path in ((True, reverse("desk:list", args=["all-open"])), (False, reverse("portal:requests"))):
        assert queries.asked_by(who[staff], path).count <= 8
    client = Client(SERVER_NAME="localhost")
    client.force_login(who[True], backend="allauth.account.auth_backends.AuthenticationBackend")
    for number in range(100_001, 100_001 + SIZE, 13):
        assert client.get(reverse("desk:ticket", args=[number])).status_code == 200


def test_a_plan_that_reads_a_large_table_from_end_to_end_is_named():
    plans = ["Limit\n  ->  Seq Scan on tickets_ticket t", "Seq Scan on contracts_area", "Index Scan on tickets_message"]
    assert queries.sequential_scans(plans) == ["tickets_ticket"]

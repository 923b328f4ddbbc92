"""Health, readiness and metrics: what machines may know, and nobody else."""

import json

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from klarfall.operations import readiness
from klarfall.operations.tests.houses import connected


@pytest.fixture
def new_process(monkeypatch):
    """Nothing is remembered of earlier looks at the migrations."""
    monkeypatch.setattr(readiness, "_complete", set())


def asked(path="/health/ready/", **headers):
    answer = Client(**headers).get(path)
    return answer.status_code, json.loads(answer.content)


def test_all_is_well(db, new_process):
    assert asked("/health/live/") == (200, {"live": True})
    assert asked() == (200, {"ready": True, "reasons": []})
    with connection.cursor() as cursor, readiness.viewing_as(readiness.SYSTEM):
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'probe'")
        assert cursor.fetchone() == (0,)


def test_probes_need_no_known_host(db):
    assert asked("/health/live/", HTTP_HOST="10.0.0.7:8000")[0] == 200


def test_without_a_database_it_lives_but_is_not_ready(house, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    assert asked("/health/live/")[0] == 200
    assert asked() == (503, {"ready": False, "reasons": ["database"]})
    figures = Client().get("/metrics").content.decode()
    assert "klarfall_database_up 0.0" in figures
    connection.close()


@pytest.mark.parametrize(
    ("fault", "mend", "reason"),
    [
        (
            "UPDATE django_migrations SET app = 'gone' WHERE app = 'operations'",
            "UPDATE django_migrations SET app = 'operations' WHERE app = 'gone'",
            "migrations",
        ),
        (
            'REVOKE INSERT ON procrastinate_jobs FROM "{system}", "{login}"',
            'GRANT INSERT ON procrastinate_jobs TO "{system}", "{login}"',
            "queue",
        ),
    ],
)
def test_what_is_missing_is_named_by_a_code(house, database_server, new_process, fault, mend, reason):
    names = {"system": f"{connection.settings_dict['NAME']}_system", "login": database_server.login["USER"]}
    with connected(database_server) as owner:
        owner.execute(fault.format(**names))
        found = asked()
        owner.execute(mend.format(**names))
    assert found == (503, {"ready": False, "reasons": [reason]})
    assert asked()[0] == 200


def test_metrics_count_pages_by_name_and_name_nobody(acme_story):
    client = Client()
    client.force_login(acme_story.cast.bernd.user)
    token = acme_story.things["token"]
    for path in ("/", "/requests/?q=geheim", f"/l/{token}/", "/no/such/page/"):
        client.get(path)
    client.generic("BREW", "/")
    text = client.get("/metrics").content.decode()
    families = {one.name: one for one in text_string_to_metric_families(text)}
    counted = [one.labels for one in families["klarfall_request_seconds"].samples if one.name.endswith("_count")]
    assert {"page": "portal:home", "method": "GET", "status": "2xx"} in counted
    assert "portal:link" in {one["page"] for one in counted}
    assert {"unknown"} <= {one["page"] for one in counted}
    assert {"other"} <= {one["method"] for one in counted}
    assert families["klarfall_tickets_open"].samples[0].value > 0
    assert {one.labels["state"] for one in families["klarfall_mails"].samples} >= {"sent"}
    assert families["klarfall_jobs"].samples
    assert families["klarfall_database_up"].samples[0].value == 1
    names = [acme_story.cast.bernd.user.email, acme_story.cast.bernd.user.name, acme_story.cast.acme.name, token]
    assert [name for name in [*names, "geheim", "acmegeheim"] if name in text] == []


@pytest.mark.parametrize(
    ("headers", "given", "status"),
    [
        ({}, {}, 200),
        ({"REMOTE_ADDR": "203.0.113.9"}, {}, 404),
        ({"REMOTE_ADDR": "203.0.113.9"}, {"METRICS_ALLOW": ["203.0.113.0/24"]}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, {}, 200),
        # Behind a proxy on this machine everybody comes from here.
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {}, 404),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"ALLAUTH_TRUSTED_PROXY_COUNT": 1}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"}, {"ALLAUTH_TRUSTED_PROXY_COUNT": 1}, 404),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}, {"METRICS_TOKEN": ""}, 404),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, {"METRICS_TOKEN": "right"}, 404),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right"}, {"METRICS_TOKEN": "right"}, 200),
        ({"REMOTE_ADDR": "unix:"}, {}, 404),
    ],
)
def test_metrics_exist_for_few(db, settings, headers, given, status):
    for name, value in given.items():
        setattr(settings, name, value)
    assert Client(**headers).get("/metrics").status_code == status

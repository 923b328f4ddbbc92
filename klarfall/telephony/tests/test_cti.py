"""The hook of the telephone system: signed, fresh, once, small; the desk shows whose call it is."""

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony import hook_events, signature
from klarfall.telephony.actions.extensions import set_extension
from klarfall.telephony.models import Call, HookEvent, LiveCall
from klarfall.telephony.signature import is_signed, sign
from tests.cast import NOW, make_contact

SECRET = "a shared secret of the tests"
URL = "/hooks/cti/"
HOST = {"HTTP_HOST": "localhost"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def event(**values):
    fields = {"event_id": "e1", "event": "incoming", "call_id": "c1", "from": "02111234567", "to": "021155500"}
    return {**fields, "at": NOW.isoformat(), **values}


@pytest.mark.parametrize(
    ("header", "body", "secret", "now", "genuine"),
    [
        (sign(b"{}", SECRET, 1000), b"{}", SECRET, 1000, True),
        (sign(b"{}", SECRET, 1000), b"{}", SECRET, 1299, True),
        (sign(b"{}", SECRET, 1000), b"{}", SECRET, 701, True),
        (sign(b"{}", SECRET, 1000), b"{}", SECRET, 1301, False),  # too old
        (sign(b"{}", SECRET, 1000), b"{}", SECRET, 690, False),  # from the future
        (sign(b"{}", SECRET, 1000), b"{ }", SECRET, 1000, False),  # another body
        (sign(b"{}", "other", 1000), b"{}", SECRET, 1000, False),
        (sign(b"{}", SECRET, 1000).replace("t=1000", "t=1001"), b"{}", SECRET, 1001, False),
        (sign(b"{}", "", 1000), b"{}", "", 1000, False),  # no secret signs nothing
        ("", b"{}", SECRET, 1000, False),
        ("v1=" + "0" * 64, b"{}", SECRET, 1000, False),
        ("t=1000,v1=" + "Z" * 64, b"{}", SECRET, 1000, False),
        ("t=" + "9" * 400 + ",v1=" + "0" * 64, b"{}", SECRET, 1000, False),
    ],
)
def test_signatures(header, body, secret, now, genuine):
    """HMAC-SHA256 over time stamp and body, at most five minutes old."""
    assert is_signed(header, body, secret, now) is genuine


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 4000, "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "missing"),
        (json.dumps(event(event="sold")).encode(), "unknown_event"),
        (json.dumps(event(call_id=7)).encode(), "not_a_short_text"),
        (json.dumps(event(call_id="x" * 200)).encode(), "not_a_short_text"),
        (json.dumps(event(agent="a\nb")).encode(), "not_printable"),
        (json.dumps(event(**{"from": "\u202e110"})).encode(), "not_printable"),
        (json.dumps(event(at="soon")).encode(), "not_an_instant"),
        (json.dumps(event(at="2026-11-24T09:00:00")).encode(), "not_an_instant"),  # no zone
        (json.dumps(event(at="2020-01-01T09:00:00Z")).encode(), "not_an_instant"),
        (b" " * 9000, "too_large"),
    ],
)
def test_what_is_no_event(body, code):
    """Everything from outside is hostile: named by a code, never an exception of another kind."""
    with pytest.raises(hook_events.BadEvent) as problem:
        hook_events.read(body, NOW)
    assert problem.value.code == code


@pytest.fixture
def post(cast, clock, settings):
    """Sends an event as a telephone system does: signed over HTTP, without any session."""
    settings.CTI_SECRET = SECRET

    def send(*, secret=SECRET, signed_at=None, body=None, method="post", **values):
        raw = json.dumps(event(**values)).encode() if body is None else body
        header = sign(raw, secret, int(signed_at or clock().timestamp()))
        client = Client(enforce_csrf_checks=True, **HOST)
        return getattr(client, method)(URL, raw, content_type="application/json", HTTP_X_KLARFALL_SIGNATURE=header)

    return send


@pytest.fixture
def numbered(cast):
    with viewing_as(SYSTEM):
        cast.bernd.phone, cast.bernd.phone_e164 = "0211 12345-67", "+492111234567"
        cast.bernd.save()
    return cast.bernd


def desk(user):
    client = Client(**HOST)
    client.force_login(user, backend=BACKEND)
    return client


def bar(user):
    return desk(user).get(reverse("desk:ringing"), HTTP_HX_REQUEST="true").content.decode()


def test_without_a_secret_there_is_no_hook(cast, settings):
    settings.CTI_SECRET = ""
    assert Client(**HOST).post(URL, b"{}", content_type="application/json").status_code == 404
    assert "every 5s" not in desk(cast.anna).get(reverse("desk:call")).content.decode()


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"secret": "wrong"}, 401, "signature"),
        ({"signed_at": time.time() - 10_000_000}, 401, "signature"),
        ({"body": b"not json"}, 400, "not_json"),
        ({"body": b"{" + b" " * 9000}, 413, "too_large"),
        ({"event": "sold"}, 400, "unknown_event"),
        ({"method": "put"}, 405, "post_only"),
    ],
)
def test_refusals_name_a_code_and_nothing_else(post, values, status, code):
    answer = post(**values)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert set(answer.json()) <= {"ok", "error", "field"}
    with viewing_as(SYSTEM):
        assert not LiveCall.objects.exists()


def test_a_replay_is_refused(post):
    assert post().status_code == 202
    again = post(event="ended")
    assert (again.status_code, again.json()["error"]) == (409, "replayed")
    with viewing_as(SYSTEM):
        assert LiveCall.objects.get().ended_at is None
        assert HookEvent.objects.count() == 1


def test_a_flood_ends(post, monkeypatch):
    from klarfall.accounts.limits import Limit
    from klarfall.telephony import views

    monkeypatch.setattr(views, "_EVENTS", Limit("cti-test", 2, views._EVENTS.span))
    assert [post(event_id=f"e{one}").status_code for one in range(3)] == [202, 202, 429]


def test_the_desk_shows_whose_call_it_is(post, cast, numbered, clock):
    """Ringing at everybody's, then at that of who answered, until it is recorded."""
    post()
    assert f"{reverse('desk:call-of', args=[numbered.pk])}?live=" in bar(cast.anna)
    assert "Acme" in bar(cast.dora)
    post(event_id="e2", event="answered", agent="anna@vendor.example", at=clock().isoformat())
    assert "Bernd" in bar(cast.anna)
    assert "Bernd" not in bar(cast.dora)
    post(event_id="e3", event="ended", at=clock().isoformat())
    with viewing_as(SYSTEM):
        live = LiveCall.objects.get()
    page = desk(cast.anna).get(reverse("desk:call-of", args=[numbered.pk]), {"live": live.pk}).content.decode()
    assert 'value="02111234567"' in page
    fields = {
        "note": "Erledigt.", "product": cast.erp.pk, "channel": "phone", "direction": "incoming",
        "started": "2026-11-24T08:59:00", "do": "answered",
    }  # fmt: skip
    desk(cast.anna).post(f"{reverse('desk:call-of', args=[numbered.pk])}?live={live.pk}", fields)
    with viewing_as(SYSTEM):
        assert Call.objects.get().live_id == live.pk
    assert "Bernd" not in bar(cast.anna)


def test_several_with_one_number_and_nobody_known(post, cast, numbered):
    """Who shares a number is listed; a stranger and a hidden number lead to the note about somebody unknown."""
    twin = make_contact("Berta", cast.acme, phone_e164="+492111234567")
    post()
    shown = bar(cast.anna)
    assert all(reverse("desk:call-of", args=[one.pk]) in shown for one in (numbered, twin))
    post(event_id="e2", call_id="c2", **{"from": "0049 30 5555555"})
    post(event_id="e3", call_id="c3", **{"from": "anonymous"})
    assert bar(cast.anna).count(reverse("desk:unknown-call")) == 2


def test_extensions_name_the_agent_and_others_are_none_of_ours(post, cast, numbered):
    """Numbers of colleagues in other departments show nowhere."""
    set_extension(cast.anna, number="21", actor=cast.anna, now=NOW)
    assert post(agent="21").json()["shown"] is True
    assert "Bernd" in bar(cast.anna)
    assert "Bernd" not in bar(cast.dora)
    answer = post(event_id="e2", call_id="c2", agent="99").json()
    assert answer == {"ok": True, "shown": False}


def test_nobody_without_the_desk_reads_calls(cast, post, numbered):
    post()
    answer = desk(cast.bernd.user).get(reverse("desk:ringing"), HTTP_HX_REQUEST="true")
    assert "Bernd" not in answer.content.decode()


def test_the_example_in_the_docs_signs_as_we_do():
    """What docs/telephony.md computes with Python is what is checked."""
    import hashlib
    import hmac

    body, at = b'{"event":"incoming"}', 1_764_000_000
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature.sign(body, SECRET, at) == f"t={at},v1={digest}"

"""One answer for browser and htmx: whole page, one block, redirect."""

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from klarfall.core import vendor
from klarfall.core.models import VendorProfile
from klarfall.ui import samples, views
from klarfall.ui.rendering import go, page


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(vendor, "current", lambda: VendorProfile(pk=1, name="Muster"))


def request(**headers):
    made = RequestFactory().get("/", headers=headers)
    made.user = AnonymousUser()
    made.session = {}
    made._messages = FallbackStorage(made)
    return made


def show(asked, **more):
    return page(asked, "ui/gallery/sign-in.html", part="content", **samples.sign_in(), **more)


def test_a_browser_gets_the_whole_page():
    answer = show(request())
    assert b"<!doctype html>" in answer.content
    assert answer["Vary"] == "HX-Request"


def test_htmx_gets_the_block_only():
    answer = show(request(**{"HX-Request": "true"}))
    assert b"<!doctype html>" not in answer.content
    assert b"<h1>" in answer.content
    assert answer["Vary"] == "HX-Request"


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_and_restored_pages_are_whole(header):
    assert b"<!doctype html>" in show(request(**{"HX-Request": "true", header: "true"})).content


def test_a_part_brings_new_messages_along():
    asked = request(**{"HX-Request": "true"})
    messages.error(asked, "Not <b>saved</b>")
    html = show(asked).content.decode()
    assert 'hx-swap-oob="true"' in html
    assert "Not &lt;b&gt;saved&lt;/b&gt;" in html


def test_a_part_without_messages_leaves_the_message_area_alone():
    assert b"hx-swap-oob" not in show(request(**{"HX-Request": "true"})).content


def test_a_refused_form_is_422_for_browsers_and_200_for_htmx():
    assert show(request(), status=422).status_code == 422
    assert show(request(**{"HX-Request": "true"}), status=422).status_code == 200


def test_after_a_post_browsers_go_by_303_and_htmx_by_its_header():
    plain, htmx = go(request(), "/there/"), go(request(**{"HX-Request": "true"}), "/there/")
    assert (plain.status_code, plain["Location"]) == (303, "/there/")
    assert (htmx.status_code, htmx["HX-Redirect"]) == (204, "/there/")


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (views.not_found, 404),
        (views.forbidden, 403),
        (views.bad_request, 400),
        (views.server_error, 500),
        (views.too_many_requests, 429),
        (views.csrf_failure, 403),
    ],
)
def test_error_pages_appear_without_a_database(view, status, monkeypatch):
    def broken():
        raise RuntimeError

    monkeypatch.setattr(vendor, "current", broken)
    answer = view(RequestFactory().get("/x/"))
    assert answer.status_code == status
    assert b"<h1>" in answer.content


def test_plain_text_mails_are_not_escaped_and_html_mails_are():
    from django.template import engines

    env = engines["jinja2"].env
    assert env.select_template(["ui/mail_base.txt"]).environment.autoescape("x.txt") is False
    assert env.autoescape("x.html") is True
    assert env.autoescape(None) is True

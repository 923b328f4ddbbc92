"""Every component in every state, looked at by axe in light and dark, on a desk and on a phone."""

import re

import pytest

from klarfall.ui import samples
from tests.axe import CONTRAST, axe_faults

PAGES = sorted(samples.PAGES)
WIDTHS = {"desk": 1440, "phone": 320}


@pytest.fixture
def gallery(live_server, page):
    """Opens one page of the gallery and returns what the browser complained about."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    def look(name, width=1440, scheme="light"):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(f"{live_server.url}/ui/{name}/")
        return complaints

    return look


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_fault_in_light_and_dark(gallery, page, name):
    assert gallery(name) == []
    assert axe_faults(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert axe_faults(page, CONTRAST) == []


@pytest.mark.parametrize("name", PAGES)
def test_phones_need_no_sideways_scrolling(gallery, page, name):
    assert gallery(name, WIDTHS["phone"]) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]


def test_portal_targets_are_large_enough_for_a_finger(gallery, page):
    gallery("request", 375)
    small = page.evaluate(
        """() => [...document.querySelectorAll("main .btn, main summary, header .btn")]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.textContent.trim())"""
    )
    assert small == []


def test_a_first_view_needs_few_requests_and_few_bytes(gallery, page):
    loaded = []
    page.on("response", lambda response: loaded.append(response.url))
    gallery("request")
    assert len(loaded) <= 6, loaded


def test_the_menu_opens_on_phones_without_javascript_of_ours(gallery, page):
    gallery("request", 375)
    start = page.get_by_role("navigation", name=re.compile("Haupt|Main")).get_by_role("link").first
    assert not start.is_visible()
    page.locator(".menu-btn").click()
    assert start.is_visible()


def test_keys_choose_and_rest_while_somebody_writes(gallery, page):
    gallery("workspace")
    page.locator("h1").click()
    page.keyboard.press("1")
    assert page.locator("input[value=covered]").is_checked()
    page.keyboard.press("n")
    assert page.locator("input[value=note]").is_checked()
    page.keyboard.type("3 Belege")
    assert page.locator("#composer-text").input_value() == "3 Belege"
    assert page.locator("input[value=covered]").is_checked()


def test_single_keys_can_be_switched_off(gallery, page):
    gallery("workspace")
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.locator("#shortcuts-help")
    assert dialog.is_visible()
    dialog.get_by_role("checkbox").uncheck()
    dialog.locator("[data-close]").click()
    page.keyboard.press("1")
    assert not page.locator("input[value=covered]").is_checked()


def test_j_and_k_walk_through_the_queue(gallery, page):
    gallery("queue")
    page.locator("h1").click()
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        assert page.locator(".queue a").nth(row).evaluate("e => e === document.activeElement")


def test_a_dialog_asks_before_something_is_sent(gallery, page):
    gallery("components")
    page.locator("[data-dialog=confirm-sample]").click()
    assert page.locator("#confirm-sample").is_visible()
    page.locator("#confirm-sample [data-close]").click()
    assert not page.locator("#confirm-sample").is_visible()


def test_drafts_are_saved_while_somebody_writes(gallery, page):
    saved = []
    page.route("**/draft/", lambda route: (saved.append(route.request.post_data), route.fulfill(status=204))[1])
    gallery("components")
    page.evaluate("document.getElementById('id_description').form.dataset.autosave = '/draft/'")
    with page.expect_response("**/draft/"):
        page.locator("#id_description").fill("Der Lauf bricht ab")
    page.locator("[data-saved]").filter(has_not_text="09:36").wait_for()
    assert "Der Lauf bricht ab" in saved[0]


def test_files_are_sent_at_once_and_refused_ones_say_why(gallery, page):
    page.route(
        "**/upload/", lambda route: route.fulfill(json={"name": "a.txt", "size": 5, "note": "ok", "remove_url": "/r/"})
    )
    gallery("components")
    page.evaluate(
        """() => { const drop = document.querySelector("[data-drop]");
            drop.dataset.uploadUrl = "/upload/"; drop.dataset.maxBytes = 10; delete drop.dataset.ready;
            drop.closest("form").dispatchEvent(new CustomEvent("htmx:load", {bubbles: true})); }"""
    )
    page.locator("#id_files").set_input_files(
        [
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hallo"},
            {"name": "big.txt", "mimeType": "text/plain", "buffer": b"x" * 11},
        ]
    )
    rows = page.locator("[data-drop-list] li")
    rows.filter(has_text=", ok").wait_for()
    assert rows.filter(has_text="big.txt").locator(".failed").count() == 1

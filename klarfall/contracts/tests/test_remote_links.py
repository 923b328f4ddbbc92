"""Addresses of remote tools: every scheme that opens one, none that runs or reads something, never a password."""

import pytest

from klarfall.contracts.remote_links import (
    FORBIDDEN,
    LinkRefused,
    checked_code,
    checked_link,
    filled,
    refuse_credentials,
)

GOOD = [
    "remote-tool:{code}", "quicktool:", "tool10://control?device={code}", "os-assist:", "otherdesk://{code}",
    "https://help.vendor.example/join/{code}", "https://help.vendor.example/join?code={code}", "vnc+ssh://host.example/1",
    "remote-tool:klarfall@ad",
]  # fmt: skip


@pytest.mark.parametrize("link", [one for one in GOOD if one not in ("quicktool:", "os-assist:")])
def test_any_scheme_that_opens_a_tool_is_taken(link):
    assert checked_link(f" {link} ", field="link", template=True) == link


@pytest.mark.parametrize("link", ["quicktool:", "os-assist:"])
def test_a_scheme_alone_starts_the_tool(link):
    assert checked_link(link, field="link") == link


def test_programs_of_the_system_that_open_foreign_files_are_among_them():
    assert {"ms-msdt", "search-ms", "ms-appinstaller", "intent", "mhtml", "feed", "smb", "x-javascript"} <= FORBIDDEN


@pytest.mark.parametrize("scheme", sorted(FORBIDDEN))
def test_what_runs_or_reads_something_is_refused(scheme):
    for link in (f"{scheme}:alert(1)", f"{scheme.upper()}:alert(1)", f" {scheme}:x", f"{scheme}://x/y"):
        with pytest.raises(LinkRefused) as refused:
            checked_link(link, field="remote_link", template=True)
        assert refused.value.field == "remote_link"


@pytest.mark.parametrize(
    "link",
    [
        "java\nscript:alert(1)", "java\tscript:x", "javascript\x00:x", "\x01javascript:x", "https://a.example/\x7f",
        "https://a.example/ x", "https://a.example/\u202egpj", "https://a.example/\u200b", "//a.example", "a.example",
        "https:", "https://", "https:///x", "https://[::1", "1x:y", ":x", "x", "https://a.example/\"onclick=", "a:<b>",
        "https:\\\\a.example", "https://{code}.example/", "https://{code}/", "x:{other}", "{code}:x",
        "https://a/" + "x" * 300,
        "%6aavascript:x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(link):
    with pytest.raises(LinkRefused):
        checked_link(link, field="link", template=True)


@pytest.mark.parametrize(
    "link",
    [
        "https://user:secret@a.example/", "https://user@a.example/", "https://user%3Asecret%40a.example@b.example/",
        "remote-tool:user:secret@host", "vnc://:secret@host", "https://a.example/?password=x", "https://a.example/#pwd=x",
        "https://a.example/?a=1&Passwort=x", "tool:123?kennwort=x", "https://a.example/?%70assword=x",
        "https://a.example/?%2570assword=x", "otherdesk://123?password=x", "tool:id,pw=x",
    ],
)  # fmt: skip
def test_credentials_in_an_address_are_refused(link):
    with pytest.raises(LinkRefused):
        checked_link(link, field="link")


@pytest.mark.parametrize(
    "text", ["Passwort: geheim", "password=x", "pwd : 1", "siehe ftp://a:b@c", "Kennwort lautet x"]
)
def test_credentials_in_a_text_are_refused(text):
    with pytest.raises(LinkRefused) as refused:
        refuse_credentials(text, field="purpose")
    assert refused.value.field == "purpose"


@pytest.mark.parametrize("text", ["Passwort vergessen", "Maske für Kennwörter ansehen", "um 10:30", "an x@y.example"])
def test_speaking_of_a_password_gives_none_away(text):
    refuse_credentials(text, field="purpose")


def test_the_code_becomes_part_of_the_address_and_cannot_leave_its_place():
    assert filled("remote-tool:{code}", "123 456 789") == "remote-tool:123456789"
    assert filled("remote-tool:{code}", "klarfall@ad") == "remote-tool:klarfall@ad"
    assert filled("https://a.example/?c={code}", "1-2_3.4") == "https://a.example/?c=1-2_3.4"
    assert (filled("remote-tool:{code}", ""), filled("os-assist:", "")) == ("", "os-assist:")
    assert checked_code("  123   456 ") == "123 456"
    for bad in ("1/2", "1&x=2", "a:b", "x#y", "é", "-1", "a" * 61, "a\x00b", "1?2", "%2f"):
        with pytest.raises(LinkRefused):
            checked_code(bad)

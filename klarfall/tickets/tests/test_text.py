"""Text from outside: what cannot be stored or says nothing is refused, with the field that it stands in."""

import pytest

from klarfall.tickets import text


def test_line_breaks_and_blanks_are_tidied():
    assert text.required("  erste\r\nzweite\rdritte \n", field="text") == "erste\nzweite\ndritte"
    assert text.line(" ein\n Titel\u202e mit\tLücken ", field="title") == "ein Titel mit Lücken"
    assert text.optional(None, field="tried") == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "\n\t",
        "\u00a0\u2003",
        "\u200b\u200d\ufeff",
        None,
        12,
        b"bytes",
        ["list"],
        "a\x00b",
        "a\x1bb",
        "\ud800",
    ],
)
def test_a_required_text_must_say_something_storable(value):
    with pytest.raises(text.UnusableText) as refused:
        text.required(value, field="reason")
    assert refused.value.field == "reason"
    assert str(refused.value)


@pytest.mark.parametrize("length", [101, 199, 1_000_000])
def test_too_long_is_refused_before_it_costs_anything(length):
    with pytest.raises(text.UnusableText, match="100"):
        text.optional("x" * length, field="text", limit=100)


def test_what_looks_like_code_is_only_text():
    wild = "<script>alert(1)</script> {{ 7*7 }} '; DROP TABLE x; -- 😀 ünïcödé"
    assert text.required(wild, field="text") == wild

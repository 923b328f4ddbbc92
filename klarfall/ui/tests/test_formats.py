"""The words people read: amounts, durations, days, sizes, texts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from markupsafe import Markup

from klarfall.ui import formats

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)  # Tuesday, 10:42 in Berlin


@pytest.fixture(autouse=True)
def german():
    with translation.override("de"):
        yield


def spaced(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("1234.56"), "1.234,56 €"),
        (Decimal(0), "0,00 €"),
        (296, "296,00 €"),
        (Decimal("-12.5"), "-12,50 €"),
        (None, ""),
    ],
)
def test_money_is_written_with_two_decimals_and_a_fixed_space(amount, words):
    text = formats.money(amount)
    assert spaced(text) == words
    assert " " not in text


def test_money_in_plain_mails_names_the_currency():
    assert spaced(formats.money_text(Decimal(1296))) == "1.296,00 EUR"


def test_money_follows_the_language():
    with translation.override("en"):
        assert formats.money(Decimal("1234.5")) == "€1,234.50"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(15, "15 min"), (60, "1 h"), (90, "1.5 h"), (75, "1.25 h"), (80, "1 h 20 min"), (0, "0 min"), (None, "")],
)
def test_durations_are_said_as_people_say_them(minutes, words):
    with translation.override("en"):
        assert spaced(formats.duration(minutes)) == words


@pytest.mark.parametrize(
    ("day", "word"),
    [(23, "yesterday"), (24, "today"), (25, "tomorrow"), (26, "Thu, 26 Nov 2026"), (22, "Sun, 22 Nov 2026")],
)
def test_days_near_now_are_words(day, word):
    with translation.override("en"):
        assert formats.day(date(2026, 11, day), NOW) == word


@pytest.mark.parametrize(
    ("minutes", "figure"), [(107, "1:47"), (21, "0:21"), (-12, "\u22120:12"), (0, "0:00"), (600, "10:00")]
)
def test_hours_and_minutes_line_up_and_show_lateness(minutes, figure):
    assert formats.hours_minutes(minutes) == figure


@pytest.mark.parametrize(("size", "words"), [(999, "999 B"), (214_000, "214 KB"), (1_240_000, "1,2 MB"), (None, "")])
def test_sizes_are_short(size, words):
    assert spaced(formats.filesize(size)) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Petra Sommer", "PS"),
        ("Selin Aydın", "SA"),
        ("  ", "?"),
        ("Madonna", "M"),
        ("Ana de la Cruz", "AC"),
        ("(x) y", "Y"),
    ],
)
def test_initials_are_two_at_most(name, letters):
    assert formats.initials(name) == letters


def test_days_far_from_now_carry_the_date():
    shown = formats.day(date(2026, 11, 26), NOW)
    assert "26" in shown
    assert "2026" in shown


def test_the_day_is_the_local_one_not_that_of_utc():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # already the 25th in Berlin
    assert formats.day(late, NOW) == formats.day(date(2026, 11, 25), NOW) != formats.day(date(2026, 11, 24), NOW)
    assert formats.time_of_day(late) == "00:30"


def test_short_moments_keep_the_year_when_it_is_another_one():
    assert "2025" in formats.moment(datetime(2025, 3, 1, 8, 0, tzinfo=UTC), NOW, short=True)
    assert "2026" not in formats.moment(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), NOW, short=True)


def test_paragraphs_escape_what_people_write():
    html = formats.paragraphs("<script>alert(1)</script>\nzweite Zeile\r\n\r\nneuer Absatz & mehr")
    assert html == Markup(
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>\nzweite Zeile</p>\n<p>neuer Absatz &amp; mehr</p>"
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("siehe https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2"),
        ("(https://example.org/x)", "https://example.org/x"),
    ],
)
def test_web_addresses_become_links_without_the_sentence_mark(text, address):
    html = str(formats.paragraphs(text))
    assert f'<a href="{address}" rel="nofollow noopener noreferrer">{address}</a>' in html


@pytest.mark.parametrize("text", ["javascript:alert(1)", 'https://"onclick="x', "data:text/html,x", "https://<b>"])
def test_only_web_addresses_become_links(text):
    html = str(formats.paragraphs(text))
    assert "javascript:" not in html.replace("<p>javascript:alert(1)</p>", "")
    assert 'onclick="' not in html
    assert "<b>" not in html


def test_highlighted_words_stay_escaped():
    assert formats.highlight("<i>Sollstellung & soll", ["soll", "&"]) == Markup(
        "&lt;i&gt;<mark>Soll</mark>stellung <mark>&amp;</mark> <mark>soll</mark>"
    )


def test_identifiers_are_marked_and_escaped():
    assert formats.ident(1837, "KF") == Markup('<span class="id">KF-1837</span>')
    assert formats.ident("<b>") == Markup('<span class="id">&lt;b&gt;</span>')

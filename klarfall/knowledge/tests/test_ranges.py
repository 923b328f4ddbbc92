"""Parts of files: the header Range, line by line."""

import pytest

from klarfall.knowledge.ranges import Part, Unsatisfiable, counts, is_known, wanted_part

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-99", (0, 99)),
        ("bytes=100-", (100, 999)),
        ("bytes=999-", (999, 999)),
        ("bytes=0-999999", (0, 999)),
        ("bytes=-1", (999, 999)),
        ("bytes=-1000", (0, 999)),
        ("bytes=-5000", (0, 999)),
        ("BYTES = 5-9 ", (5, 9)),
        ("bytes=000-009", (0, 9)),
    ],
)
def test_a_part_that_is_there(header, part):
    assert wanted_part(header, SIZE) == Part(*part)


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=999999999999999999-"])
def test_a_part_behind_the_end_is_told(header):
    with pytest.raises(Unsatisfiable):
        wanted_part(header, SIZE)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,5-9",
        "items=0-5",
        "bytes=1.5-2",
        "bytes=+1-2",
        "bytes=--5",
        "bytes=0-1\n",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + "0-1," * 5000,
    ],
)
def test_what_is_not_understood_means_the_whole_file(header):
    assert wanted_part(header, SIZE) is None


def test_the_length_of_a_part():
    assert Part(5, 9).length == 5


@pytest.mark.parametrize(
    ("if_range", "sent"), [(None, True), ('"a"', True), ('W/"a"', False), ('"b"', False), ("Tue, 24 Nov 2026", False)]
)
def test_a_part_of_another_file_is_not_sent(if_range, sent):
    assert counts(if_range, '"a"') is sent


@pytest.mark.parametrize(
    ("header", "known"), [(None, False), ("", False), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True)]
)
def test_what_the_reader_has_is_not_sent_again(header, known):
    assert is_known(header, '"a"') is known

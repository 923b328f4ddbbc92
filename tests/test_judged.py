"""The judged set: balanced, half of it held back, and about articles that there are and that the role may read."""

import json
from collections import Counter
from pathlib import Path

from bench.judged.__main__ import records

QUERIES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "bench" / "judged" / "queries.jsonl").read_text("utf-8").splitlines()
]
READ_BY = {
    "public": {"public"},
    "customer": {"public", "customer"},
    "agent": {"public", "customer", "internal"},
}


def test_every_type_has_enough_queries_and_half_of_each_is_held_back():
    counts = Counter(one["type"] for one in QUERIES)
    held = Counter(one["type"] for one in QUERIES if one["held_back"])
    assert len(QUERIES) >= 120
    assert len({one["id"] for one in QUERIES}) == len({(one["role"], one["query"]) for one in QUERIES}) == len(QUERIES)
    assert len(counts) == 12
    assert min(counts.values()) >= 8
    assert all(abs(2 * held[kind] - count) <= 1 for kind, count in counts.items())


def test_what_answers_a_query_is_there_and_may_be_read():
    visible = {one["id"]: one["visibility"] for one in records()}
    wrong = [
        (one["id"], source)
        for one in QUERIES
        for source in one["relevant"]
        if visible.get(source) not in READ_BY[one["role"]]
    ]
    assert wrong == []


def test_exactly_the_queries_without_an_answer_name_none():
    assert all((one["type"] == "none") == (not one["relevant"]) for one in QUERIES)
    assert {grade for one in QUERIES for grade in one["relevant"].values()} == {1, 2, 3}

"""Two catalogues side by side: nothing that changed is left out, nothing that stayed is marked."""

from hypothesis import given
from hypothesis import strategies as st

from klarfall.contracts.comparison import ADDED, CHANGED, REMOVED, SAME, Mark, compare, word_marks
from klarfall.contracts.content import COLUMNS

_WORDS = st.lists(st.sampled_from(["wir", "klären", "prüfen", "die", "Frage", "nie", "immer"]), max_size=9).map(
    " ".join
)


def item(code, **more):
    return dict.fromkeys(COLUMNS, "") | {"code": code, "products": [], "examples": []} | more


def rate(kind, amount):
    return {"work_type": kind, "rate": amount, "currency": "EUR", "increment": 15, "minimum": 15}


@given(_WORDS, _WORDS)
def test_the_marks_hold_both_texts(old, new):
    marks = word_marks(old, new)
    assert " ".join("".join(one.text for one in marks if one.kind != ADDED).split()) == old
    assert " ".join("".join(one.text for one in marks if one.kind != REMOVED).split()) == new
    assert (old == new) == all(one.kind == SAME for one in marks)


def test_a_changed_word_is_marked_alone():
    marks = word_marks("Wir klären konkrete Fragen.", "Wir klären einfache Fragen.")
    assert marks == (
        Mark(SAME, "Wir klären"), Mark(REMOVED, " konkrete"), Mark(ADDED, " einfache"), Mark(SAME, " Fragen."),
    )  # fmt: skip


def test_clauses_that_came_went_and_changed():
    old = [item("A", title="Bleibt"), item("B", title="Alt"), item("C"), item("E", examples=["x"])]
    new = [item("E", examples=["x", "y"]), item("A", title="Bleibt"), item("B", title="Neu"), item("D")]
    found = compare(old, new, [], [])
    assert [(one.kind, one.key) for one in found.items] == [
        (CHANGED, "E"), (CHANGED, "B"), (ADDED, "D"), (REMOVED, "C"),
    ]  # fmt: skip
    assert [one.name for one in found.items[0].fields] == ["examples"]
    assert [found.count(kind) for kind in (ADDED, REMOVED, CHANGED)] == [1, 1, 2]


def test_rates_are_compared_by_kind_of_work():
    found = compare([], [], [rate("support", 140), rate("train", 120)], [rate("support", 150), rate("install", 1)])
    assert [(one.kind, one.key) for one in found.rates] == [
        (CHANGED, "support"), (ADDED, "install"), (REMOVED, "train"),
    ]  # fmt: skip
    assert found.rates[0].fields[0].marks == (Mark(REMOVED, 140), Mark(ADDED, 150))


def test_another_order_alone_is_no_change():
    rows = [item("A"), item("B")]
    assert compare(rows, rows[::-1], [], []).is_empty

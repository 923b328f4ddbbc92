"""Commitments and chains: equal content gives equal hashes, and any change is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from klarfall.core.seals import GENESIS, canonical, commitment, link, new_salt

texts = st.text(max_size=60)
values = st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=12), st.none()), max_size=4)


@given(values)
def test_the_order_of_keys_does_not_matter(data):
    assert canonical(data) == canonical(dict(reversed(data.items())))


@given(texts, texts)
def test_another_text_is_another_commitment(one, other):
    salt = new_salt()
    assert (commitment(salt, one, {}) == commitment(salt, other, {})) == (one == other)


@given(texts)
def test_without_the_salt_the_text_cannot_be_guessed(text):
    assert commitment(new_salt(), text, {}) != commitment(new_salt(), text, {})


@given(values, values)
def test_a_link_holds_content_and_predecessor(entry, other):
    assert link(GENESIS, entry) != link("1" * 64, entry)
    assert (link(GENESIS, entry) == link(GENESIS, other)) == (entry == other)

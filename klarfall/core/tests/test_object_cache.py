"""The cache hands out objects themselves, copies of what may be changed, and forgets in time."""

import pytest

from klarfall.core.object_cache import ObjectCache


@pytest.fixture
def cache():
    kept = ObjectCache("test of the object cache", {"timeout": 30})
    yield kept
    kept.clear()


class Thing:
    pass


def test_the_object_itself_comes_back(cache):
    thing = Thing()
    cache.set("thing", thing)
    assert cache.get("thing") is thing
    assert cache.get_or_set("other", lambda: thing) is thing
    assert cache.get("other") is thing


def test_what_may_be_changed_is_a_copy(cache):
    cache.set("list", [1])
    cache.get("list").append(2)
    assert cache.get("list") == [1]
    cache.add("dict", {"a": 1})
    cache.get("dict").clear()
    assert cache.get("dict") == {"a": 1}


def test_add_keeps_what_is_there(cache):
    first, second = Thing(), Thing()
    assert cache.add("thing", first)
    assert not cache.add("thing", second)
    assert cache.get("thing") is first


def test_it_counts_forgets_and_expires(cache):
    cache.set("count", 1)
    assert cache.incr("count") == 2
    cache.set("gone", Thing(), timeout=-1)
    assert cache.get("gone", "nothing") == "nothing"
    cache.set("thing", Thing())
    cache.delete("thing")
    assert cache.get("thing") is None

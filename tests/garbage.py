"""
Keeps Python's collector of garbage from walking through thousands of collected tests again and again.

Collecting makes half a million objects that stay until the end. Looking at all of them for what may go took a third of
the time that collecting takes, and then some of every test.
"""

import gc

import pytest

_OFTEN_ENOUGH = (5_000, 20, 20)


def pytest_configure() -> None:
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(*_OFTEN_ENOUGH)
    gc.enable()

"""Default words after every test: what a process says is not rolled back with the database."""

from collections.abc import Iterator

import pytest

from klarfall.core import renamed_texts


@pytest.fixture(autouse=True)
def default_words() -> Iterator[None]:
    yield
    renamed_texts.use({})
    renamed_texts.forget()

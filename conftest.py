"""The cast: the people and companies all tests share."""

pytest_plugins = [
    *("tests.database", "tests.browser", "tests.cast", "tests.clock"),
    *("tests.acme_story", "tests.people", "tests.renaming"),
]

"""The cast: the people and companies all tests share."""

pytest_plugins = [
    *("tests.garbage", "tests.database", "tests.guard", "tests.browser", "tests.cast", "tests.clock"),
    *("tests.acme_story", "tests.people", "tests.renaming"),
]

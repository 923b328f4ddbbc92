"""Workers killed with SIGKILL while they file mails: each is filed exactly once (in large: `bench.mail_kills`)."""

import random

import pytest
from django.conf import settings
from django.core.cache import cache

from bench import mail_kills, mails
from klarfall.core.tests.test_jobs import worker_process

MAILS, KILLS = 100, 5


@pytest.fixture
def house(committed_db: None) -> None:
    """The companies that write, in a database that really commits."""
    cache.clear()
    mails.fill()


def test_each_message_is_filed_once_however_often_the_worker_dies(house: None):
    def worker():
        return worker_process(DATA_DIR=str(settings.DATA_DIR), LOG_LEVEL="CRITICAL")

    found = mail_kills.killed_over(worker, MAILS, KILLS, random.Random(11))
    assert mail_kills.wrong(found, MAILS) == []

"""`manage.py receive_mails`: fetches from the mailboxes of MAIL_IN and listens for mail servers until it is stopped."""

import asyncio
import logging
import signal
import threading
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from klarfall.incoming.receiving.imap import Watch
from klarfall.incoming.receiving.lmtp import Listening

_log = logging.getLogger(__name__)
_FAREWELL = 10.0  # seconds that the mail in hand has when we stop


class Command(BaseCommand):
    """One process for all ways in; `serve` starts it where one of them is set."""

    help = "Fetches mail (MAIL_IN) and takes it from mail servers (LMTP_LISTEN, SMTP_LISTEN) until SIGTERM."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until SIGTERM or SIGINT; ends with an error only if a listener cannot be opened."""
        if not (settings.MAIL_IN or settings.LMTP_LISTEN or settings.SMTP_LISTEN):
            raise CommandError("There is no way in: set MAIL_IN, LMTP_LISTEN or SMTP_LISTEN.")
        connections.close_all()
        stopping = threading.Event()
        watches = [Watch(source, place, stopping) for place, source in enumerate(settings.MAIL_IN, 1)]
        try:
            asyncio.run(_receive(watches, stopping))
        except OSError as problem:
            raise CommandError(f"Cannot listen on LMTP_LISTEN or SMTP_LISTEN: {problem.strerror}") from problem


async def _receive(watches: list[Watch], stopping: threading.Event) -> None:
    """Open the listeners, start the threads of the mailboxes, and wait for a signal."""
    listening, stop = Listening(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        for listener, lmtp in ((settings.LMTP_LISTEN, True), (settings.SMTP_LISTEN, False)):
            if listener is not None:
                await listening.open(listener, lmtp=lmtp)
                _log.info("%s: %s", "LMTP" if lmtp else "SMTP", listener)
        for watch in watches:
            watch.start()
        await stop.wait()
    finally:
        stopping.set()
        await listening.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(_ended(watches), _FAREWELL)


async def _ended(watches: list[Watch]) -> None:
    """Until every thread has finished the message in its hand."""
    while any(watch.is_alive() for watch in watches):
        await asyncio.sleep(0.05)

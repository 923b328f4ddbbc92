"""`manage.py serve`: the whole installation in one command - web server, worker and mail receiver, supervised."""

import logging
import os
import sys
import tempfile
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.urls import reverse

from klarfall.core import vendor
from klarfall.core.ports import PortTaken, reserve
from klarfall.core.supervisor import Child, Supervisor

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Starts web server and worker, prints the address and stops both on Ctrl-C or SIGTERM."""

    help = "Runs web server and worker; --prepare first migrates, adds demo data if empty and collects static files."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --prepare; where we listen comes from the environment (HOST, PORT)."""
        parser.add_argument("--prepare", action="store_true", help="migrate, seed and collect static files first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Finds the port, prepares if asked, then runs until a signal comes."""
        try:
            reservation = reserve(settings.HOST, settings.PORT or None)
        except PortTaken as problem:
            raise CommandError(f"{problem}. Choose another one: PORT=8123 make run") from problem
        with closing(reservation):
            port = reservation.port
            environment = {"PORT": str(port)}
            if options["prepare"]:
                self._prepare()
            self._announce(port)
            with tempfile.TemporaryDirectory(prefix="klarfall-metrics-") as folder:  # counters of all web processes
                environment["PROMETHEUS_MULTIPROC_DIR"] = folder
                Supervisor(children(settings.HOST, port, environment), revive_database).run()
        self.stdout.write("Klarfall has stopped.")

    def _prepare(self) -> None:
        """Brings database and static files up to date; demo data only where only this machine can reach it."""
        self.stdout.write("Preparing database and static files ...")
        if settings.DATABASE_OWNER is None:  # a server on which only the operator migrates
            call_command("migrate", check_unapplied=True, verbosity=0)
        else:
            call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMO_ALLOWED and "seed_demo" in get_commands():
            call_command("seed_demo", if_empty=True)
        call_command("collectstatic", verbosity=0, interactive=False)

    def _announce(self, port: int) -> None:
        """Prints where to go, visible among other lines."""
        address = settings.OWN_ADDRESS or f"http://localhost:{port}"
        line = f"  Klarfall is at {address}/   (staff: {address}/desk/)   Stop: Ctrl-C"
        lines = [line, *(f"  {one}" for one in way_to_own_house(address))]
        rule = "=" * max(len(one) for one in lines)
        self.stdout.write("\n" + "\n".join([rule, *lines, rule]) + "\n")
        self.stdout.flush()
        connections.close_all()  # from here on this process only watches the others


def way_to_own_house(address: str) -> list[str]:
    """How one gets from the demo, or from an empty database, to an own house; nothing where there is one."""
    try:
        profile = vendor.current()
    except DatabaseError:  # not migrated yet
        return []
    if profile.is_demo and settings.DEMO_ALLOWED:
        return [f"This is the demo. Your own house instead: {address}{reverse('own-house')}"]
    if profile._state.adding:  # only the defaults: nobody has founded a house yet
        begins = f"{address}{reverse('house-start')}"
        where = begins if settings.DEMO_ALLOWED else "print its address with: manage.py setup_link"
        return [f"This house is empty. It begins here: {where}"]
    return []


def revive_database() -> None:
    """Starts the embedded database again if it was killed; a database of the operator's is the operator's business."""
    if settings.EMBEDDED_DATABASE and not settings.CLUSTER.is_running():
        logger.error("The embedded database is gone and is started again")
        settings.CLUSTER.ensure_running()


def children(host: str, port: int, environment: dict[str, str]) -> list[Child]:
    """
    Returns the processes of an installation: one web server with a worker process per core, one job worker, and one
    that receives mail where a way in is set.
    """
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(os.cpu_count() or 1), "--blocking-threads", "1", "--workers-kill-timeout", "5"),
        *("--respawn-failed-workers", "--no-ws", "--http", "1", "--log-level", "warning"),
        "klarfall.config.wsgi:application",
    ]
    jobs = [sys.executable, "manage.py", "procrastinate", "worker"]
    mails = [sys.executable, "manage.py", "receive_mails"]
    receives = settings.MAIL_IN or settings.LMTP_LISTEN or settings.SMTP_LISTEN
    return [
        Child("web server", web, environment | {"WORKERS_DIE_WITH_PARENT": "yes"}),
        Child("job worker", jobs, environment),
        *([Child("mail receiver", mails, environment)] if receives else []),
    ]

#!/usr/bin/env python3
"""Entry of all commands; where the embedded database is used, it runs for the time of the command."""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

# These must also work where no database can be started, e.g. while a container image is built.
WITHOUT_DATABASE = {"help", "--help", "version", "--version", "collectstatic", "compilemessages", "findstatic"}


def main() -> None:
    """Runs the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "klarfall.config.settings")
    from django.conf import settings

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    embedded = settings.EMBEDDED_DATABASE and command not in WITHOUT_DATABASE
    with settings.CLUSTER.in_use() if embedded else nullcontext():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

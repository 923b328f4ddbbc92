"""`manage.py migrate`: Django's migrations as the owner of the tables, then the rights of the application's roles."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from klarfall.core import row_security
from klarfall.core.owner import as_owner, ensure_login_role

# These only read, which the login role may do itself.
LOOKING = ("plan", "check_unapplied")


class Command(migrate.Command):
    """Migrates over the owner's connection; afterwards every table has its policies and grants."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs Django's command, then applies row-level security to whatever tables there are now."""
        if any(options[name] for name in LOOKING):
            super().handle(*args, **options)
            return
        login = dict(settings.DATABASE)  # as_owner() changes the original
        with as_owner() as owner:
            super().handle(*args, **options)
            ensure_login_role(owner, login["USER"], login["PASSWORD"])
            row_security.apply(owner, login["USER"])

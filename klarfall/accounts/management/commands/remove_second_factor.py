"""Take the second factor away from somebody who has lost phone and recovery codes, after checking who they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from klarfall.accounts import second_factor
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.core.jobs import enqueue


class Command(BaseCommand):
    """`manage.py remove_second_factor person@company.example`"""

    help = "Switches the second factor of an account off; the person gets a mail."

    def add_arguments(self, parser: CommandParser) -> None:
        """The address of the account."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it, write it down, and tell the person."""
        with viewing_as(NOBODY):
            user = User.objects.filter(email=options["email"].strip().lower()).first()
            if user is None:
                raise CommandError("There is no account with this address.")
            if not second_factor.remove(user):
                raise CommandError("This account has no second factor.")
            with viewing_as(SYSTEM):
                audit.record("second_factor.removed", user, actor=User.objects.system(), now=timezone.now())
            enqueue("accounts.tell_second_factor", person_id=user.pk, what="off")
        self.stdout.write("Done. The password suffices now; the person gets a mail.")

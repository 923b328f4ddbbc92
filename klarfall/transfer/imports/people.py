"""Whom an import brought, and who of them has not been invited yet."""

from django.db.models import Exists, OuterRef, QuerySet

from klarfall.customers.models import Contact
from klarfall.transfer.models import ImportedContact, ImportRun

#: How a password begins that fits nothing: the person has no account yet.
_NO_ACCOUNT = "!"


def waiting_for_invitation(run: ImportRun) -> QuerySet[Contact]:
    """One contact of each person who came by this run, can be invited, and never was by any of their customers."""
    invited = Contact.objects.filter(user=OuterRef("user"), invited_at__isnull=False)
    brought = ImportedContact.objects.filter(run=run)
    earlier = Contact.objects.filter(
        user=OuterRef("user"), pk__lt=OuterRef("pk"), is_active=True, pk__in=brought.values("contact")
    )
    return Contact.objects.filter(
        ~Exists(invited),
        ~Exists(earlier),
        pk__in=brought.values("contact"),
        is_active=True,
        user__is_active=True,
        user__password__startswith=_NO_ACCOUNT,
    ).order_by("pk")

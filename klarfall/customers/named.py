"""Who decides about costs at a company where people are named, and what it means when nobody is left."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from klarfall.accounts.permissions import ContactRole
from klarfall.customers.models import Contact, Customer, ReleasePolicy


def named_people(customer_id: int, today: date) -> list[Contact]:
    """The active contacts with a limit that counts today, the highest first, with their users."""
    named = Contact.objects.filter(
        Q(release_from__isnull=True) | Q(release_from__lte=today),
        Q(release_to__isnull=True) | Q(release_to__gte=today),
        customer_id=customer_id,
        is_active=True,
        roles__contains=[ContactRole.COST_RELEASE],
        release_limit__isnull=False,
    )
    return list(named.order_by("-release_limit", "pk"))


def nobody_decides(customer: Customer, today: date, *, without: Contact | None = None) -> bool:
    """Do named people decide, and is there none today (leaving `without` aside)?"""
    if customer.release_policy != ReleasePolicy.NAMED:
        return False
    return all(without is not None and one.pk == without.pk for one in named_people(customer.pk, today))


def what_it_means() -> str:
    """In words for pages and messages: nobody is left who decides about costs."""
    return _(
        "Nobody of the company may release costs now. Cost notices stay open and nothing chargeable is done"
        " until somebody is named."
    )

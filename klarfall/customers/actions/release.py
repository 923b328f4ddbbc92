"""Grant a contact the right to decide about costs, and take it back (domain.md, section 7)."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.accounts.permissions import ContactRole
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Contact, Customer, ReleasePolicy, contact_of

_CENT, _TOO_MUCH = Decimal("0.01"), Decimal("100_000_000")


class ReleaseRefused(Refused):
    """The limit or the period makes no sense."""

    code = "release_refused"


@action
def grant_release(
    contact: Contact,
    *,
    limit: Decimal,
    valid_from: date | None = None,
    valid_to: date | None = None,
    actor: User,
    now: datetime,
) -> Contact:
    """Give the contact cost release up to `limit` (net, per concern); person and admins are told.

    From the first person who is named on, only named people of the customer decide (domain.md, section 7).
    Nobody gives it to themselves.
    """
    permissions.require("release.grant", actor, contact_of(actor, contact.customer_id))
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    if contact.user_id == actor.pk:
        raise ReleaseRefused(
            _("You cannot change your own roles, sight and limit. Another admin of your company or we can.")
        )
    if not contact.is_active:
        raise ReleaseRefused(_("This person is no longer active. Please reopen the contact first."))
    check_release(limit, valid_from, valid_to)
    contact.roles = sorted({*contact.roles, ContactRole.COST_RELEASE.value})
    contact.release_limit, contact.release_from, contact.release_to = limit, valid_from, valid_to
    contact.save(update_fields=["roles", "release_limit", "release_from", "release_to"])
    Customer.objects.filter(pk=contact.customer_id).update(release_policy=ReleasePolicy.NAMED)
    data = {"limit": str(limit), "from": str(valid_from or ""), "to": str(valid_to or "")}
    entry = audit.record("release.granted", contact, actor=actor, now=now, data=data)
    enqueue("channels.tell_release", entry_id=entry.pk)
    return contact


@action
def take_release(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """Take cost release away from the contact; what was accepted stays accepted. Without the role nothing happens.

    The policy stays: when the last named person goes, nobody decides until somebody is named (`customers/named.py`).
    """
    permissions.require("release.grant", actor, contact_of(actor, contact.customer_id))
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    if ContactRole.COST_RELEASE not in contact.roles:
        return contact
    contact.roles = sorted(set(contact.roles) - {ContactRole.COST_RELEASE.value})
    contact.release_limit = contact.release_from = contact.release_to = None
    contact.save(update_fields=["roles", "release_limit", "release_from", "release_to"])
    audit.record("release.taken", contact, actor=actor, now=now)
    return contact


def check_release(limit: Decimal, valid_from: date | None, valid_to: date | None) -> None:
    """Raises ReleaseRefused (with `field`) unless limit and period make sense. Not an action: it changes nothing."""
    if limit <= 0:
        raise ReleaseRefused(_("The limit must be above 0."), field="limit")
    if limit >= _TOO_MUCH or limit != limit.quantize(_CENT):
        raise ReleaseRefused(_("Please enter an amount in euros and cents, below 100 million."), field="limit")
    if valid_from and valid_to and valid_to < valid_from:
        raise ReleaseRefused(_("The end lies before the beginning."), field="valid_to")

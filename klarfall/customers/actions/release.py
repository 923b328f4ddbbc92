"""Grant a contact the right to decide about costs (domain.md, section 7)."""

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
    """
    permissions.require("release.grant", actor, contact_of(actor, contact.customer_id))
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if limit <= 0:
        raise ReleaseRefused(_("The limit must be above 0."), field="limit")
    if valid_from and valid_to and valid_to < valid_from:
        raise ReleaseRefused(_("The end lies before the beginning."), field="valid_to")
    contact.roles = sorted({*contact.roles, ContactRole.COST_RELEASE.value})
    contact.release_limit, contact.release_from, contact.release_to = limit, valid_from, valid_to
    contact.save(update_fields=["roles", "release_limit", "release_from", "release_to"])
    Customer.objects.filter(pk=contact.customer_id).update(release_policy=ReleasePolicy.NAMED)
    data = {"limit": str(limit), "from": str(valid_from or ""), "to": str(valid_to or "")}
    entry = audit.record("release.granted", contact, actor=actor, now=now, data=data)
    enqueue("channels.tell_release", entry_id=entry.pk)
    return contact

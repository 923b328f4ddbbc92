"""Invite a contact to the portal, and accept an invitation by choosing a password (R63)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.invitations import issue, problem_of
from klarfall.customers.models import Contact, Invitation, contact_of


class NotInvitable(Refused):
    """There is nobody to invite: the contact is closed or has an account already."""

    code = "not_invitable"


class InvitationUnusable(Refused):
    """The invitation was used, has expired or was replaced meanwhile."""

    code = "invitation_unusable"


@action
def invite(contact: Contact, *, actor: User, now: datetime) -> Invitation:
    """Invite the contact by mail for 14 days; an earlier invitation ends here.

    The token of the link is made when the mail is sent; until then the stored hash fits no token.
    """
    permissions.require("contact.invite", actor, contact_of(actor, contact.customer_id))
    contact = Contact.objects.select_for_update(of=("self",)).select_related("user").get(pk=contact.pk)
    if not (contact.is_active and contact.user.is_active):
        raise NotInvitable(_("This person is no longer active."))
    if contact.user.has_usable_password():
        raise NotInvitable(_("%(name)s already has an account.") % {"name": contact.user.name})
    invitation = issue(contact, by=actor, now=now)
    audit.record("contact.invited", contact, actor=actor, now=now, data={"invitation": invitation.pk})
    enqueue("channels.invite", invitation_id=invitation.pk)
    return invitation


@action
def accept_invitation(invitation: Invitation, *, password: str, actor: User, now: datetime) -> User:
    """Set the invited person's first password and use the invitation up. `actor` is that person.

    The form has checked the password; two people with the same link wait for each other here.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("contact__user")
    invitation = rows.get(pk=invitation.pk)
    person = invitation.contact.user
    if problem_of(invitation, now) is not None or person.pk != actor.pk or person.has_usable_password():
        raise InvitationUnusable(_("This invitation can no longer be used."))
    person.set_password(password)
    person.save(update_fields=["password"])
    invitation.used_at = now
    invitation.save(update_fields=["used_at"])
    audit.record("invitation.accepted", invitation.contact, actor=actor, now=now, data={"invitation": invitation.pk})
    return person

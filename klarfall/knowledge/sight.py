"""Who reads a known problem when nobody of them is looking: asked by actions and jobs, with the contact's own sight."""

from klarfall.core.isolation import Seat, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.models import KnownProblem


def reads(contact: Contact, problem: KnownProblem) -> bool:
    """Does the contact, by the company of this row alone, read the problem?"""
    seat = Seat(contact.pk, contact.customer_id)
    with viewing_as(Viewer(ViewerKind.CONTACT, contact.user_id, (seat,))):
        return bool(KnownProblem.objects.filter(pk=problem.pk).exists())

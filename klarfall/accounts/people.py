"""The names of people as far as the viewer in force may know them."""

from collections.abc import Iterable
from dataclasses import dataclass

from klarfall.accounts.models import PublicPerson, User
from klarfall.core.isolation import ViewerKind, current_viewer


@dataclass(frozen=True, slots=True)
class Person:
    """A name to show, and whether it is one of us."""

    name: str
    is_staff: bool


def people(ids: Iterable[int | None]) -> dict[int, Person]:
    """Returns the people with these user ids in one query; whoever may not be known is missing.

    Contacts cannot read the table of users at all; they see the view `public_person`.
    """
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    viewer = current_viewer()
    if viewer is not None and viewer.kind is ViewerKind.CONTACT:
        rows = PublicPerson.objects.filter(pk__in=wanted).values_list("pk", "name", "is_staff")
        return {pk: Person(name, is_staff) for pk, name, is_staff in rows}
    users = User.objects.filter(pk__in=wanted).values_list("pk", "name", "kind")
    return {pk: Person(name, kind != "contact") for pk, name, kind in users}

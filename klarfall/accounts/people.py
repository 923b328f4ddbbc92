"""The names of people as far as the viewer in force may know them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from klarfall.accounts.models import PublicPerson, User
from klarfall.core.isolation import ViewerKind, current_viewer
from klarfall.core.prepared import padded, prepared


@dataclass(frozen=True, slots=True)
class Person:
    """A name to show, and whether it is one of us."""

    name: str
    is_staff: bool


def people(ids: Iterable[int | None]) -> dict[int, Person]:
    """Returns the people with these user ids in one query; whoever may not be known is missing.

    Contacts cannot read the table of users at all; they see the view `public_person`.
    """
    wanted = padded({one for one in ids if one is not None})
    if not wanted:
        return {}
    viewer = current_viewer()
    if viewer is not None and viewer.kind is ViewerKind.CONTACT:
        return {pk: Person(name, is_staff) for pk, name, is_staff in _public(ids=wanted)}
    return {pk: Person(name, kind != "contact") for pk, name, kind in _users(ids=wanted)}


@prepared
def _public(*, ids: list[int]) -> QuerySet[Any, Any]:
    return PublicPerson.objects.filter(pk__in=ids).values_list("pk", "name", "is_staff")


@prepared
def _users(*, ids: list[int]) -> QuerySet[Any, Any]:
    return User.objects.filter(pk__in=ids).values_list("pk", "name", "kind")

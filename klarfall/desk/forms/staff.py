"""Forms of staff: who somebody is and what they may do, and who takes over when they leave."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User
from klarfall.accounts.permissions import StaffRole


class StaffForm(forms.Form):
    """A colleague with their roles."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=StaffRole.choices, widget=forms.CheckboxSelectMultiple, initial=[StaffRole.AGENT]
    )

    @classmethod
    def of(cls, user: User, data: Any = None) -> "StaffForm":
        """The form as it stands, or with what was typed."""
        return cls(data, initial={"name": user.name, "email": user.email, "roles": user.staff_roles})


class LeaveForm(forms.Form):
    """Who takes over the open requests of a colleague who leaves."""

    to = forms.TypedChoiceField(
        label=_("Their open requests go to"), coerce=int, required=False, empty_value=None, widget=forms.Select
    )

    def __init__(self, data: Any, *, people: Iterable[User]) -> None:
        super().__init__(data)
        self.people = {one.pk: one for one in people}
        choices = [("", _("everybody: they stand in the lists without a name")), *_names(self.people.values())]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    @property
    def successor(self) -> User | None:
        return self.people.get(self.cleaned_data["to"] or 0)


def _names(people: Iterable[User]) -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in people]

"""The pages of the administration: one list for the navigation and the overview."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.accounts import permissions


@dataclass(frozen=True)
class Page:
    """One page: who may open it, its URL name, label, icon, and what one does there."""

    permission: str
    name: str
    label: str | Promise
    icon: str
    purpose: str | Promise


PAGES = (
    Page("house.set_up", "house", _("Our house"), "building", _("Name, logo, colour, sender, legal pages")),
    Page("house.set_up", "words", _("Terms of the interface"), "chat", _("What things are called on every page")),
    Page("house.set_up", "mail-texts", _("Texts of mails"), "mail", _("What our mails say, with preview")),
    Page("house.set_up", "products", _("Products"), "layers", _("Areas, versions, partner products, ways of contact")),
    Page("house.set_up", "calendars", _("Service hours"), "clock", _("Opening hours, holidays, own days, targets")),
    Page("terms.publish", "terms", _("Service catalogue"), "scales", _("Clauses and rates: draft, compare, publish")),
    Page("house.set_up", "tiles", _("Tiles of a new request"), "tag", _("What customers choose from")),
    Page("house.set_up", "training-offers", _("Trainings on offer"), "training", _("What customers can ask for")),
    Page("house.set_up", "remote-texts", _("Consent to remote sessions"), "remote", _("The words people agree to")),
    Page("staff.change", "staff", _("Staff and roles"), "people", _("Who works here, and what they may do")),
    Page("registration.decide", "registrations", _("Registrations"), "person", _("People who wait to be let in")),
    Page("data.import", "imports", _("Import"), "upload", _("Customers, contacts, contracts from tables")),
    Page("data.export", "house-export", _("Full export"), "download", _("The whole house as files")),
    Page("house.set_up", "operation", _("Operation"), "gauge", _("Is everything well? Failed jobs")),
)


def entries(user: Any, here: str = "") -> list[dict[str, Any]]:
    """The pages that this person may open, in the form of the navigation."""
    return [
        {
            "label": page.label,
            "url": reverse(f"desk:{page.name}"),
            "icon": page.icon,
            "purpose": page.purpose,
            "current": page.name == here,
        }
        for page in PAGES
        if permissions.may(page.permission, user)
    ]

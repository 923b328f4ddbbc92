"""The pages with which editors and specialists keep the help: one list for the navigation."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.accounts import permissions

#: Permission, URL name, label, icon.
PAGES: tuple[tuple[str, str, str | Promise, str], ...] = (
    ("article.write", "articles", gettext_lazy("Articles"), "book"),
    ("problem.manage", "problems", gettext_lazy("Known problems"), "alert"),
    ("article.write", "help-gaps", gettext_lazy("What is missing"), "chart"),
    ("synonym.change", "synonyms", gettext_lazy("Synonyms"), "merge"),
)


def help_entries(user: Any, here: str = "") -> list[dict[str, Any]]:
    """The group of the navigation, with the pages that this person may open; none without any."""
    items = [
        {"label": label, "url": reverse(f"desk:{name}"), "icon": icon, "current": here == name}
        for permission, name, label, icon in PAGES
        if permissions.may(permission, user)
    ]
    return [{"title": _("Helpdesk centre"), "items": items}] if items else []

"""Absolute addresses of pages for mails; the pages themselves belong to portal and desk."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def page(name: str, **values: Any) -> str:
    """The absolute address of a named page."""
    return f"{settings.BASE_URL}{reverse(name, kwargs=values or None)}"


def ticket_page(number: int, *, staff: bool) -> str:
    """A request as its reader sees it: at the desk or in the portal."""
    return page("desk:ticket" if staff else "portal:ticket", number=number)


def decision_page(number: int) -> str:
    """Where a signed-in contact decides about a cost notice."""
    return page("portal:decision", number=number)


def personal_link(token: str) -> str:
    """The personal way to one cost notice; opening it decides nothing."""
    return page("portal:link", token=token)


def invitation(token: str) -> str:
    """Where an invited person chooses a password."""
    return page("invitation", token=token)


def extension(number: int, position: int) -> str:
    """The prepared extension of a concern at the desk; sending it is one more click."""
    return f"{ticket_page(number, staff=True)}?concern={position}&open=offer#offer"

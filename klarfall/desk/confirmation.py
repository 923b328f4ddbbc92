"""Ask before something is switched off or removed: a page that says what will happen, with the same request in it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import page

_CONFIRMED = "confirmed"


def is_confirmed(request: HttpRequest) -> bool:
    """Was this sent by the page that asks?"""
    return request.POST.get(_CONFIRMED) == "1"


def ask(
    request: HttpRequest, here: str, *, title: str, points: Sequence[str], label: str, back: str, icon: str = "alert"
) -> HttpResponse:
    """The page that asks; its button sends what was posted once more, confirmed. `back` is where nothing happens."""
    fields: list[tuple[str, Any]] = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", _CONFIRMED)
        for value in values
    ]
    return page(
        request,
        "desk/settings/confirm.html",
        **shell(scope_of(request), here),
        title=title,
        points=points,
        label=label,
        back=back,
        icon_name=icon,
        fields=[*fields, (_CONFIRMED, "1")],
    )

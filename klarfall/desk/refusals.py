"""A refusal of an action becomes a message in the form that caused it; nothing that was typed is lost."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from klarfall.core.action import Refused

#: Fields of actions -> fields of our forms, where they are called otherwise.
_NAMES = {
    "cap_minutes": "cap", "cap_net": "cap", "estimate_min": "estimate", "estimate_max": "estimate",
    "basis": "messages", "solution": "solution", "raw_start": "start", "raw_end": "end", "titles": "titles",
}  # fmt: skip


def done(form: forms.Form, act: Callable[[], Any], names: Mapping[str, str] | None = None) -> bool:
    """Run `act` if the form is valid; a refusal stands in the form afterwards. Returns whether it was done."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as problem:
        refuse(form, problem, names)
        return False
    return True


def refuse(form: forms.Form, problem: Refused, names: Mapping[str, str] | None = None) -> None:
    """Put the words of a refusal beside the field it is about, else above the form."""
    wanted = {**_NAMES, **(names or {})}.get(problem.field or "", problem.field)
    form.add_error(wanted if wanted in form.fields else None, str(problem.message))

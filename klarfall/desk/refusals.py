"""A refusal of an action becomes a message in the form that caused it; nothing that was typed is lost."""

from collections.abc import Callable
from typing import Any

from django import forms

from klarfall.core.action import Refused

#: Fields of actions -> fields of our forms, where they are called otherwise.
_NAMES = {
    "files": "attachments",
    "cap_minutes": "cap", "cap_net": "cap", "estimate_min": "estimate", "estimate_max": "estimate",
    "basis": "messages", "raw_start": "start", "raw_end": "end",
}  # fmt: skip


def done(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Run `act` if the form is valid; a refusal stands in the form afterwards. Returns whether it was done."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as problem:
        refuse(form, problem)
        return False
    return True


def refuse(form: forms.Form, problem: Refused) -> None:
    """Put the words of a refusal beside the field it is about, else above the form."""
    wanted = _NAMES.get(problem.field or "", problem.field)
    form.add_error(wanted if wanted in form.fields else None, str(problem.message))

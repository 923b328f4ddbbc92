"""A trigger for rows that stop changing at some point of their life."""

from typing import Any

import pgtrigger


class FrozenOnce(pgtrigger.ReadOnly):
    """Refuses changes of the fields that are not in `exclude` once `when_old` holds for the row as it was.

    ReadOnly of the package takes no condition of its own: it builds one from the fields.
    """

    def __init__(self, *, when_old: pgtrigger.Q, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.when_old = when_old

    def get_condition(self, model: Any) -> Any:
        return super().get_condition(model) & self.when_old

"""Rows of master data: read typed lines, insert rows, find what refers to a row, change the order of rows."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from klarfall.core.action import Refused


class UnusableLine(Refused):
    """A line that is missing, too long or cannot be stored; `field` says which."""

    code = "unusable_line"


class StillReferred(Refused):
    """Something refers to the row: it stays and can only be switched off."""

    code = "still_referred"


def line(value: str, *, field: str, most: int, needed: bool = True) -> str:
    """The text on one line without blanks around it. Raises UnusableLine (with `field`)."""
    text = " ".join(value.split())
    if needed and not text:
        raise UnusableLine(_("Please fill in this field."), field=field)
    if len(text) > most:
        raise UnusableLine(_("At most %(most)s characters are possible.") % {"most": most}, field=field)
    if any(unicodedata.category(sign).startswith("C") for sign in text):
        raise UnusableLine(_("The text contains characters that cannot be stored. Please remove them."), field=field)
    return text


def insert(row: models.Model, refusal: Refused) -> None:
    """Save a new row; where a twin came in at the same moment (a second click), raise the refusal."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as problem:
        raise refusal from problem


def referring(row: models.Model, *, apart_from: Sequence[type[models.Model]] = ()) -> set[type[models.Model]]:
    """The models of which at least one row protects this one, or is joined to it by a many-to-many relation.

    Rows that would merely go with it (`CASCADE`: the areas of a product) do not count. Whoever deletes afterwards
    has locked the row before: a row that refers to it cannot come in between.
    """
    found = set()
    for relation in row._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model in apart_from:
            continue
        model: Any = relation.related_model
        joins = model._meta.auto_created is not False
        if relation.on_delete is models.CASCADE and not joins:
            continue
        if model._base_manager.filter(**{relation.field.name: row}).exists():
            found.add(model)
    return found


def neighbour(rows: Sequence[models.Model], row: models.Model, *, up: bool) -> list[Any]:
    """The rows in their new order: `row` changes places with the one before or after it; at the edge nothing moves."""
    ids = [one.pk for one in rows]
    here = ids.index(row.pk)
    there = here - 1 if up else here + 1
    ordered = list(rows)
    if 0 <= there < len(ordered):
        ordered[here], ordered[there] = ordered[there], ordered[here]
    return ordered


def number_rows(rows: Sequence[Any], *, first: int = 1) -> None:
    """Write the order of the rows as `order`, counted from `first`; only rows that move are written."""
    for number, row in enumerate(rows, first):
        if row.order != number:
            row.order = number
            row.save(update_fields=["order"])

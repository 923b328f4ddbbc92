"""Fields drawn in Python are the same as those of Django's templates."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString

from klarfall.ui.widgets import QuickRenderer

EVIL = "\"><script>alert('1')</script>&"
GROUPS = [("", "–"), ("Gruppe & Co", [("1", "Eins"), ("2", EVIL)]), ("3", "Drei")]
WIDGETS = [
    (forms.TextInput({"maxlength": 5, "required": True, "disabled": False}), EVIL),
    (forms.TextInput(), None),
    (forms.TextInput(), 0),
    (forms.NumberInput({"min": 1}), 3),
    (forms.EmailInput(), "a@b.example"),
    (forms.PasswordInput(), "geheim"),
    (forms.HiddenInput(), "x"),
    (forms.DateInput({"type": "date"}, format="%Y-%m-%d"), "2026-11-24"),
    (forms.DateTimeInput({"type": "datetime-local"}), "2026-11-24T09:00"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.Textarea({"rows": 3, "placeholder": EVIL}), f"eins\nzwei {EVIL}"),
    (forms.Textarea(), ""),
    (forms.Select(choices=GROUPS), "2"),
    (forms.Select(choices=GROUPS), None),
    (forms.SelectMultiple(choices=GROUPS), ["1", "3"]),
    (forms.RadioSelect(choices=GROUPS), "1"),
    (forms.ClearableFileInput(), None),
]


def plain(html):
    """Without the blanks and line ends that templates leave between tags; the text of a field keeps its own."""
    return "".join(line.strip() for line in html.split("\n"))


@pytest.mark.parametrize(("widget", "value"), WIDGETS, ids=lambda one: type(one).__name__)
def test_it_draws_what_django_draws(widget, value):
    attrs = {"id": "id_x", "class": "input"}
    quick = widget.render("x", value, attrs, renderer=QuickRenderer())
    assert plain(quick) == plain(widget.render("x", value, attrs, renderer=DjangoTemplates()))
    assert isinstance(quick, SafeString)


def test_nothing_typed_gets_out_of_its_field():
    for widget, value in WIDGETS:
        assert "<script>" not in widget.render(EVIL, value, {"id": EVIL}, renderer=QuickRenderer())

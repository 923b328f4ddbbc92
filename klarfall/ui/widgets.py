"""Draws form fields in Python: Django's own templates cost a third of a page with many fields.

What comes out is the same HTML; whatever is not listed here is left to Django's templates.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escape(str(widget["value"]))}"'
    return f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget["attrs"])}>'


def _textarea(widget: Widget) -> str:
    text = escape(str(widget["value"])) if widget["value"] else ""
    return f'<textarea name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _option(one: Widget) -> str:
    value, label = escape(str(one["value"])), conditional_escape(one["label"])
    return f'<option value="{value}"{_attributes(one["attrs"])}>{label}</option>'


def _select(widget: Widget) -> str:
    parts = []
    for group, options, _index in widget["optgroups"]:
        inside = "".join(map(_option, options))
        parts.append(f'<optgroup label="{escape(str(group))}">{inside}</optgroup>' if group else inside)
    return f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>{"".join(parts)}</select>'


_INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "input", "checkbox")
_DRAW: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}


class QuickRenderer(DjangoTemplates):
    """The renderer of all forms; stands in settings.FORM_RENDERER."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """Returns the HTML of one widget."""
        draw = _DRAW.get(template_name)
        if draw is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - of a template engine
        return mark_safe(draw(context["widget"]))  # noqa: S308 - every part is escaped above

"""The Jinja2 environment of all pages: escaping, translations, links, formats and the component macros."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from jinja2 import Environment
from jinja2.runtime import Macro

from klarfall.core import vendor
from klarfall.ui import formats
from klarfall.ui.icons import icon, logo

MACRO_FOLDER = "ui/macros/"


class Components:
    """All component macros under one name, so that a page needs no imports: `{{ ui.tag("fee") }}`.

    Every file of `templates/ui/macros/` says in its first lines which macros it holds and what they take.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._files: dict[str, str] = {}

    def _file_of(self, name: str) -> str:
        """Returns the template that defines the macro; reads the folder once."""
        if name not in self._files:
            for file in self._environment.list_templates(filter_func=lambda path: path.startswith(MACRO_FOLDER)):
                module = self._environment.get_template(file).module
                self._files |= {key: file for key, value in vars(module).items() if isinstance(value, Macro)}
        return self._files[name]

    def __getattr__(self, name: str) -> Macro:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            template = self._environment.get_template(self._file_of(name))
        except KeyError:
            raise AttributeError(f"There is no component macro called {name!r}") from None
        macro: Macro = getattr(template.module, name)
        return macro


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Returns the path of a named page, as Django's `{% url %}`: `url("ticket", number=42)`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _escapes(template: str | None) -> bool:
    """Returns whether a template's output is escaped: always, except for plain-text mails."""
    return not (template or "").endswith(".txt")


def environment(**options: Any) -> Environment:
    """Returns the environment for Django's Jinja2 backend; `options` come from settings.TEMPLATES."""
    options = {"trim_blocks": True, "lstrip_blocks": True, **options, "autoescape": _escapes}
    env = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - see _escapes
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.policies["ext.i18n.trimmed"] = True
    env.filters.update(formats.FILTERS)
    env.globals.update(static=static, url=url, icon=icon, logo=logo, ui=Components(env), vendor_words=vendor.current)
    return env

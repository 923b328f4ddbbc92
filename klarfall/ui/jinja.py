"""The Jinja2 environment of all pages: escaping, translations, links, formats and the component macros."""

from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import Environment
from jinja2.runtime import Macro

from klarfall.core import renamed_texts, vendor
from klarfall.core.models import VendorProfile
from klarfall.ui import brand, formats
from klarfall.ui.icons import icon, logo
from klarfall.ui.meanings import meaning_class, meaning_icon, short_meaning

MACRO_FOLDER = "ui/macros/"


#: Small parts that lists draw hundreds of times with the same few arguments.
REPEATED = frozenset({"tag", "may", "channel", "sla", "avatar", "key", "dot"})


class Repeated:
    """A macro that is drawn once for each language and each set of arguments, then remembered.

    Types belong to what is remembered: `Markup("<b>")` equals "<b>", but only one of them is escaped.
    """

    def __init__(self, macro: Macro) -> None:
        self._draw = lru_cache(maxsize=2048)(lambda _kind, args, kwargs: macro(*args, **dict(kwargs)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        named = tuple(kwargs.items())
        types = tuple(type(value) for value in (*args, *kwargs.values()))
        return self._draw((get_language(), types, renamed_texts.edition()), args, named)


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

    meaning_class = staticmethod(meaning_class)
    meaning_icon = staticmethod(meaning_icon)

    def __getattr__(self, name: str) -> Macro | Repeated:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            template = self._environment.get_template(self._file_of(name))
        except KeyError:
            raise AttributeError(f"There is no component macro called {name!r}") from None
        macro: Macro = getattr(template.module, name)
        if self._environment.auto_reload:
            return macro
        lasting = Repeated(macro) if name in REPEATED else macro
        setattr(self, name, lasting)  # found once, it stands in the instance and needs no search any more
        return lasting


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Returns the path of a named page, as Django's `{% url %}`: `url("ticket", number=42)`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def vendor_words() -> VendorProfile:
    """Returns the vendor's own terms, for macros, which do not see the page's context."""
    return vendor.current()


def _translated(message: str) -> str:
    """Returns a text of a template in the active language."""
    return _in_language(get_language(), renamed_texts.edition(), message)


@lru_cache(maxsize=4096)
def _in_language(_language: str | None, _edition: int, message: str) -> str:
    """Returns the translation; templates hold a fixed number of texts, and a page asks for a hundred of them."""
    return gettext(message)


def _escapes(template: str | None) -> bool:
    """Returns whether a template's output is escaped: always, except for plain-text mails."""
    return not (template or "").endswith(".txt")


def environment(**options: Any) -> Environment:
    """Returns the environment for Django's Jinja2 backend; `options` come from settings.TEMPLATES."""
    options = {"trim_blocks": True, "lstrip_blocks": True, **options, "autoescape": _escapes}
    env = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - see _escapes
    env.install_gettext_callables(  # type: ignore[attr-defined]
        _translated, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.policies["ext.i18n.trimmed"] = True
    env.filters.update(formats.FILTERS)
    env.globals.update(static=static, url=url, icon=icon, logo=logo, ui=Components(env), vendor_words=vendor_words)
    env.globals.update(brand_style_url=brand.style_url, brand_logo_url=brand.logo_url, legal_links=brand.legal_links)
    env.globals.update(meaning_class=meaning_class, meaning_icon=meaning_icon, short_meaning=short_meaning)
    return env

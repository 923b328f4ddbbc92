"""The form of the interface terms: each in both languages, German with the forms that sentences need."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.word_table import MOST, Words, completed
from klarfall.core.words import TERMS, Language, Noun, noun

_GENDERS = (("m", _("masculine")), ("f", _("feminine")), ("n", _("neuter")))
_FORMS: dict[Language, dict[str, Any]] = {
    "de": {
        "one": _("German, singular"),
        "gender": _("Gender"),
        "many": _("German, plural"),
        "genitive": _("German, genitive"),
        "many_dative": _("German, dative plural"),
    },
    "en": {"one": _("English, singular"), "many": _("English, plural")},
}
#: What a term stands for, whatever it is called.
PURPOSES = {
    "portal": _("The pages for your customers"),
    "helpdesk": _("The collection of all help in the portal"),
    "help": _("The articles about your products"),
    "support": _("Your team that answers"),
    "consulting": _("The team that works on site and in projects"),
    "request": _("What customers send you"),
    "catalogue": _("What is covered, chargeable or not offered"),
    "offer": _("The price that is told before chargeable work"),
    "record": _("The proof of every minute"),
    "release": _("The right to decide about costs"),
}


class WordsForm(forms.Form):
    """All terms; a form that is left as it was while the singular changed is proposed anew."""

    def __init__(self, data: Any = None, *, table: dict[str, Any] | None) -> None:
        super().__init__(data)
        self._nouns = {
            (key, language): completed(key, language, noun(key, table, language))
            for key in TERMS
            for language in _FORMS
        }
        for (key, language), found in self._nouns.items():
            for form, label in _FORMS[language].items():
                self.fields[f"{key}_{language}_{form}"] = self._field(form, label, language)
                self.initial[f"{key}_{language}_{form}"] = getattr(found, form)

    @staticmethod
    def _field(form: str, label: Any, language: Language) -> forms.Field:
        if form == "gender":
            return forms.ChoiceField(label=label, choices=_GENDERS, required=False)
        attrs = {"lang": language, "autocomplete": "off"}
        return forms.CharField(label=label, max_length=MOST, required=form == "one", widget=forms.TextInput(attrs))

    @property
    def given(self) -> Words:
        """The nouns as they were typed."""
        return {key: {language: self._typed(key, language) for language in _FORMS} for key in TERMS}

    def _typed(self, key: str, language: Language) -> Noun:
        before = self._nouns[key, language]
        typed = {form: self.cleaned_data.get(f"{key}_{language}_{form}", "") for form in _FORMS[language]}
        if typed["one"].strip() != before.one:
            others = [form for form in typed if form not in ("one", "gender")]
            typed |= {form: "" for form in others if typed[form] == getattr(before, form)}
        return Noun(**typed)

    def terms(self) -> Iterator[dict[str, Any]]:
        """A term at a time: what it stands for, its default names and its fields."""
        for key, term in TERMS.items():
            default = all(
                self._nouns[key, language] == completed(key, language, getattr(term, language)) for language in _FORMS
            )
            fields = {
                name: self[f"{key}_{name}"] for name in (f"{lang}_{form}" for lang in _FORMS for form in _FORMS[lang])
            }
            yield {"key": key, "purpose": PURPOSES[key], "de": term.de, "en": term.en, "is_default": default, **fields}

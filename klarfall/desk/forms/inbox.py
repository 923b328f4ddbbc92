"""What is done with a mail that belongs to nobody yet: assign, new contact, reject, block."""

from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from klarfall.core import vendor
from klarfall.desk.presumed import presumed_language

_LONGEST_TEXT = 4_000


def numbered(number: int) -> str:
    """The number of a request as people write it: `KF-1837`."""
    return f"{vendor.current().number_prefix}-{number}"


class AssignForm(forms.Form):
    """Where the mail goes: a new request (empty), or one of the contact's open ones by its number."""

    ticket = forms.ChoiceField(label=_("Where does the mail belong?"), required=False, widget=forms.RadioSelect())

    def __init__(self, data: Any = None, *, tickets: list[Any]) -> None:
        super().__init__(data, initial={"ticket": ""})
        choices = [
            ("", _("A new request")),
            *((str(one.number), f"{numbered(one.number)} {one.title}") for one in tickets),
        ]
        self.fields["ticket"].choices = choices  # type: ignore[attr-defined]


class NewContactForm(forms.Form):
    """The name of the person who wrote; the address is that of the mail."""

    name = forms.CharField(label=_("Name"), max_length=160)


class RejectForm(forms.Form):
    """What the sender reads."""

    text = forms.CharField(
        label=_("Answer to the sender"), max_length=_LONGEST_TEXT, required=False, widget=forms.Textarea({"rows": 8})
    )

    @classmethod
    def of(cls, written: str, data: Any = None) -> "RejectForm":
        """With sentences to begin with, in the language in which the mail seems to be `written`."""
        language = presumed_language(written)
        with translation.override(language):
            sentences = [
                gettext("We cannot assign your mail to any customer and therefore do not work on it."),
                gettext("If you are a customer, please write from the address that we know, or use the portal."),
            ]
        form = cls(data, initial={"text": " ".join(sentences)})
        form.fields["text"].widget.attrs["lang"] = language
        return form


class BlockForm(forms.Form):
    """Whom to block, and why."""

    whole_domain = forms.ChoiceField(label=_("Whose mails are rejected from now on?"), widget=forms.RadioSelect())
    reason = forms.CharField(label=_("Why"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, address: str) -> None:
        super().__init__(data, initial={"whole_domain": ""})
        domain = address.rpartition("@")[2]
        everybody = gettext("Everybody at %(domain)s") % {"domain": domain}
        choices = [("no", address), ("yes", everybody)]
        self.fields["whole_domain"].choices = choices  # type: ignore[attr-defined]

"""Forms of the house: what the vendor is called, looks like and says about itself; its logo."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.actions.vendor import HouseData
from klarfall.core.models import VendorProfile

#: Zones of the countries whose language we speak first; all others follow.
_FIRST_ZONES = ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Luxembourg")


def time_zones() -> list[tuple[str, str]]:
    """All zones for a list, the usual ones on top."""
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone not in _FIRST_ZONES)
    return [(zone, zone.replace("_", " ")) for zone in (*_FIRST_ZONES, *others)]


def _line(label: Any, most: int, *, needed: bool = False, help_text: Any = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=needed, help_text=help_text, widget=forms.TextInput(attrs)
    )


def _text(label: Any, rows: int, most: int, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, max_length=most, required=False, help_text=help_text, widget=area)


def _address(label: Any) -> forms.URLField:
    return forms.URLField(label=label, required=False, max_length=200, assume_scheme="https")


class HouseForm(forms.Form):
    """The vendor's profile, as far as it is not about invoices."""

    name = _line(_("Name of the house"), 120, needed=True, autocomplete="organization")
    legal_name = _line(_("Name of the company"), 200, help_text=_("In full, as registered: for documents."))
    address = _text(_("Address"), 3, 500)
    number_prefix = _line(_("Numbers of requests begin with"), 6, needed=True)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    mail_from = forms.EmailField(label=_("Sender of our mails"), required=False, max_length=254)
    consulting_email = forms.EmailField(
        label=_("Wishes for consultants and trainings go to"),
        required=False,
        max_length=254,
        help_text=_("The team gets each wish by mail at once. Empty: a specialist hands it over."),
    )
    offer_valid_days = forms.IntegerField(label=_("Days to decide about an offer"), min_value=1, max_value=365)
    legal_notice = _text(
        _("Answer to legal and tax questions"),
        4,
        2000,
        _("This fixed text is suggested where somebody asks for legal or tax advice."),
    )
    accent = _line(
        _("Colour of buttons and links"), 7, help_text=_("# and six digits; empty: black."), spellcheck="false"
    )
    remote_needs_agreement = forms.BooleanField(
        label=_("No remote session without a data-processing agreement"),
        required=False,
        help_text=_("Otherwise specialists give a reason where there is none."),
    )
    public_pages = forms.BooleanField(
        label=_("Ways of contact, catalogue and questions can be read without signing in"), required=False
    )
    imprint_url = _address(_("Address of your imprint"))
    imprint_text = _text(_("or its text"), 6, 20_000)
    privacy_url = _address(_("Address of your privacy statement"))
    privacy_text = _text(_("or its text"), 6, 60_000)
    accessibility_url = _address(_("Address of your accessibility statement"))
    accessibility_text = _text(_("or its text"), 6, 20_000)

    @classmethod
    def of(cls, profile: VendorProfile, data: Any = None) -> "HouseForm":
        """The form as it stands, or with what was typed."""
        return cls(data, initial={name: getattr(profile, name) for name in cls.base_fields})

    @property
    def given(self) -> HouseData:
        return HouseData(**self.cleaned_data)


class LogoForm(forms.Form):
    """A picture of the vendor; leaving it empty with `remove` takes the logo away."""

    logo = forms.FileField(
        label=_("Picture: PNG, JPEG or WebP, at most 1 MB"),
        required=False,
        widget=forms.ClearableFileInput({"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Either a picture or the wish to have none."""
        values = super().clean() or {}
        if not values.get("logo") and not values.get("remove") and "logo" not in self.errors:
            self.add_error("logo", _("Please choose a picture."))
        return values

    @property
    def content(self) -> bytes:
        """The uploaded file; empty where the logo is to go."""
        file = None if self.cleaned_data["remove"] else self.cleaned_data["logo"]
        return file.read() if file else b""

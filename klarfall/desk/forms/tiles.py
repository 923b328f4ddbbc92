"""Form of a tile of the new request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.tiles import TileData, usual_items
from klarfall.contracts.models import RequestKind
from klarfall.contracts.queries import items_for, newest_terms

#: Icons for tiles, with what they show; those that carry a meaning of ours or lead somewhere are no choice.
ICONS = {
    "alert": _("Warning triangle"),
    "question": _("Question mark"),
    "chat": _("Speech bubble"),
    "info": _("Letter i"),
    "clean": _("Broom"),
    "sliders": _("Sliders"),
    "settings": _("Cogwheel"),
    "wrench": _("Wrench"),
    "training": _("Training"),
    "book": _("Book"),
    "video": _("Film"),
    "server": _("Server"),
    "remote": _("Screen"),
    "layers": _("Layers"),
    "download": _("Arrow into a tray"),
    "pin": _("Pin on a map"),
    "building": _("Building"),
    "house": _("House"),
    "people": _("Several people"),
    "person": _("One person"),
    "phone": _("Telephone"),
    "mail": _("Letter"),
    "calendar": _("Calendar"),
    "clock": _("Clock"),
    "coins": _("Coins"),
    "bank": _("Bank"),
    "chart": _("Chart"),
    "file": _("Sheet of paper"),
    "key": _("Key"),
    "lock": _("Lock"),
    "globe": _("Globe"),
    "star": _("Star"),
    "tag": _("Label"),
    "bolt": _("Flash"),
}


class TileForm(forms.Form):
    """One tile; icons are chosen by their picture."""

    code = forms.CharField(
        label=_("Short name"), max_length=24, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    )
    title = forms.CharField(label=_("Title"), max_length=60)
    title_en = forms.CharField(label=_("Title"), max_length=60)
    hint = forms.CharField(label=_("Small print"), max_length=120, required=False)
    hint_en = forms.CharField(label=_("Small print"), max_length=120, required=False)
    icon = forms.ChoiceField(label=_("Icon"), choices=list(ICONS.items()), widget=forms.RadioSelect)
    usual_item = forms.ChoiceField(label=_("Usually assessed as"), required=False)
    to_consulting = forms.BooleanField(label=_("Goes to the consultants without an assessment"), required=False)
    active = forms.BooleanField(label=_("Shown to customers"), required=False)

    def __init__(self, data: Any = None, *, tile: RequestKind | None = None) -> None:
        start = {name: getattr(tile, name) for name in self.base_fields} if tile else {"active": True, "icon": "chat"}
        super().__init__(data, initial=start)
        self.fields["usual_item"].choices = _services(tile)  # type: ignore[attr-defined]
        if tile is not None:
            del self.fields["code"]
            if tile.icon not in ICONS:
                self.initial["icon"] = "chat"  # as customers see it

    @property
    def given(self) -> TileData:
        """What the actions take; the short name stands beside it."""
        return TileData(**{name: value for name, value in self.cleaned_data.items() if name != "code"})


def _services(tile: RequestKind | None) -> list[tuple[str, Any]]:
    """The services of the newest catalogue; one that it has no more stays visible as what it is."""
    terms = newest_terms()
    rows = [(one.code, f"{one.clause} {one.said('title')}") for one in items_for(terms, None)] if terms else []
    gone = tile.usual_item if tile and tile.usual_item and tile.usual_item not in usual_items() else ""
    return [("", _("open: nothing is proposed")), *rows, *([(gone, gone)] if gone else [])]

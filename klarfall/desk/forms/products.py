"""Forms of products: facts, areas, versions and ways of contact."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.contact_channels import ChannelData
from klarfall.contracts.actions.products import ProductData, VersionData
from klarfall.contracts.models import Area, ContactChannel, Product, ProductVersion
from klarfall.contracts.models.product import ChannelKind, MediaKind, ProductKind
from klarfall.desk import reference
from klarfall.desk.forms.billing import DayField

#: Columns that the form shows as they are.
_PLAIN = ("name", "code", "kind", "onsite_by_support", "consulting_email", "mail_from", "mail_signature", "remote_link")


class ProductForm(forms.Form):
    """What a product is; `active` is no field: it is switched by a button that asks."""

    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(
        label=_("Code"), max_length=40, required=False, help_text=_("For addresses and imports; made from the name.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=ProductKind.choices, initial=ProductKind.ERP)
    parent = forms.TypedChoiceField(
        label=_("Belongs to"), coerce=int, required=False, empty_value=None, help_text=_("For modules only.")
    )
    linked = forms.TypedMultipleChoiceField(
        label=_("Partner products"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    media = forms.MultipleChoiceField(  # type: ignore[assignment]
        label=_("Help that exists for it"),
        choices=MediaKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    calendar = forms.TypedChoiceField(
        label=_("Usual service hours"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Shown to everybody. A contract can agree on others."),
    )
    onsite_by_support = forms.BooleanField(
        label=_("Support visits on site"),
        required=False,
        help_text=_("Otherwise wishes for a visit are handed over to the consultants."),
    )
    consulting_email = forms.EmailField(
        label=_("Wishes for its consultants go to"),
        required=False,
        max_length=254,
        help_text=_("Empty: to the address of the house, if there is one."),
    )
    remote_link = forms.CharField(
        label=_("Address that opens the remote tool"),
        max_length=300,
        required=False,
        help_text=_("Any scheme, such as remote-tool:{code} or https://…/{code}; {code} becomes the session's code."),
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )
    mail_from = forms.EmailField(
        label=_("Sender of mails about its requests"),
        required=False,
        max_length=254,
        help_text=_("Empty: the sender of the house. Replies go there, too."),
    )
    mail_signature = forms.CharField(
        label=_("Lines under these mails"),
        required=False,
        max_length=700,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plain text, at most 12 lines."),
    )

    def __init__(self, data: Any, *, products: Iterable[Product], product: Product | None = None) -> None:
        others = [one for one in products if product is None or one.pk != product.pk]
        self.products = {one.pk: one for one in others}
        self.product = product
        super().__init__(data, initial=_facts(product) if product else {})
        parents = [(one.pk, one.name) for one in others if one.kind == ProductKind.ERP]
        partners = [(one.pk, one.name) for one in others if one.kind == ProductKind.PARTNER]
        self.fields["parent"].choices = [("", "–"), *parents]  # type: ignore[attr-defined]
        self.fields["linked"].choices = partners  # type: ignore[attr-defined]
        self.calendars = reference.calendars()
        hours = [(pk, one.name) for pk, one in self.calendars.items()]
        self.fields["calendar"].choices = [("", "–"), *hours]  # type: ignore[attr-defined]

    @property
    def given(self) -> ProductData:
        data = dict(self.cleaned_data)
        parent = self.products.get(data.pop("parent") or 0)
        calendar = self.calendars.get(data.pop("calendar") or 0)
        linked = tuple(self.products[pk] for pk in data.pop("linked"))
        media = tuple(data.pop("media"))
        active = self.product.active if self.product else True
        return ProductData(**data, parent=parent, calendar=calendar, linked=linked, media=media, active=active)


def facts_of(product: Product, *, active: bool) -> ProductData:
    """The product as it is, but switched on or off."""
    return ProductData(
        **{name: getattr(product, name) for name in (*_PLAIN, "parent", "calendar")},
        linked=tuple(product.linked.all()),
        media=tuple(product.media),
        active=active,
    )


def _facts(product: Product) -> dict[str, Any]:
    values = {name: getattr(product, name) for name in (*_PLAIN, "media")}
    values["calendar"] = product.calendar_id
    return values | {"parent": product.parent_id, "linked": [one.pk for one in product.linked.all()]}


class AreaForm(forms.Form):
    """The name of an area."""

    name = forms.CharField(label=_("Name of the area"), max_length=80)

    @classmethod
    def of(cls, area: Area | None, data: Any = None) -> "AreaForm":
        """The form of an area, or of a new one."""
        return cls(data, initial={"name": area.name} if area else {}, auto_id=_ids("area", area))


class VersionForm(forms.Form):
    """A version with its days."""

    name = forms.CharField(label=_("Name of the version"), max_length=40)
    released_on = DayField(label=_("Released on"))
    supported_until = DayField(label=_("Supported until"), required=False)

    @classmethod
    def of(cls, version: ProductVersion | None, data: Any = None) -> "VersionForm":
        """The form of a version, or of a new one."""
        values = {name: getattr(version, name) for name in cls.base_fields} if version else {}
        return cls(data, initial=values, auto_id=_ids("version", version))

    @property
    def given(self) -> VersionData:
        return VersionData(**self.cleaned_data)


class ChannelForm(forms.Form):
    """A way of contact; its kind is chosen once."""

    kind = forms.ChoiceField(label=_("Way of contact"), choices=ChannelKind.choices, initial=ChannelKind.PHONE)
    value = forms.CharField(label=_("Number or address"), max_length=200, required=False)
    toll_free = forms.BooleanField(label=_("toll-free"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, data: Any, *, channel: ContactChannel | None = None) -> None:
        values = {name: getattr(channel, name) for name in self.base_fields} if channel else {}
        super().__init__(data, initial=values, auto_id=_ids("channel", channel))
        self.channel = channel
        if channel is None:
            return
        self.fields["kind"].widget = forms.HiddenInput()
        if channel.kind not in (ChannelKind.PHONE, ChannelKind.EMAIL):
            self.fields["value"].widget = forms.HiddenInput()
        if channel.kind != ChannelKind.PHONE:
            self.fields["toll_free"].widget = forms.HiddenInput()
            self.fields["toll_free"].disabled = True
        elif self.fields["value"].widget:
            self.fields["value"].widget.attrs["inputmode"] = "tel"

    @property
    def given(self) -> ChannelData:
        return ChannelData(**self.cleaned_data, active=self.channel.active if self.channel else True)


def way_of(channel: ContactChannel, *, active: bool) -> ChannelData:
    """The way of contact as it is, but switched on or off."""
    values = {name: getattr(channel, name) for name in ("kind", "value", "toll_free", "note")}
    return ChannelData(**values, active=active)


def _ids(name: str, row: Any) -> str:
    """Several forms stand on one page: each has ids of its own."""
    return f"{name}-{row.pk if row else 'new'}-%s"

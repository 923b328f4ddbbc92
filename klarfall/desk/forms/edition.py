"""Forms of the page on which an article is written: its words, what holds for it as a whole, its files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User
from klarfall.desk import reference
from klarfall.desk.article_page import product_of
from klarfall.desk.forms.articles import LANGUAGES
from klarfall.desk.forms.billing import DayField
from klarfall.desk.forms.work import MomentField
from klarfall.knowledge.actions.articles import ArticleData, Content
from klarfall.knowledge.models import Article, Edition, MediaUse, Visibility

USES = [
    (MediaUse.PICTURE, _("Picture")),
    (MediaUse.VIDEO, _("Video")),
    (MediaUse.CAPTIONS, _("Captions of the video (WebVTT)")),
    (MediaUse.CHAPTERS, _("Chapters of the video (WebVTT)")),
    (MediaUse.POSTER, _("First picture of the video")),
    (MediaUse.FILE, _("File to download")),
]
USE_NAMES = dict(USES)


class EditionForm(forms.Form):
    """The words of an edition in work. `saved` says which state of it they began from, `mark` which page sends."""

    saved = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    mark = forms.RegexField(r"\A[a-z0-9]{1,30}:[0-9]{1,9}\Z", required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("In a sentence"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Stands under the title, in lists and in search results."),
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        widget=forms.Textarea({"rows": 24, "spellcheck": "true", "class": "write-text", "data-md-text": True}),
    )
    label = forms.CharField(
        label=_("Name of this edition"),
        required=False,
        max_length=60,
        help_text=_("Say “2026”; empty means its number."),
    )
    version_from = forms.TypedChoiceField(label=_("From version"), required=False, coerce=int, empty_value=None)
    version_to = forms.TypedChoiceField(label=_("Up to version"), required=False, coerce=int, empty_value=None)
    note = forms.CharField(
        label=_("What is different"),
        required=False,
        max_length=300,
        help_text=_("For the history; customers see it there."),
    )
    announced = forms.BooleanField(
        label=_("Tell subscribers of it"),
        required=False,
        help_text=_("Once, when it comes out, and only those who may read it. A later edition says what is different."),
    )

    def __init__(self, data: Any = None, *, versions: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.versions = {one.pk: one for one in versions}
        choices = [("", _("any")), *((one.pk, one.name) for one in versions)]
        for name in ("version_from", "version_to"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def of(cls, edition: Edition, versions: list[Any], data: Any = None) -> "EditionForm":
        """The form as the edition stands, or with what was typed."""
        names = ("saved", "title", "summary", "body", "label", "note", "announced")
        initial = {name: getattr(edition, name) for name in names}
        initial |= {"version_from": edition.version_from_id, "version_to": edition.version_to_id}
        return cls(data, versions=versions, initial=initial)

    def clean_body(self) -> str:
        """Line ends as everywhere else."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    @property
    def state(self) -> dict[str, Any]:
        """What the words began from, as `save_draft` wants it."""
        return {"saved": self.cleaned_data["saved"], "mark": self.cleaned_data["mark"]}

    @property
    def given(self) -> Content:
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("saved", "mark")}
        values |= {name: self.versions.get(values[name]) for name in ("version_from", "version_to")}
        return Content(**values)


class FactsForm(forms.Form):
    """What holds for an article as a whole."""

    area = forms.TypedChoiceField(label=_("Area"), required=False, coerce=int, empty_value=None)
    visibility = forms.ChoiceField(label=_("Who reads it?"), choices=Visibility.choices)
    owner = forms.TypedChoiceField(label=_("Looked after by"), required=False, coerce=int, empty_value=None)
    review_on = DayField(label=_("Check again on"), required=False)
    expires_on = DayField(
        label=_("Expires on"), required=False, help_text=_("From this day on nobody finds or reads it any more.")
    )

    def __init__(self, data: Any = None, *, article: Article, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"area": article.area_id, "visibility": article.visibility, "owner": article.owner_id}
        initial |= {"review_on": article.review_on, "expires_on": article.expires_on}
        super().__init__(data, initial=initial, auto_id="id_facts_%s", **kwargs)
        self.areas = {area.pk: area for area in product_of(article).areas.all()}
        areas = [("", _("none")), *((pk, area.name) for pk, area in self.areas.items())]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        self.article = article
        self.fields["owner"].choices = [("", _("nobody")), *reference.staff()]  # type: ignore[attr-defined]

    @property
    def given(self) -> ArticleData:
        given, article = self.cleaned_data, self.article
        owner = given["owner"]
        return ArticleData(
            kind=article.kind,
            product=article.product,
            area=self.areas.get(given["area"]),
            visibility=given["visibility"],
            owner=User.objects.get(pk=owner) if owner else None,
            review_on=given["review_on"],
            expires_on=given["expires_on"],
        )


class ReasonForm(forms.Form):
    """A word to whoever wrote it."""

    reason = forms.CharField(
        label=_("What should be changed"), max_length=300, widget=forms.Textarea({"rows": 3, "autofocus": True})
    )


class ScheduleForm(forms.Form):
    """When an edition comes out."""

    publish_at = MomentField(label=_("Comes out on"))


class MediaForm(forms.Form):
    """A file of an article. Its fields travel with the text, which is saved as well: nothing is lost by adding one."""

    use_required_attribute = False

    file = forms.FileField(label=_("File"))
    use = forms.ChoiceField(label=_("What it is"), choices=USES)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    description = forms.CharField(
        label=_("What it shows"),
        required=False,
        max_length=300,
        help_text=_("For people who do not see the picture, and as the title of a video: in a sentence."),
    )

    def clean(self) -> Any:
        """A picture without a description helps nobody who does not see it, a video without a title nobody at all."""
        given = super().clean() or {}
        shown = given.get("use") in (MediaUse.PICTURE, MediaUse.VIDEO)
        if shown and not given.get("description", "").strip():
            self.add_error("description", _("Please say in a sentence what it shows."))
        return given

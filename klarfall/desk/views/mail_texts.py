"""The texts of mails: all kinds, and one with its preview in both languages."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from klarfall.channels import mail_texts
from klarfall.channels.actions import change_mail_text
from klarfall.channels.mail_samples import sample
from klarfall.channels.mail_texts import Words
from klarfall.channels.models import MailText
from klarfall.core import mail
from klarfall.core.jobs import enqueue
from klarfall.desk.access import needs
from klarfall.desk.forms.mail_text import MailTextForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page

_HERE = "mail-texts"
LANGUAGES = {"de": "Deutsch", "en": "English"}
#: The frame shows the mail and runs nothing; mails carry their styles in their elements.
_FRAME_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "sandbox": [],
}


@needs("house.set_up")
def mail_kinds(request: HttpRequest) -> HttpResponse:
    """All kinds of mails with who gets them, and which have words of the vendor."""
    own: dict[str, list[str]] = {}
    for row in MailText.objects.order_by("language"):
        own.setdefault(row.kind, []).append(LANGUAGES[row.language])
    kinds = [
        {"kind": kind, "label": label, "readers": mail_texts.readers(kind), "own": own.get(kind, [])}
        for kind, label in mail_texts.KINDS.items()
    ]
    groups = [
        (_("To customers"), [one for one in kinds if not str(one["kind"]).startswith("team_")]),
        (_("To the team"), [one for one in kinds if str(one["kind"]).startswith("team_")]),
    ]
    return page(request, "desk/mails/list.html", **shell(scope_of(request), _HERE), groups=groups)


@needs("house.set_up")
def mail_text(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """The vendor's words in one kind of mail, and the whole mail with them."""
    _known(kind, language)
    form = MailTextForm.of(mail_texts.own_words(kind, language), request.POST or None)

    def act() -> None:
        words = Words() if "reset" in request.POST else form.given
        change_mail_text(kind=kind, language=language, words=words, actor=request.user, now=timezone.now())  # type: ignore[arg-type]

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(request.path)
    return _page(request, kind, language, form)


@needs("house.set_up")
def preview(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """The part of the page that shows the mail with the words that are being typed."""
    _known(kind, language)
    return _page(request, kind, language, MailTextForm.of(_asked(request)), part="preview")


@needs("house.set_up")
@xframe_options_sameorigin
def frame(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """The HTML of the mail alone, for the frame of the preview."""
    _known(kind, language)
    written = _sample(request, kind, language, _asked(request))
    response = HttpResponse(written.html)
    response._csp_replace = _FRAME_POLICY  # type: ignore[attr-defined] # what csp_replace() sets
    return response


@needs("house.set_up")
@require_POST
def dispatch(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """Send the mail with invented data to oneself."""
    _known(kind, language)
    enqueue("channels.send_sample", kind=kind, language=language, user_id=request.user.pk)
    messages.success(request, _("The sample is on its way to you."))
    return SeeOther(reverse("desk:mail-text", args=[kind, language]))


def _known(kind: str, language: str) -> None:
    if kind not in mail_texts.KINDS or language not in LANGUAGES:
        raise Http404


def _asked(request: HttpRequest) -> Words:
    return Words(*(request.GET.get(name, "")[:2000] for name in ("subject", "opening", "closing")))


def _sample(request: HttpRequest, kind: str, language: str, words: Words) -> mail.Mail:
    return sample(kind, words, language=language, reader=request.user, now=timezone.now())


def _page(request: HttpRequest, kind: str, language: str, form: MailTextForm, part: str | None = None) -> HttpResponse:
    words = form.typed
    return page(
        request,
        "desk/mails/page.html",
        part=part,
        status=422 if form.is_bound and form.errors else 200,
        **shell(scope_of(request), _HERE),
        form=form,
        kind=kind,
        label=mail_texts.KINDS[kind],
        readers=mail_texts.readers(kind),
        language_code=language,
        languages_of_mail=LANGUAGES,
        placeholders=[(f"{{{name}}}", mail_texts.PLACEHOLDERS[name]) for name in mail_texts.allowed(kind)],
        introduced=mail_texts.is_introduced(kind),
        written=_sample(request, kind, language, words),
        unknown=[found for text in asdict(words).values() for found in mail_texts.unknown(kind, text)],
        frame_query=urlencode({name: value for name, value in asdict(words).items() if value}),
    )

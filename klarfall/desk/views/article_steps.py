"""Where an article goes: review, schedule, publish, withdraw. Each asks first and says what will happen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.desk import article_checks, article_page
from klarfall.desk.access import needs
from klarfall.desk.article_page import Opened, address, opened
from klarfall.desk.forms.edition import ReasonForm, ScheduleForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import articles as actions
from klarfall.knowledge.models import Visibility
from klarfall.ui.rendering import SeeOther, page

_HERE = "articles"


class _Nothing(forms.Form):
    """A step that asks for nothing more."""


@dataclass(frozen=True)
class Step:
    """One way to go: its question, its button, what is said afterwards, its form and what it does."""

    title: str | Promise
    label: str | Promise
    said: str | Promise
    act: Callable[[Opened, dict[str, Any], dict[str, Any]], Any]
    form: type[forms.Form] = _Nothing
    #: Shows what is to be seen to before.
    checks: bool = False


STEPS = {
    "submit": Step(
        gettext_lazy("Give this text to review?"),
        gettext_lazy("Give to review"),
        gettext_lazy("Given to review. Whoever may publish finds it under “To be reviewed”."),
        lambda found, _given, who: actions.submit_edition(found.at_hand, **who),
        checks=True,
    ),
    "send-back": Step(
        gettext_lazy("Send this text back?"),
        gettext_lazy("Send back"),
        gettext_lazy("Sent back."),
        lambda found, given, who: actions.send_back(found.at_hand, reason=given["reason"], **who),
        form=ReasonForm,
    ),
    "take-back": Step(
        gettext_lazy("Go on writing?"),
        gettext_lazy("Back to writing"),
        gettext_lazy("It is a draft again."),
        lambda found, _given, who: actions.take_back(found.at_hand, **who),
    ),
    "schedule": Step(
        gettext_lazy("When does this text come out?"),
        gettext_lazy("Schedule"),
        gettext_lazy("Scheduled. It comes out by itself."),
        lambda found, given, who: actions.schedule_edition(found.at_hand, at=given["publish_at"], **who),
        form=ScheduleForm,
        checks=True,
    ),
    "publish": Step(
        gettext_lazy("Publish this text?"),
        gettext_lazy("Publish now"),
        gettext_lazy("Published."),
        lambda found, _given, who: actions.publish_edition(found.at_hand, **who),
        checks=True,
    ),
    "withdraw": Step(
        gettext_lazy("Withdraw this article?"),
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn. Nobody outside finds or reads it any more."),
        lambda found, _given, who: actions.withdraw_article(found.article, **who),
    ),
    "bring-back": Step(
        gettext_lazy("Bring this article back?"),
        gettext_lazy("Bring back"),
        gettext_lazy("It can be read again."),
        lambda found, _given, who: actions.bring_back(found.article, **who),
    ),
    "discard": Step(
        gettext_lazy("Discard this draft?"),
        gettext_lazy("Discard"),
        gettext_lazy("The draft is discarded."),
        lambda found, _given, who: actions.discard_draft(found.at_hand, **who),
    ),
}


@needs("article.write")
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """The page that asks, and the step itself. What the article is not ready for leads back to it."""
    found = opened(request, pk)
    if step not in STEPS:
        raise Http404
    if step not in {one["name"] for one in article_page.steps(found, request.user)}:
        messages.info(request, _("Somebody was faster: this is no longer possible here."))
        return SeeOther(address("article", found.article, found.language))
    wanted = STEPS[step]
    form = wanted.form(request.POST if request.method == "POST" else None)

    def act() -> None:
        wanted.act(found, form.cleaned_data, {"actor": request.user, "now": timezone.now()})

    if request.method == "POST" and done(form, act):
        messages.success(request, str(wanted.said))
        return SeeOther(_after(found, step))
    return _asked(request, found, step, form)


def _after(found: Opened, step: str) -> str:
    """The article again; the list where a discarded draft was all there was of it."""
    alone = not found.current and len(found.work) < 2  # noqa: PLR2004 - the one that is gone
    if step == "discard" and alone:
        return reverse("desk:articles")
    return address("article", found.article, found.language)


def _asked(request: HttpRequest, found: Opened, step: str, form: forms.Form) -> HttpResponse:
    wanted, edition = STEPS[step], found.edition
    checks = article_checks.of(edition, article_page.files_of(found.article)) if wanted.checks and edition else []
    return page(
        request,
        "desk/articles/step.html",
        status=422 if form.is_bound else 200,
        **shell(scope_of(request), _HERE),
        found=found,
        article=found.article,
        edition=edition,
        step=wanted,
        form=form,
        checks=checks,
        blocked=any(one.blocks for one in checks),
        points=_points(found, step),
        back=address("article", found.article, found.language),
    )


def _points(found: Opened, step: str) -> list[str]:
    """What will happen, sentence by sentence."""
    article, edition = found.article, found.edition
    if step in ("publish", "schedule") and edition:
        points = [_READERS[article.visibility] % {"product": article.product.name}]
        if found.current.get(found.language):
            points.append(_("The edition that is read now becomes an older one; it stays readable in the history."))
        internal = article.visibility == Visibility.INTERNAL
        silent = edition.number > 1 and not edition.note.strip()
        told = edition.announced and not internal and not silent
        points.append(_("Subscribers who may read it are told, once.") if told else _("Nobody is told of it by mail."))
        return [str(one) for one in points]
    return [str(one) for one in _POINTS.get(step, ())]


_READERS = {
    Visibility.PUBLIC.value: gettext_lazy("Everybody can read it, also without an account."),
    Visibility.SIGNED_IN.value: gettext_lazy("Every customer who is signed in can read it."),
    Visibility.CUSTOMERS.value: gettext_lazy("Customers with a contract for %(product)s can read it."),
    Visibility.INTERNAL.value: gettext_lazy("Only we can read it."),
}
_POINTS = {
    "submit": (gettext_lazy("Whoever may publish reads it and publishes it, or sends it back with a word."),),
    "send-back": (gettext_lazy("It becomes a draft again, with your words above it."),),
    "take-back": (gettext_lazy("It becomes a draft again and does not come out by itself."),),
    "withdraw": (
        gettext_lazy("Search, lists and links no longer show it to customers. At the desk it stays."),
        gettext_lazy("You can bring it back at any time."),
    ),
    "bring-back": (gettext_lazy("Its current edition can be read again, by the same people as before."),),
    "discard": (
        gettext_lazy("The words of this draft are gone. Published editions stay as they are."),
        gettext_lazy("Files that were added stay with the article, if it has another edition."),
    ),
}

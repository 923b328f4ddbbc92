"""The wizard that sets an own house up: its steps, what is done of them, and what each one does.

What is done is read from the house itself, so that every step can be left and taken up again, also elsewhere: who
adds a product on its page has done that step, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import newest_terms
from klarfall.core import vendor
from klarfall.desk import setup_tasks as tasks
from klarfall.desk.forms import setup as form_classes
from klarfall.service_levels.models import ServiceInterval


@dataclass(frozen=True)
class Step:
    """One step: address, title, what it is for, its form and what saving it does; `optional` ones may be skipped."""

    slug: str
    title: str | Promise
    note: str | Promise
    form: Callable[[Any], forms.Form]
    save: Callable[[Any, User, datetime], None]
    is_done: Callable[[], bool]
    optional: bool = False
    #: One more of the kind may follow: the page stays.
    repeated: bool = False

    @property
    def url(self) -> str:
        return reverse("desk:setup-step", args=[self.slug])


def _has_channels() -> bool:
    return ContactChannel.objects.exclude(kind=ChannelKind.PORTAL).exists()


def _has_colleagues() -> bool:
    return User.objects.filter(kind=Kind.STAFF).count() > 1


STEPS = {
    step.slug: step
    for step in (
        Step(
            "products", gettext_lazy("Products"), gettext_lazy("what you maintain, with areas"),
            form_classes.ProductsForm, tasks.save_product, Product.objects.exists, repeated=True,
        ),
        Step(
            "channels", gettext_lazy("Ways of contact"), gettext_lazy("telephone, e-mail, remote sessions"),
            tasks.channels_form, tasks.save_channels, _has_channels, optional=True,
        ),
        Step(
            "hours", gettext_lazy("Service hours"), gettext_lazy("with the public holidays of your state"),
            tasks.hours_form, tasks.save_hours, ServiceInterval.objects.exists,
        ),
        Step(
            "catalogue", gettext_lazy("Service catalogue"),
            gettext_lazy("from a template; only your rates are missing"),
            tasks.catalogue_form, tasks.publish_catalogue, lambda: newest_terms() is not None,
        ),
        Step(
            "colleagues", gettext_lazy("Colleagues"), gettext_lazy("optional"),
            form_classes.ColleagueForm, tasks.save_colleague, _has_colleagues, optional=True, repeated=True,
        ),
        Step(
            "finish", gettext_lazy("Open the portal"), gettext_lazy("and what comes next"),
            form_classes.FinishForm, tasks.finish, lambda: vendor.current().set_up_at is not None,
        ),
    )
}  # fmt: skip


#: Step -> is it done? Asked once for a page: each step asks the database.
States = dict[str, bool]


def states() -> States:
    """What is done now."""
    return {step.slug: step.is_done() for step in STEPS.values()}


def progress(here: str, done: States) -> list[dict[str, Any]]:
    """Every step with its state for the guide beside the form."""
    return [
        {
            "title": step.title,
            "note": step.note,
            "url": step.url,
            "state": "now" if step.slug == here else "done" if done[step.slug] else "",
        }
        for step in STEPS.values()
    ]


def next_of(slug: str) -> Step:
    """The step after this one; the last one is its own next."""
    order = list(STEPS)
    return STEPS[order[min(order.index(slug) + 1, len(order) - 1)]]


def before(slug: str) -> Step | None:
    """The step before this one."""
    order = list(STEPS)
    here = order.index(slug)
    return STEPS[order[here - 1]] if here else None


def first_open() -> Step:
    """Where the wizard goes on: the first step that has to be done, or the last one."""
    return next(iter(still_needed(states())), STEPS["finish"])


def is_under_way() -> bool:
    """Shall the desk lead back to the wizard? The demo needs none."""
    profile = vendor.current()
    return profile.set_up_at is None and not profile.is_demo


def still_needed(done: States) -> list[Step]:
    """The steps without which no request can come in."""
    needed = (step for step in STEPS.values() if not step.optional and step.slug != "finish")
    return [step for step in needed if not done[step.slug]]


def what_comes_next() -> list[dict[str, Any]]:
    """What an own house still needs before its customers come: label, why, address, and whether it is done."""
    profile = vendor.current()
    sends = not settings.EMAIL_BACKEND.endswith("DemoMailBackend")
    no_mail = _("Set EMAIL_URL where the product runs: until then mails are kept, not sent.")
    sender = _("The address that mails come from and replies go to.")
    tables = _("From tables, with a dry run; nobody is written to until you ask for it.")
    wanted = [
        ("house", _("Imprint and privacy"), _("They stand below every page."), _is_told(profile)),
        ("house", _("Sender of your mails"), sender, bool(profile.mail_from)),
        ("operation", _("Mail sending"), no_mail, sends),
        ("imports", _("Customers and contacts"), tables, None),
        ("customers", _("Contracts"), _("Which products each customer has, and since when."), None),
        ("words", _("Your words"), _("What portal, requests and service catalogue are called at your house."), None),
    ]
    return [
        {"url": _address(name), "title": title, "note": note, "done": done}
        for name, title, note, done in wanted
        if _address(name)
    ]


def _is_told(profile: Any) -> bool:
    return bool((profile.imprint_url or profile.imprint_text) and (profile.privacy_url or profile.privacy_text))


def _address(name: str) -> str:
    try:
        return reverse(f"desk:{name}")
    except NoReverseMatch:
        return ""

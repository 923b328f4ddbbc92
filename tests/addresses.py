"""
Every address of the site, found by walking the URL patterns, with values of Acme's story in place of parameters.

A parameter is known by its name and the part of the path before it. A page added tomorrow is either covered by that,
or makes the sweep fail until RULES says which of Acme's things belongs there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from klarfall.contracts.models import Contract, ContractLine, InstalledVersion, TrainingRecord
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import MailCopy
from klarfall.knowledge.subscribers import leaving_token
from tests.acme_story import AcmeStory

#: Tickets in the states that matter: with everything, solved, closed, untouched, confidential, of a colleague.
TICKETS = ("main", "solved", "closed", "new", "secret", "of_emil")


def _tickets(story: AcmeStory) -> list[int]:
    return [story.tickets[name].number for name in TICKETS]


def _offers(story: AcmeStory) -> list[int]:
    return [offer.number for offer in story.offers.values()]


def _thing(name: str, value: str = "pk") -> Callable[[AcmeStory], list[Any]]:
    return lambda story: [getattr(story.things[name], value)]


def _first(story: AcmeStory, model: Any) -> int:
    """The id of Acme's oldest row of that kind."""
    with viewing_as(SYSTEM):
        found: int = model.objects.filter(customer=story.cast.acme).earliest("pk").pk
    return found


def _same(*values: Any) -> Callable[[AcmeStory], list[Any]]:
    return lambda _story: list(values)


def _sessions(story: AcmeStory) -> list[Any]:
    """Remote sessions in every sight: asked for, agreed, running, over."""
    return [story.things[name].pk for name in ("session", "session_agreed", "session_running", "session_ended")]


_ARTICLES = ("article", "manual", "article_internal", "article_foreign")

#: (site or "", part of the path before the parameter, name of the parameter) -> values of Acme.
RULES: dict[tuple[str, str, str], Callable[[AcmeStory], list[Any]]] = {
    ("portal", "requests", "number"): _tickets,
    ("desk", "tickets", "number"): _tickets,
    ("portal", "concerns", "position"): _same(1),
    ("desk", "concerns", "position"): _same(1),
    ("portal", "offers", "number"): _offers,
    ("desk", "offers", "offer_number"): _offers,
    ("portal", "removal", "pk"): _thing("upload"),
    ("portal", "files", "pk"): lambda story: [
        story.things[name].pk for name in ("attachment", "media", "media_foreign")
    ],
    ("portal", "<int:pk>", "name"): _same("liste.png"),
    ("portal", "problems", "pk"): lambda story: [story.things[name].pk for name in ("problem", "problem_foreign")],
    ("desk", "problems", "pk"): lambda story: [story.things[name].pk for name in ("problem", "problem_ticket")],
    ("desk", "steps", "step"): _same(
        "publication", "fix", "close", "submit", "publish", "schedule", "withdraw", "discard"
    ),
    ("portal", "articles", "pk"): lambda story: [story.things[name].pk for name in _ARTICLES],
    ("desk", "articles", "pk"): lambda story: [story.things[name].pk for name in _ARTICLES],
    ("desk", "media", "media_pk"): _thing("media"),
    ("desk", "history", "number"): _same(1),
    ("desk", "synonyms", "pk"): _thing("synonyms"),
    ("desk", "misses", "pk"): _thing("miss"),
    ("desk", "files", "pk"): lambda story: [story.things[name].pk for name in ("media", "media_foreign")],
    ("desk", "<int:pk>", "name"): _same("liste.png"),
    ("portal", "chapters", "anchor"): _same("schritte"),
    ("portal", "subscriptions", "pk"): _thing("subscription"),
    ("portal", "feeds", "token"): lambda story: [story.things["feed_token"]],
    ("portal", "unsubscribe", "token"): lambda _story: [leaving_token([])],  # a POST would end what it names
    ("desk", "attachments", "pk"): _thing("attachment"),
    ("portal", "remote", "pk"): _sessions,
    ("desk", "remote", "pk"): _sessions,
    ("portal", "consulting", "number"): _thing("consulting", "number"),
    ("portal", "training", "number"): _thing("training", "number"),
    ("portal", "pictures", "name"): _same("start-de.png"),
    ("portal", "l", "token"): lambda story: [story.things["token"]],
    ("desk", "assessments", "outcome"): _same("covered", "chargeable", "not_offered"),
    ("desk", "objections", "pk"): _thing("objection_open"),
    ("desk", "times", "pk"): _thing("entry"),
    ("desk", "calls", "pk"): lambda story: [story.cast.bernd.pk],
    ("desk", "recorded", "pk"): _thing("call"),
    ("desk", "callbacks", "pk"): _thing("callback"),
    ("portal", "callbacks", "pk"): _thing("callback"),
    ("desk", "contacts", "pk"): lambda story: [story.emil.pk],
    ("desk", "contracts", "pk"): lambda story: [_first(story, Contract)],
    ("desk", "contract-lines", "pk"): lambda story: [_first(story, ContractLine)],
    ("desk", "installed-versions", "pk"): lambda story: [_first(story, InstalledVersion)],
    ("portal", "colleagues", "pk"): lambda story: [story.emil.pk],
    ("portal", "invoices", "serial"): _thing("invoice", "serial"),
    ("portal", "<int:serial>", "form"): _same("pdf", "xml"),
    ("desk", "invoices", "serial"): _thing("invoice", "serial"),
    ("desk", "documents", "kind"): _same("pdf", "xml"),
    ("desk", "customers", "number"): lambda story: [story.cast.acme.number],
    ("desk", "billing", "number"): lambda story: [story.things["run"].number, story.things["preview"].number],
    ("desk", "concerns", "pk"): lambda story: [story.concern("billed").pk],
    ("desk", "files", "kind"): _same("csv"),
    ("desk", "notices", "pk"): _same(1),
    ("desk", "jobs", "pk"): _same(99_999_999),
    ("desk", "registrations", "pk"): _thing("registration"),
    ("portal", "registrations", "pk"): _thing("registration"),
    ("portal", "service-records", "pk"): lambda story: [one.pk for one in story.things["records"]],
    ("desk", "export", "pk"): _thing("export"),
    ("desk", "lists", "kind"): _same("customers", "contacts", "contracts", "versions"),
    ("desk", "imports", "pk"): _thing("import"),
    ("desk", "import", "pk"): _thing("package"),
    ("desk", "templates", "kind"): _same("customers"),
    ("desk", "<slug:kind>", "form"): _same("csv", "xlsx"),
    ("desk", "service-records", "pk"): lambda story: [one.pk for one in story.things["records"]],
    ("desk", "lists", "slug"): _same("to-assess"),
    ("desk", "<slug:kind>", "number"): _thing("consulting", "number"),
    ("desk", "handovers", "kind"): _same("consulting"),
    ("desk", "trainings", "pk"): lambda story: [
        story.things["offered_training"].pk,
        _first(story, TrainingRecord),
    ],
    ("", "handover", "token"): _same("no-such-token"),
    ("desk", "products", "code"): lambda story: [story.cast.erp.code],
    ("desk", "areas", "pk"): lambda story: [one.pk for one in story.cast.erp.areas.all()],
    ("desk", "versions", "pk"): lambda story: [one.pk for one in story.cast.erp.versions.all()],
    ("desk", "channels", "pk"): _same(1),
    ("desk", "calendars", "pk"): lambda story: [story.cast.calendar.pk],
    ("desk", "own-days", "day_pk"): lambda story: [one.pk for one in story.cast.calendar.own_days.all()],
    ("desk", "staff", "pk"): lambda story: [story.cast.anna.pk],
    ("", "staff-invitation", "token"): _same("no-such-token"),
    ("", "invitation", "token"): _same("no-such-token"),
    ("", "mails", "key"): _same("20261124T120000000000-00000000"),
    ("ui", "ui", "name"): _same("components"),
    # The vendor's own data, which everybody may read.
    ("portal", "catalogue", "number"): _same(1),
    ("desk", "terms", "number"): lambda story: [story.cast.terms.number, story.things["terms_draft"].number],
    ("desk", "clauses", "code"): _same("COV-USE"),
    ("desk", "tiles", "code"): _same("unsure"),
    ("desk", "inbox", "pk"): lambda story: [story.things["mail_waiting"].pk, story.things["mail"].pk],
    ("desk", "files", "place"): _same(0),
    ("desk", "blocked", "pk"): _thing("blocked"),
    ("desk", "mails", "pk"): lambda story: [_first(story, MailCopy), story.things["mail"].pk],
    ("portal", "mails", "pk"): lambda story: [_first(story, MailCopy)],
    ("desk", "mails", "kind"): _same("received", "cost_notice"),
    ("desk", "<slug:kind>", "language"): _same("de"),
    ("desk", "setup", "step"): _same("products", "channels", "hours", "catalogue", "colleagues", "finish"),
}
#: Names of parameters of regular expressions, and what fits them.
PATTERNS = {"uidb36": "1", "key": "set-password"}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address; `names_acme` says that something of Acme stands in it."""

    name: str
    route: str
    path: str
    view: Any

    @property
    def site(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""

    @property
    def names_acme(self) -> bool:
        return bool(_PARAMETER.search(self.route)) and self.name != "portal:catalogue-version"

    def __str__(self) -> str:
        return f"{self.name} {self.path}"


def patterns() -> Iterator[tuple[str, str, Any]]:
    """Name, route and view of every URL pattern of the project."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(found: list[Any], route: str, site: str) -> Iterator[tuple[str, str, Any]]:
    for one in found:
        here = route + str(one.pattern).replace("^", "")
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, here, one.namespace or site)
        elif isinstance(one, URLPattern):
            yield (f"{site}:{one.name}" if site else str(one.name)), here, one.callback


def addresses(story: AcmeStory, site: str | None = None) -> list[Address]:
    """All addresses, or those of one site ("portal", "desk", "")."""
    found = []
    for name, route, view in patterns():
        here = name.partition(":")[0] if ":" in name else ""
        if site in (None, here):
            found += [Address(name, route, path, view) for path in _paths(story, here, route)]
    return found


def _paths(story: AcmeStory, site: str, route: str) -> list[str]:
    if "(?P<" in route:
        plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: PATTERNS[found[1]], route)
        return ["/" + plain.replace("$", "").replace("\\", "")]
    names = list(_PARAMETER.finditer(route))
    values = [_values(story, site, route, found) for found in names]
    return ["/" + _filled(route, chosen) for chosen in product(*values)]


def _values(story: AcmeStory, site: str, route: str, found: re.Match[str]) -> list[Any]:
    before = route[: found.start()].rstrip("/").rpartition("/")[2]
    if (site, before, found[1]) == ("portal", "files", "pk") and "removal" in route:
        before = "removal"
    rule = RULES.get((site, before, found[1]))
    assert rule is not None, f"tests/addresses.py: which of Acme's things is <{found[1]}> in {route}?"
    return rule(story)


def _filled(route: str, values: tuple[Any, ...]) -> str:
    rest = iter(values)
    return _PARAMETER.sub(lambda _found: str(next(rest)), route)

"""No dead link: from the start page of every role on, every link leads somewhere, and every anchor is there."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve

#: So many pages of one kind (the same view) are enough: links are written per kind.
_OF_ONE_KIND = 4
_ENOUGH = 40  # pages that a role has at least, else the crawl has seen nothing
_LEADS_OUT = ("mailto:", "tel:", "http://", "https://", "data:")
_LEAVES = ("/account/logout/",)
#: Mails of invented people, whose links lead to invented requests.
_SAMPLES = ("desk:mail-frame", "demo-mail-html", "ui:gallery-mail")


class Links(HTMLParser):
    """Collects where a page leads, and the names that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.names.add(values.get("id") or "")
        for name in ("href", "src", "action", "hx-get", "hx-post", "formaction"):
            target = values.get(name)
            if target and not (tag == "link" and values.get("rel") == "icon"):
                posts = name in ("action", "hx-post", "formaction") and values.get("method") != "get"
                self.targets.add(f"POST {target}" if posts else target)


def read(content: str) -> Links:
    links = Links()
    links.feed(content)
    return links


class Crawl:
    """Visits what one person can reach by links."""

    def __init__(self, user: Any, start: str) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self.pages: dict[str, Links] = {}
        self.kinds: Counter[str] = Counter()
        self.dead: list[str] = []
        self._waiting = [(start, "the beginning")]
        self._seen = {start}

    def run(self) -> "Crawl":
        while self._waiting:
            path, source = self._waiting.pop(0)
            self._visit(path, source)
        return self

    def _visit(self, path: str, source: str) -> None:
        kind = _kind_of(path)
        if kind is None:
            self.dead.append(f"{path} (on {source}): no such page")
            return
        self.kinds[kind] += 1
        if self.kinds[kind] > _OF_ONE_KIND:
            return
        answer = self.client.get(path)
        if answer.status_code >= 400 and answer.status_code != 405:
            self.dead.append(f"{path} (on {source}): {answer.status_code}")
        if answer.status_code in (301, 302, 303):
            self._remember(answer["Location"], path)
        elif answer.headers.get("Content-Type", "").startswith("text/html") and kind not in _SAMPLES:
            links = self.pages[urldefrag(path)[0]] = read(answer.content.decode())
            for target in sorted(links.targets):
                self._remember(target, path)

    def _remember(self, target: str, source: str) -> None:
        target, posts = target.removeprefix("POST "), target.startswith("POST ")
        target = target.removeprefix(settings.BASE_URL)
        if target.startswith((*_LEADS_OUT, *_LEAVES, settings.STATIC_URL)):
            return
        path, _hash, name = target.partition("#")
        path = _absolute(path, source)
        if posts:
            if _kind_of(path) is None:
                self.dead.append(f"{path} (form on {source}): no such page")
            return
        if name and path == source and unquote(name) not in self.pages[source].names:
            self.dead.append(f"#{name} (on {source}): no such place")
        if path not in self._seen:
            self._seen.add(path)
            self._waiting.append((path, source))


def _absolute(path: str, source: str) -> str:
    if not path:
        return source
    return f"{source.partition('?')[0]}{path}" if path.startswith("?") else path


def _kind_of(path: str) -> str | None:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return None


def roles(story: Any) -> Iterator[tuple[str, Any, str]]:
    """Everybody who reads pages, and where they begin."""
    yield "visitor", None, "/contact/"
    yield "sign-in", None, "/account/login/"
    yield "requester", story.cast.bernd.user, "/"
    yield "cost release", story.cast.astrid.user, "/"
    yield "customer admin", story.gesa.user, "/"
    yield "specialist", story.cast.anna, "/desk/"
    yield "billing", story.things["biller"], "/desk/"
    yield "administrator", story.things["admin"], "/desk/"


def test_no_link_is_dead(acme_story):
    dead = {}
    for name, user, start in roles(acme_story):
        crawl = Crawl(user, start).run()
        dead[name] = crawl.dead
        assert sum(crawl.kinds.values()) > (_ENOUGH if user else 5), f"{name} has seen too little to say anything"
    assert {name: faults for name, faults in dead.items() if faults} == {}


def test_a_dead_link_is_found():
    """The sweep can fail: a link to nowhere and an anchor that is not there are both told."""
    crawl = Crawl(None, "/contact/")
    crawl.pages["/contact/"] = read('<a href="/nowhere/at/all/">x</a><a href="#missing">y</a>')
    for target in sorted(crawl.pages["/contact/"].targets):
        crawl._remember(target, "/contact/")
    crawl._waiting = [one for one in crawl._waiting if one[0] == "/nowhere/at/all/"]
    crawl.run()
    assert [re.sub(r" .*", "", one) for one in crawl.dead] == ["#missing", "/nowhere/at/all/"]

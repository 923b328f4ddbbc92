"""Nobody keeps what somebody signed in saw; what visitors see is kept for themselves only."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse
from django.test import RequestFactory

from klarfall.ui.caching import SIGNED_IN, VISITOR, caching_middleware


class Session(SessionBase):
    """A session that lies nowhere and says whether it was looked at."""

    def load(self):
        return {SESSION_KEY: "7"}


def answer(*, accessed, headers=None, session=Session):
    request = RequestFactory().get("/")
    request.session = session("k" * 8)

    def view(asked):
        if accessed:
            asked.session.get(SESSION_KEY)
        return HttpResponse(headers=headers or {})

    response = caching_middleware(view)(request)
    assert request.session.accessed == accessed, "the middleware itself looks at nothing"
    return response["Cache-Control"]


class Visit(Session):
    """A session of somebody who is not signed in."""

    def load(self):
        return {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accessed": True}, SIGNED_IN),
        ({"accessed": False}, VISITOR),
        ({"accessed": True, "session": Visit}, VISITOR),
        ({"accessed": True, "headers": {"Cache-Control": "public, max-age=9"}}, "public, max-age=9"),
    ],
)
def test_what_nobody_said_is_said(given, said):
    assert answer(**given) == said

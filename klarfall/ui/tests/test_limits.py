"""A request that is larger than anything our forms send is refused before its body is read."""

import pytest
from django.test import Client

from klarfall.ui.limits import LARGEST

pytestmark = pytest.mark.django_db


class Unread:
    """A body that must not be read."""

    def read(self, *_args: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("length", [str(LARGEST + 1), "9" * 40, "-1", "viel"])
def test_a_body_that_is_too_large_is_never_read(length):
    extra = {"CONTENT_LENGTH": length, "wsgi.input": Unread(), "REQUEST_METHOD": "POST"}
    answer = Client().get("/account/login/", **extra)
    assert answer.status_code == 413
    assert "zu groß" in answer.content.decode()


def test_what_our_forms_send_passes():
    assert Client().post("/account/login/", {"login": "x@y.example", "password": "x" * 1000}).status_code == 200

"""What forms of our pages send, and what the answers say."""

import re

from django.test import Client
from django.utils import timezone

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import Message


def client_of(user, **options) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def said(answer) -> list[str]:
    """The messages of a page that say what is wrong."""
    marked = r'class="(?:note is-err|error)[^"]*"[^>]*>(.*?)</(?:p|div|span></span)>'
    found = re.findall(marked, text_of(answer), re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found] or [str(answer.status_code)]


def request_data(story, **values) -> dict:
    contact = {"contact": story.cast.bernd.pk, "product": story.cast.erp.pk}
    return {**contact, "title": "Frage", "description": "Text", "impact": "minor", "kind": "", **values}


def notice_data(story, **values) -> dict:
    fields = {"item": story.cast.item("CHG-CONF").pk, "estimate": "45-60 min", "cause": "not_relevant"}
    with viewing_as(SYSTEM):
        basis = list(Message.objects.filter(internal=False).order_by("-pk").values_list("pk", flat=True)[:1])
    return {f"chargeable-{name}": value for name, value in {**fields, "training": "unknown", **values}.items()} | {
        "chargeable-basis_messages": basis,
        "chargeable-messages": basis,
    }


def moment(at) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")

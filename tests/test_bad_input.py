"""What people, browsers and attackers send by mistake or on purpose: a clear German message, and nothing is changed."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from klarfall.billing.models import CostOffer
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets import files as stored_files
from klarfall.tickets.models import Message, RequestDraft, Ticket
from tests.customers_data import changed, fingerprint
from tests.forms import client_of, moment, notice_data, request_data, said, text_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
EVIL = '<script>alert("boese")</script><img src=x onerror=alert(1)>{{ 7*7 }} %s \' OR 1=1; --'
_RAW = ("<script>alert", "<img src=x", "onerror=alert(1)>", ">49<")


@pytest.fixture
def bernd(acme_story) -> Client:
    return client_of(acme_story.cast.bernd.user)


@pytest.fixture
def anna(acme_story) -> Client:
    return client_of(acme_story.cast.anna)


def file(name: str, content: bytes, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def _archive(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


#: file -> a word of the message that says what is wrong.
BAD_FILES = {
    "empty": (file("leer.txt", b""), "leer"),
    "forbidden type": (file("programm.exe", b"MZ\x90\0"), "dieser Art"),
    "web page": (file("seite.html", b"<html><script>alert(1)</script>"), "dieser Art"),
    "script as picture": (file("bild.svg", b"<svg onload=alert(1)>"), "dieser Art"),
    "program called picture": (file("bild.png", b"MZ\x90\0" + b"\0" * 64, "image/png"), "Inhalt"),
    "web page called text": (file("text.txt", b"<!doctype html><script>alert(1)</script>"), "Inhalt"),
    "web page called pdf": (file("brief.pdf", b"<html>%PDF-1.4"), "Inhalt"),
    "archive called document": (file("brief.docx", _archive({"virus.exe": b"x"})), "Inhalt"),
    "document with macros": (
        file("brief.docx", _archive({"[Content_Types].xml": b"", "word/a": b"", "word/vbaProject.bin": b""})),
        "Inhalt",
    ),
    "without extension": (file("beleg", b"Text"), "dieser Art"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_are_refused_by_name_everywhere(acme_story, bernd, anna, case):
    """With the request, with a reply, with the draft, with an answer of ours."""
    number, before = acme_story.tickets["main"].number, fingerprint()
    bad, word = BAD_FILES[case]
    desk = f"/desk/tickets/{number}/messages/"
    answers = [
        bernd.post("/requests/new/", {**request_data(acme_story), "files": bad}),
        bernd.post(f"/requests/{number}/replies/", {"text": "Hallo", "files": _again(bad)}),
        bernd.post("/requests/new/files/", {"file": _again(bad)}),
        anna.post(desk, {"kind": "reply", "text": "Hallo", "attachments": _again(bad)}),
        anna.post(desk, {"kind": "note", "text": "Hallo", "attachments": _again(bad)}),
    ]
    for answer in answers:
        assert answer.status_code == 422, said(answer)
        assert re.search(word, text_of(answer)), said(answer)
    assert set(changed(before)) <= {"tickets_requestdraft"}, "only what was typed is kept"


def _again(one: SimpleUploadedFile) -> SimpleUploadedFile:
    one.seek(0)
    return SimpleUploadedFile(one.name, one.read(), one.content_type)


def test_a_file_that_is_too_large_is_refused_with_the_limit(acme_story, bernd, monkeypatch):
    monkeypatch.setattr(stored_files, "MAX_BYTES", 1_000_000)
    before = fingerprint()
    big = file("gross.txt", b"x" * 1_000_001)
    answer = bernd.post(f"/requests/{acme_story.tickets['main'].number}/replies/", {"text": "Hallo", "files": big})
    assert answer.status_code == 422
    assert "gross.txt" in text_of(answer)
    assert changed(before) == []


def test_too_many_files_at_once_are_refused(acme_story, bernd):
    before = fingerprint()
    many = [file(f"{n}.txt", b"x") for n in range(stored_files.MAX_FILES + 1)]
    answer = bernd.post(f"/requests/{acme_story.tickets['main'].number}/replies/", {"text": "Hallo", "files": many})
    assert answer.status_code == 422
    assert str(stored_files.MAX_FILES) in text_of(answer)
    assert changed(before) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt", "..\\..\\boot.txt", "a" * 400 + ".txt", "con.txt", '"><script>alert(1)</script>.txt',
        "rechnung\u202etxt.exe.txt", "zeile\r\nSet-Cookie: a=b.txt", "null\x00.txt", "ünïcödé 中文.txt", ".txt.txt",
    ],
)  # fmt: skip
def test_hostile_names_of_files_become_harmless(acme_story, bernd, name):
    """Stored and handed out under a name without paths, control characters and markup."""
    number = acme_story.tickets["main"].number
    body = f'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nMit Datei {len(name)}\r\n--b\r\n'.encode()
    quoted = name.replace('"', "%22").replace("\r\n", "%0D%0A")
    body += f'Content-Disposition: form-data; name="files"; filename="{quoted}"\r\n'.encode()
    body += b"Content-Type: text/plain\r\n\r\nInhalt\r\n--b--\r\n"
    answer = bernd.post(f"/requests/{number}/replies/", body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 303, said(answer)
    with viewing_as(SYSTEM):
        attachment = Message.objects.latest("pk").attachments.get()
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202e<>]", attachment.name)
    assert len(attachment.name) <= 120
    sent = bernd.get(f"/files/{attachment.pk}/")
    assert "\n" not in sent.headers["Content-Disposition"]
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert "<script>" not in text_of(bernd.get(f"/requests/{number}/"))


# Text ---------------------------------------------------------------------------------------------------------------


def test_markup_in_every_text_is_shown_as_text(acme_story, bernd, anna):
    """Whatever a customer or a specialist types, both sides see letters, never tags, never results of templates."""
    story = acme_story
    answer = bernd.post("/requests/new/", request_data(story, title=EVIL[:150], description=EVIL, tried=EVIL))
    assert answer.status_code == 303, said(answer)
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.latest("pk")
    path = f"/desk/tickets/{ticket.number}"
    sent = [
        bernd.post(f"/requests/{ticket.number}/replies/", {"text": f"{EVIL} noch einmal"}),
        anna.post(f"{path}/messages/", {"kind": "note", "text": EVIL}),
        anna.post(f"{path}/concerns/", {"titles": f"2 {EVIL[:140]}\n3 {EVIL[:140]}"}),
        anna.post(f"{path}/concerns/1/title/", {"title": EVIL[:150]}),
        anna.post(f"{path}/concerns/1/cost-notice/", notice_data(story, reason=EVIL, scope=EVIL, exclusions=EVIL)),
        anna.post(
            f"/desk/tickets/{story.tickets['work'].number}/restoration/", {"at": moment(story.now), "workaround": EVIL}
        ),
    ]
    assert [one.status_code for one in sent] == [303] * len(sent), [said(one) for one in sent]
    with viewing_as(SYSTEM):
        offer = CostOffer.objects.latest("pk")
    decided = {"choice": "accept", "cap": "full", "order_number": EVIL[:60], "text_hash": offer.text_hash}
    summary = bernd.post(f"/offers/{offer.number}/decision/", decided)
    assert bernd.post(f"/offers/{offer.number}/decision/", {**decided, "confirmed": "1"}).status_code == 303
    objected = bernd.post(f"/requests/{ticket.number}/concerns/1/objection/", {"text": EVIL})
    assert objected.status_code == 303
    pages = [summary]
    for path in ("/", "/requests/", f"/requests/{ticket.number}/", f"/offers/{offer.number}/decision/", "/decisions/"):
        pages.append(bernd.get(path))
    for path in ("/desk/lists/all-open/", f"/desk/tickets/{ticket.number}/", f"/desk/tickets/{ticket.number}/history/",
                 f"/desk/tickets/{ticket.number}/times/"):  # fmt: skip
        pages.append(anna.get(path))
    for page in pages:
        assert page.status_code == 200
        assert [raw for raw in _RAW if raw in text_of(page)] == []
    assert "&lt;script&gt;" in text_of(pages[3])


LONG = "x" * 25_000
TEXTS = {"nul": "Hallo\x00Welt", "control": "Hallo\x07", "too long": LONG, "blank": " \u200b "}


def text_fields(story) -> list[tuple[str, str, dict, str]]:
    """Who, address, other fields and the field: every form in which people write."""
    number, solved = story.tickets["main"].number, story.tickets["solved"].number
    desk, when = f"/desk/tickets/{number}", moment(story.now)
    offer = f"/offers/{story.offers['sent'].number}/decision/"
    hash_ = story.offers["sent"].text_hash
    return [
        ("bernd", "/requests/new/", request_data(story), "title"),
        ("bernd", "/requests/new/", request_data(story), "description"),
        ("bernd", f"/requests/{number}/replies/", {}, "text"),
        ("bernd", f"/requests/{number}/concerns/2/objection/", {}, "text"),
        ("bernd", f"/requests/{solved}/reopening/", {}, "text"),
        ("bernd", f"/service-records/{story.things['records'][1].pk}/objection/", {}, "reason"),
        ("bernd", "/wishes/consulting/new/", request_data(story), "wish"),
        ("bernd", "/wishes/training/new/", request_data(story), "wish"),
        ("bernd", offer, {"choice": "counter", "text_hash": hash_, "confirmed": "1"}, "proposal"),
        ("anna", f"{desk}/messages/", {"kind": "reply"}, "text"),
        ("anna", f"{desk}/messages/", {"kind": "note"}, "text"),
        ("anna", f"{desk}/concerns/1/title/", {}, "title"),
        ("anna", f"{desk}/restoration/", {"at": when}, "workaround"),
        ("anna", f"{desk}/solution/", {"resolution_kind": "use_clarified"}, "solution"),
        ("anna", f"{desk}/concerns/8/defect/", {"sure": "on"}, "reason"),
        ("anna", f"/desk/tickets/{story.tickets['work'].number}/concerns/1/goodwill/", {"minutes": "5"}, "reason"),
        ("anna", f"{desk}/consents/", {"contact": story.cast.bernd.pk, "way": "phone", "at": when}, "purpose"),
    ]


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_cannot_be_kept_is_refused_in_every_form(acme_story, bernd, anna, case):
    before, clients = fingerprint(), {"bernd": bernd, "anna": anna}
    wrong = {}
    for who, path, data, field in text_fields(acme_story):
        answer = clients[who].post(path, {**data, field: TEXTS[case]})
        if answer.status_code not in (409, 422):
            wrong[f"{path} {field}"] = answer.status_code
    assert wrong == {}
    assert set(changed(before)) <= {"tickets_requestdraft", "billing_decisionattempt"}


@pytest.mark.parametrize("case", ["nul", "control", "too long"])
def test_a_draft_of_unusable_text_breaks_nothing(acme_story, bernd, case):
    answer = bernd.post("/requests/new/draft/", request_data(acme_story, description=TEXTS[case]))
    assert answer.status_code in (303, 422)
    assert bernd.get("/requests/new/").status_code == 200
    with viewing_as(SYSTEM):
        assert "\x00" not in str(RequestDraft.objects.get(contact=acme_story.cast.bernd).data)

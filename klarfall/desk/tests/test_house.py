"""The house at the desk: profile, colour, logo, and the public pages that come of it."""

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from klarfall.accounts.actions.vendor import HouseData, HouseRefused, change_house
from klarfall.core import mail, vendor
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from klarfall.desk.tests.conftest import at, text
from tests.cast import NOW, make_staff

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Nordlicht Software", "legal_name": "Kontor Software GmbH", "address": "Kai 7\n20457 Hamburg",
    "number_prefix": "KS", "time_zone": "Europe/Berlin", "mail_from": "hilfe@kontor.example", "offer_valid_days": "21",
    "legal_notice": "Wir beraten nicht im Recht.", "accent": "#0B5D4E", "public_pages": "on",
}  # fmt: skip


@pytest.fixture
def hedwig(db):
    """The administrator."""
    return make_staff("Hedwig", "administrator")


@pytest.fixture
def hedwigs(desk_of, hedwig):
    return desk_of(hedwig)


def profile():
    with viewing_as(SYSTEM):
        return VendorProfile.objects.get(pk=1)


def changed(actor, **data):
    with viewing_as(SYSTEM):
        return change_house(data=HouseData(**{"name": "Kontor", **data}), actor=actor, now=NOW)


def picture(kind="PNG", size=(300, 80), name="logo.png", colour="#0b5d4e"):
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return SimpleUploadedFile(name, written.getvalue())


def test_the_house_gets_name_sender_and_colour(hedwigs):
    assert hedwigs.post(at("house"), FORM).status_code == 303
    found = profile()
    assert (found.name, found.mail_from, found.accent) == ("Nordlicht Software", "hilfe@kontor.example", "#0b5d4e")
    assert (found.number_prefix, found.offer_valid_days, found.public_pages) == ("KS", 21, True)
    assert mail.sender() == "hilfe@kontor.example"
    page = Client().get("/account/login/").content.decode()
    assert "Nordlicht Software" in page
    style = re.search(r'href="(/brand\.css\?v=0b5d4e)"', page)
    sheet = Client().get(style[1])
    assert "light-dark(#0b5d4e," in sheet.content.decode()
    assert "immutable" in sheet["Cache-Control"]
    assert "immutable" not in Client().get("/brand.css?v=ffffff")["Cache-Control"]


def test_the_trail_names_fields_and_no_words(hedwigs):
    hedwigs.post(at("house"), FORM)
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="house.changed")
    assert set(entry.data) == {"fields"}
    assert {"name", "accent", "mail_from"} <= set(entry.data["fields"])


def test_saving_what_stands_changes_nothing(hedwigs):
    hedwigs.post(at("house"), FORM)
    hedwigs.post(at("house"), FORM)
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="house.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("accent", "#ffcc00", "4,5|4.5"),
        ("accent", "gelb", "sechs Ziffern"),
        ("number_prefix", "K-1", "Buchstaben"),
        ("number_prefix", "", "Pflichtfeld|erforderlich"),
        ("time_zone", "Europe/Entenhausen", "gültige|Liste"),
        ("mail_from", "nobody", "E-Mail"),
        ("imprint_url", "javascript:alert(1)", "http|URL|gültige"),
        ("name", "   ", "Pflichtfeld|erforderlich"),
        ("offer_valid_days", "0", "1"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(hedwigs, field, value, words):
    before = profile().name
    answer = hedwigs.post(at("house"), {**FORM, field: value})
    assert answer.status_code == 422
    assert re.search(words, text(answer))
    assert profile().name == before


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "A" * 121},
        {"imprint_url": "javascript:alert(1)"},
        {"imprint_url": "//evil.example"},
        {"mail_from": "a@b.example\nBcc: all@b.example"},
        {"privacy_text": "x" * 60_001},
        {"accent": "#12345;"},
        {"time_zone": "../../etc/passwd"},
    ],
)
def test_the_action_refuses_what_no_form_sends(hedwig, cast, data):
    with pytest.raises(HouseRefused):
        changed(hedwig, **data)


def test_signs_that_no_page_can_show_are_left_out(hedwig, cast):
    found = changed(hedwig, name="Kon\x00tor\u202e", address="Kai 7\r\n20457 Hamburg\x07")
    assert (found.name, found.address) == ("Kontor", "Kai 7\n20457 Hamburg")


def test_numbers_and_days_that_were_told_stay(hedwig, make_ticket):
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(number_prefix="KF")
    make_ticket()
    changed(hedwig, number_prefix="KF", time_zone=profile().time_zone)
    with pytest.raises(HouseRefused) as refused:
        changed(hedwig, number_prefix="NEU", time_zone=profile().time_zone)
    assert refused.value.field == "number_prefix"
    with pytest.raises(HouseRefused) as refused:
        changed(hedwig, number_prefix="KF", time_zone="Asia/Tokyo")
    assert refused.value.field == "time_zone"


def test_others_do_not_change_the_house(desk_of, cast):
    assert desk_of(cast.dora).get(at("house")).status_code == 404
    assert desk_of(cast.dora).post(at("house"), FORM).status_code == 404
    with pytest.raises(NotAllowed):
        changed(cast.dora)


def test_the_page_says_what_is_missing(hedwigs):
    page = text(hedwigs.get(at("house")))
    assert "Fehlt noch" in page
    hedwigs.post(at("house"), FORM | {"imprint_text": "Kontor", "privacy_url": "https://kontor.example/ds"})
    assert "Fehlt noch" not in text(hedwigs.get(at("house")))


def test_a_colour_is_looked_at_before_it_is_saved(hedwigs):
    page = hedwigs.get(at("house-accent"), {"accent": "#ffcc00"}, headers={"HX-Request": "true"}).content.decode()
    assert "accent-look" in page
    assert 'fill="#ffcc00"' not in page  # drawn is the nearest one that can be read
    assert "<html" not in page
    assert profile().accent == ""
    hostile = hedwigs.get(at("house-accent"), {"accent": '"><script>'}).content.decode()
    assert "<script>" not in hostile


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_stands_on_every_page(hedwigs, kind):
    assert hedwigs.post(at("house-logo"), {"logo": picture(kind, name="logo.exe")}).status_code == 303
    page = Client().get("/account/login/").content.decode()
    address = re.search(r'src="(/brand/logo/\?v=\w+)"', page)[1]
    answer = Client().get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (300, 80)


def test_a_logo_goes_with_its_file(hedwigs, django_capture_on_commit_callbacks):
    hedwigs.post(at("house-logo"), {"logo": picture()})
    first = profile().logo_key
    with django_capture_on_commit_callbacks(execute=True):
        hedwigs.post(at("house-logo"), {"logo": picture(colour="#aa0000")})
    second = profile().logo_key
    assert (default_storage.exists(first), default_storage.exists(second)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        hedwigs.post(at("house-logo"), {"remove": "1"})
    assert (profile().logo_key, default_storage.exists(second)) == ("", False)
    assert Client().get("/brand/logo/").status_code == 404


def hidden_script():
    """A picture that goes on as a page: behind the last byte of the picture there is a script."""
    clean = picture()
    return SimpleUploadedFile("logo.png", clean.read() + b"<script>alert(1)</script>")


def test_nothing_but_the_picture_is_kept(hedwigs):
    hedwigs.post(at("house-logo"), {"logo": hidden_script()})
    assert b"<script>" not in Client().get("/brand/logo/").content


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        SimpleUploadedFile("logo.png", b"<html>"),
        SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30),
        SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 1_100_000),
        picture("GIF", name="logo.png"),
        picture(size=(6100, 4)),
    ],
    ids=["svg", "page", "broken", "large", "gif", "wide"],
)
def test_other_files_are_refused(hedwigs, file):
    assert hedwigs.post(at("house-logo"), {"logo": file}).status_code == 422
    assert profile().logo_key == ""


def test_legal_pages_show_the_text_or_lead_elsewhere(hedwigs):
    assert Client().get("/imprint/").status_code == 404
    foot = Client().get("/account/login/").content.decode()
    assert ("/imprint/" in foot, "/accessibility/" in foot) == (False, True)
    hedwigs.post(at("house"), FORM | {"imprint_text": "Kontor <b>GmbH</b>\nKai 7\n\nZweiter Absatz"})
    page = Client().get("/imprint/").content.decode()
    assert "Kontor &lt;b&gt;GmbH&lt;/b&gt;<br>Kai 7</p>" in page
    assert "/imprint/" in Client().get("/account/login/").content.decode()
    hedwigs.post(at("house"), FORM | {"imprint_text": "x", "imprint_url": "https://kontor.example/impressum"})
    assert Client().get("/imprint/")["Location"] == "https://kontor.example/impressum"


def test_the_accessibility_statement_is_there_from_the_start(hedwigs):
    hedwigs.post(at("house"), FORM)
    page = text(Client().get("/accessibility/"))
    assert "WCAG" in page
    assert "hilfe@kontor.example" in page
    hedwigs.post(at("house"), FORM | {"accessibility_text": "Unsere eigene Erklärung"})
    assert "Unsere eigene Erklärung" in text(Client().get("/accessibility/"))


def test_a_new_house_has_no_profile_yet(hedwigs):
    with viewing_as(SYSTEM):
        VendorProfile.objects.all().delete()
    vendor.forget()
    assert hedwigs.get(at("house")).status_code == 200
    assert hedwigs.post(at("house"), FORM).status_code == 303
    assert profile().name == "Nordlicht Software"


def test_buttons_of_mails_have_the_colour(hedwigs):
    hedwigs.post(at("house"), FORM)
    card = {"meaning": "you", "verdict": "Ja", "lead": "Ja", "rows": [], "button": ("Ansehen", "https://x.example")}
    with viewing_as(SYSTEM):
        html = (
            mail.engines["jinja2"]
            .env.get_template("core/mail.html")
            .render(vendor=profile(), language="de", subject="Ja", title="Ja", card=card)
        )
    assert 'bgcolor="#0b5d4e"' in html

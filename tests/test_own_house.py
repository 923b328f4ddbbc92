"""An own house: set up in a browser from an empty database, and without a word of the demo's vendor anywhere."""

import io
import re
from pathlib import Path

import pypdf
import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from klarfall.billing.invoicing.zugferd import write_pdf as invoice_pdf
from klarfall.billing.records.pdf import document as record_pdf
from klarfall.channels import mail_texts
from klarfall.channels.mail_samples import sample
from klarfall.channels.mail_texts import KINDS, Words
from klarfall.contracts.template import CLAUSES, TILES
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from tests.addresses import addresses
from tests.people import Windows
from tests.queue import run_jobs

ROOT = Path(__file__).resolve().parent.parent
#: What tells the demo's vendor: its name, products, people, addresses, numbers.
DEMO_WORDS = (
    *("Aareon", "IMMOManagement", "PowerHaus", "Wohnwerk", "Archiv Connect", "archiv-connect"),
    *("demo.invalid", "38000 1078", "Beispielstraße", "Katrin Vogt"),
)
FOUND = re.compile("|".join(map(re.escape, DEMO_WORDS)), re.IGNORECASE)
TEXTS = {".py", ".html", ".txt", ".css", ".js", ".typ", ".po", ".md", ".toml", ".svg", ".sql", ".json"}
PASSWORD = "Ein langer Satz 7"


def words_in(text: str) -> set[str]:
    return set(FOUND.findall(text))


def test_the_words_are_those_of_the_demo():
    """Otherwise the tests below would look for nothing."""
    demo = "\n".join(path.read_text() for path in (ROOT / "klarfall" / "demo").rglob("*.py"))
    assert {word.lower() for word in words_in(demo)} == {word.lower() for word in DEMO_WORDS}


def test_no_part_of_the_product_but_the_demo_names_its_vendor():
    told = []
    for path in [*(ROOT / "klarfall").rglob("*"), *(ROOT / "locale").rglob("*"), *(ROOT / "docs" / "guide").rglob("*")]:
        parts = path.relative_to(ROOT).parts
        if parts[:2] == ("klarfall", "demo") or "tests" in parts or path.suffix not in TEXTS:
            continue
        told += [f"{path.relative_to(ROOT)}: {word}" for word in words_in(path.read_text(encoding="utf-8"))]
    assert told == []
    assert words_in(repr((CLAUSES, TILES))) == set()


def read(answer) -> str:
    """What somebody reads in an answer: the page or the table."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", errors="replace")


def test_no_page_mail_pdf_or_table_of_another_vendor_names_the_demos(acme_story):
    """Every address, as somebody who may open it; the story holds everything that can be."""
    story = acme_story
    readers = (
        ("/desk/billing/", story.things["biller"]), ("/desk/settings/", story.things["admin"]),
        ("/desk/setup/", story.things["admin"]), ("/desk/", story.cast.anna), ("/costs/", story.gesa.user),
        ("/invoices/", story.gesa.user), ("/account/", None), ("/", story.cast.bernd.user),
    )  # fmt: skip
    told, kinds = set(), set()
    for one in addresses(story):
        client, user = Client(), next(user for begins, user in readers if one.path.startswith(begins))
        if user is not None:
            client.force_login(user)
        answer = client.get(one.path)
        if answer.status_code == 200:
            kinds.add(answer.get("Content-Type", "").partition(";")[0])
            told |= {f"{one.path}: {word}" for word in words_in(read(answer))}
    assert told == set()
    assert {"text/html", "text/csv", "text/css"} <= kinds


def test_no_document_of_another_vendor_names_the_demos(acme_story):
    records, invoice = acme_story.things["records"], acme_story.things["invoice"]
    with viewing_as(SYSTEM):
        documents = [*(record_pdf(one) for one in records), invoice_pdf(invoice)]
    for content in documents:
        found = pypdf.PdfReader(io.BytesIO(content))
        text = "\n".join(page.extract_text() for page in found.pages) + str(found.metadata)
        assert "Kontor" in text
        assert words_in(text) == set()


def test_no_mail_of_another_vendor_names_the_demos(acme_story):
    run_jobs()
    written = [f"{one.subject} {one.body} {one.alternatives} {one.from_email}" for one in mail.outbox]
    assert len(written) >= 5
    with viewing_as(SYSTEM):
        for kind in KINDS:
            for language in ("de", "en"):
                found = sample(kind, Words(), language=language, reader=acme_story.cast.anna, now=timezone.now())
                written.append(f"{found.subject} {found.text} {found.html} {mail_texts.readers(kind)}")
    assert [word for text in written for word in words_in(text)] == []


@pytest.fixture
def windows(committed_db, live_server, browser, browser_context_args):
    """Browser windows in front of a house in which nobody is yet."""
    cache.clear()
    found = Windows(browser, live_server.url, browser_context_args)
    yield found
    found.close()


@pytest.mark.browser
def test_from_an_empty_database_to_a_portal_with_the_vendors_name(windows):
    nora = windows()
    nora.go("/")
    nora.sees("Eigenes Haus einrichten")
    for label, text in (
        ("Name Ihres Unternehmens", "Nordlicht Software"), ("Ihr Name", "Nora Nord"),
        ("Ihre dienstliche E-Mail-Adresse", "nora@nordlicht.example"),
    ):  # fmt: skip
        nora.fill(label, text)
    nora.page.locator("#id_password1").fill(PASSWORD)
    nora.page.locator("#id_password2").fill(PASSWORD)
    nora.click("Beginnen")
    nora.fill("Name des Produkts", "Hafenmeister")
    nora.fill("Bereiche", "Liegeplätze\nGebühren")
    nora.click("Speichern und weiter")
    nora.fill("Telefon", "0431 1234-0")
    nora.click("Speichern und weiter")
    nora.sees("Feiertage")
    nora.click("Produkte", "link")  # back, and on again
    nora.sees("Hafenmeister")
    nora.click("Servicezeiten", "link")
    nora.page.select_option("#id_state", "SH")
    nora.click("Speichern und weiter")
    for field in nora.page.locator("input[name$=_rate]").all():
        field.fill("120")
    nora.click("Veröffentlichen und weiter")
    nora.click("Diesen Schritt überspringen", "link")
    nora.click("Portal öffnen")
    nora.sees("Ihr Portal ist offen", "Was danach kommt")
    visitor = windows()
    for path, words in (
        ("/contact/", ("Nordlicht Software", "Hafenmeister", "0431")),
        ("/catalogue/", ("Nordlicht Software",)),
        ("/accessibility/", ("Nordlicht Software",)),
        ("/account/login/", ("Nordlicht Software", "Anmelden")),
    ):
        visitor.go(path)
        visitor.sees(*words)
        assert words_in(visitor.page.content()) == set()
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().set_up_at is not None

"""The files of an invoice: made, checked and stored; handed out as they are."""

import hashlib
from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import override

from klarfall.billing.invoicing.cii import Guideline, write_xml
from klarfall.billing.invoicing.missing import lacking_for_xrechnung
from klarfall.billing.invoicing.validation import problems
from klarfall.billing.invoicing.zugferd import write_pdf
from klarfall.billing.models import Invoice
from klarfall.core.seals import digest


@dataclass(frozen=True)
class Papers:
    """PDF (ZUGFeRD), XRechnung where the data suffice, and the rules that either of them breaks (code: words)."""

    pdf: bytes
    xml: bytes | None
    problems: list[str] = field(default_factory=list)


def make(invoice: Invoice) -> Papers:
    """Make and check the files of an invoice, in the vendor's language; stores nothing. Raises NotTypeset."""
    with override(settings.LANGUAGE_CODE):
        embedded = write_xml(invoice, Guideline.EN16931)
        found = problems(embedded, Guideline.EN16931)
        xml = write_xml(invoice, Guideline.XRECHNUNG) if takes_xrechnung(invoice) else None
        if xml is not None:
            found += [one for one in problems(xml, Guideline.XRECHNUNG) if one not in found]
        return Papers(write_pdf(invoice, embedded), xml, [f"{one.rule}: {one.text}" for one in found])


def takes_xrechnung(invoice: Invoice) -> bool:
    """Are the data there that an XRechnung needs beside those of every invoice?"""
    return not (lacking_for_xrechnung(invoice.seller, "seller") or lacking_for_xrechnung(invoice.buyer, "buyer"))


def store(invoice: Invoice, content: bytes, kind: str) -> tuple[str, str]:
    """Write a file to the private store; returns key and SHA-256. The key is settled: trying again leaves no rest."""
    key = f"documents/{digest([kind, invoice.pk, invoice.content_hash])[:32]}"
    default_storage.delete(key)
    return default_storage.save(key, ContentFile(content)), hashlib.sha256(content).hexdigest()

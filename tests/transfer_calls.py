"""Who may import and export: the calls of the permission sweep."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.transfer.actions import exports, imports
from klarfall.transfer.imports.customers import CustomerImporter
from klarfall.transfer.models import HouseExport, ImportRun
from klarfall.transfer.reading.lines import Unreadable


def _table(t: Any) -> ImportRun:
    content = b"Kundennummer;Name\r\n4711;Neu\r\n"
    return imports.take_in(kind="customers", file=BytesIO(content), name="x.csv", size=len(content), **t.who)


def _run(t: Any) -> ImportRun:
    with viewing_as(SYSTEM):
        return ImportRun.objects.get(pk=t.thing("import").pk)


def _export(t: Any) -> HouseExport:
    with viewing_as(SYSTEM):
        return HouseExport.objects.get(pk=t.thing("export").pk)


def _chunk(t: Any) -> None:
    importer = CustomerImporter(_run(t), t.story.now, writing=False)
    imports.keep_found(importer.run, plans=[], importer=importer, cursor=0, actor=t.user)


def _finished(t: Any) -> HouseExport:
    what = {"key": "exports/x.zip", "sha256": "0" * 64, "size": 1, "problem": ""}
    return exports.finish_export(_export(t), **what, **t.who)


CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    imports.take_in: ("data.import", _table),
    imports.confirm: ("data.import", lambda t: imports.confirm(_run(t), **t.who)),
    imports.discard: ("data.import", lambda t: imports.discard(_run(t), **t.who)),
    imports.start_over: ("data.import", lambda t: imports.start_over(_run(t), **t.who)),
    imports.discard_old: ("data.import", lambda t: imports.discard_old(**t.who)),
    imports.keep_found: ("data.import", _chunk),
    imports.begin_check: (
        "data.import",
        lambda t: imports.begin_check(_run(t), rows=1, unknown=[], actor=t.user),
    ),
    imports.end_check: ("data.import", lambda t: imports.end_check(_run(t), actor=t.user)),
    imports.refuse: ("data.import", lambda t: imports.refuse(_run(t), problem=Unreadable("x"), **t.who)),
    imports.end_import: ("data.import", lambda t: imports.end_import(_run(t), **t.who)),
    imports.invite_imported: ("data.import", lambda t: imports.invite_imported(_run(t), **t.who)),
    exports.start_export: ("data.export", lambda t: exports.start_export(**t.who)),
    exports.finish_export: ("data.export", _finished),
    exports.hand_out: ("data.export", lambda t: exports.hand_out(_export(t), **t.who)),
    exports.list_taken: ("data.export", lambda t: exports.list_taken("customers", **t.who)),
    exports.remove_old: ("data.export", lambda t: exports.remove_old(**t.who)),
}

"""The kinds of help and the areas of a product as pages show them: names, a line about each, an icon."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.knowledge.models import ArticleKind

#: What a kind looks like.
KIND_ICONS = {
    ArticleKind.KNOWLEDGE.value: "file",
    ArticleKind.UPDATE.value: "layers",
    ArticleKind.MANUAL.value: "book",
    ArticleKind.QUICK_START.value: "bolt",
    ArticleKind.VIDEO.value: "video",
}
#: Beginnings of words in the names of areas -> icon; the first that occurs counts.
_AREA_ICONS = (
    (("miet", "rent"), "key"),
    (("betriebskost", "heiz", "nebenkost", "verbrauch", "messdienst", "heating"), "gauge"),
    (("zahlung", "bank", "lastschrift", "payment"), "bank"),
    (("finanz", "buchhalt", "hauptbuch", "kasse", "ledger", "account"), "coins"),
    (("weg", "eigent", "objekt", "immobil", "owner"), "building"),
    (("stamm", "vertr", "adress", "kontakt", "master"), "id-card"),
    (("instand", "technik", "handwerk", "auftr", "wartung", "repair"), "wrench"),
    (("auswert", "bericht", "statist", "report"), "chart"),
    (("install", "system", "server", "schnittst", "server"), "server"),
    (("dokument", "archiv", "beleg", "druck"), "file"),
    (("mahn", "termin", "frist"), "calendar"),
    (("benutz", "person", "rechte", "user"), "people"),
)


@dataclass(frozen=True)
class Kind:
    """A kind of help in words: one, several, and what it is good for."""

    code: str
    one: str
    many: str
    note: str
    icon: str


def kinds() -> dict[str, Kind]:
    """All kinds in their usual order, in the reader's language."""
    words = {
        ArticleKind.KNOWLEDGE: (_("Knowledge articles"), _("One question, one solution")),
        ArticleKind.UPDATE: (_("Update descriptions"), _("What changes with each version")),
        ArticleKind.MANUAL: (_("Manuals"), _("Everything about one module")),
        ArticleKind.QUICK_START: (_("Quick starts"), _("Ready to go in ten minutes")),
        ArticleKind.VIDEO: (_("Videos"), _("Watch, with captions")),
    }
    return {
        kind.value: Kind(kind.value, str(kind.label), many, note, KIND_ICONS[kind.value])
        for kind, (many, note) in words.items()
    }


def area_icon(name: str) -> str:
    """The icon of an area, by what its name speaks of; areas are named by the vendor."""
    words = name.lower().replace("-", " ").split()
    for beginnings, icon in _AREA_ICONS:
        if any(word.startswith(beginnings) for word in words):
            return icon
    return "tag"


def area_note(numbers: dict[str, int], most: int = 1_000) -> str:
    """`64 Artikel, 9 Videos`: how much there is in an area."""
    videos = numbers.get(ArticleKind.VIDEO.value, 0)
    others = sum(numbers.values()) - videos
    parts = []
    if others:
        shown = f"{most}+" if others > most else others
        parts.append(ngettext("%(number)s article", "%(number)s articles", others) % {"number": shown})
    if videos:
        shown = f"{most}+" if videos > most else videos
        parts.append(ngettext("%(number)s video", "%(number)s videos", videos) % {"number": shown})
    return ", ".join(parts)

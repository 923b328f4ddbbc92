"""Names of files: harmless, telling where a part has none, never twice the same."""

from collections import Counter

from klarfall.incoming.parsing import parameters
from klarfall.incoming.parsing.tree import Part
from klarfall.tickets import file_names

_EXTENSIONS = {
    "application/gzip": "gz",
    "application/json": "json",
    "application/ms-tnef": "dat",
    "application/msword": "doc",
    "application/octet-stream": "bin",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/xml": "xml",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "audio/x-wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/webp": "webp",
    "message/delivery-status": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/rtf": "rtf",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/xml": "xml",
    "video/mp4": "mp4",
}
#: Files that have one name only, whoever sends them.
_USUAL = {
    "text/calendar": "invite.ics",
    "application/ms-tnef": "winmail.dat",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
}


def declared(part: Part) -> str:
    """The name that the part gives itself, as it stands; empty without one."""
    return disposition(part)[1].get("filename", "") or part.parameters.get("name", "")


def disposition(part: Part) -> tuple[str, dict[str, str]]:
    """Content-Disposition: `attachment`, `inline` or empty, and its parameters."""
    value = part.header("content-disposition")
    return parameters.split(value) if value else ("", {})


def usual(content_type: str, number: int) -> str:
    """A name for a part that has none, by its type and its place in the mail."""
    return _USUAL.get(content_type) or f"part-{number}.{_EXTENSIONS.get(content_type, 'bin')}"


def distinct(names: list[str]) -> list[str]:
    """Harmless names; one that stands there already gets ` (2)`."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    result = []
    for name in map(file_names.clean, names):
        candidate = name
        while candidate.lower() in taken:
            seen[name.lower()] += 1
            stem, dot, suffix = name.rpartition(".")
            mark = f" ({seen[name.lower()] + 1})"
            candidate = f"{stem[: file_names.LONGEST - 20]}{mark}.{suffix}" if dot else f"{name[:100]}{mark}"
        taken.add(candidate.lower())
        result.append(candidate)
    return result

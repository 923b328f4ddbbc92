"""Hand out the files of articles: whole or in parts, streamed, and so that no browser runs anything in them."""

from typing import IO

from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from klarfall.core.isolation import ViewerKind, current_viewer
from klarfall.knowledge.models import Edition, KnownProblem, Media, MediaUse
from klarfall.knowledge.ranges import Part, Unsatisfiable, counts, is_known, wanted_part
from klarfall.knowledge.status import EditionStatus

#: Types that a page shows; everything else is only saved.
SHOWN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "text/vtt",
    }
)
#: Kept by the reader's browser only, and asked for anew: the right to read it may end.
_FOR_ONE = "private, no-cache"
#: What visitors get is for everybody. It never changes, but it may be withdrawn or deleted for good: so not for ever.
_FOR_ALL = "public, max-age=3600"
_NOT_MODIFIED, _PARTIAL, _UNSATISFIABLE = 304, 206, 416


def is_named(media: Media) -> bool:
    """Whether something that the viewer in force reads shows the file: its number alone leads to no picture of a draft.

    Videos with what belongs to them are their article's, whatever its texts say.
    """
    if media.use not in (MediaUse.PICTURE, MediaUse.FILE):
        return True
    word = f"media:{media.pk}"
    rows = Edition.objects.filter(body__contains=word, body__regex=f"{word}([^0-9]|$)")
    # Nearly always its own article; a text may show a picture of another one as well.
    if rows.filter(article=media.article_id).exists() or rows.filter(status=EditionStatus.PUBLISHED).exists():
        return True
    texts = ("symptoms", "symptoms_en", "workaround", "workaround_en")
    told = Q(*((f"{name}__regex", f"{word}([^0-9]|$)") for name in texts), _connector=Q.OR)
    return bool(KnownProblem.objects.filter(told).exists())


class _Slice:
    """A part of an open file, for FileResponse to read from."""

    def __init__(self, file: IO[bytes], part: Part) -> None:
        self._file, self._left = file, part.length
        file.seek(part.first)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` of them; none behind the part."""
        content = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(content)
        return content

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def handed_out(media: Media, request: HttpRequest) -> HttpResponseBase:
    """A file that the viewer has fetched: 200, 206, 304 or 416, with `?download` always for saving.

    Raises Http404 when its content is not there.
    """
    etag = f'"{media.sha256}"'
    headers = _headers(media, etag, saved="download" in request.GET)
    if is_known(request.headers.get("If-None-Match"), etag):
        return HttpResponse(status=_NOT_MODIFIED, headers=headers)
    if request.method == "HEAD":
        return HttpResponse(headers={**headers, "Content-Length": str(media.size)})
    try:
        part = _part(request, media.size, etag)
    except Unsatisfiable:
        return HttpResponse(status=_UNSATISFIABLE, headers={**headers, "Content-Range": f"bytes */{media.size}"})
    response = FileResponse(_content(media, part))
    if part is not None:
        response.status_code = _PARTIAL
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{media.size}"
    headers["Content-Length"] = str(part.length if part else media.size)
    for name, value in headers.items():  # afterwards: FileResponse guesses some of them
        response[name] = value
    return response


def _part(request: HttpRequest, size: int, etag: str) -> Part | None:
    header = request.headers.get("Range")
    if not header or not counts(request.headers.get("If-Range"), etag):
        return None
    return wanted_part(header, size)


def _content(media: Media, part: Part | None) -> IO[bytes] | _Slice:
    try:
        file: IO[bytes] = default_storage.open(media.key, "rb")
    except FileNotFoundError:
        raise Http404 from None
    return file if part is None else _Slice(file, part)


def _reads_public() -> bool:
    viewer = current_viewer()
    return viewer is not None and viewer.kind is ViewerKind.NOBODY


def _headers(media: Media, etag: str, *, saved: bool) -> dict[str, str]:
    """Headers of every answer. The type was found by looking at the content when it was stored.

    Sandbox and `nosniff` keep a browser from running anything even where we erred then.
    """
    shown = media.content_type in SHOWN
    return {
        "Content-Type": media.content_type if shown else "application/octet-stream",
        "Content-Disposition": content_disposition_header(saved or not shown, media.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": _FOR_ALL if _reads_public() else _FOR_ONE,
    }

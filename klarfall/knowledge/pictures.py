"""Pictures of articles: read by Pillow and written anew, so that nothing but the picture is stored."""

from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from klarfall.core.action import Refused

MOST_BYTES = 15 * 1024 * 1024
_MOST_PIXELS = 24_000_000
#: Longer sides are scaled down: no screen shows more of a page.
_LONGEST_SIDE = 2_560
_MOST_FRAMES = 150
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class PictureRefused(Refused):
    """A file that is no picture for a page; says why."""

    code = "picture_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


def rewritten(file: IO[bytes]) -> tuple[BytesIO, str, int, int]:
    """The picture anew with its type, width and height: without places, cameras and comments. Raises PictureRefused."""
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise PictureRefused(_("A picture has at most %(most)s MB.") % {"most": MOST_BYTES >> 20})
    file.seek(0)
    try:
        with Image.open(file, formats=_FORMATS) as picture:
            _check(picture)
            return _written(picture)
    except PictureRefused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError):
        raise PictureRefused(_("This is no picture that pages can show: please use PNG, JPEG, WebP or GIF.")) from None


def _check(picture: Image.Image) -> None:
    frames = getattr(picture, "n_frames", 1)
    if picture.width * picture.height * frames > _MOST_PIXELS or frames > _MOST_FRAMES:
        words = _("This picture has too many pixels. Please make it smaller: at most %(most)s million.")
        raise PictureRefused(words % {"most": _MOST_PIXELS // 1_000_000})


def _written(picture: Image.Image) -> tuple[BytesIO, str, int, int]:
    kind = str(picture.format)
    target = BytesIO()
    if getattr(picture, "n_frames", 1) > 1:
        kind = "WEBP" if kind == "WEBP" else "GIF"
        picture.save(target, kind, save_all=True)
        width, height = picture.size
    else:
        kind = "PNG" if kind == "GIF" else kind
        still = _still(picture, kind)
        options = {"quality": 88, "optimize": True} if kind == "JPEG" else {"quality": 88} if kind == "WEBP" else {}
        still.save(target, kind, **options)
        width, height = still.size
    target.seek(0)
    return target, f"image/{kind.lower()}", width, height


def _still(picture: Image.Image, kind: str) -> Image.Image:
    """The picture upright and no larger than needed; a new one, so that nothing else goes along."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode not in ("RGB", "RGBA", "L", "LA", "P", "1"):
        turned = turned.convert("RGB")
    if max(turned.size) > _LONGEST_SIDE:
        turned = turned.convert("RGBA" if "A" in turned.getbands() or "transparency" in turned.info else "RGB")
        turned.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    if kind == "JPEG" and turned.mode not in ("RGB", "L"):
        turned = turned.convert("RGB")
    transparency = turned.info.get("transparency")
    turned.info = {} if transparency is None else {"transparency": transparency}
    return turned

"""The vendor's logo: what is uploaded is read as a picture and written anew, so that nothing else can hide in it."""

import hashlib
import io
import warnings

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from klarfall.core.action import Refused

MAX_BYTES = 1024 * 1024
MAX_SIDE = 6000
#: Longest side of what is kept, in pixels: twice as wide as it is ever shown.
_KEPT_SIDE = 640
_FORMATS = ("PNG", "JPEG", "WEBP")
CONTENT_TYPE = "image/png"


class LogoRefused(Refused):
    """The file is no picture that can be shown as a logo."""

    code = "logo_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="logo")


def redrawn(content: bytes) -> bytes:
    """The picture as PNG, no larger than needed. Raises LogoRefused.

    The content decides, not the name. Drawings (SVG) are refused: they can carry scripts.
    """
    if len(content) > MAX_BYTES:
        raise LogoRefused(_("The file is too large: at most 1 MB, please."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                if max(picture.size) > MAX_SIDE:
                    raise LogoRefused(_("The picture is too large: at most 6000 pixels on each side, please."))
                drawn = picture.convert("RGBA")
    except LogoRefused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError) as problem:
        raise LogoRefused(_("Please choose a picture: PNG, JPEG or WebP.")) from problem
    except (OSError, ValueError, SyntaxError, EOFError) as problem:
        raise LogoRefused(_("This picture is damaged and cannot be read.")) from problem
    drawn.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()


def store(content: bytes) -> str:
    """Write the picture into the private store; its key holds the hash, so that browsers may keep it for long."""
    key = f"brand/{hashlib.sha256(content).hexdigest()[:32]}.png"
    return key if default_storage.exists(key) else default_storage.save(key, ContentFile(content))

"""Articles for tests: written, published, with pictures and videos that are real files."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from klarfall.accounts.models import User
from klarfall.contracts.models import Product
from klarfall.knowledge.actions.articles import Content, create_article, publish_edition
from klarfall.knowledge.models import Edition
from tests.cast import NOW


def write(
    product: Product,
    actor: User,
    body: str = "Text.",
    *,
    title: str = "Lauf zurücknehmen",
    now: datetime = NOW,
    **more: Any,
) -> Edition:
    """A draft: a knowledge article for customers in German, unless the arguments say otherwise."""
    words = {name: more.pop(name) for name in Content.__dataclass_fields__ if name in more}
    given = {"kind": "knowledge", "area": None, "visibility": "customers", "language": "de", **more}
    content = Content(title=title, body=body, **words)
    return create_article(product=product, content=content, actor=actor, now=now, **given)


def publish(product: Product, actor: User, body: str = "Text.", *, now: datetime = NOW, **more: Any) -> Edition:
    """The same, published by `actor`, who may do that."""
    return publish_edition(write(product, actor, body, now=now, **more), actor=actor, now=now)


def picture(
    name: str = "bild.png", kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any
) -> SimpleUploadedFile:
    """A small picture as a browser sends it."""
    content = BytesIO()
    Image.new("RGB", size, "red").save(content, kind, **options)
    return SimpleUploadedFile(name, content.getvalue())


def film(name: str = "film.mp4", seconds: int = 83) -> SimpleUploadedFile:
    """The structures of an MP4 file of 640 × 360, without any picture in it."""
    movie = _box(b"moov", _mvhd(seconds), _box(b"trak", _tkhd(640, 360)))
    return SimpleUploadedFile(name, _box(b"ftyp", b"isom\0\0\2\0isommp42") + movie + _box(b"mdat", b"\0" * 64))


def _box(name: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4, "big") + name + content


def _mvhd(seconds: int) -> bytes:
    times = b"\0" * 8 + (1000).to_bytes(4, "big") + (seconds * 1000).to_bytes(4, "big")
    return _box(b"mvhd", b"\0" * 4 + times + b"\0" * 80)


def _tkhd(width: int, height: int) -> bytes:
    return _box(b"tkhd", b"\0" * 76 + (width << 16).to_bytes(4, "big") + (height << 16).to_bytes(4, "big"))


CAPTIONS = """WEBVTT

00:00.000 --> 00:02.500
Guten Tag, <i>hier</i> ist der Lauf.

00:03.000 --> 00:05.000
Jetzt prüfen.
""".encode()

"""Small real files for the demo's requests: a log as PDF, a picture of a message, a list as CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

Fill = Callable[[str], str]


@dataclass(frozen=True)
class Sample:
    """A file of a story; its lines may hold the same placeholders as all texts."""

    name: str
    lines: tuple[str, ...]

    def uploaded(self, fill: Fill) -> SimpleUploadedFile:
        """The file as a browser would send it."""
        lines = [fill(line) for line in self.lines]
        name = fill(self.name)
        make, content_type = _MAKERS[name.rpartition(".")[2]]
        return SimpleUploadedFile(name, make(lines), content_type)


def sample(name: str, *lines: str) -> Sample:
    """A file whose kind is that of its name: pdf, png or csv (fields separated by semicolons)."""
    return Sample(name, lines)


def _pdf(lines: Sequence[str]) -> bytes:
    """One page of text in PDF 1.4, with a correct table of objects."""
    rows = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    stream = f"BT /F1 11 Tf 15 TL 56 780 Td\n{rows}\nET".encode("cp1252", "replace")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    for number, body in enumerate(bodies, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table))
    return out.getvalue()


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _png(lines: Sequence[str]) -> bytes:
    """A picture of a program's message: title bar, text, button."""
    width, height = 620, 110 + 24 * len(lines)
    image = Image.new("RGB", (width, height), "#f4f5f7")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 32), fill="#27384f")
    draw.text((14, 9), lines[0], fill="white", font_size=14)
    for number, line in enumerate(lines[1:]):
        draw.text((28, 56 + 24 * number), line, fill="#1c2430", font_size=15)
    draw.rectangle((width - 110, height - 46, width - 24, height - 18), outline="#5b6b80", fill="white")
    draw.text((width - 78, height - 41), "OK", fill="#1c2430", font_size=15)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _csv(lines: Sequence[str]) -> bytes:
    """A list as a German office program exports it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(line.split(";") for line in lines)
    return out.getvalue().encode("utf-8-sig")


_MAKERS: dict[str, tuple[Callable[[Sequence[str]], bytes], str]] = {
    "pdf": (_pdf, "application/pdf"),
    "png": (_png, "image/png"),
    "csv": (_csv, "text/csv"),
}

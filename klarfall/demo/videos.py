"""Make the films and pictures of the demo's help anew, once what they show has changed.

    python -m klarfall.demo.videos

Writes klarfall/demo/help/videos and pictures: WebM (VP9) with captions, chapters and a poster. Needs the package `av`
of the development group; the demo itself reads the files.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from klarfall.demo import screens
from klarfall.demo.films import FILMS, MENUS, PICTURES, Shot

HELP = Path(__file__).parent / "help"
RATE = 10
#: Of a shot, the pointer moves for so many frames and presses for so many.
_MOVES, _PRESSES = 10, 6
_START = (760, 660)
_COLOURS = 64


def main() -> None:
    """Write everything."""
    for folder in ("videos", "pictures"):
        (HELP / folder).mkdir(exist_ok=True)
    for name, screen in PICTURES.items():
        _save(screens.draw(screen, MENUS), HELP / "pictures" / f"{name}.png")
    for name, shots in FILMS.items():
        write_film(shots, HELP / "videos" / f"{name}.webm")
        _save(screens.draw(shots[-2].screen, MENUS), HELP / "videos" / f"{name}.png")
        for place, language in enumerate(("de", "en")):
            stem = HELP / "videos" / name
            stem.with_suffix(f".{language}.vtt").write_text(captions(shots, language), "utf-8")
            stem.with_suffix(f".chapters.{language}.vtt").write_text(chapters(shots, place), "utf-8")


def frames(shots: Sequence[Shot]) -> Iterator[Image.Image]:
    """The pictures of a film: the pointer goes where a shot leads it, and presses."""
    place = _START
    for shot in shots:
        still = screens.draw(shot.screen, MENUS)
        goal = _goal(shot)
        for number in range(shot.seconds * RATE):
            moved = min(1.0, number / _MOVES)
            at = tuple(round(old + (new - old) * moved) for old, new in zip(place, goal, strict=True))
            frame = still.copy()
            screens.draw_pointer(frame, (at[0], at[1]), pressed=_MOVES <= number < _MOVES + _PRESSES)
            yield frame
        place = goal


def write_film(shots: Sequence[Shot], path: Path) -> None:
    """Encode the frames; still pictures make small files."""
    with av.open(str(path), "w", format="webm") as out:
        stream = out.add_stream("libvpx-vp9", rate=RATE)
        stream.width, stream.height = screens.SIZE
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, RATE)
        stream.options = {"crf": "34", "b": "0", "deadline": "good", "cpu-used": "4", "g": str(RATE * 5)}
        for frame in frames(shots):
            out.mux(stream.encode(av.VideoFrame.from_image(frame)))
        out.mux(stream.encode(None))


def captions(shots: Sequence[Shot], language: str) -> str:
    """WebVTT: what is said in each shot."""
    words = [shot.german if language == "de" else shot.english for shot in shots]
    ends = _ends(shots)
    return _vtt([(end - shot.seconds, end, text) for shot, end, text in zip(shots, ends, words, strict=True)])


def chapters(shots: Sequence[Shot], place: int) -> str:
    """WebVTT: where the chapters begin; the last one goes on until the end. `place` is that of the language."""
    ends = _ends(shots)
    begins = [(end - shot.seconds, shot.chapter[place]) for shot, end in zip(shots, ends, strict=True) if shot.chapter]
    until = [start for start, _title in begins[1:]] + [ends[-1]]
    return _vtt([(start, end, title) for (start, title), end in zip(begins, until, strict=True)])


def _ends(shots: Sequence[Shot]) -> list[int]:
    return [sum(shot.seconds for shot in shots[: place + 1]) for place in range(len(shots))]


def _vtt(cues: Sequence[tuple[int, int, str]]) -> str:
    lines = [f"{_clock(start)} --> {_clock(end)}\n{words}\n" for start, end, words in cues]
    return "\n".join(["WEBVTT\n", *lines])


def _clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


def _goal(shot: Shot) -> tuple[int, int]:
    kind, _, name = shot.points.partition(":")
    if kind == "menu":
        return screens.place_of_menu(MENUS, name)
    if kind == "row":
        return screens.place_of_row(int(name))
    return screens.place_of_button(shot.screen, name)


def _save(image: Image.Image, path: Path) -> None:
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()

"""Draw schematic screens of the demo's software, for the pictures and films of its help."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 720)
_INK, _SOFT, _LINE, _PAPER, _CANVAS = "#15201d", "#5a6661", "#dbdfd9", "#ffffff", "#f4f5f2"
_DONE, _DONE_BACK, _WARN, _WARN_BACK, _SIDE = "#1a7044", "#e6f3eb", "#8a5a00", "#fdf1d7", "#22332e"
_LEFT, _TOP, _ROW = 300, 210, 48
_MENU_TOP, _MENU_ROW = 110, 52


@dataclass(frozen=True)
class Screen:
    """What a screen shows: where one is, a heading, a table, buttons, and a line of news at its foot.

    `marked` are rows that were chosen, `doubtful` rows that need a look, `pressed` the button that is pressed.
    """

    menu: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    buttons: tuple[str, ...] = ()
    marked: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    pressed: str = ""
    news: str = ""


@cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """A typeface of the product's documents; weights Regular, Semibold, Bold."""
    file = resources.files("font_source_sans_pro") / "files" / f"SourceSansPro-{weight}.ttf"
    with resources.as_file(file) as path:
        return ImageFont.truetype(str(path), size)


def draw(screen: Screen, menus: tuple[str, ...]) -> Image.Image:
    """The screen as a picture of SIZE."""
    image = Image.new("RGB", SIZE, _CANVAS)
    pen = ImageDraw.Draw(image)
    _draw_frame(pen, screen, menus)
    _draw_table(pen, screen)
    _draw_buttons(pen, screen)
    if screen.news:
        pen.rounded_rectangle((_LEFT, 630, SIZE[0] - 40, 684), 8, fill=_DONE_BACK, outline=_DONE)
        pen.text((_LEFT + 20, 657), screen.news, fill=_INK, font=font("Semibold", 22), anchor="lm")
    return image


def place_of_row(row: int) -> tuple[int, int]:
    """A point in a row of the table, for the pointer."""
    return _LEFT + 180, _TOP + _ROW * (row + 1) + _ROW // 2


def place_of_button(screen: Screen, label: str) -> tuple[int, int]:
    """The middle of a button."""
    left, top, right, bottom = _boxes(screen)[label]
    return (left + right) // 2, (top + bottom) // 2


def place_of_menu(menus: tuple[str, ...], name: str) -> tuple[int, int]:
    """A point in the line of a menu."""
    return 120, _MENU_TOP + _MENU_ROW * menus.index(name) + 20


def draw_pointer(image: Image.Image, place: tuple[int, int], *, pressed: bool) -> None:
    """The arrow of the mouse, with a ring while it is pressed."""
    pen = ImageDraw.Draw(image)
    x, y = place
    if pressed:
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), outline=_DONE, width=5)
    arrow = [(0, 0), (0, 30), (8, 23), (13, 35), (19, 32), (14, 21), (24, 21)]
    pen.polygon([(x + right, y + down) for right, down in arrow], fill=_INK, outline=_PAPER)


def _draw_frame(pen: ImageDraw.ImageDraw, screen: Screen, menus: tuple[str, ...]) -> None:
    pen.rectangle((0, 0, 260, SIZE[1]), fill=_SIDE)
    pen.text((28, 46), "PowerHaus", fill=_PAPER, font=font("Bold", 30), anchor="lm")
    for number, name in enumerate(menus):
        top = _MENU_TOP + _MENU_ROW * number
        chosen = screen.menu.startswith(name)
        if chosen:
            pen.rounded_rectangle((14, top, 246, top + 42), 6, fill="#3a5049")
        weight = "Semibold" if chosen else "Regular"
        pen.text((28, top + 21), name, fill=_PAPER, font=font(weight, 21), anchor="lm")
    pen.text((_LEFT, 54), screen.menu, fill=_SOFT, font=font("Regular", 21), anchor="lm")
    pen.text((_LEFT, 104), screen.heading, fill=_INK, font=font("Bold", 36), anchor="lm")


def _draw_table(pen: ImageDraw.ImageDraw, screen: Screen) -> None:
    right = SIZE[0] - 40
    height = _ROW * (len(screen.rows) + 1)
    pen.rounded_rectangle((_LEFT, _TOP, right, _TOP + height), 8, fill=_PAPER, outline=_LINE)
    width = (right - _LEFT) // len(screen.columns)
    for number, row in enumerate((screen.columns, *screen.rows)):
        top, index = _TOP + _ROW * number, number - 1
        if index in screen.marked or index in screen.doubtful:
            back = _DONE_BACK if index in screen.marked else _WARN_BACK
            pen.rectangle((_LEFT + 1, top + 1, right - 1, top + _ROW - 1), fill=back)
            pen.rectangle((_LEFT + 1, top + 1, _LEFT + 7, top + _ROW - 1), fill=_DONE if back == _DONE_BACK else _WARN)
        if number:
            pen.line((_LEFT + 8, top, right - 8, top), fill=_LINE)
        face = font("Regular", 21) if number else font("Semibold", 20)
        for place, words in enumerate(row):
            at = (_LEFT + 20 + width * place, top + _ROW // 2)
            pen.text(at, words, fill=_INK if number else _SOFT, font=face, anchor="lm")


def _boxes(screen: Screen) -> dict[str, tuple[int, int, int, int]]:
    """Where the buttons are, from left to right above the table."""
    boxes, left = {}, _LEFT
    for label in screen.buttons:
        right = left + int(font("Semibold", 21).getlength(label)) + 44
        boxes[label] = (left, 142, right, 188)
        left = right + 16
    return boxes


def _draw_buttons(pen: ImageDraw.ImageDraw, screen: Screen) -> None:
    for label, box in _boxes(screen).items():
        pressed = label == screen.pressed
        pen.rounded_rectangle(box, 8, fill=_INK if pressed else _PAPER, outline=_INK, width=2)
        middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
        pen.text(middle, label, fill=_PAPER if pressed else _INK, font=font("Semibold", 21), anchor="mm")

"""Harmless HTML of a mail: no script, no form, nothing that loads by itself, every link with its true target."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

import nh3

from klarfall.incoming.reading import links, markup, styles

_NO_PICTURES: Mapping[str, str] = MappingProxyType({})
_TAGS = markup.words(
    "a abbr address article b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p picture pre q s "
    "samp section small source span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_GONE = markup.words(
    "script style title template iframe object applet noembed noframes noscript svg math audio video canvas select "
    "textarea datalist frameset xml xmp plaintext"
)
_TABLE = {"align", "valign", "bgcolor", "width", "height", "background", "nowrap"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "align", "hidden", "background"},
    "a": {"href"},
    "img": {"src", "srcset", "alt", "width", "height", "border"},
    "source": {"srcset", "src"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height", "bgcolor"},
    "td": _TABLE | {"colspan", "rowspan"},
    "th": _TABLE | {"colspan", "rowspan", "scope"},
    **dict.fromkeys(("tr", "tbody", "thead", "tfoot"), _TABLE),
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
}
#: Attributes that are a number, with the highest that is let through.
_NUMBERS = {"width": 3000, "height": 5000, "border": 20, "cellpadding": 100, "cellspacing": 100, "colspan": 100}
_NUMBERS |= {"rowspan": 500, "span": 100, "start": 1_000_000, "value": 1_000_000}
_NUMBER = re.compile(r"\s*(\d{1,7})(?:\.\d+)?(px|%)?\s*")
_WORD = re.compile(r"[\w#+. ,'-]{1,80}")
_LOADING = ("src", "srcset", "background")
_RASTER = re.compile(r"data:image/(png|gif|jpeg|jpg|webp|bmp);base64,[A-Za-z0-9+/=\s]*")
_ADDRESS = re.compile(r"(https?:)?//\S", re.IGNORECASE)
#: Exactly what `harmless` writes for a picture that is switched off; it cannot stand in a text or in another attribute.
_SWITCHED_OFF = re.compile(r'<img data-remote="https?://([^"]*)"')


#: Exactly what `harmless` writes for a picture of the mail itself.
OWN = re.compile(r'<img src="attachment:(\d{1,18})"')


@dataclass(frozen=True)
class Harmless:
    """HTML that may be shown in a frame of its own, and the number of different addresses it would load from afar."""

    html: str
    remote_images: int


def harmless(html: str, *, pictures: Mapping[str, str] = _NO_PICTURES) -> Harmless:
    """This function will clean the HTML of a mail.

    `pictures` gives the address for each Content-ID (without brackets); a picture that is missing is named. Pictures
    from afar keep their address in `data-remote` until `with_pictures`. The same HTML gives the same result.
    """
    ready = markup.affordable(html)
    if ready is None:
        return Harmless(f"<pre>{escape(markup.without_tags(html))}</pre>", 0)
    rewriter = _Rewriter(pictures)
    for token in markup.tokens(_CLEANER.clean(ready)):
        rewriter.take(token)
    return Harmless("".join(rewriter.parts), len(rewriter.remote))


def placed(html: str, numbers: Mapping[int, int]) -> str:
    """Give the pictures of a mail, which `harmless` knew by their places, their numbers; those without get none."""
    if not numbers and "attachment:" not in html:
        return html

    def numbered(found: re.Match[str]) -> str:
        number = numbers.get(int(found[1]))
        return "<img" if number is None else f'<img src="attachment:{number}"'

    return OWN.sub(numbered, html)


def with_pictures(html: str) -> str:
    """Switch on the pictures from afar in what `harmless` made: asked for by https only, without telling who asks."""
    return _SWITCHED_OFF.sub(r'<img referrerpolicy="no-referrer" src="https://\1"', html)


def _filtered(tag: str, name: str, value: str) -> str | None:
    """What of an attribute goes on to the second pass; the mark of hidden elements goes with the style."""
    if name == "style":
        if styles.hides(value):
            return styles.HIDES
        remote = styles.remote_addresses(value)
        return " ".join((*(f"!{address}" for address in remote), styles.harmless(value))) or None
    if name in _LOADING:
        return _loading(tag, name, value)
    if name == "href":
        return links.harmless(value)
    if name in _NUMBERS:
        return _number(name, value)
    return value[:1000] if name in ("alt", "hidden") or _WORD.fullmatch(value) else None


def _number(name: str, value: str) -> str | None:
    number = _NUMBER.fullmatch(value[:20])
    return f"{number[1]}{number[2] or ''}" if number and int(number[1]) <= _NUMBERS[name] else None


def _loading(tag: str, name: str, value: str) -> str | None:
    value = value.strip()
    if name == "src" and tag == "img" and value[:5].lower() == "data:":
        return value if _RASTER.fullmatch(value) else None
    if name == "src" and tag == "img" and value[:4].lower() == "cid:":
        return f"cid:{value[4:1000]}"
    value = links.joined(value)
    if not _ADDRESS.match(value):
        return None
    return f"https:{value}" if value.startswith("//") else value


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_GONE),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    attribute_filter=_filtered,
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    link_rel=None,
)


class _Rewriter:
    """The second pass, over clean HTML: hidden elements out, pictures off, targets of links shown, nesting bounded."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self.pictures = pictures
        self.parts: list[str] = []
        self.remote: set[str] = set()
        self.depth = self.hidden = 0
        self.link: str | None = None
        self.words: list[str] = []

    def take(self, token: markup.Token) -> None:
        if self.hidden:
            if token.name and token.name not in markup.VOID:
                self.hidden += -1 if token.closes else 1
        elif token.text:
            self.parts.append(token.text)
            if self.link is not None:
                self.words.append(token.text)
        elif token.closes:
            self._end(token.name)
        else:
            self._start(token.name, token.attributes if token.raw_attributes else {})

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "img":
            self._picture(attributes)
            return
        if "hidden" in attributes or attributes.get("style") == styles.HIDES:
            self.hidden = int(name not in markup.VOID)
            return
        self.remote.update(each for each in (attributes.pop(loading, "") for loading in _LOADING) if each)
        if name not in markup.VOID:
            self.depth += 1
        if self.depth > markup.DEEPEST or name in ("picture", "source"):
            return
        if name == "a":
            attributes = self._link(attributes)
        self.parts.append(f"<{name}{self._written(attributes)}>")

    def _end(self, name: str) -> None:
        if self.depth <= markup.DEEPEST and name != "picture":
            self.parts.append(f"</{name}>")
            if name == "a" and self.link:
                self.parts.append(links.true_target(self.link, "".join(self.words)))
                self.link = None
        self.depth -= 1

    def _link(self, attributes: dict[str, str]) -> dict[str, str]:
        self.link, self.words = attributes.pop("href", None), []
        if not self.link:
            return attributes
        shown = {"href": self.link, "title": links.readable(self.link)}
        return attributes | shown | {"rel": "noopener noreferrer nofollow", "target": "_blank"}

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes.pop("src", "")
        self.remote.update(attributes.pop("srcset", "").split()[:1])
        attributes.pop("background", None)
        if attributes.get("style") == styles.HIDES or "hidden" in attributes:
            if _ADDRESS.match(source):
                self.remote.add(source)
            return
        first = ""
        if source.startswith("cid:"):
            known = self.pictures.get(source[4:]) or self.pictures.get(source[4:].strip("<>"))
            if not known:
                self.parts.append(f"<span>[{escape(attributes.get('alt') or source[4:].partition('@')[0])}]</span>")
                return
            first = f' src="{escape(known)}"'
        elif source.startswith("data:"):
            first = f' src="{escape(source)}"'
        elif source:
            self.remote.add(source)
            first = f' data-remote="{escape(source)}"'
        if first or attributes.get("alt"):
            self.parts.append(f"<img{first}{self._written(attributes)}>")

    def _written(self, attributes: dict[str, str]) -> str:
        style = attributes.get("style", "")
        while style.startswith("!"):
            address, _, style = style[1:].partition(" ")
            self.remote.add(address)
        attributes = {name: value for name, value in attributes.items() if name != "style"}
        if style:
            attributes["style"] = style
        return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())

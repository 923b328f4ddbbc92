"""The icons of the interface as inline SVG: drawn for Klarfall on a 24 px grid, coloured by the text around them."""

from functools import lru_cache

from markupsafe import Markup

# The shapes that carry a meaning are filled; all other icons are drawn with a line.
SOLID = frozenset({"cov", "fee", "out", "you"})

PATHS = {
    "alert": '<path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17h.01"/>',
    "bank": '<path d="M3.5 9.5 12 4l8.5 5.5zM5.5 10v7M10 10v7M14 10v7M18.5 10v7M3.5 20h17"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4"/>',
    "bolt": '<path d="M13 2.8 5 13.5h6l-1 7.7 8-10.7h-6z"/>',
    "book": (
        '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v14c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2v-14C17 4.5 14 5 12 6.5zM12 6.5v14"/>'
    ),
    "building": (
        '<path d="M4 20.5v-17h9v17M13 9h7v11.5M2.5 20.5h19M7 7.5h3M7 11.5h3M7 15.5h3M16.5 13v0M16.5 16.5v0"/>'
    ),
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 2.8V7M16 2.8V7"/>',
    "chart": '<path d="M4 4v16h16M8.5 16v-4M13 16V8M17.5 16v-6"/>',
    "chat": '<path d="M4 5h16v11H11l-4.5 4v-4H4z"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "chevron": '<path d="m9 5 7 7-7 7"/>',
    "clause": (
        '<path d="M15.5 6.5c-.5-1.7-1.8-2.7-3.6-2.7-2 0-3.6 1.2-3.6 3 0 4 7.7 3.2 7.7 7.2 0 1.6-1.3 2.7-3 '
        '3M8.5 17.5c.5 1.7 1.8 2.7 3.6 2.7 2 0 3.6-1.2 3.6-3 0-4-7.7-3.2-7.7-7.2 0-1.6 1.3-2.7 3-3"/>'
    ),
    "clean": (
        '<path d="M14 4.5 19.5 10M12.5 6l5.5 5.5-2 2L10.5 8zM10.5 8 4 12.5c0 4 3.5 7.5 7.5 7.5l4.5-6.5M8 '
        '16.5l2-2M11 19l1.5-2"/>'
    ),
    "clip": (
        '<path d="m19.5 11.5-7.8 7.8a4.8 4.8 0 0 1-6.8-6.8l8.3-8.3a3.2 3.2 0 0 1 4.5 4.5l-8.2 8.2a1.6 1.6 0 '
        '0 1-2.3-2.3l7.3-7.2"/>'
    ),
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.3l3.3 2"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "coins": (
        '<ellipse cx="9" cy="7" rx="6" ry="2.8"/><path d="M3 7v5c0 1.5 2.7 2.8 6 2.8M15 7v2.5M3 12v5c0 1.5 '
        '2.7 2.8 6 2.8"/><ellipse cx="15.5" cy="13" rx="5.5" ry="2.5"/><path d="M10 13v5c0 1.4 2.5 2.5 5.5 '
        '2.5S21 19.4 21 18v-5"/>'
    ),
    "copy": (
        '<rect x="8.5" y="8.5" width="12" height="12" rx="2"/><path d="M15.5 8.5v-3a2 2 0 0 0-2-2h-8a2 2 0 0 '
        '0-2 2v8a2 2 0 0 0 2 2h3"/>'
    ),
    "cov": (
        '<path fill-rule="evenodd" d="M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19Zm5.2 7.1-6.1 6.7a1 1 0 0 '
        '1-1.45.03l-2.9-2.9 1.45-1.42 2.13 2.13 5.4-5.93Z"/>'
    ),
    "down": '<path d="m5 9 7 7 7-7"/>',
    "download": '<path d="M12 4v11.5M7 11l5 5 5-5M4 16.5V19a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-2.5"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8 18.5zM14.5 6l3 3"/>',
    "external": (
        '<path d="M14 4h6v6M20 4l-9 9M18 14v4.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 4 18.5v-11A1.5 1.5 0 '
        '0 1 5.5 6H10"/>'
    ),
    "eye": (
        '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" '
        'cy="12" r="2.8"/>'
    ),
    "fee": (
        '<path fill-rule="evenodd" d="M12 1.8 21 7v10l-9 5.2L3 17V7l9-5.2Zm3.7 5.7a5.1 5.1 0 0 0-8 '
        "2.8H6.3v1.4h1.15v.8H6.3v1.4h1.4a5.1 5.1 0 0 0 8 2.8l-1-1.6a3.2 3.2 0 0 "
        '1-4.9-1.2h3.4v-1.4H9.5v-.8h3.7v-1.4H9.8a3.2 3.2 0 0 1 4.9-1.2l1-1.6Z"/>'
    ),
    "file": '<path d="M6 3.5h8l4.5 4.5v12.5H6z"/><path d="M14 3.5V8h4.5M9 12.5h6.5M9 16h4.5"/>',
    "filter": '<path d="M4 6h16M7 12h10M10 18h4"/>',
    "gauge": '<path d="M4.5 18.5a9 9 0 1 1 15 0"/><path d="m12 14 4-5M12 14h.01"/>',
    "globe": (
        '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c2.5 2.5 3.5 5.3 3.5 8.5s-1 6-3.5 '
        '8.5c-2.5-2.5-3.5-5.3-3.5-8.5s1-6 3.5-8.5z"/>'
    ),
    "handover": (
        '<circle cx="9" cy="8" r="3.8"/><path d="M2.5 20c.7-3.7 3.2-5.5 6.5-5.5 1 0 2 .2 2.8.5M14.5 '
        '17.5H21M18 14l3.5 3.5L18 21"/>'
    ),
    "house": '<path d="M4 20.5V9.5L12 3.5l8 6v11zM9.5 20.5v-6h5v6"/>',
    "id-card": (
        '<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.5" cy="11" r="2"/><path d="M5.5 '
        '16c.4-1.5 1.6-2.2 3-2.2s2.6.7 3 2.2M14.5 10h4M14.5 14h3"/>'
    ),
    "inbox": '<path d="M3.5 13.5 6 5h12l2.5 8.5V19h-17zM3.5 13.5H8.5l1.5 2.5h4l1.5-2.5h5"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 7.8h.01"/>',
    "key": '<circle cx="8" cy="15.5" r="4.5"/><path d="m11.3 12.2 8.2-8.2M16 7.5l3 3M19.5 4l1.5 1.5"/>',
    "keyboard": (
        '<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6.5 10h.01M10 10h.01M14 10h.01M17.5 '
        '10h.01M8 14h8"/>'
    ),
    "layers": '<path d="M4 8.5 12 4l8 4.5-8 4.5z"/><path d="m4 12.5 8 4.5 8-4.5M4 16.5l8 4.5 8-4.5"/>',
    "left": '<path d="m15 5-7 7 7 7"/>',
    "link": (
        '<path d="M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 '
        '0 0 0 5.7 5.7L12 17.7"/>'
    ),
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6.5L20.5 7"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "merge": '<path d="M6 4v5c0 3 3 4 6 6v5M18 4v5c0 3-3 4-6 6"/>',
    "more": '<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="3"/>',
    "open": '<circle cx="12" cy="12" r="8.5" stroke-dasharray="3.6 3.08"/><path d="M12 8v4.5M12 15.8h.01"/>',
    "out": (
        '<path fill-rule="evenodd" d="M6 3h12a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 '
        '3-3Zm7 4.3-1.35 1.4 2.35 2.3H6.8v2h7.2l-2.35 2.3L13 16.7 17.7 12 13 7.3Z"/>'
    ),
    "passkey": (
        '<path d="M7 19c-1-2-1.5-4.3-1.5-6.5a6.5 6.5 0 0 1 13 0c0 1.5 0 3-.4 4.5M9.5 '
        "20.5c-.8-2.4-1.2-5-1.2-8a3.7 3.7 0 0 1 7.4 0c0 3-.3 5.5-1 8M12 12.5c0 3.3.1 5.7-.5 8.5M4 8.5A9.5 "
        '9.5 0 0 1 12 3a9.5 9.5 0 0 1 8 5.5"/>'
    ),
    "pause": '<path d="M8.5 5v14M15.5 5v14" stroke-width="3"/>',
    "people": (
        '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5M15.5 '
        '5.3a3.5 3.5 0 0 1 0 6.4M18 14.3c2 .8 3.2 2.5 3.5 5.2"/>'
    ),
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6"/>',
    "phone": (
        '<path d="M7.5 3.5 5 4.6c-1 .5-1.5 1.6-1.2 2.7 1.7 6.3 6.6 11.2 12.9 12.9 1.1.3 2.2-.2 '
        '2.7-1.2l1.1-2.5-4.6-3-2.2 1.8c-2-1-3.8-2.8-4.8-4.8l1.8-2.2z"/>'
    ),
    "pin": '<path d="M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21z"/><circle cx="12" cy="9.5" r="2.5"/>',
    "play": '<path d="M7.5 4.5v15l12-7.5z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": (
        '<path d="M7 8.5V3.5h10v5M7 17H4.5a1 1 0 0 1-1-1v-6.5a1 1 0 0 1 1-1h15a1 1 0 0 1 1 1V16a1 1 0 0 1-1 '
        '1H17M7 14h10v6.5H7z"/>'
    ),
    "question": (
        '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.7c.2-1.4 1.2-2.2 2.6-2.2s2.5.9 2.5 2.2c0 1.9-2.5 '
        '2-2.5 4M12 16.6h.01"/>'
    ),
    "refresh": '<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5"/>',
    "remote": (
        '<rect x="2.5" y="4" width="19" height="13" rx="2"/><path d="M8 21h8M12 17v4M10 8l5 2.5-2.2.8L12 13.5z"/>'
    ),
    "right": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "scales": '<path d="M12 4v16M7.5 20h9M5 7h14M5 7l-2.5 6.5h5zM19 7l-2.5 6.5h5z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "send": '<path d="M20.5 3.5 3.5 10.5l6.5 3 3 6.5z"/>',
    "server": (
        '<rect x="3.5" y="4" width="17" height="6.5" rx="1.5"/><rect x="3.5" y="13.5" width="17" '
        'height="6.5" rx="1.5"/><path d="M7 7.3h.01M7 16.8h.01M11 7.3h5M11 16.8h5"/>'
    ),
    "settings": (
        '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 '
        '16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"/>'
    ),
    "sign-out": (
        '<path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10M15 7.5 19.5 12 15 16.5M19.5 12H9.5"/>'
    ),
    "sliders": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "star": '<path d="m12 4 2.5 5.3 5.7.7-4.2 4 1.1 5.7-5.1-2.8-5.1 2.8L8 14 3.8 10l5.7-.7z"/>',
    "stop": '<rect x="6" y="6" width="12" height="12" rx="1.5"/>',
    "tag": '<path d="M4 4h8l8.5 8.5-8 8L4 12zM8 8h.01"/>',
    "timer": '<circle cx="12" cy="13.5" r="7.5"/><path d="M12 9.5v4l2.5 1.5M9.5 2.8h5M12 2.8V6"/>',
    "training": '<path d="M2.5 9.5 12 5l9.5 4.5L12 14zM6.5 11.5v5c1.5 1.5 3.3 2 5.5 2s4-.5 5.5-2v-5M21.5 9.5v5"/>',
    "trash": '<path d="M4 6.5h16M9.5 6.5V4h5v2.5M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6"/>',
    "up": '<path d="m5 15 7-7 7 7"/>',
    "upload": '<path d="M12 16V4.5M7 9l5-5 5 5M4 16.5V19a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-2.5"/>',
    "video": '<rect x="3" y="4.5" width="18" height="15" rx="2.5"/><path d="m10 9 5 3-5 3z"/>',
    "wrench": (
        '<path d="M14.5 6.5a4.5 4.5 0 0 1 5.8-2.3l-2.8 2.8.5 2 2 .5 2.3-2.3a4.5 4.5 0 0 1-6 5.3l-7.6 7.6a2 2 '
        '0 0 1-2.8-2.8l7.6-7.6a4.5 4.5 0 0 1 1-3.2z" transform="translate(-1.2 .3)"/>'
    ),
    "you": (
        '<path fill-rule="evenodd" d="M5 3h14a2.5 2.5 0 0 1 2.5 2.5v9A2.5 2.5 0 0 1 19 17h-4l-3 4.5L9 '
        '17H5a2.5 2.5 0 0 1-2.5-2.5v-9A2.5 2.5 0 0 1 5 3Zm6 3v5h2V6h-2Zm0 6.3v2h2v-2h-2Z"/>'
    ),
}

# The brand mark: an index card with a tab and the letter K cut out of it.
_LOGO = (
    '<svg class="logo" viewBox="0 0 34 34" aria-hidden="true" focusable="false">'
    '<path class="logo-card" d="M4 9V6.5A3.5 3.5 0 0 1 7.5 3h6.2c1.1 0 2.1.5 2.8 1.4L18.9 7.5H26.5'
    'A3.5 3.5 0 0 1 30 11v16.5a3.5 3.5 0 0 1-3.5 3.5h-19A3.5 3.5 0 0 1 4 27.5z"/>'
    '<path class="logo-letter" d="M11.5 13.5v12M22.5 13.5l-6.2 6 6.2 6"/></svg>'
)


@lru_cache(maxsize=256)
def icon(name: str, extra_class: str = "") -> Markup:
    """Returns one icon for use beside its word; hidden from screen readers. Unknown names raise KeyError."""
    classes = " ".join(filter(None, ["i", "solid" if name in SOLID else "", extra_class]))
    svg = '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>'
    return Markup(svg).format(classes, Markup(PATHS[name]))  # noqa: S704 - the paths are constants of this file


def logo() -> Markup:
    """Returns the brand mark of the installation's header."""
    return Markup(_LOGO)  # noqa: S704 - a constant of this file

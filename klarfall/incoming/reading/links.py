"""Links in mails: which addresses may be followed, and where a link that looks like another address truly goes."""

import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import unquote, urlsplit

_SCHEMES = ("http://", "https://", "mailto:", "tel:")
#: Browsers leave these out of addresses, so `java\nscript:` is a script.
_LEFT_OUT = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_LOOKS_LIKE_HOST = re.compile(
    r"(?:https?://|www\.|^|[\s(<\[„\"'])((?:[a-z0-9äöüßà-ÿа-я](?:[a-z0-9äöüßà-ÿа-я-]{0,62})\.){1,6}[a-zа-я]{2,24})(?![\w.-]*@)",
    re.IGNORECASE,
)
_LOOKS_LIKE_MAIL = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_LONGEST = 2_000
#: No name of a host is longer; writing one in ASCII takes time that grows with the square of its length.
_LONGEST_HOST = 253


def joined(address: str) -> str:
    """The address as browsers read it: without blanks and control characters, backslashes as slashes."""
    address = _LEFT_OUT.sub("", address[: 4 * _LONGEST])
    return (
        address.replace("\\", "/")
        if address[:5].lower() in ("http:", "https") or address[:2] in ("\\\\", "//")
        else address
    )


def harmless(address: str) -> str | None:
    """The address if it may be followed (web, mail, telephone); else None."""
    address = joined(address)
    if address.startswith("//"):
        address = f"https:{address}"
    scheme = address[:8].lower()
    return address if len(address) <= _LONGEST and scheme.startswith(_SCHEMES) else None


@lru_cache(maxsize=1024)
def host_of(address: str) -> str:
    """The host that a link goes to, in ASCII (`xn--…`), or the domain of a mail address; empty where there is none."""
    if address[:7].lower() == "mailto:":
        return _ascii(unquote(address[7:]).partition("?")[0].rpartition("@")[2])
    try:
        return _ascii(urlsplit(address).hostname or "")
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    host = host[:_LONGEST_HOST].strip(". ").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host.encode("punycode").decode()


def readable(address: str) -> str:
    """The target for people, with the host as it truly is; shortened."""
    host = host_of(address)
    if address[:4].lower() != "http":
        return address[:200]
    rest = re.sub(r"^https?:/+[^/?#]*", "", address, flags=re.IGNORECASE)
    return f"{address.partition(':')[0].lower()}://{host}{rest}"[:200]


def true_target(address: str, words: str) -> str:
    """HTML behind a link: the true host where its words look like another address, or its letters deceive."""
    host = host_of(address)
    text = unescape(re.sub(r"<[^>]*>", "", words[:_LONGEST]))
    text = _LEFT_OUT.sub(" ", text).strip().lower()
    shown = [_ascii(found) for found in (*_LOOKS_LIKE_HOST.findall(text), *_LOOKS_LIKE_MAIL.findall(text))]
    differs = any(_base(each) != _base(host) for each in shown) or _deceives(host)
    return f" <span>[{escape(host or address[:100])}]</span>" if differs else ""


def _deceives(host: str) -> bool:
    """Letters of other scripts look like ours; German ones are what they are."""
    if "xn--" not in host:
        return False
    try:
        return bool(re.search("[^a-z0-9äöüß.-]", host.encode().decode("idna")))
    except UnicodeError:
        return True


def _base(host: str) -> str:
    return host.removeprefix("www.")

"""Texts as iCalendar content lines: cleaned, escaped and folded as RFC 5545 asks."""

from __future__ import annotations

import re
from urllib.parse import quote

FOLD = 75  # octets of a line without its end: RFC 5545, 3.1
ZONE_NAME = "Asia/Shanghai"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# More blanks in a row could fill a folded line, which readers take for an empty one and drop.
_LONG_BLANKS = re.compile(r"([^\S\n]{20})[^\S\n]+")
_UNUSUAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|[^\\S\\n]{21}")


def clean(text: str) -> str:
    """Give the text as a calendar can carry it.

    Every kind of line end becomes a line feed. Control characters, which the format forbids, are
    left out, and halves of surrogate pairs become U+FFFD. Blanks are stripped at both ends and no
    more than twenty of them stay in a row.
    """
    if _UNUSUAL.search(text):
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        text = _LONG_BLANKS.sub(r"\1", _SURROGATES.sub("\ufffd", text))
    return text.strip()


def fold(line: str) -> bytes:
    """Fold one content line to 75 octets, never inside a character or an escape."""
    raw = line.encode()
    if len(raw) <= FOLD:
        return raw
    pieces: list[bytes] = []
    start, room = 0, FOLD
    while len(raw) - start > room:
        cut = start + room
        while raw[cut] & 0xC0 == 0x80:
            cut -= 1
        piece = raw[start:cut]
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            piece = piece[:-1]
        pieces.append(piece)
        start, room = start + len(piece), FOLD - 1
    pieces.append(raw[start:])
    return b"\r\n ".join(pieces)


def text_value(text: str) -> str:
    """Clean and escape a text, ready to stand as a value."""
    return escape(clean(text))


def escape(text: str) -> str:
    """Escape as RFC 5545, 3.3.11 says; the text is clean."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def uri_value(address: str) -> str:
    """Give the address in ASCII: what no address may hold is percent-encoded, the rest is kept."""
    return quote(address.strip(), safe="%:/?#[]@!$&'()*+,;=~", errors="replace")

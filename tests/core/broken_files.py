"""Files that are no bundle, or no JSON at all, and some that look so and are."""

from __future__ import annotations

import json

from tests.core.broken_bundles import FAIR, ROUND
from tests.core.bundle_samples import get, put, small


def with_text(pointer: str, raw: str) -> bytes:
    """The small bundle with raw JSON text in place of the value at ``pointer``."""
    document = small()
    put(document, pointer, "HERE")
    return json.dumps(document, ensure_ascii=False).replace('"HERE"', raw).encode()


def repeated(place: str) -> bytes:
    """The small bundle with the first member of an object written twice."""
    document = small()
    written = json.dumps(get(document, place), ensure_ascii=False)
    put(document, place, "HERE")
    name = next(iter(json.loads(written)))
    twice = "{" + json.dumps(name) + ": 0, " + written[1:]
    return json.dumps(document, ensure_ascii=False).replace('"HERE"', twice).encode()


TEXT = json.dumps(small(), ensure_ascii=False)
CASH, OPENINGS, NAME = (
    f"{ROUND}/lines/0/cash",
    f"{FAIR}/positions/0/openings",
    "/organisations/3/name",
)
SYNTAX = [("", "syntax")]
NESTED = 100_000
BYTES: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "empty": (b"", SYNTAX),
    "blank": (b" \n", SYNTAX),
    "half a file": (TEXT.encode()[:9000], SYNTAX),
    "two documents": (TEXT.encode() * 2, SYNTAX),
    "a trailing comma": (TEXT[:-1].encode() + b",}", SYNTAX),
    "single quotes": (TEXT.replace('"', "'").encode(), SYNTAX),
    "a comment": (b"// a bundle\n" + TEXT.encode(), SYNTAX),
    "GB 18030": (TEXT.encode("gb18030"), SYNTAX),
    "UTF-16": (TEXT.encode("utf-16"), SYNTAX),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), SYNTAX),
    "UTF-32": (TEXT.encode("utf-32"), SYNTAX),
    "a surrogate in UTF-8": (
        TEXT.replace("县0", "\udc80").encode("utf-8", "surrogatepass"),
        SYNTAX,
    ),
    "an overlong form": (TEXT.encode().replace("县0".encode(), b"\xc0\x80"), SYNTAX),
    "a byte order mark": (b"\xef\xbb\xbf" + TEXT.encode(), []),
    "zeros": (b"\x00" * 100, SYNTAX),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), SYNTAX),
    "nested lists": (b"[" * NESTED, SYNTAX),
    "nested lists that close": (b"[" * NESTED + b"]" * NESTED, SYNTAX),
    "nested objects": (b'{"a":' * NESTED, SYNTAX),
    "nested in a member": (with_text(NAME, "[" * NESTED + "]" * NESTED), SYNTAX),
    "a list": (b"[" + TEXT.encode() + b"]", [("", "type")]),
    "a text": (b'"campaign-bundle"', [("", "type")]),
    "null": (b"null", [("", "type")]),
    "NaN alone": (b"NaN", [("", "syntax")]),
    "NaN": (with_text(CASH, "NaN"), [(CASH, "syntax")]),
    "Infinity": (with_text(CASH, "Infinity"), [(CASH, "syntax")]),
    "minus Infinity": (with_text(OPENINGS, "-Infinity"), [(OPENINGS, "syntax")]),
    "money as a number": (with_text(CASH, "143.38"), [(CASH, "type")]),
    "a count of 1e3": (with_text(OPENINGS, "1e3"), [(OPENINGS, "type")]),
    "a count of 1e999": (with_text(OPENINGS, "1e999"), [(OPENINGS, "type")]),
    "a count of 12.0": (with_text(OPENINGS, "12.0"), [(OPENINGS, "type")]),
    "a count with a nought before it": (with_text(OPENINGS, "012"), SYNTAX),
    "a count of 4000 digits": (with_text(OPENINGS, "9" * 4000), [(OPENINGS, "value")]),
    "a count of 5000 digits": (with_text(OPENINGS, "9" * 5000), SYNTAX),
    "minus nought": (with_text(OPENINGS, "-0"), []),
    "a lone surrogate, escaped": (with_text(NAME, r'"\ud83d"'), [(NAME, "value")]),
    "surrogates in the wrong order": (with_text(NAME, r'"\udc00\ud83d"'), [(NAME, "value")]),
    "a pair of surrogates": (with_text(NAME, r'"\ud83d\ude00"'), []),
    "NUL, escaped": (with_text(NAME, r'"a\u0000"'), [(NAME, "value")]),
    "NUL as it is": (with_text(NAME, '"a\x00"'), SYNTAX),
    "a line break in a text": (with_text(NAME, '"a\nb"'), SYNTAX),
    "an escape that is none": (with_text(NAME, r'"\x41"'), SYNTAX),
    **{
        f"a member twice in {place}": (
            repeated(place),
            [(f"{place}/{next(iter(get(small(), place)))}", "duplicate")],
        )
        for place in ("/campaign", "/organisations/3", "/plugins/publicity", f"{ROUND}/lines/0")
    },
    "a plugin twice": (repeated("/plugins"), [("/plugins/condolence", "duplicate")]),
    "the campaign twice": (
        TEXT.encode().replace(b'"activities":', b'"campaign": {}, "activities":'),
        [("/campaign", "duplicate")],
    ),
}

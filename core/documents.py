"""Strict JSON in, canonical JSON out.

What RFC 8259 leaves open is closed here: UTF-8 only, no member twice in one object, no NaN, and a
depth that cannot exhaust the stack. A defect that has a place in the document is reported at it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

# Items of a list that are written at once.
_BLOCK = 256


class DocumentError(ValueError):
    """Bytes that are no JSON document; the message says in Chinese what and where."""


class Repeated(dict[str, Any]):
    """An object that names members twice; ``names`` are the later ones."""

    names: tuple[str, ...] = ()


class NotANumber:
    """Stands where the document says NaN or Infinity, which JSON does not know."""

    def __init__(self, text: str) -> None:
        self.text = text


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    repeated, seen = Repeated(members), set[str]()
    names: list[str] = []
    for name, _ in pairs:
        if name in seen:
            names.append(name)
        seen.add(name)
    repeated.names = tuple(names)
    return repeated


def parse(data: bytes) -> Any:
    """The value of a JSON document. Raises DocumentError for everything that is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"文件不是 UTF-8 编码：第 {error.start + 1} 个字节无法识别") from None
    try:
        return json.loads(text, object_pairs_hook=_members, parse_constant=NotANumber)
    except json.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 列"
        raise DocumentError(f"文件不是正确的 JSON：{place}附近有语法错误") from None
    except RecursionError:
        raise DocumentError("文件不是正确的 JSON：括号嵌套过深") from None
    except ValueError:  # an integer of thousands of digits
        raise DocumentError("文件不是正确的 JSON：有一个数字长得无法处理") from None


def canonical(value: Any) -> str:
    """Members sorted, two-space indent, no ASCII escapes, one newline at the end."""
    return canonical_bytes(value).decode("utf-8", "surrogatepass")


def canonical_bytes(value: Any) -> bytes:
    """The same as UTF-8.

    json indents in Python, at a fifth of the speed of writing one line in C and setting that out
    anew; the bytes are the same.
    """
    line = json.dumps(
        value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":")
    )
    del value  # of a large document nothing is kept longer than it is needed
    data = line.encode("utf-8", "surrogatepass")
    del line
    return msgspec.json.format(data, indent=2) + b"\n"


def canonical_pieces(value: Any) -> Iterator[bytes]:
    """``canonical_bytes`` piece by piece, for what is large.

    The document is taken apart as it is written, so that it need not be there twice: what it held
    is gone in the end. So nothing in it may belong to anybody else, or stand in it twice.
    """
    yield from _pieces(value, b"\n")
    yield b"\n"


def _pieces(value: Any, line: bytes) -> Iterator[bytes]:
    """``line`` begins a line at the value's own indent."""
    inner = line + b"  "
    if isinstance(value, dict) and value:
        lead = b"{" + inner
        for name in sorted(value):
            yield lead + _text(name) + b": "
            yield from _pieces(value.pop(name), inner)
            lead = b"," + inner
        yield line + b"}"
    elif isinstance(value, list) and len(value) > _BLOCK:
        value.reverse()  # taken away from the end, where that costs nothing
        lead = b"["
        while value:
            block = value[: -_BLOCK - 1 : -1]
            del value[-_BLOCK:]
            # Between the brackets of a list of its own.
            yield lead + canonical_bytes(block)[1:-3].replace(b"\n", line)
            lead = b","
        yield line + b"]"
    else:
        yield canonical_bytes(value)[:-1].replace(b"\n", line)


def _text(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode("utf-8", "surrogatepass")


def compact(value: Any) -> str:
    """One line, members sorted: for storage and hashing. Dates and decimals become text."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_as_text
    )


def _as_text(value: Any) -> str:
    return str(value)

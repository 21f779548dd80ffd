"""What is wrong with a request's body or parameters: every fault, in Chinese.

msgspec stops at the first error, and people want all of them at once: when a body was refused, it
is gone through once more, member by member.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.utils.scope.state import ScopeState

from core.refusals import Fault

# How msgspec says it: (code, Chinese sentence). The first that fits.
WORDINGS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), code, message)
    for pattern, code, message in (
        (r"missing required field", "missing", "这一项必须填写"),
        (r"unknown field", "unknown_key", "没有这一项"),
        (r"`str` of length <=|`array` of length <=", "too_long", "内容太长"),
        (r"of length >=", "value", "内容太短"),
        (r"matching regex", "value", "格式不对"),
        (r"Invalid enum value", "value", "不在可选的范围之内"),
        (r"Expected `(int|float|decimal)` [<>=]", "value", "数字超出了范围"),
        (r"RFC3339|ISO8601|Invalid (date|time|datetime)", "value", "日期或时间的格式不对"),
        (r"Expected `(date|datetime|time)`, got `str`", "value", "日期或时间的格式不对"),
        (r"decimal string", "value", "数字的格式不对"),
        (r"timezone", "value", "时间要带时区，例如 +08:00"),
        (r"Expected `(int|float|decimal)", "type", "这里要填数字"),
        (r"Expected `str`", "type", "这里要填文字"),
        (r"Expected `bool`", "type", "这里要填 true 或 false"),
        (r"Expected `array`", "type", "这里要填一个列表"),
        (r"Expected `object`", "type", "这里要填一组内容"),
    )
)
# Functions of the framework that read bodies; what they raise of these is about the body.
READERS = frozenset({"decode_json", "parse_multipart_form", "parse_url_encoded_form_data"})
PATH = re.compile(r" - at `(?:key in )?\$(.*)`$")
STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def faults(request: Request[Any, Any, Any], error: HTTPException) -> list[Fault]:
    """Every fault of the request that made the framework raise ``error``; empty for others."""
    if not isinstance(error, ValidationException):
        return []
    entries = [each for each in _entries(error.extra) if each.get("source") != "body"]
    found = [
        Fault(f"/{each.get('key', '')}", *_worded(str(each.get("message", "")))) for each in entries
    ]
    return [*found, *_body_faults(request)]


def is_unreadable(error: Exception) -> bool:
    """Whether the framework failed over a body: nested too deep, or in no encoding that it says."""
    if not isinstance(error, RecursionError | UnicodeError | LookupError):
        return False
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name in READERS for frame, _ in frames)


def _entries(extra: object) -> list[dict[str, Any]]:
    return [each for each in extra if isinstance(each, dict)] if isinstance(extra, list) else []


def _body_faults(request: Request[Any, Any, Any]) -> list[Fault]:
    """The faults of the body by the type that the handler declares for ``data``."""
    body = ScopeState.from_scope(request.scope).body
    handler = request.scope.get("route_handler")
    field = getattr(handler, "parsed_data_field", None)
    if not isinstance(body, bytes) or field is None:
        return []
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return [Fault("", "syntax", "内容不是正确的 JSON")]
    return list(_walk(value, field.annotation, ""))


def _walk(value: Any, expected: Any, pointer: str) -> Iterator[Fault]:
    """Faults of a value against a type, member by member where the type is a struct or a list."""
    if isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        if isinstance(value, dict):
            yield from _walk_struct(value, expected, pointer)
            return
    elif get_origin(expected) in {list, tuple} and isinstance(value, list):
        for index, member in enumerate(value):
            yield from _walk(member, get_args(expected)[0], f"{pointer}/{index}")
        return
    try:
        msgspec.convert(value, expected, strict=False, str_keys=True)
    except msgspec.ValidationError as error:
        yield fault(error, pointer)


def _walk_struct(value: dict[str, Any], expected: Any, pointer: str) -> Iterator[Fault]:
    fields = msgspec.structs.fields(expected)
    hints = get_type_hints(expected, include_extras=True)
    for field in fields:
        place = f"{pointer}/{_escaped(field.encode_name)}"
        if field.encode_name in value:
            yield from _walk(value[field.encode_name], hints[field.name], place)
        elif field.required:
            yield Fault(place, "missing", "这一项必须填写")
    if expected.__struct_config__.forbid_unknown_fields:
        known = {field.encode_name for field in fields}
        for name in value:
            if name not in known:
                yield Fault(f"{pointer}/{_escaped(name)}", "unknown_key", "没有这一项")


def fault(error: msgspec.ValidationError, pointer: str = "") -> Fault:
    """One msgspec error as a fault, below ``pointer``."""
    text = str(error)
    steps = STEP.findall(match[1]) if (match := PATH.search(text)) else []
    below = "".join(f"/{_escaped(name or index)}" for name, index in steps)
    return Fault(pointer + below, *_worded(PATH.sub("", text)))


def _worded(message: str) -> tuple[str, str]:
    for pattern, code, sentence in WORDINGS:
        if pattern.search(message):
            return code, sentence
    return "value", "内容不对"


def _escaped(name: str) -> str:
    """A member's name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")

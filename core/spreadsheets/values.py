"""From the content of a cell to a value, by the kind of its column.

Clerks type full-width digits, 1,234.50, ￥500 and 500元; spreadsheet software turns numbers into
text and text into numbers. What is certain is read, what is not is an error with advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from core.spreadsheets.columns import NO, YES, Column, Content, Kind, compact
from core.spreadsheets.contents import UnreadableCellError, quoted, shown
from core.spreadsheets.moments import parse_day, parse_moment

MAX_TEXT: Final = 500
# Spreadsheet software keeps fifteen significant digits and turns the others into zeros.
SIGNIFICANT_DIGITS: Final = 15

_NUMBER: Final = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_NEGATIVE: Final = re.compile(r"¥?[-−]¥?[0-9.]|\(¥?[0-9.,]+\)")
# The form in which spreadsheet software saves a long number as csv: 1.38E+10.
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,}")
_FLAGS: Final = {
    **dict.fromkeys(("是", "有", "√", "✓", "Y", "YES", "TRUE", "1"), True),
    **dict.fromkeys(("否", "无", "没有", "×", "✗", "N", "NO", "FALSE", "0"), False),
}


def parse(column: Column, content: Content) -> Any:
    """Return the value of a cell that is not blank, typed as `Column` says.

    Raises UnreadableCellError.
    """
    if content.problem:
        raise UnreadableCellError(content.problem)
    return _PARSERS[column.kind](column, content)


def _text(_column: Column, content: Content) -> str:
    text = shown(content)
    _refuse_lost_digits(content, text)
    if len(text) > MAX_TEXT:
        raise UnreadableCellError(f"最多 {MAX_TEXT} 个字，现在有 {len(text)} 个")
    return text


def _key(_column: Column, content: Content) -> str:
    if not isinstance(content.value, str | int | float) or isinstance(content.value, bool):
        raise UnreadableCellError(
            "编号被表格软件改成了日期或其他格式；请把单元格设为“文本”后重新输入"
        )
    key = compact(shown(content))
    _refuse_lost_digits(content, key)
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", key):
        raise UnreadableCellError("编号只能用字母、数字、点、横线和下划线，最多 64 位")
    return key


def _count(_column: Column, content: Content) -> int:
    number = _number(content)
    if number != number.to_integral_value():
        raise UnreadableCellError(f"要填整数，现在是“{quoted(content)}”")
    return int(number)


def _money(_column: Column, content: Content) -> int:
    number = _number(content, currency=True)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        raise UnreadableCellError(f"金额最多两位小数（精确到分），现在是“{quoted(content)}”")
    return int(number * 100)


def _decimal(_column: Column, content: Content) -> Decimal:
    return _number(content)


def _choice(column: Column, content: Content) -> str:
    written = compact(shown(content))
    for label, code in column.choices.items():
        if compact(label) == written:
            return code
    raise UnreadableCellError(f"“{quoted(content)}”不在可选项里，请选：{'、'.join(column.choices)}")


def _flag(_column: Column, content: Content) -> bool:
    if isinstance(content.value, bool):
        return content.value
    flag = _FLAGS.get(compact(shown(content)).upper())
    if flag is None:
        raise UnreadableCellError(f"请填“{YES}”或“{NO}”，现在是“{quoted(content)}”")
    return flag


def _number(content: Content, *, currency: bool = False) -> Decimal:
    if not isinstance(content.value, str | int | float) or isinstance(content.value, bool):
        raise UnreadableCellError(f"要填数字，现在是“{quoted(content)}”")
    text = compact(shown(content))
    if _NEGATIVE.match(text):
        raise UnreadableCellError(f"不能是负数，现在是“{quoted(content)}”")
    if currency:
        text = re.sub(r"元整?$", "", text.removeprefix("¥"))
    match = _NUMBER.fullmatch(text)
    if match is None:
        advice = "请换算成元，" if currency and "万" in text else ""
        unit = "" if currency else "、不带单位"
        raise UnreadableCellError(f"{advice}只填数字{unit}，现在是“{quoted(content)}”")
    whole = match[1].replace(",", "").lstrip("0")
    if len(whole) + len(match[2] or "") > SIGNIFICANT_DIGITS:
        raise UnreadableCellError(
            f"数字太长，最多 {SIGNIFICANT_DIGITS} 位，现在是“{quoted(content)}”"
        )
    return Decimal(f"{whole or '0'}.{match[2] or '0'}" if match[2] else whole or "0")


def _refuse_lost_digits(content: Content, text: str) -> None:
    is_number = isinstance(content.value, int | float) and not isinstance(content.value, bool)
    too_long = is_number and len(text.lstrip("-").split(".")[0]) > SIGNIFICANT_DIGITS
    if too_long or _SCIENTIFIC.fullmatch(text):
        raise UnreadableCellError(
            "长号码被表格软件改成了数，末尾几位已丢失；请把单元格设为“文本”后重新输入"
        )


_PARSERS: Final[dict[Kind, Callable[[Column, Content], Any]]] = {
    "text": _text,
    "key": _key,
    "count": _count,
    "money": _money,
    "day": parse_day,
    "moment": parse_moment,
    "choice": _choice,
    "flag": _flag,
    "decimal": _decimal,
}

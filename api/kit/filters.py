"""Jinja filters: how numbers, money, days and moments are written on a page.

Every filter takes ``None`` and gives ``""``, so that a template needs no condition for a value
that is not there yet. Moments arrive in UTC and are shown in ``Asia/Shanghai``.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from core import numbers, wording

if TYPE_CHECKING:
    from core.spreadsheets.columns import CellError

LOCAL = ZoneInfo("Asia/Shanghai")
STATIC_FOLDER = Path(__file__).parent.parent / "static"
WEEKDAYS = "一二三四五六日"


def number(value: Decimal | int | str | None, grouped: bool = True) -> str:
    """Write a plain number: ``1,286.5`` when grouped (tables), ``1286.5`` when not (sentences).

    No exponent and no trailing zeros. Text that is not a number is given back unchanged.
    """
    if value is None:
        return ""
    try:
        exact = Decimal(str(value))
    except ArithmeticError:
        return str(value)
    if not exact.is_finite():
        return str(value)
    written = f"{exact:,f}" if grouped else f"{exact:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def money_text(fen: int | None, grouped: bool = False) -> str:
    """Write an amount of 分 as 元 with two places: ``50000`` → ``500.00``."""
    if fen is None:
        return ""
    text = numbers.money_text(fen)
    return f"{Decimal(text):,.2f}" if grouped else text


def percent(quotient: Decimal | None) -> str:
    """Write a quotient as a percentage, at most two places, half up: ``0.9433`` → ``94.33%``."""
    return "" if quotient is None else wording.percent(quotient)


def local(value: datetime) -> datetime:
    """Put an instant on the clock of ``Asia/Shanghai``.

    :raises ValueError: for a datetime without an offset; none may reach a page.
    """
    if value.tzinfo is None:
        raise ValueError("a datetime without an offset reached a template")
    return value.astimezone(LOCAL)


def as_day(value: date | datetime) -> date:
    """Tell the ``Asia/Shanghai`` day of a moment; a day is its own."""
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None, year: bool = True) -> str:
    """``2026年5月17日``; ``5月17日`` with ``year=False``."""
    if value is None:
        return ""
    on = as_day(value)
    return wording.day(on) if year else f"{on.month}月{on.day}日"


def moment(value: datetime | None, year: bool = False) -> str:
    """``5月17日 14:00`` by the clock of ``Asia/Shanghai``; with ``year=True`` the year leads."""
    return "" if value is None else f"{day(value, year)} {clock(value)}"


def clock(value: datetime | None) -> str:
    """``14:00`` by the clock of ``Asia/Shanghai``."""
    return "" if value is None else f"{local(value):%H:%M}"


def period(starts: date | datetime | None, ends: date | datetime | None, year: bool = True) -> str:
    """Write from one day or moment to another, saying nothing twice.

    ``2026年5月1日至31日`` · ``2026年5月1日至6月2日`` · ``2026年5月17日 09:00至11:30``.
    An end of None or the same day gives the start alone.
    """
    if starts is None or ends is None or starts == ends:
        only = starts if starts is not None else ends
        return moment(only, year) if isinstance(only, datetime) else day(only, year)
    first, last = as_day(starts), as_day(ends)
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        if first == last:
            return f"{moment(starts, year)}至{clock(ends)}"
        return f"{moment(starts, year)}至{moment(ends, year and first.year != last.year)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{day(first, year)}至{last.day}日"
    return f"{day(first, year)}至{day(last, year and first.year != last.year)}"


def weekday(value: date | datetime | None) -> str:
    """``星期日``."""
    return "" if value is None else "星期" + WEEKDAYS[as_day(value).weekday()]


def iso_day(value: date | datetime | None) -> str:
    """``2026-05-17``: for ``<time datetime>`` and the value of a date field."""
    return "" if value is None else as_day(value).isoformat()


def iso_moment(value: datetime | None) -> str:
    """``2026-05-17T14:00:00+08:00``: for ``<time datetime>``."""
    return "" if value is None else local(value).isoformat(timespec="seconds")


def field_moment(value: datetime | None) -> str:
    """``2026-05-17T14:00``: the value of a datetime-local field, ``Asia/Shanghai`` understood."""
    return "" if value is None else f"{local(value):%Y-%m-%dT%H:%M}"


def weeks(year: int, month: int) -> list[list[date]]:
    """List a month's weeks from Monday, filled up with the neighbours' days."""
    return calendar.Calendar(firstweekday=calendar.MONDAY).monthdatescalendar(year, month)


def by_cell(errors: Iterable[CellError]) -> dict[tuple[int, str], list[CellError]]:
    """Group spreadsheet errors by (row number, column name), for the preview table."""
    grouped: dict[tuple[int, str], list[CellError]] = {}
    for error in errors:
        grouped.setdefault((error.row, error.column), []).append(error)
    return grouped


def static_addresses(folders: Mapping[str, Path]) -> Callable[[str], str]:
    """What gives the address of a static file: ours by ``name``, a plugin's by ``<plugin>/name``.

    ``folders`` are those of the plugins by their keys.
    """

    @cache
    def static_path(name: str) -> str:
        """Address a static file by its content's digest, so that it may be cached for ever.

        :raises FileNotFoundError: when there is no such file.
        """
        key, _, rest = name.partition("/")
        file = folders[key] / rest if rest and key in folders else STATIC_FOLDER / name
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        return f"/static/{name}?v={digest}"

    return static_path


static_path = static_addresses({})


FILTERS: tuple[Callable[..., Any], ...] = (
    number, money_text, percent, day, moment, clock, weekday,
    iso_day, iso_moment, field_moment, by_cell,
)  # fmt: skip


def register(environment: Environment) -> None:
    """Add the filters and the functions ``period``, ``weeks`` and ``static_path`` to Jinja."""
    environment.filters.update({function.__name__: function for function in FILTERS})
    environment.filters["period"] = period
    environment.globals.update(period=period, weeks=weeks, static_path=static_path)

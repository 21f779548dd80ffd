"""Lists in pages: a cursor holds where the last page ended, so nothing is skipped or told twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from api.kit.problems import Problem
from core.refusals import Fault

LONGEST_PAGE = 200
USUAL_PAGE = 50
Item = TypeVar("Item")
Row = TypeVar("Row")

Limit = Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="每页条数，1 到 200")]
CursorText = Annotated[str, QueryParameter(description="上一页给出的 next")]


class Page(msgspec.Struct, Generic[Item]):
    """A page of a list; ``next`` is the cursor of the next one, null on the last."""

    items: list[Item]
    next: str | None


def encode(values: Sequence[str | int | None]) -> str:
    """The cursor of a place: the sort values of the last row, opaque to its holder."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> list[Any] | None:
    """The sort values in a cursor, one of each kind; None for no cursor. Raises Problem 422."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError as error:
        raise unreadable() from error
    fits = (
        isinstance(values, list)
        and len(values) == len(kinds)
        and all(type(value) is kind for value, kind in zip(values, kinds, strict=True))
        and not any(_fits_no_column(value) for value in values)
    )
    if not fits:
        raise unreadable()
    return list(values)


def _fits_no_column(value: str | int) -> bool:
    return "\0" in value if isinstance(value, str) else abs(value) >= 2**63


def unreadable() -> Problem:
    """A cursor that nobody was given."""
    return Problem(422, errors=[Fault("/cursor", "value", "翻页的位置无效，请从第一页重新开始")])


def cut(
    rows: Sequence[Row], limit: int, place: Callable[[Row], Sequence[str | int | None]]
) -> tuple[list[Row], str | None]:
    """The first ``limit`` of ``limit + 1`` rows asked for, and the cursor of the next page."""
    page = list(rows[:limit])
    return page, encode(place(page[-1])) if len(rows) > limit else None

"""What a check found, and how much of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# A damaged table may hold a million wrong rows; the first few say which damage it is.
MOST_OF_A_KIND = 20

Report = Callable[[str], Any]

# What reading a value raises that only somebody beside the programme can have written.
NONSENSE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: a stable code, the table (and row) or place, a Chinese sentence."""

    code: str
    place: str
    message: str

    def as_json(self) -> dict[str, str]:
        """The members as programmes read them."""
        return {"code": self.code, "place": self.place, "message": self.message}


def first_of(complaints: Iterable[Complaint]) -> Iterator[Complaint]:
    """The first of each kind at each table, then one sentence that counts the rest of its kind."""
    told: dict[tuple[str, str], int] = {}
    for complaint in complaints:
        kind = complaint.code, complaint.place.split(" ")[0]
        told[kind] = told.get(kind, 0) + 1
        if told[kind] <= MOST_OF_A_KIND:
            yield complaint
    for (code, place), count in told.items():
        if count > MOST_OF_A_KIND:
            yield Complaint(code, place, f"{place}：同类问题另有 {count - MOST_OF_A_KIND} 处")

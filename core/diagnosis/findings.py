"""What was looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MARKS = {"good": "✓", "bad": "✗", "note": "·"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``text`` also says what to do where it is not good.

    ``note`` is for what may be as it is, and should be known.
    """

    subject: str
    state: Literal["good", "bad", "note"]
    text: str

    def as_line(self) -> str:
        """``✓ Python 3.11.7``."""
        return f"{MARKS[self.state]} {self.text}"

    def as_json(self) -> dict[str, str]:
        """The same for programmes."""
        return {"subject": self.subject, "state": self.state, "text": self.text}


def good(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(subject, "good", text)


def bad(subject: str, text: str) -> Finding:
    """Something has to be done."""
    return Finding(subject, "bad", text)


def note(subject: str, text: str) -> Finding:
    """Something that one should know."""
    return Finding(subject, "note", text)

"""What proof-reading found at one place of a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

FindingKind = Literal[
    "agrees", "differs", "unknown", "ratio", "sum", "product", "wording", "rounding", "duplicate"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, explained in Chinese with its arithmetic.

    `quote` is text[offset : offset + len(quote)]. `stated` and `expected` are plain decimals as
    text (`1907`), with `%` where the text states a percentage, or wordings; None where there is
    none. `metric` is the key of the campaign's figure, None within the text itself.
    """

    quote: str
    offset: int
    finding: FindingKind
    stated: str | None
    expected: str | None
    metric: str | None
    message: str

    def as_json(self) -> dict[str, str | int | None]:
        """The finding as the command line and the JSON interface give it."""
        return asdict(self)

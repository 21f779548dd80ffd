"""What a record holds: its fields, and what each of them is called, stored and exchanged as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Kind = Literal[
    "key",
    "text",
    "name",
    "number",
    "money",
    "day",
    "moment",
    "choice",
    "flag",
    "words",
    "organisation",
    "reference",
]
Row = dict[str, Any]
# Stands for a member that a bundle's item does without.
ABSENT: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class Reference:
    """What a field points at: rows of ``table``, which has a ``campaign`` and a ``key``.

    ``label`` and ``office`` are SQL over the row, written with ``{x}`` for its alias: what people
    call it, and the id of its office ("" when it is the whole campaign's). A ``sealed`` label
    names the pair of columns ``<label>_sealed`` and ``<label>_index``. ``anywhere`` allows rows of
    offices that the actor may not see. ``href`` is the path of its own pages under a campaign's.
    ``typed`` makes people type the name, where a list to choose from would be too long.
    """

    table: str
    what: str
    label: str = "{x}.name"
    sealed: bool = False
    office: str = "{x}.organisation"
    anywhere: bool = False
    href: str = ""
    typed: bool = False


ACTIVITY: Final = Reference("activity", "日程", label="{x}.title", anywhere=True, href="activities")


def _masked(_: Row) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a bundle's item, one field of a form, one column of a spreadsheet.

    ``name`` is the bundle's name for it; ``column`` the table's (by default the same; "" when the
    resource's rules write it); ``select`` SQL over the row ``t`` where it is no plain column (of a
    derived reference: the id that it points at).
    ``choices`` maps codes to labels. ``blank`` is what stands in the bundle when nothing was
    entered. ``derived`` is shown and never entered nor exchanged; ``entered`` tells whether people
    enter it, ``listed`` whether it is a column of the list, ``shown`` whether a record's page and
    exports show it, ``filtered`` whether lists can be narrowed by it; ``offered`` are texts to
    choose from for that. ``read`` turns what was typed into the bundle's value (ValueError, with a
    sentence, when it cannot), ``exchanged`` a stored value into the bundle's, ``show`` into text.
    ``open_when`` tells for a row that its sealed name is nobody's personal data.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    reference: Reference | None = None
    hint: str = ""
    example: str = ""
    unit: str = ""
    default: str = ""
    column: str | None = None
    select: str = ""
    blank: Any = ABSENT
    derived: bool = False
    entered: bool = True
    listed: bool = True
    shown: bool = True
    filtered: bool = False
    offered: tuple[str, ...] = ()
    lines: int = 1
    width: int = 14
    read: Callable[[str], Any] | None = None
    exchanged: Callable[[Any], Any] | None = None
    show: Callable[[Any], str] | None = None
    open_when: Callable[[Row], bool] = _masked

    def __post_init__(self) -> None:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"{self.name}: choices belong to the kind choice, and to it only")
        if (self.kind == "reference") != (self.reference is not None):
            raise ValueError(f"{self.name}: a reference, and only a reference, points somewhere")

    @property
    def stored_as(self) -> str:
        """The table's column; "" when there is none."""
        return "" if self.derived else self.name if self.column is None else self.column

    @property
    def points(self) -> bool:
        """Whether the value is the key of something else."""
        return self.kind in {"organisation", "reference"}

    @property
    def alias(self) -> str:
        """The alias of the joined row that a pointing field points at."""
        return f"r_{self.name}"

"""A kind of record: where it is kept, who may do what with it, and what holds among records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from api.kit.records.fields import Field, Reference, Row
from core.campaigns import Campaign
from core.permissions import Actor
from core.shapes import Problems, Shape

Act = Literal["plan", "records", "figures"]
# Joins the parts of a composite identity in an address; no key holds it.
SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Work:
    """Who does something, and in which campaign."""

    actor: Actor
    campaign: Campaign


@dataclass(frozen=True, slots=True)
class Target:
    """A thing that a field points at. ``reachable`` tells whether the actor may point there."""

    id: int
    key: str
    label: str
    office: int | None
    reachable: bool


@dataclass(slots=True)
class Entry:
    """One record on its way into the database.

    ``given`` is the bundle's item as it came, ``item`` its normalised form, ``stored`` what is
    there already, ``office`` the id of the office it belongs to. ``columns`` are what is written;
    rules may add to them. ``id`` is known once it is written.
    """

    given: dict[str, Any]
    item: dict[str, Any] = field(default_factory=dict)
    stored: Row | None = None
    office: int | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(slots=True)
class Batch:
    """Records that are checked and written together.

    A problem's place is (index of the entry, member). ``warnings`` are shown in a preview and keep
    nothing from being written. ``targets`` holds what each pointing field may point at, by key.
    """

    work: Work
    resource: Resource
    entries: list[Entry]
    problems: Problems = field(default_factory=Problems)
    warnings: list[str] = field(default_factory=list)
    targets: dict[str, dict[str, Target]] = field(default_factory=dict)
    places: set[tuple[Any, ...]] = field(default_factory=set)

    def fail(self, index: int, member: str, code: str, message: str) -> None:
        """Note what is wrong with an entry's member, the first fault alone."""
        if (index, member) not in self.places:
            self.places.add((index, member))
            self.problems.add((index, member), code, message)

    def target(self, entry: Entry, name: str) -> Target | None:
        """What a pointing field of a checked entry points at; None for nothing."""
        key = entry.item.get(name)
        return None if key is None else self.targets.get(name, {}).get(key)

    @property
    def added(self) -> list[Entry]:
        """Entries that are new."""
        return [entry for entry in self.entries if entry.stored is None]

    @property
    def changed(self) -> list[Entry]:
        """Entries of records that exist."""
        return [entry for entry in self.entries if entry.stored is not None]


class Rules:
    """What holds among records of one kind; each method may be left as it is."""

    async def check(self, batch: Batch) -> None:
        """Report (``batch.fail``) what shape and references cannot see. Nothing is written yet."""

    async def columns(self, batch: Batch) -> None:
        """Add to ``entry.columns`` what is computed; runs inside the unit of work."""

    async def written(self, batch: Batch) -> None:
        """Write what hangs on the records, whose ``entry.id`` are known; same unit of work."""

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add to rows what their table does not hold, in a fixed number of statements."""

    def seal_off(self, row: Row) -> str:
        """Why this record may not be changed any more; "" when it may."""
        del row
        return ""

    async def may_remove(self, work: Work, row: Row) -> str:
        """Why the actor may not remove this record; "" when he may."""
        del work, row
        return ""

    async def removed(self, work: Work, row: Row) -> None:
        """Write what follows of a record that was just removed; same unit of work."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """Rows that point at a record: ``where`` is SQL with ``:id``; ``what`` reads 条走访明细."""

    table: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of record of a plugin.

    ``key`` is its part of addresses and ``title`` what people call it. ``shape`` is the bundle's.
    ``view`` and ``edit`` are permissions. ``owner`` names the field that tells whose a record is:
    an organisation, or a reference whose office counts; "" makes records the whole campaign's.
    ``identity`` names the fields that tell records apart. ``sort`` is a field with a column, which
    lists are ordered by, "-" before it for the latest first. ``joins`` is more SQL for ``select``s,
    after the joins of fields (alias ``r_<field>``). ``acts`` are the campaign's acts of which one
    must be allowed. ``within`` names the reference that records are usually entered for;
    with ``imported_within`` a spreadsheet is always about one of those, and an import starts at
    its page. A record
    with ``blocks`` cannot be removed; what it ``owns`` goes with it (in this order). ``siblings``
    are (label, key) of the plugin's lists, shown above each of them ("" for the plugin's own page);
    ``more`` are links on a record's page: (label, path under the plugin's, ``{key}`` for the
    record's).
    """

    plugin: str
    key: str
    title: str
    table: str
    shape: Shape
    fields: tuple[Field, ...]
    view: str
    edit: str
    owner: str = "organisation"
    identity: tuple[str, ...] = ("key",)
    sort: str = ""
    joins: str = ""
    acts: tuple[Act, ...] = ("records",)
    within: str = ""
    imported_within: bool = False
    rules: Rules = field(default_factory=Rules)
    blocks: tuple[Dependent, ...] = ()
    owns: tuple[Dependent, ...] = ()
    counter: str = "条"
    key_prefix: str = ""
    lede: str = ""
    notes: tuple[str, ...] = ()
    siblings: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()

    @property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {each.name: each for each in self.fields}

    @property
    def purpose(self) -> str:
        """What its records are called in the log: ``condolence.recipients``."""
        return f"{self.plugin}.{self.key}"

    @property
    def owner_field(self) -> Field | None:
        """The field that tells whose a record is."""
        return self.by_name[self.owner] if self.owner else None

    @property
    def names_people(self) -> bool:
        """Whether a field, or what one points at, is a sealed name."""
        return any(is_sealed(each) for each in self.fields)

    def address_key(self, row: Mapping[str, Any]) -> str:
        """A record's identity as one text: ``n1~r7``."""
        return SEPARATOR.join(str(row[name]) for name in self.identity)


def is_sealed(one: Field) -> bool:
    """Whether what is shown of the field was sealed."""
    return one.kind == "name" or bool(one.reference and one.reference.sealed)


def reference_of(one: Field) -> Reference:
    """Where a field of the kind reference points."""
    if one.reference is None:
        raise TypeError(f"{one.name} points nowhere")
    return one.reference

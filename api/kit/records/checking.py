"""From what was given to what may be written: the bundle's own checks, for one record or many."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from api.kit.records import targets
from api.kit.records.fields import ABSENT, Row
from api.kit.records.reading import Where, fetch, office_sql, value_sql
from api.kit.records.resource import Batch, Entry, Resource, Target, Work
from api.kit.records.values import item as exchanged_item
from core import database
from core.permissions import may_in_campaign, scope_sql
from core.privacy import mask_name
from core.refusals import Fault, Missing
from core.shapes import INVALID, Problems

Mode = Literal["add", "put", "change"]
KEY_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
STARS = ("*", "＊")
REQUIRED = "请填写这一项"
TAKEN = "“{}”已经有了"
REPEATED = "“{}”在前面已经有了"


def new_key(prefix: str) -> str:
    """A key for a record that came without one."""
    return prefix + "".join(secrets.choice(KEY_LETTERS) for _ in range(8))


async def review(
    work: Work,
    resource: Resource,
    given: Iterable[Mapping[str, Any]],
    *,
    mode: Mode,
    by_label: bool = False,
    stored: Row | None = None,
    failed: Mapping[tuple[int, str], Any] | None = None,
    known: Mapping[str, Mapping[str, Target]] | None = None,
) -> Batch:
    """Check records as a bundle's import would, and against what is there; write nothing.

    ``add`` takes new records alone, ``put`` replaces those that exist, ``change`` merges what is
    given into ``stored``. ``by_label`` allows names where keys are meant. ``failed`` are places
    (entry, member) that are known to be wrong already; ``known`` are targets, by field and key,
    that are not in the database yet. The number of statements does not depend on the number of
    records. Raises Missing without the permission to edit at all.
    """
    if not await may_in_campaign(work.actor, resource.edit, work.campaign.id):
        raise Missing("没有这个活动，或者您不能在其中登记")
    batch = Batch(work, resource, [Entry(dict(each)) for each in given])
    batch.places = set(failed or ())
    if stored is not None:
        _merge(batch, stored)
    await targets.load(batch, by_label=by_label, known=known or {})
    _give_keys(batch)
    if mode != "change":
        await _find_stored(batch)
    for index, entry in enumerate(batch.entries):
        _keep_masked_names(batch, index, entry)
        _shape(batch, index, entry, plain_words=by_label)
    targets.check(batch)
    _check_identities(batch, mode)
    await resource.rules.check(batch)
    return batch


def _merge(batch: Batch, stored: Row) -> None:
    """What is given goes over what is stored; ABSENT takes a member out."""
    entry = batch.entries[0]
    merged = {**exchanged_item(batch.resource, stored), **entry.given}
    entry.given = {name: value for name, value in merged.items() if value is not ABSENT}
    entry.stored = stored


def _give_keys(batch: Batch) -> None:
    fields = batch.resource.by_name
    if "key" not in fields or fields["key"].derived:
        return
    for index, entry in enumerate(batch.entries):
        if (index, "key") not in batch.places and entry.given.get("key") is None:
            entry.given["key"] = new_key(batch.resource.key_prefix)


def identity(batch: Batch, entry: Entry) -> tuple[Any, ...] | None:
    """What tells the entry apart; None while a part of it is missing."""
    known = {**entry.columns, **entry.given}
    parts = tuple(known.get(name) for name in batch.resource.identity)
    return parts if all(isinstance(part, str | int) for part in parts) else None


async def _find_stored(batch: Batch) -> None:
    """What is there already under the entries' identities. Two statements at most."""
    resource = batch.resource
    wanted = {found: e for e in batch.entries if (found := identity(batch, e)) is not None}
    firsts = sorted({str(found[0]) for found in wanted})
    if not firsts:
        return
    where = Where()
    if len(firsts) <= targets.MANY:
        first = value_sql(resource.by_name[resource.identity[0]])
        where.add(f"{first} IN (:identities)", identities=firsts)
    rows = await fetch(batch.work, resource, where)
    known = {tuple(row[name] for name in resource.identity): row for row in rows}
    for entry in batch.entries:
        entry.stored = known.get(identity(batch, entry) or ())
    office = office_sql(resource)
    stored = {entry.stored["office"] for entry in batch.entries if entry.stored}
    if not office or not stored:
        return
    scope, values = scope_sql(batch.work.actor, resource.edit)
    reachable = {
        row["id"]
        for row in await database.fetch(
            f"SELECT id FROM organisation WHERE id IN ({scope}) AND id IN (:stored)",
            stored=sorted(stored),
            **values,
        )
    }
    for index, entry in enumerate(batch.entries):
        if entry.stored and entry.stored["office"] not in reachable:
            batch.fail(index, resource.identity[-1], "duplicate", "这个编号别的单位已经用了")


def _keep_masked_names(batch: Batch, index: int, entry: Entry) -> None:
    """A masked name that came back unread means the name as it is; of a new record it is none."""
    for field in batch.resource.fields:
        name = entry.given.get(field.name)
        if field.kind != "name":
            continue
        stored = entry.stored[field.name] if entry.stored else None
        if stored is not None and (name is None or name == mask_name(stored)):
            entry.given[field.name] = stored
        elif isinstance(name, str) and name != stored and any(star in name for star in STARS):
            batch.fail(index, field.name, "value", "这是打了码的名字，请填完整的名字")


def _shape(batch: Batch, index: int, entry: Entry, *, plain_words: bool) -> None:
    """The bundle's shape; of a place that is wrong already nothing more is said."""
    problems = Problems()
    checked = batch.resource.shape(entry.given, (index,), problems)
    entry.item = {} if checked is INVALID else checked
    labels = batch.resource.by_name
    for fault in problems.found:
        member, _, deeper = fault.pointer.removeprefix(f"/{index}").lstrip("/").partition("/")
        if (index, member) in batch.places:
            continue
        message = fault.message
        if plain_words and fault.code == "missing" and not deeper and member in labels:
            message = REQUIRED
        batch.problems.found.append(Fault(fault.pointer, fault.code, message))
        if not deeper:
            batch.places.add((index, member))


def _check_identities(batch: Batch, mode: Mode) -> None:
    """No identity twice in a batch; a new record takes none that exists."""
    seen: set[tuple[Any, ...]] = set()
    member = batch.resource.identity[-1]
    for index, entry in enumerate(batch.entries):
        if mode == "change" and entry.stored is not None:
            for name in batch.resource.identity:
                if str(entry.given.get(name, entry.stored[name])) != str(entry.stored[name]):
                    batch.fail(index, name, "value", "这一项建立以后不能改")
            continue
        found = identity(batch, entry)
        if found is None:
            continue
        if found in seen:
            batch.fail(
                index, member, "duplicate", TAKEN.format(found[-1]).replace("已经", "前面已经")
            )
        elif mode == "add" and entry.stored is not None:
            batch.fail(index, member, "duplicate", TAKEN.format(found[-1]))
        seen.add(found)
        if mode == "put" and entry.stored is not None:
            reason = batch.resource.rules.seal_off(entry.stored)
            if reason:
                batch.fail(index, member, "conflict", reason)

"""Writing records: checked, in one unit of work with the log, whether it is one or ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.kit.records import checking, values
from api.kit.records.fields import Row
from api.kit.records.reading import Where, fetch, find, value_sql
from api.kit.records.resource import Batch, Entry, Resource, Work
from api.kit.records.targets import MANY
from core import audit, campaign_states, campaigns, database, privacy
from core.privacy import mask_name
from core.refusals import Conflict, Fault, Refusal


async def hold(work: Work, resource: Resource) -> None:
    """Make writers of a campaign wait for one another, and refuse what its state forbids.

    Raises Conflict. What is checked after this still holds when it is written.
    """
    await campaigns.touch(work.campaign.id)
    state = await database.fetch_value(
        "SELECT state FROM campaign WHERE id = :campaign", campaign=work.campaign.id
    )
    require(replace(work, campaign=replace(work.campaign, state=state)), resource)


def require(work: Work, resource: Resource) -> None:
    """Raise Conflict unless the campaign's state allows one of the resource's acts."""
    for number, act in enumerate(resource.acts, start=1):
        try:
            campaign_states.require(work.campaign, act)
        except Conflict:
            if number == len(resource.acts):
                raise
        else:
            return


def is_open(work: Work, resource: Resource) -> bool:
    """Whether the campaign's state allows to write records of this kind."""
    try:
        require(work, resource)
    except Conflict:
        return False
    return True


async def add(
    work: Work, resource: Resource, given: Mapping[str, Any], *, by_label: bool = False
) -> Entry:
    """Add one record. Raises Refusal with pointers to members, Conflict by the campaign's state."""
    async with database.transaction():
        await hold(work, resource)
        batch = await checking.review(work, resource, [given], mode="add", by_label=by_label)
        _refuse(batch, single=True)
        await store(batch)
        await _record_one(batch, "added", None)
    return batch.entries[0]


async def change(
    work: Work,
    resource: Resource,
    address_key: str,
    given: Mapping[str, Any],
    *,
    by_label: bool = False,
) -> Entry:
    """Change what is given of a record. Raises Missing, Refusal, Conflict."""
    async with database.transaction():
        await hold(work, resource)
        stored = await find(work, resource, address_key, resource.edit)
        _refuse_sealed_off(resource, stored)
        batch = await checking.review(
            work, resource, [given], mode="change", by_label=by_label, stored=stored
        )
        _refuse(batch, single=True)
        await store(batch)
        await _record_one(batch, "changed", stored)
    return batch.entries[0]


async def put(
    work: Work,
    resource: Resource,
    given: Iterable[Mapping[str, Any]],
    *,
    by_label: bool = False,
    source: str = "",
) -> Batch:
    """Add or replace many records, all or none: set-based, one entry in the log.

    ``source`` names the file they came from. Raises Refusal with pointers ``/row/member``.
    """
    async with database.transaction():
        await hold(work, resource)
        batch = await checking.review(work, resource, given, mode="put", by_label=by_label)
        _refuse(batch)
        await store(batch)
        await record_many(batch, source)
    return batch


async def remove(work: Work, resource: Resource, address_key: str) -> None:
    """Remove a record with what it owns. Raises Missing; Conflict while others point at it."""
    async with database.transaction():
        await hold(work, resource)
        stored = await find(work, resource, address_key, resource.edit)
        _refuse_sealed_off(resource, stored)
        if reason := await resource.rules.may_remove(work, stored):
            raise Conflict.of("forbidden", reason)
        for dependent, count in await dependents(resource, stored):
            if dependent in resource.blocks:
                raise Conflict.of("in_use", f"还有{count}{dependent.what}用到它，不能删除")
        for owned in resource.owns:
            await database.execute(
                f"DELETE FROM {owned.table} WHERE {owned.where}", id=stored["id"]
            )
        await database.execute(f"DELETE FROM {resource.table} WHERE id = :id", id=stored["id"])
        await _log(work, resource, "removed", stored, before=stored)
        await resource.rules.removed(work, stored)


async def dependents(resource: Resource, stored: Row) -> list[tuple[Any, int]]:
    """What points at a record or goes with it, with how many there are; none that are not there."""
    found = []
    for dependent in (*resource.blocks, *resource.owns):
        if not dependent.what:
            continue
        count = await database.fetch_value(
            f"SELECT COUNT(*) FROM {dependent.table} WHERE {dependent.where}", id=stored["id"]
        )
        if count:
            found.append((dependent, count))
    return found


def _refuse(batch: Batch, *, single: bool = False) -> None:
    if not batch.problems.found:
        return
    faults = batch.problems.found
    if single:
        faults = [
            Fault(fault.pointer.removeprefix("/0"), fault.code, fault.message) for fault in faults
        ]
    raise Refusal(*faults)


def _refuse_sealed_off(resource: Resource, stored: Row) -> None:
    reason = resource.rules.seal_off(stored)
    if reason:
        raise Conflict.of("sealed_off", reason)


async def store(batch: Batch) -> None:
    """Write a batch that has no problems; its entries know their ids afterwards.

    Two statements for the rows, one to learn the ids of new ones, and those of the rules.
    """
    for entry in batch.entries:
        entry.columns = _columns(batch, entry)
        entry.id = entry.stored["id"] if entry.stored else None
    await batch.resource.rules.columns(batch)
    table = batch.resource.table
    if len(batch.added) == 1:
        entry = batch.added[0]
        names, marks = _listed(entry.columns)
        entry.id = await database.fetch_value(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", **entry.columns
        )
    elif batch.added:
        names, marks = _listed(batch.added[0].columns)
        await database.execute_many(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",
            [entry.columns for entry in batch.added],
        )
        await _learn_ids(batch)
    if batch.changed:
        assignments = ", ".join(f"{name} = :{name}" for name in batch.changed[0].columns)
        await database.execute_many(
            f"UPDATE {table} SET {assignments} WHERE id = :id",
            [{**entry.columns, "id": entry.id} for entry in batch.changed],
        )
    await batch.resource.rules.written(batch)


def _listed(columns: Mapping[str, Any]) -> tuple[str, str]:
    return ", ".join(columns), ", ".join(f":{name}" for name in columns)


def _columns(batch: Batch, entry: Entry) -> dict[str, Any]:
    columns: dict[str, Any] = {"campaign": batch.work.campaign.id}
    for field in batch.resource.fields:
        value = entry.item.get(field.name)
        if field.kind == "name" and isinstance(value, str):
            columns[f"{field.name}_sealed"] = privacy.seal(value)
            columns[f"{field.name}_index"] = privacy.index(value, "name")
        elif field.stored_as and field.points:
            target = batch.target(entry, field.name)
            columns[field.stored_as] = target.id if target else None
        elif field.stored_as and field.kind != "name":
            columns[field.stored_as] = values.stored(field, value)
    return columns


async def _learn_ids(batch: Batch) -> None:
    resource = batch.resource
    wanted = {checking.identity(batch, entry): entry for entry in batch.added}
    where = Where()
    firsts = sorted({str(identity[0]) for identity in wanted if identity})
    if len(firsts) <= MANY:
        first = value_sql(resource.by_name[resource.identity[0]])
        where.add(f"{first} IN (:identities)", identities=firsts)
    for row in await fetch(batch.work, resource, where):
        entry = wanted.get(tuple(row[name] for name in resource.identity))
        if entry:
            entry.id = row["id"]


def logged(resource: Resource, item: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An item as the log holds it: names masked."""
    if item is None:
        return None
    kept = {}
    for field in resource.fields:
        if field.name in item and not field.derived:
            value = item[field.name]
            kept[field.name] = mask_name(str(value)) if field.kind == "name" else value
    return kept


async def _record_one(batch: Batch, done: str, stored: Row | None) -> None:
    entry = batch.entries[0]
    row = {**entry.columns, **entry.given}
    await _log(
        batch.work,
        batch.resource,
        done,
        row,
        before=stored,
        after=entry.given,
        office=entry.office,
    )


async def _log(
    work: Work,
    resource: Resource,
    done: str,
    row: Mapping[str, Any],
    *,
    before: Row | None,
    after: Mapping[str, Any] | None = None,
    office: int | None = None,
) -> None:
    await audit.record(
        work.actor,
        f"{resource.purpose}.{done}",
        resource.purpose,
        resource.address_key(row),
        organisation=office or row.get("office") or work.campaign.organisation_id,
        campaign=work.campaign.key,
        before=logged(resource, values.item(resource, before)) if before else None,
        after=logged(resource, after),
    )


async def record_many(batch: Batch, source: str) -> None:
    """One entry of the log for a whole batch: where it came from and which records it touched."""
    work, resource = batch.work, batch.resource
    offices = {entry.office for entry in batch.entries if entry.office}
    await audit.record(
        work.actor,
        f"{resource.purpose}.imported",
        resource.purpose,
        source,
        organisation=offices.pop() if len(offices) == 1 else work.campaign.organisation_id,
        campaign=work.campaign.key,
        before={
            "changed": [
                logged(resource, values.item(resource, entry.stored))
                for entry in batch.changed
                if entry.stored
            ]
        },
        after={
            "added": [logged(resource, entry.given) for entry in batch.added],
            "changed": [logged(resource, entry.given) for entry in batch.changed],
        },
    )


def address_keys(resource: Resource, entries: Sequence[Entry]) -> list[str]:
    """The identities of entries, as addresses hold them."""
    return [resource.address_key({**entry.columns, **entry.given}) for entry in entries]

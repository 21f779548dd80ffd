"""Days that offices keep besides the catalogue. Both engines."""

from __future__ import annotations

from typing import Any

import pytest

from core import campaign_changes, database, office_observances
from core.campaign_plans import Plan
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from tests.fixtures.application import ActorOf

FOUNDING: dict[str, Any] = {
    "name": "建会纪念日",
    "rule": {"kind": "fixed-day", "month": 12, "day": 20},
    "base": 1989,
}


async def office(key: str) -> int:
    found: int = await database.fetch_value("SELECT id FROM organisation WHERE key = :k", k=key)
    return found


async def add(process: Process, key: str = "", at: str = "city") -> str:
    return await office_observances.add(
        SYSTEM, process.catalogue, FOUNDING, organisation_id=await office(at), key=key
    )


async def test_a_day_joins_the_catalogue(process: Process, campaign_2022: str) -> None:
    assert await office_observances.joined(process.catalogue) is process.catalogue
    key = await add(process)
    catalogue = await office_observances.joined(process.catalogue)
    kept = catalogue.get(key)
    assert kept is not None
    assert kept.title(2026) == "第37次建会纪念日"
    assert len(catalogue) == len(process.catalogue) + 1
    entry = await database.fetch_one(
        "SELECT action, thing_key FROM audit_entry WHERE thing = 'observance'"
    )
    assert entry == {"action": "observance.created", "thing_key": key}


async def test_it_concerns_the_offices_above_and_below(
    process: Process, campaign_2022: str, actor_of: ActorOf
) -> None:
    of_city, of_county = await add(process), await add(process, at="x1")

    async def seen(role: str, at: str) -> dict[str, bool]:
        listed = await office_observances.listed(await actor_of(role, at))
        return {item.observance.key: item.managed for item in listed}

    assert await seen("organiser", "city") == {of_city: True, of_county: True}
    assert await seen("organiser", "x1") == {of_city: False, of_county: True}
    assert await seen("viewer", "x1") == {of_city: False, of_county: False}
    assert await seen("viewer", "x2") == {of_city: False}


async def test_keys_are_used_once(process: Process, campaign_2022: str) -> None:
    assert await add(process, "founding") == "founding"
    for key in ("founding", "national-disability-day"):
        with pytest.raises(Conflict, match="已经有节日在用"):
            await add(process, key)
    assert await database.fetch_value("SELECT COUNT(*) FROM office_observance") == 1


@pytest.mark.parametrize(
    "rule",
    [
        {**FOUNDING, "rule": {"kind": "fixed-day", "month": 2, "day": 30}},
        {**FOUNDING, "rule": {"kind": "no-such-kind"}},
        {**FOUNDING, "name": "日" * 51},
        {**FOUNDING, "colour": "red"},
        {"name": "没有规则"},
    ],
)
async def test_a_rule_that_cannot_be_read_is_refused(
    process: Process, campaign_2022: str, rule: dict[str, Any]
) -> None:
    with pytest.raises(Refusal):
        await office_observances.add(
            SYSTEM, process.catalogue, rule, organisation_id=await office("city")
        )
    assert await database.fetch_value("SELECT COUNT(*) FROM office_observance") == 0


async def test_only_those_who_manage_at_the_office_add_and_remove(
    process: Process, campaign_2022: str, actor_of: ActorOf
) -> None:
    key = await add(process)
    for role, at in (("organiser", "x1"), ("clerk", "city")):
        actor = await actor_of(role, at)
        with pytest.raises(Missing):
            await office_observances.remove(actor, key)
        with pytest.raises(Missing):
            await office_observances.add(
                actor, process.catalogue, FOUNDING, organisation_id=await office("city")
            )
    with pytest.raises(Missing):
        await office_observances.remove(SYSTEM, "no-such-day")
    await office_observances.remove(await actor_of("organiser", "city"), key)
    assert await office_observances.joined(process.catalogue) is process.catalogue


async def test_a_day_with_a_campaign_stays(process: Process, campaign_2022: str) -> None:
    key = await add(process)
    catalogue = await office_observances.joined(process.catalogue)
    await campaign_changes.create(
        SYSTEM,
        Plan(2026, key),
        catalogue,
        process.plugins,
        organisation_id=await office("city"),
    )
    with pytest.raises(Conflict, match="已经有活动"):
        await office_observances.remove(SYSTEM, key)


async def test_what_this_version_cannot_read_is_left_out(
    process: Process, campaign_2022: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = (
        ("unreadable", '{"name": "x", "rule": {"kind": "of-the-future"}}'),
        ("eye-care-day", '{"name": "x", "rule": {"kind": "fixed-day", "month": 1, "day": 1}}'),
    )
    for key, rule in rows:
        await database.execute(
            "INSERT INTO office_observance (key, organisation, rule) VALUES (:key, :office, :rule)",
            key=key,
            office=await office("city"),
            rule=rule,
        )
    catalogue = await office_observances.joined(process.catalogue)
    assert len(catalogue) == len(process.catalogue)
    named = catalogue.get("eye-care-day")
    assert named is not None
    assert named.name == "全国爱眼日"
    assert "unreadable" in caplog.text

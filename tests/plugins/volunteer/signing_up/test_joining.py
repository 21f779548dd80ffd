"""Places in shifts: who gets one, who waits, who moves up; on both engines."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.kit.records import Work, add, change, find, remove
from core import audit, bundles, campaigns, database
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.refusals import Conflict, Missing
from plugins.volunteer import confirming
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from plugins.volunteer.signing_up import joining, profiles, publishing, waiting
from plugins.volunteer.signing_up.engagements import signed_up
from plugins.volunteer.signing_up.profiles import Profile
from tests.plugins.volunteer.signing_up.volunteers_made import (
    another_campaign,
    in_days,
    open_shift,
    places,
    volunteer,
)

CAMPAIGN = "2022-city"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


@pytest.fixture
async def people(work: Work) -> list[tuple[Actor, Profile]]:
    await open_shift(work, "one")
    return [await volunteer(number) for number in range(3)]


class UndoneError(Exception):
    """Ends a unit of work whose effect was only to be looked at."""


async def join(person: tuple[Actor, Profile], shift: str, campaign: str = CAMPAIGN) -> str:
    return await joining.join(*person, campaign, shift)


async def leave(person: tuple[Actor, Profile], shift: str) -> str:
    return await joining.leave(*person, CAMPAIGN, shift)


async def test_who_waits_longest_moves_up_when_somebody_leaves(
    people: list[tuple[Actor, Profile]],
) -> None:
    first, second, third = people
    assert [await join(each, "one") for each in people] == ["signed_up", "waiting", "waiting"]
    assert [await join(each, "one") for each in people] == [
        "already_signed_up",
        "already_waiting",
        "already_waiting",
    ]
    assert [e.place for e in await signed_up(third[1].id)] == [2]
    assert await leave(first, "one") == "left"
    assert await places("one") == {"taken": [second[1].number], "waiting": [third[1].number]}
    (engagement,) = await signed_up(second[1].id)
    assert engagement.stands
    assert engagement.moved_up
    assert (engagement.where, engagement.status) == ("市民广场", "signed_up")
    (behind,) = await signed_up(third[1].id)
    assert (behind.status, behind.place, behind.stands) == ("waiting", 1, False)
    assert await signed_up(first[1].id) == []
    assert await leave(first, "one") == "not_there"
    assert await leave(third, "one") == "left_waiting"
    assert await leave(second, "one") == "left"
    assert await join(first, "one") == "signed_up"
    (fresh,) = await signed_up(first[1].id)
    assert not fresh.moved_up
    entries = await audit.entries(SYSTEM, audit.Filter(thing_key="one"))
    assert Counter(each.action.rsplit(".")[-1] for each in entries) == {
        "added": 1,
        "published": 1,
        "joined": 2,
        "waiting": 2,
        "left": 2,
        "stopped_waiting": 1,
        "moved_up": 1,
    }


async def test_nobody_stands_in_two_places_at_one_time(
    work: Work, people: list[tuple[Actor, Profile]]
) -> None:
    there = await another_campaign(CAMPAIGN, "there")
    await open_shift(there, "later", begin=11, end=13, capacity=5)
    await open_shift(there, "after", begin=12, end=13, capacity=5)
    assert await join(people[0], "one") == "signed_up"
    with pytest.raises(Conflict) as refused:
        await join(people[0], "later", "there")
    assert refused.value.code == "overlap"
    assert "08:00 引导one" in str(refused.value)
    assert await join(people[0], "after", "there") == "signed_up"
    await publishing.cancel(work, "one")
    await joining.leave(*people[0], "there", "after")
    assert await join(people[0], "later", "there") == "signed_up"


async def test_who_found_another_shift_meanwhile_is_passed_over(
    work: Work, people: list[tuple[Actor, Profile]]
) -> None:
    await open_shift(work, "other", capacity=5)
    first, second, third = people
    for each in people:
        await join(each, "one")
    assert await join(second, "other") == "signed_up"
    await leave(first, "one")
    assert await places("one") == {"taken": [third[1].number], "waiting": [second[1].number]}


async def test_a_place_that_nobody_who_waits_can_take_is_free(
    work: Work, people: list[tuple[Actor, Profile]]
) -> None:
    await open_shift(work, "other", capacity=5)
    first, second, third = people
    for each in (first, second):
        await join(each, "one")
    await join(second, "other")
    await leave(first, "one")
    assert await join(third, "one") == "signed_up"
    assert await places("one") == {"taken": [third[1].number], "waiting": [second[1].number]}
    await leave(third, "one")
    await leave(second, "other")
    assert await places("one") == {"taken": [second[1].number], "waiting": []}


async def test_the_same_person_moves_up_into_one_of_two_shifts_at_one_time(
    work: Work, people: list[tuple[Actor, Profile]]
) -> None:
    await open_shift(work, "other")
    first, second, third = people
    await join(first, "one")
    await join(second, "other")
    assert await join(third, "one") == await join(third, "other") == "waiting"
    both = [
        row["id"]
        for row in await database.fetch(
            "SELECT id FROM volunteer_shift WHERE key IN ('one', 'other')"
        )
    ]
    await database.execute("UPDATE volunteer_shift SET capacity = 2 WHERE id IN (:ids)", ids=both)
    async with database.transaction():
        assert await waiting.move_up(SYSTEM, both) == 1
    assert third[1].number in (await places("one"))["taken"]
    assert (await places("other"))["waiting"] == [third[1].number]


async def test_organisers_free_places(work: Work, people: list[tuple[Actor, Profile]]) -> None:
    first, second, third = people
    for each in people:
        await join(each, "one")
    await confirming.decide(work, "one", "rejected", [await _key(first)])
    assert (await places("one"))["taken"] == [second[1].number]
    with pytest.raises(Conflict) as refused:
        await join(first, "one")
    assert refused.value.code == "refused"
    await change(work, SHIFTS, "one", {"capacity": 2})
    assert (await places("one"))["taken"] == [second[1].number, third[1].number]
    # Who was taken off the list does not come back by the list he waited on.
    await change(work, SHIFTS, "one", {"capacity": 1})
    await remove(work, ATTENDANCES, await _key(second))
    await remove(work, ATTENDANCES, await _key(third))
    assert await places("one") == {"taken": [], "waiting": []}
    assert await join(second, "one") == "signed_up"
    assert await join(third, "one") == "waiting"
    await change(work, ATTENDANCES, await _key(second), {"status": "no_show"})
    assert (await places("one"))["taken"] == [third[1].number]


async def _key(person: tuple[Actor, Profile]) -> str:
    return next(e.attendance or "" for e in await signed_up(person[1].id) if e.attendance)


async def test_when_people_sign_up(people: list[tuple[Actor, Profile]]) -> None:
    changes = (
        "UPDATE campaign SET state = 'closing'",
        "UPDATE volunteer_shift SET starts_at = :past WHERE key = 'one'",
        "UPDATE volunteer_shift SET cancelled_at = :past WHERE key = 'one'",
        "UPDATE volunteer_shift SET published_at = NULL WHERE key = 'one'",
    )
    for each in changes:
        with suppress(UndoneError):
            async with database.transaction():
                values = {"past": in_days(-3, 8)} if ":past" in each else {}
                await database.execute(each, **values)
                with pytest.raises(Conflict) as refused:
                    await join(people[0], "one")
                assert refused.value.code == "closed", each
                raise UndoneError
    await database.execute("DELETE FROM campaign_plugin WHERE plugin = 'volunteer'")
    with pytest.raises(Missing):
        await join(people[0], "one")
    await database.execute(
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT id, 'volunteer' FROM campaign"
    )
    await database.execute("UPDATE campaign SET state = 'draft'")
    assert await join(people[0], "one") == "signed_up"


async def test_who_has_come_or_is_late_does_not_leave(
    people: list[tuple[Actor, Profile]],
) -> None:
    await join(people[0], "one")
    await database.execute("UPDATE volunteer_attendance SET status = 'open'")
    with pytest.raises(Conflict) as refused:
        await leave(people[0], "one")
    assert refused.value.code == "checked_in"
    await database.execute(
        "UPDATE volunteer_shift SET starts_at = :past WHERE key = 'one'", past=in_days(-1, 8)
    )
    with pytest.raises(Conflict) as late:
        await leave(people[0], "one")
    assert late.value.code == "closed"
    with pytest.raises(Missing):
        await leave(people[0], "none")


async def test_for_the_last_places_come_many_at_once(work: Work) -> None:
    await open_shift(work, "two", capacity=2)
    people = [await volunteer(number) for number in range(6)]
    answers = await asyncio.gather(*(join(each, "two") for each in people))
    assert Counter(answers) == {"signed_up": 2, "waiting": 4}
    found = await places("two")
    await asyncio.gather(
        *(leave(each, "two") for each in people if each[1].number in found["taken"])
    )
    after = await places("two")
    assert after == {"taken": found["waiting"][:2], "waiting": found["waiting"][2:]}


async def test_one_person_at_two_places_at_once(work: Work) -> None:
    there = await another_campaign(CAMPAIGN, "there")
    await open_shift(work, "here")
    await open_shift(there, "there")
    person = await volunteer(1)
    begun = asyncio.Event()

    async def slowly() -> None:
        async with database.transaction():
            await join(person, "here")
            begun.set()
            await asyncio.sleep(0.1)

    first = asyncio.create_task(slowly())
    await begun.wait()
    with pytest.raises(Conflict) as refused:
        await join(person, "there", "there")
    assert refused.value.code == "overlap"
    await first


async def test_a_bundle_neither_carries_nor_changes_what_recruiting_says(
    process: Process, work: Work, people: list[tuple[Actor, Profile]]
) -> None:
    for each in people:
        await join(each, "one")
    data = await bundles.export_bundle(CAMPAIGN, process.plugins)
    assert "市民广场" not in data
    await bundles.import_bundle(data.encode(), process.plugins, process.catalogue, SYSTEM)
    row = await find(work, SHIFTS, "one")
    assert (row["place"], row["recruiting"], row["waiting"]) == ("市民广场", "published", 2)
    assert (await signed_up(people[0][1].id))[0].stands
    assert await bundles.export_bundle(CAMPAIGN, process.plugins) == data


async def test_somebody_of_his_number_and_name_is_taken_for_him(work: Work) -> None:
    _, profile = await volunteer(1)
    known = {"key": profile.number, "name": profile.name, "organisation": "x1"}
    stored = await add(work, VOLUNTEERS, known)
    _, other = await volunteer(2)
    await add(work, VOLUNTEERS, {**known, "key": other.number, "name": "别人"})
    async with database.transaction():
        assert await profiles.person_in(work.campaign.id, profile) == stored.id
        made = await profiles.person_in(work.campaign.id, other)
        assert await profiles.person_in(work.campaign.id, other) == made
    key = await database.fetch_value("SELECT key FROM volunteer_person WHERE id = :id", id=made)
    assert key == f"{other.number}-{other.id}"


@dataclass
class Model:
    """What should be: the order of those who signed up for a shift of so many places."""

    capacity: int
    taken: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def fill(self) -> None:
        while self.waiting and len(self.taken) < self.capacity:
            self.taken.append(self.waiting.pop(0))

    def join(self, who: int) -> None:
        if who not in self.taken + self.waiting:
            (self.taken if len(self.taken) < self.capacity else self.waiting).append(who)

    def leave(self, who: int) -> None:
        for each in (self.taken, self.waiting):
            if who in each:
                each.remove(who)
        self.fill()


async def test_any_order_of_coming_and_going(work: Work) -> None:
    """Sixty steps drawn by a fixed seed, each compared with a model of two lists."""
    people = [await volunteer(number) for number in range(5)]
    await open_shift(work, "drawn", capacity=2)
    model, draw = Model(2), random.Random(20260517)
    done: list[Any] = []
    for _ in range(60):
        who, act = draw.randrange(5), draw.choice(("join", "join", "leave", "grow"))
        done.append((act, who))
        if act == "grow":
            model.capacity = max(1, who)
            model.fill()
            await change(work, SHIFTS, "drawn", {"capacity": model.capacity})
        else:
            getattr(model, act)(who)
            await (join if act == "join" else leave)(people[who], "drawn")
        assert await places("drawn") == {
            "taken": _numbers(people, model.taken),
            "waiting": _numbers(people, model.waiting),
        }, done


def _numbers(people: Sequence[tuple[Actor, Profile]], listed: Sequence[int]) -> list[str]:
    return [people[each][1].number for each in listed]

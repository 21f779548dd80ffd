"""Records of job fairs as programmes write and read them, and who may."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.kit.records import Work, add, change, listing, put, remove
from api.kit.records.resource import Resource
from core import bundles, campaigns, database
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from plugins.job_fair import doing
from plugins.job_fair.fair_records import APPLICATIONS, ATTENDANCES, POSITIONS
from plugins.job_fair.naming import named
from plugins.job_fair.records import EMPLOYERS, FAIRS, SEEKERS
from tests.fixtures.application import ActorOf, Bearer
from tests.plugins.job_fair.fairs_made import KEY

DATA = f"/api/v1/campaigns/{KEY}/job_fair"
POSITION = {
    "fair": "j1",
    "employer": "e2",
    "title": "",
    "job_type": "客服",
    "openings": 2,
    "accommodations": ["可坐着工作", "sign_language"],
}


async def section(process: Process) -> Any:
    found = await bundles.export_document(KEY, process.plugins)
    return found["plugins"]["job_fair"]


async def test_a_position_is_added_read_changed_and_removed(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "c1")
    made = await client.post(f"{DATA}/positions", json={**POSITION, "key": "p9"}, headers=headers)
    assert made.status_code == 201, made.text
    stored = {**POSITION, "key": "p9", "accommodations": ["sign_language", "可坐着工作"]}
    assert made.json() == stored
    path = f"{DATA}/positions/p9"
    answer = await client.patch(path, json={"job_type": "话务员"}, headers=headers)
    assert answer.json() == {**stored, "job_type": "话务员"}
    names = await database.fetch("SELECT name FROM job_fair_job_type ORDER BY name")
    assert sorted(row["name"] for row in names) == ["包装工", "话务员"]
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).status_code == 404


async def test_a_creating_request_that_is_repeated_is_answered_again(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = {**await bearer("clerk", "c1"), "idempotency-key": "once"}
    body = {"seeker": "s1", "position": "p2", "stage": "applied"}
    answers = [
        await client.post(f"{DATA}/applications", json=body, headers=headers) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() == body
    assert answers[0].headers["location"] == f"{DATA}/applications/s1~p2~0"
    other = {**body, "stage": "hired"}
    answer = await client.post(f"{DATA}/applications", json=other, headers=headers)
    assert answer.status_code == 409


WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("employers", {"name": "甲县包装厂"}, {"name": "duplicate"}),
    (
        "seekers",
        {"organisation": "c2"},
        {"organisation": "unknown_reference", "name": "missing"},
    ),
    (
        "fairs",
        {"activity": "a9", "organisation": "c1", "mode": "hybrid", "held_on": "2026-02-30"},
        {"activity": "unknown_reference", "mode": "value", "held_on": "value"},
    ),
    (
        "positions",
        {**POSITION, "fair": "j2", "employer": "e9", "openings": -1, "key": "p1"},
        {
            "fair": "unknown_reference",
            "employer": "unknown_reference",
            "openings": "value",
            "key": "duplicate",
        },
    ),
    ("attendances", {"fair": "j1", "seeker": "s1"}, {"seeker": "duplicate"}),
    (
        "applications",
        {"seeker": "s3", "position": "p3", "stage": "won"},
        {"seeker": "unknown_reference", "position": "unknown_reference", "stage": "value"},
    ),
]


@pytest.mark.parametrize(("resource", "body", "faults"), WRONG, ids=[each[0] for each in WRONG])
async def test_all_that_is_wrong_is_told_at_once(
    bearer: Bearer, fairs: str, client: httpx.AsyncClient, *, resource: str, body: Any, faults: Any
) -> None:
    headers = await bearer("clerk", "c1")
    answer = await client.post(f"{DATA}/{resource}", json=body, headers=headers)
    assert answer.status_code == 422
    found = {each["pointer"].removeprefix("/"): each["code"] for each in answer.json()["errors"]}
    assert found == faults


@pytest.mark.parametrize(
    ("office", "seen"),
    [("city", {"j1", "j2"}), ("c1", {"j1"}), ("t1", set()), ("c2", set())],
)
async def test_fairs_are_seen_from_their_office_and_above(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer, office: str, seen: set[str]
) -> None:
    headers = await bearer("clerk", office)
    listed = (await client.get(f"{DATA}/fairs", headers=headers)).json()["items"]
    assert {each["key"] for each in listed} == seen
    status = 200 if "j1" in seen else 404
    for path in ("fairs/j1", "positions/p1", "attendances/j1~s1", "applications/s1~p1~0"):
        assert (await client.get(f"{DATA}/{path}", headers=headers)).status_code == status, path


@pytest.mark.parametrize("office", ["t1", "c2"])
async def test_who_is_below_or_beside_changes_nothing(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer, process: Process, office: str
) -> None:
    headers, before = await bearer("clerk", office), await section(process)
    changing = {
        "fairs/j1": {"mode": "online"},
        "positions/p1": {"openings": 9},
        "applications/s1~p1~0": {"stage": "hired"},
        "seekers/s1": {"name": "某人"},
    }
    for path, body in changing.items():
        answer = await client.patch(f"{DATA}/{path}", json=body, headers=headers)
        assert answer.status_code == 404, path
        assert (await client.delete(f"{DATA}/{path}", headers=headers)).status_code == 404, path
    for path, body in (
        ("attendances", {"seekers": ["s2"]}),
        ("stages", {"stage": "hired", "applications": ["s1~p1~0"]}),
    ):
        answer = await client.post(f"{DATA}/fairs/j1/{path}", json=body, headers=headers)
        assert answer.status_code == 404, path
    assert await section(process) == before


@pytest.mark.parametrize("role", ["viewer", "reviewer", "volunteer"])
async def test_who_only_looks_writes_nothing(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer, role: str
) -> None:
    headers = await bearer(role, "city")
    answer = await client.patch(f"{DATA}/fairs/j1", json={"mode": "online"}, headers=headers)
    assert answer.status_code in {403, 404}
    looked = await client.get(f"{DATA}/seekers", headers=headers)
    if role == "volunteer":
        assert looked.status_code in {403, 404}
    else:
        assert [each["name"] for each in looked.json()["items"]] == ["张*三", "李*", "王*五"]


async def test_a_seeker_is_found_by_the_full_name_alone(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "city")
    for name, keys in (("张小三", ["s1"]), ("张", [])):
        answer = await client.get(f"{DATA}/seekers", params={"name": name}, headers=headers)
        assert [each["key"] for each in answer.json()["items"]] == keys


async def test_lists_are_narrowed(fairs: str, client: httpx.AsyncClient, bearer: Bearer) -> None:
    headers = await bearer("clerk", "city")

    async def found(resource: str, **query: str) -> int:
        answer = await client.get(f"{DATA}/{resource}", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await found("applications", fair="j1") == 2
    assert await found("applications", fair="j1", stage="hired") == 1
    assert await found("applications", seeker="李四") == 1
    assert await found("positions", job_type="包装") == 2
    assert await found("positions", fair="j2") == 1
    assert await found("fairs", held_on_until="2026-05-31") == 1
    assert await found("fairs", mode="online", organisation="c1") == 0


async def test_the_second_application_for_a_position_has_its_own_address(
    work: Work, process: Process
) -> None:
    again = {"seeker": "s1", "position": "p1", "stage": "applied"}
    await add(work, APPLICATIONS, again)
    await change(work, APPLICATIONS, "s1~p1~1", {"stage": "rejected"})
    stages = [
        each["stage"]
        for each in (await section(process))["fairs"][0]["applications"]
        if each["seeker"] == "s1"
    ]
    assert stages == ["intent", "rejected"]
    many = await put(work, APPLICATIONS, [again, again])
    ordinals = await database.fetch(
        "SELECT l.ordinal FROM job_fair_application l JOIN job_fair_seeker s ON s.id = l.seeker"
        " WHERE s.key = 's1' ORDER BY l.ordinal"
    )
    assert [row["ordinal"] for row in ordinals] == [0, 1, 2, 3]
    assert all(entry.id for entry in many.entries)


async def test_an_application_stays_who_applied_for_what(work: Work) -> None:
    with pytest.raises(Refusal, match="不能改"):
        await change(work, APPLICATIONS, "s1~p1~0", {"position": "p2"})


@pytest.mark.parametrize(
    ("resource", "key", "why"),
    [
        (EMPLOYERS, "e1", "3个职位"),
        (SEEKERS, "s1", "2次到场登记"),
        (POSITIONS, "p1", "2份投递"),
    ],
)
async def test_what_is_used_cannot_be_removed(
    work: Work, resource: Resource, key: str, why: str
) -> None:
    with pytest.raises(Conflict, match=why):
        await remove(work, resource, key)


async def test_a_fair_goes_with_all_that_happened_there(work: Work, process: Process) -> None:
    await remove(work, FAIRS, "j1")
    left = await section(process)
    assert [fair["key"] for fair in left["fairs"]] == ["j2"]
    assert len(left["seekers"]) == 3
    # A job type that nobody offers any more goes with the next position that is written.
    await add(work, POSITIONS, {**POSITION, "fair": "j2"})
    names = await database.fetch("SELECT name FROM job_fair_job_type")
    assert {row["name"] for row in names} == {"包装工", "客服"}


async def test_two_employers_of_one_name_are_one_too_many(work: Work) -> None:
    with pytest.raises(Refusal, match="已经有了"):
        await put(work, EMPLOYERS, [{"key": "e8", "name": "新厂"}, {"key": "e9", "name": "新厂"}])
    with pytest.raises(Refusal, match="已经有了"):
        await change(work, EMPLOYERS, "e2", {"name": "甲县包装厂"})
    await change(work, EMPLOYERS, "e1", {"name": "甲县包装厂"})


async def test_a_fair_tells_what_it_came_to(work: Work) -> None:
    (fair,) = [row for row in await listing(work, FAIRS) if row["key"] == "j1"]
    numbers = ("positions", "employers", "openings", "unstated", "attendees")
    assert [fair[name] for name in numbers] == [2, 1, 8, 1, 1]
    assert [fair[name] for name in ("applications", "intents", "hired")] == [2, 2, 1]


async def test_several_come_at_once(work: Work, process: Process) -> None:
    people = await named(work, ["s1", "李四", "新来的"], "c1")
    assert people.keys == ["s1", "s2"]
    assert await doing.attend(work, "j1", people) == 2
    attending = (await section(process))["fairs"][0]["attendances"]
    assert set(attending) == {"s1", "s2", people.new[0]["key"]}


async def test_names_that_cannot_be_told_are_told(work: Work) -> None:
    await add(work, SEEKERS, {"key": "s4", "name": "李四", "organisation": "c2"})
    people = await named(work, ["李四", "张*三", "没有的人"], None)
    assert people.everybody == []
    assert people.faults == [
        "有2个求职者叫“李四”，请改填编号",
        "“张*三”是打了码的名字，请填完整的名字或编号",
        "“没有的人”还没有登记过：请核对名字，或者在下面选所属的机构",
    ]


async def test_people_of_offices_beside_are_not_found(fairs: str, actor_of: ActorOf) -> None:
    clerk = Work(await actor_of("clerk", "c2"), await campaigns.find(fairs))
    people = await named(clerk, ["张小三", "s1", "王小五"], None)
    assert people.keys == ["s3"]
    with pytest.raises(Missing):
        await doing.attend(clerk, "j1", people)


async def test_applications_move_together_and_it_is_logged(work: Work, process: Process) -> None:
    moved = await doing.move(work, "j1", ["s1~p1~0", "s2~p1~0", "s3~p3~0"], "hired")
    assert moved == 1
    found = await section(process)
    assert [each["stage"] for each in found["fairs"][0]["applications"]] == ["hired", "hired"]
    assert [each["stage"] for each in found["fairs"][1]["applications"]] == ["applied"]
    row = await database.fetch_one(
        "SELECT before, after FROM audit_entry WHERE action = 'job_fair.applications.moved'"
    )
    assert row == {"before": '{"s1~p1~0": "intent"}', "after": '{"s1~p1~0": "hired"}'}


async def test_programmes_note_several_and_move_several(
    fairs: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "c1")
    came = await client.post(
        f"{DATA}/fairs/j1/attendances", json={"seekers": ["s1", "s2"]}, headers=headers
    )
    assert (came.status_code, came.json()) == (201, {"added": 1})
    body = {"stage": "signed", "applications": ["s1~p1~0"]}
    moved = await client.post(f"{DATA}/fairs/j1/stages", json=body, headers=headers)
    assert (moved.status_code, moved.json()) == (200, {"changed": 1})
    for path, wrong, pointer in (
        ("attendances", {"seekers": ["s3"]}, "/0/seeker"),
        ("stages", {"stage": "won", "applications": []}, "/stage"),
    ):
        answer = await client.post(f"{DATA}/fairs/j1/{path}", json=wrong, headers=headers)
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("state", ["draft", "closed"])
async def test_nothing_is_written_down_before_and_after(work: Work, state: str) -> None:
    await database.execute("UPDATE campaign SET state = :state", state=state)
    for resource, key, members in (
        (FAIRS, "j1", {"mode": "online"}),
        (APPLICATIONS, "s1~p1~0", {"stage": "hired"}),
    ):
        with pytest.raises(Conflict):
            await change(work, resource, key, members)
    with pytest.raises(Conflict):
        await doing.move(work, "j1", ["s1~p1~0"], "hired")
    seeker = {"key": "s9", "name": "赵六", "organisation": "c1"}
    if state == "draft":
        await add(work, SEEKERS, seeker)  # whom to invite is plan
    else:
        with pytest.raises(Conflict):
            await add(work, SEEKERS, seeker)


@pytest.mark.parametrize("count", [1, 1000])
async def test_writing_many_takes_as_many_statements_as_writing_one(work: Work, count: int) -> None:
    told: list[str] = []
    seekers = [{"key": f"n{i}", "name": f"人{i}", "organisation": "c1"} for i in range(count)]
    await put(work, SEEKERS, seekers)
    async with database.watching(told.append):
        await put(work, ATTENDANCES, [{"fair": "j1", "seeker": each["key"]} for each in seekers])
        await put(work, POSITIONS, [{**POSITION, "key": f"m{i}"} for i in range(count)])
        await doing.move(work, "j1", ["s1~p1~0"], "hired")
    assert len(told) <= 45

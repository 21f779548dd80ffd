"""A recap's life: handed in, accepted or returned, made final, put right, on both engines."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from core import campaigns, database
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.recap import model
from core.recap.life import differences, handing_in, snapshot, versions
from core.refusals import Conflict, Missing, Refusal
from tests.core.recap.handed_in import KEY, again, change_a_record, live, submit, to_final
from tests.fixtures.application import ActorOf

pytestmark = pytest.mark.usefixtures("campaign_2022")


@pytest.fixture
async def author(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("clerk", "x1")


@pytest.fixture
async def above(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("organiser", "city")


async def told() -> list[tuple[str, str, dict[str, Any]]]:
    """What the log says of recaps: by whom, what, with what."""
    rows = await database.fetch(
        "SELECT actor, action, after FROM audit_entry WHERE action LIKE 'recap.%' ORDER BY id"
    )
    return [(row["actor"], row["action"], json.loads(row["after"])) for row in rows]


async def test_a_whole_life(process: Process, author: Actor, above: Actor) -> None:
    campaign = await campaigns.find(KEY)
    first = await submit(process, author)
    assert (first.number, first.state, first.replaces) == (1, "submitted", None)
    assert first.is_whole
    with pytest.raises(Refusal, match="退回要写明原因"):
        await handing_in.decide(above, campaign, first, "returned", "  ")
    await handing_in.decide(above, campaign, first, "returned", "慰问人数请核对")
    second = await submit(process, author)
    assert (second.number, second.replaces, second.corrects) == (2, 1, None)
    assert second.code != first.code
    await handing_in.decide(above, campaign, second, "accepted")
    await handing_in.freeze(above, campaign, second.organisation, 2)
    final = await again(second)
    assert (final.state, final.status) == ("frozen", "第2版（定稿）")
    assert (final.content, final.sha256) == (second.content, second.sha256)
    with pytest.raises(Refusal, match="写明更正的原因"):
        await submit(process, author)
    third = await submit(process, author, correction="漏了一户")
    assert (third.corrects, third.correction) == (2, "漏了一户")
    assert third.document().subtitles == ("（第3版，更正第2版）",)
    assert third.status == "第3版（已报送），更正第2版"
    all_of = await versions.listed(campaign.id, third.organisation)
    assert [each.state for each in all_of] == ["submitted", "frozen", "returned"]
    assert versions.valid(all_of) == all_of[1]
    log = await told()
    assert [(by, action) for by, action, _ in log] == [
        ("clerk-x1", "recap.submitted"),
        ("organiser-city", "recap.returned"),
        ("clerk-x1", "recap.submitted"),
        ("organiser-city", "recap.accepted"),
        ("organiser-city", "recap.frozen"),
        ("clerk-x1", "recap.submitted"),
    ]
    assert log[1][2]["reason"] == "慰问人数请核对"
    assert log[4][2]["sha256"] == final.sha256
    assert log[5][2]["correction"] == "漏了一户"
    assert (await campaigns.find(KEY)).changes == campaign.changes


async def test_what_is_stored_is_the_recap_without_the_findings(
    process: Process, author: Actor
) -> None:
    report, document = await live(process)
    version = await submit(process, author)
    given = version.document("https://recap.example.org")
    assert given.verification is not None
    assert (
        given.verification.address == f"https://recap.example.org/verify/{given.verification.code}"
    )
    assert given.sections == snapshot.without_findings(document).sections
    assert given.annex == document.annex
    assert {figure["metric"] for figure in version.recap()["figures"]} == set(report.figures.own)
    assert snapshot.fingerprint(document) == version.fingerprint


async def test_steps_out_of_order_are_refused(
    process: Process, author: Actor, above: Actor
) -> None:
    campaign = await campaigns.find(KEY)
    version = await submit(process, author)

    async def refused(step: Any, match: str) -> None:
        with pytest.raises(Conflict, match=match) as answer:
            await step
        assert answer.value.code == "recap_state"

    await refused(submit(process, author), "第1版已报送，还没有结果")
    await refused(handing_in.freeze(above, campaign, version.organisation, 1), "现在不能定稿")
    await handing_in.decide(above, campaign, version, "accepted")
    await refused(submit(process, author), "第1版已接受，还没有结果")
    await refused(handing_in.decide(above, campaign, version, "returned", "晚了"), "刚刚处理")
    accepted = await again(version)
    await refused(handing_in.decide(above, campaign, accepted, "returned", "晚了"), "不能审核")
    await handing_in.freeze(above, campaign, version.organisation, 1)
    await refused(handing_in.freeze(above, campaign, version.organisation, 1), "已定稿")


async def test_nobody_accepts_what_is_his_own(
    process: Process, above: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    own = await submit(process, above, "x1")
    with pytest.raises(Conflict, match="不能审核它") as refused:
        await handing_in.decide(above, campaign, own, "accepted")
    assert refused.value.code == "author"
    reviewer = await actor_of("reviewer", "city")
    written = await submit(process, await actor_of("clerk", "x2"), "x2")
    await database.execute(
        "INSERT INTO recap_manuscript (campaign, organisation, title, recipient, revision,"
        " changed_by, changed_at) VALUES (:campaign, :office, '', '', 1, :name, :then)",
        campaign=campaign.id,
        office=written.organisation,
        name=reviewer.name,
        then=written.submitted_at,
    )
    with pytest.raises(Conflict, match="不能审核它"):
        await handing_in.decide(reviewer, campaign, written, "accepted")
    assert not await handing_in.may_review(reviewer, written)
    assert await handing_in.may_review(above, written)
    await handing_in.decide(above, campaign, written, "accepted")


async def test_only_the_office_above_reviews(
    process: Process, author: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    version = await submit(process, author)
    for role, office in (("reviewer", "x1"), ("organiser", "x2"), ("clerk", "city")):
        with pytest.raises(Missing, match="上级单位"):
            await handing_in.decide(await actor_of(role, office), campaign, version, "accepted")
    for role, office in (("viewer", "x1"), ("clerk", "x2")):
        with pytest.raises(Missing):
            await submit(process, await actor_of(role, office))
    await handing_in.decide(await actor_of("reviewer", "city"), campaign, version, "accepted")
    with pytest.raises(Missing, match="定稿"):
        await handing_in.freeze(author, campaign, version.organisation, 1)
    await handing_in.freeze(await actor_of("organiser", "x1"), campaign, version.organisation, 1)


async def test_the_first_office_reviews_itself_over_accepted_parts(
    process: Process, above: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    await to_final(process, await actor_of("clerk", "x1"), above)
    with pytest.raises(Conflict, match="乙县残联（未报送）、丙区残联（未报送）") as refused:
        await submit(process, above, "city")
    assert refused.value.code == "unaccepted"
    assert "3个下级单位" in str(refused.value)
    version = await submit(process, above, "city", unaccepted="其余单位今年没有活动")
    assert version.unaccepted == "其余单位今年没有活动"
    await handing_in.decide(await actor_of("reviewer", "city"), campaign, version, "accepted")
    assert (await again(version)).state == "accepted"


async def test_a_text_that_was_tampered_with_is_seen(
    process: Process, author: Actor, above: Actor
) -> None:
    campaign = await campaigns.find(KEY)
    version = await submit(process, author)
    await handing_in.decide(above, campaign, version, "accepted")
    await database.execute(
        "UPDATE recap_version SET content = :content WHERE id = :id",
        content=version.content.replace("甲旗残联", "甲旗残协", 1),
        id=version.id,
    )
    changed = await again(version)
    assert not changed.is_whole
    with pytest.raises(Conflict, match="校验值不一致") as refused:
        await handing_in.freeze(above, campaign, version.organisation, 1)
    assert refused.value.code == "tampered"
    for read in (changed.document, changed.recap):
        with pytest.raises(Conflict, match="校验值不一致"):
            read()
    assert (await again(version)).state == "accepted"


async def test_of_two_at_once_one_is_taken(process: Process, author: Actor) -> None:
    report, document = await live(process)
    both = [
        handing_in.submit(author, report, document, process.catalogue, unaccepted=str(number))
        for number in range(2)
    ]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "int"]
    assert await database.fetch_value("SELECT COUNT(*) FROM recap_version") == 1


async def test_what_is_not_whole_or_not_begun_is_not_handed_in(
    process: Process, author: Actor
) -> None:
    report, document = await live(process)
    words = (model.Text("“招聘会”部分暂时无法统计"),)
    broken = model.Section("findings", "", (model.Notice("failure", words),))
    with pytest.raises(Conflict, match=r"还不完整.*招聘会"):
        await handing_in.submit(
            author, report, replace(document, sections=(broken,)), process.catalogue
        )
    for state in ("draft", "archived"):
        at_that = replace(report, campaign=replace(report.campaign, state=state))
        with pytest.raises(Conflict) as refused:
            await handing_in.submit(author, at_that, document, process.catalogue)
        assert refused.value.code == "campaign_state"
    with pytest.raises(Refusal, match="最多 500 个字"):
        await handing_in.submit(author, report, document, process.catalogue, correction="长" * 501)


async def test_what_has_changed_since_is_told_with_how_much(
    process: Process, author: Actor, above: Actor
) -> None:
    await change_a_record()
    version = await to_final(process, author, above)
    report, _ = await live(process)
    assert differences.differs(version, report) == []
    await campaigns.touch(version.campaign)
    report, _ = await live(process)
    assert differences.differs(version, report) == []
    await change_a_record()
    report, _ = await live(process)
    (found,) = differences.differs(version, report)
    assert (found.organisation, found.organisation_name) == ("x1", "甲旗残联")
    assert (found.metric, found.frozen, found.live) == ("culture.shows", "8", "16")
    assert found.words == "8次改为16次，多8次"


async def test_figures_that_come_and_go_are_told(process: Process, author: Actor) -> None:
    version = await submit(process, author)
    report, _ = await live(process)
    own = dict(report.figures.own)
    gone, rated = next(iter(own)), "condolence.people"
    new = replace(own[rated], metric="new.rate", unit="%", aggregation="ratio", label="率")
    del own[gone]
    figures = replace(report.figures, by_organisation={"x1": {**own, "new.rate": new}})
    now = replace(report, figures=figures, campaign=replace(report.campaign, changes=10**6))
    words = {each.metric: each.words for each in differences.differs(version, now)}
    assert words[gone].endswith("，现在没有这一项")
    assert words["new.rate"].startswith("原来没有，现在是")
    assert set(words) == {gone, "new.rate"}


async def test_the_command_line_may_hand_in_for_any_office(process: Process) -> None:
    version = await submit(process, SYSTEM)
    campaign = await campaigns.find(KEY)
    with pytest.raises(Conflict, match="不能审核它"):
        await handing_in.decide(SYSTEM, campaign, version, "accepted")


async def test_versions_that_are_not_there_are_missing(process: Process, author: Actor) -> None:
    version = await submit(process, author)
    for number in (0, 2, 2**31, 10**30):
        with pytest.raises(Missing):
            await versions.find(version.campaign, version.organisation, number)

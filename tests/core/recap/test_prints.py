"""What a code on paper says: of drafts and of versions, today and after changes."""

from __future__ import annotations

import string

import pytest

from core import campaigns, database
from core.permissions import Actor
from core.process import Process
from core.recap.life import codes, currency, handing_in, prints
from core.recap.life.prints import Checked
from core.recap.model import Verification
from tests.core.recap.handed_in import KEY, change_a_record, live, submit, to_final
from tests.fixtures.application import ActorOf

pytestmark = pytest.mark.usefixtures("campaign_2022")


@pytest.fixture
async def author(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("clerk", "x1")


@pytest.fixture
async def above(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("organiser", "city")


async def printed(process: Process, actor: Actor, base_url: str = "") -> Verification:
    made = await prints.issued(*await live(process), actor, base_url)
    assert made.verification is not None
    return made.verification


async def checked(process: Process, code: str) -> Checked:
    found = await prints.check(code, process.plugins, process.catalogue)
    assert found is not None
    return found


async def test_a_draft_is_noted_once_for_a_content(process: Process, author: Actor) -> None:
    first = await printed(process, author)
    assert (first.status, first.address) == ("草稿", "")
    again = await printed(process, author, "https://recap.example.org/")
    assert again.code == first.code
    assert again.address == f"https://recap.example.org/verify/{first.code}"
    await change_a_record()
    assert (await printed(process, author)).code != first.code
    assert await database.fetch_value("SELECT COUNT(*) FROM recap_print") == 2
    told = "SELECT COUNT(*) FROM audit_entry WHERE action = 'recap.printed'"
    assert await database.fetch_value(told) == 2


async def test_a_draft_is_current_until_something_changes(process: Process, author: Actor) -> None:
    code = (await printed(process, author)).code
    found = await checked(process, code)
    assert found.standing == "草稿，与现在的数据一致"
    assert (found.office, found.campaign, found.verdict) == ("甲旗残联", KEY, "pending")
    assert found.title == "关于第32次全国助残日活动开展情况的总结"
    await change_a_record()
    found = await checked(process, code)
    assert (found.standing, found.verdict) == ("草稿，数据此后有变动", "outdated")


async def test_the_present_recap_is_computed_once_for_a_state(
    process: Process, author: Actor
) -> None:
    code = (await printed(process, author)).code
    told: list[str] = []
    counts = []
    # Last year's figures stand beside this year's: a change there is one here.
    last = await database.fetch_value(
        "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on, state,"
        " changes, modified_at) SELECT 'last', organisation, 2021, '', '', starts_on, ends_on,"
        " 'closed', 0, modified_at FROM campaign WHERE key = :key RETURNING id",
        key=KEY,
    )
    await database.execute(
        "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
        " SELECT CAST(:last AS BIGINT), id, NULL, name, level FROM organisation WHERE key = 'x1'",
        last=last,
    )
    for number in range(3):
        if number == 2:
            await campaigns.touch(last)
        told.clear()
        async with database.watching(told.append):
            await checked(process, code)
        counts.append(len(told))
    assert counts[1] < 8 < counts[0] == counts[2]


async def test_a_version_goes_from_pending_to_current_to_corrected(
    process: Process, author: Actor, above: Actor
) -> None:
    campaign = await campaigns.find(KEY)
    draft = await printed(process, author)
    version = await submit(process, author)
    code = codes.grouped(version.code)
    # What says the same as the version is the version.
    assert await printed(process, author) == Verification(code, "", "第1版（已报送）")
    assert (await checked(process, code)).standing == "第1版，已报送，等待审核"
    await handing_in.decide(above, campaign, version, "accepted")
    assert (await checked(process, code)).standing == "第1版，上级已接受，还没有定稿"
    await handing_in.freeze(above, campaign, version.organisation, 1)
    found = await checked(process, code)
    assert (found.standing, found.verdict) == ("现行定稿（第1版）", "current")
    old = await checked(process, draft.code)
    assert (old.standing, old.verdict) == ("草稿；总结后来已经定稿（第1版）", "outdated")
    assert code in old.more[0]
    await change_a_record()
    assert (await printed(process, author)).status == "草稿"
    second = await submit(process, author, correction="漏报")
    found = await checked(process, code)
    assert (found.verdict, found.more) == (
        "current",
        ("第2版正在审核；在它定稿以前，仍以第1版为准。",),
    )
    await handing_in.decide(above, campaign, second, "accepted")
    await handing_in.freeze(above, campaign, version.organisation, 2)
    found = await checked(process, code)
    assert (found.standing, found.verdict) == ("已被第2版更正", "outdated")
    assert codes.grouped(second.code) in found.more[0]


async def test_a_returned_version_is_not_current(
    process: Process, author: Actor, above: Actor
) -> None:
    version = await submit(process, author)
    campaign = await campaigns.find(KEY)
    await handing_in.decide(above, campaign, version, "returned", "请核对")
    found = await checked(process, version.code)
    assert (found.standing, found.verdict) == ("第1版，已被上级退回", "outdated")
    assert (await printed(process, author)).status == "草稿"


async def test_a_code_is_read_as_people_write_it(process: Process, author: Actor) -> None:
    code = (await printed(process, author)).code
    for typed in (
        code.lower(),
        f"  {code.replace('-', ' ')}  ",
        code.replace("-", "—"),
        code.replace("0", "O").replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) if c in string.ascii_letters else c for c in code),
    ):
        assert (await checked(process, typed)).code == code
    for nothing in ("", "7K2M", f"{code}0", "UUUU-UUUU-UUUU", "总结", "0" * 12):
        assert await prints.check(nothing, process.plugins, process.catalogue) is None


async def test_codes_differ_by_office_campaign_content_and_version(process: Process) -> None:
    parts = ("a", "b", "c", 0), ("A", "b", "c", 0), ("a", "c", "b", 0), ("a", "b", "c", 1)
    made = {codes.code_of(*each) for each in parts}
    assert len(made) == 4
    for code in made:
        assert codes.read(codes.grouped(code)) == code


async def test_a_frozen_version_stays_current_whatever_is_recorded_later(
    process: Process, author: Actor, above: Actor
) -> None:
    version = await to_final(process, author, above)
    await change_a_record()
    assert (await checked(process, version.code)).verdict == "current"
    assert (
        await currency.fingerprint(KEY, "x1", process.plugins, process.catalogue)
        != version.fingerprint
    )

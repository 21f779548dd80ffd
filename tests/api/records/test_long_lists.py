"""Lists too long to be counted, and choices too many to be offered."""

from __future__ import annotations

from api.kit.records import Work
from api.kit.records.reading import MOST_COUNTED
from api.kit.records.targets import options
from core import campaigns, database
from core.permissions import SYSTEM
from plugins.condolence.records import LINES, RECIPIENTS
from tests.fixtures.application import ActorOf, SignIn

PAGE = "/campaigns/{}/condolence/recipients"
COPIED = (
    "INSERT INTO condolence_recipient ({columns}) WITH RECURSIVE numbers(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
    " SELECT {values} FROM condolence_recipient t CROSS JOIN numbers WHERE t.key = 'r00239'"
)


async def _copy_recipient(name: str, many: int) -> None:
    """So many more recipients of the office of one."""
    row = (await database.fetch("SELECT * FROM condolence_recipient WHERE key = 'r00239'"))[0]
    values = {each: f't."{each}"' for each in row if each != "id"}
    values["key"] = f"'{name}-' || CAST(n AS VARCHAR(9))"
    columns = ", ".join(f'"{each}"' for each in values)
    sql = COPIED.format(columns=columns, values=", ".join(values.values()))
    await database.execute(sql, many=many)


async def test_a_list_is_counted_as_far_as_that_is_worth_it(
    campaign_2022: str, sign_in: SignIn
) -> None:
    browser, page = await sign_in("clerk", "city"), PAGE.format(campaign_2022)
    there = await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient")
    await _copy_recipient("copy", MOST_COUNTED - there)
    assert "共10,000个" in (await browser.get(page)).text
    await _copy_recipient("more", 1)
    told = (await browser.get(page)).text
    assert "10,000个以上" in told
    assert "共10," not in told
    beside = (await (await sign_in("clerk", "x2")).get(page)).text
    assert "10,000" not in beside


async def test_so_many_of_the_choices_are_those_within_reach(
    campaign_2022: str, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(campaign_2022)
    office, line_round = RECIPIENTS.by_name["organisation"], LINES.by_name["round"]
    everything = Work(SYSTEM, campaign)
    for resource, field in ((RECIPIENTS, office), (LINES, line_round)):
        every = await options(everything, resource, field)
        assert len(every) > 1
        assert await options(everything, resource, field, 1) == every[:1]
        own = Work(await actor_of("clerk", "x2"), campaign)
        reached = await options(own, resource, field)
        assert 0 < len(reached) < len(every)
        assert reached[0] != every[0]
        assert await options(own, resource, field, 1) == reached[:1]

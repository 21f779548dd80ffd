"""Many offices from a spreadsheet: previewed, then written all or none."""

from __future__ import annotations

import html
import re

import pytest

from core import audit, database, office_import
from core.office_tree import visible
from core.permissions import SYSTEM
from core.spreadsheets import read, write_csv
from tests.core.spreadsheets.samples import csv_of, workbook_of

HEADINGS = ["编号", "名称", "级别", "上级编号"]
# Below before above, and one that stands already, just so.
GOOD = [
    HEADINGS,
    ["x1-01-01", "第一社区", "村（社区）", "x1-01"],
    ["x1-01", "第一街道残联", "乡镇(街道)", "x1"],
    ["x2", "乙县残联", "县级", "city"],
    ["x3-01", "第三街道残联", "乡镇（街道）", "x3"],
]


@pytest.fixture
async def chief(campaign_2022, sign_in):
    return await sign_in("administrator", "city")


async def offered(browser, rows, name="机构.csv", data=None):
    """The preview of a file."""
    file = (name, data if data is not None else csv_of(rows))
    return await browser.post("/import-organisations", files={"file": file})


def hidden(page):
    """The hidden fields of the preview's own form, as a browser would send them."""
    form = page.split('action="/import-organisations/confirm"', 1)[1].split("</form>", 1)[0]
    found = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


async def keys():
    return [r["key"] for r in await database.fetch("SELECT key FROM organisation ORDER BY key")]


async def test_a_preview_writes_nothing_and_its_confirmation_everything(chief):
    before = await keys()
    page = await offered(chief, GOOD)
    assert page.status_code == 200
    assert "将增加 3 个机构，另有 1 个已经有了" in page.text
    assert await keys() == before
    done = await chief.post("/import-organisations/confirm", data=hidden(page.text))
    assert done.headers["location"] == "/organisations"
    assert "已导入3个机构。" in (await chief.get("/organisations")).text
    assert await keys() == sorted([*before, "x1-01", "x1-01-01", "x3-01"])
    places = await database.fetch(
        "SELECT o.key, a.key AS parent, p.level FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation JOIN organisation a ON a.id = p.parent"
        " WHERE o.key LIKE '%-0%' ORDER BY o.key"
    )
    assert places == [
        {"key": "x1-01", "parent": "x1", "level": "town"},
        {"key": "x1-01-01", "parent": "x1-01", "level": "community"},
        {"key": "x3-01", "parent": "x3", "level": "town"},
    ]
    closure = await database.fetch_value(
        "SELECT k.depth FROM campaign_closure k JOIN organisation a ON a.id = k.ancestor"
        " JOIN organisation d ON d.id = k.descendant WHERE a.key = 'city' AND d.key = 'x1-01-01'"
    )
    assert closure == 3
    made = await audit.entries(SYSTEM, audit.Filter(action="organisation.created"))
    assert sorted(entry.thing_key for entry in made) == ["x1-01", "x1-01-01", "x3-01"]


async def test_the_second_time_there_is_nothing_to_add(chief):
    fields = hidden((await offered(chief, GOOD)).text)
    await chief.post("/import-organisations/confirm", data=fields)
    after = await keys()
    assert "表里的 4 个机构都已经有了" in (await offered(chief, GOOD)).text
    await chief.post("/import-organisations/confirm", data=fields)
    assert await keys() == after


async def test_every_fault_is_named_at_its_cell_and_nothing_is_written(chief):
    before = await keys()
    rows = [
        HEADINGS,
        ["x1", "别的名字", "县级", "city"],
        ["n1", "", "村", "nowhere"],
        ["n2", "甲", "县级", "x1"],
        ["n3", "乙", "乡镇（街道）", "n3"],
        ["n4", "丙" * 101, "乡镇（街道）", "x1"],
        ["n4", "丁", "乡镇（街道）", "x1"],
        ["a/b", "戊", "乡镇（街道）", "x1"],
    ]
    page = await offered(chief, rows)
    assert page.status_code == 422
    errors = re.search(r'<div class="errors".*?</div>', page.text, re.DOTALL)
    assert errors is not None
    text = html.unescape(re.sub(r"<[^>]+>|\s", "", errors[0]))
    for part in (
        "A2编号：编号“x1”已经有机构在用：甲旗残联（县级）",
        "B3名称：必填，不能空着",
        "C3级别：“村”不在可选项里",
        "D3上级编号：没有编号为“nowhere”的机构",
        "C4级别：级别应当低于上级：这里是县级，上级“x1”是县级",
        "C5级别：级别应当低于上级",
        "B6名称：最多100个字",
        "A6编号：编号“n4”在表里出现了2次",
        "A7编号：编号“n4”在表里出现了2次",
        "A8编号：编号只能用字母",
    ):
        assert part in text
    assert "有10处要改" in text
    assert "confirm" not in page.text
    assert await keys() == before


async def test_what_was_right_at_the_preview_may_be_wrong_by_now(chief):
    fields = hidden((await offered(chief, GOOD)).text)
    await chief.post("/organisations/x3/close", data={"on": "2022-06-01"})
    before = await keys()
    late = await chief.post("/import-organisations/confirm", data=fields)
    assert late.status_code == 422
    assert "“丙区残联”已停用，不能作为上级" in late.text
    assert await keys() == before


async def test_offices_out_of_reach_are_no_superiors_and_their_keys_stay_secret(
    campaign_2022, sign_in
):
    lower = await sign_in("administrator", "x1")
    rows = [HEADINGS, ["x2", "甲", "乡镇（街道）", "x1"], ["n", "乙", "乡镇（街道）", "x2"]]
    page = (await offered(lower, rows)).text
    assert "编号“x2”已经有机构在用，请换一个" in page
    assert "乙县残联" not in page
    # x2 stands in the file too, as a town: what the rule says comes from there.
    assert "上级“x2”是乡镇（街道）" in page
    alone = (await offered(lower, [HEADINGS, ["n", "乙", "乡镇（街道）", "x2"]])).text
    assert "没有编号为“x2”的机构，或者它不在您的范围之内" in alone


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7", "其实是 PDF 文件，请选择 .xlsx、.csv 文件"),
        ("a.csv", b"x" * 1_000_001, "文件超过 1 MB"),
        ("a.xlsx", b"not a workbook", "要改"),
        ("a.csv", csv_of([HEADINGS]), "表里没有机构"),
    ],
)
async def test_files_that_are_none(chief, name, data, sentence):
    page = await offered(chief, [], name, data)
    assert sentence in page.text
    assert "confirm" not in page.text


async def test_no_file_and_a_broken_confirmation(chief):
    # A browser sends an empty file field with an empty name.
    none = await chief.post("/import-organisations", files={"file": ("", b"")})
    assert "请选择文件" in none.text
    broken = await chief.post("/import-organisations/confirm", data={"content": "%%%"})
    assert broken.status_code == 422


async def test_the_template_can_be_filled_in_and_taken_back(chief):
    file = await chief.get("/import-organisations/template.xlsx")
    sheet = read(file.content, "a.xlsx", office_import.COLUMNS)
    assert (sheet.rows, sheet.errors) == ([], [])
    assert (await offered(chief, [], "a.xlsx", workbook_of(GOOD))).status_code == 200


async def test_a_city_of_five_hundred_is_imported_in_few_statements(
    process, campaign_2022, actor_of
):
    """Auditing apart, which is a row for each, nothing grows with the number of offices."""
    actor = await actor_of("administrator", "city")

    async def statements(prefix, count):
        rows = [
            {
                "key": f"{prefix}{n:04d}",
                "name": f"第{n}街道",
                "level": "town",
                "parent": f"x{n % 4 + 1}",
            }
            for n in range(count)
        ]
        data = write_csv(office_import.COLUMNS, rows)
        seen: list[str] = []
        async with database.watching(seen.append):
            await office_import.write(actor, read(data, "a.csv", office_import.COLUMNS))
        return len([sql for sql in seen if "audit_entry" not in sql])

    assert await statements("a", 500) == await statements("b", 2)
    assert len((await visible(actor)).by_key) == 507


async def test_more_than_can_be_imported_at_once_is_one_error(process, campaign_2022, actor_of):
    rows = [{"key": f"n{n}", "name": "甲", "level": "town", "parent": "x1"} for n in range(5001)]
    sheet = read(write_csv(office_import.COLUMNS, rows), "a.csv", office_import.COLUMNS)
    checked = await office_import.check(await actor_of("administrator", "city"), sheet)
    assert [error.message for error in checked.errors] == [
        "一次最多导入5,000个机构，请分成几个文件"
    ]
    with pytest.raises(office_import.NotImportedError):
        await office_import.write(await actor_of("administrator", "city"), sheet)

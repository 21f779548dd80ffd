"""A summary's quantities against a campaign's figures: which is meant, and whether it agrees."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import bundles, campaigns, reports
from core.figures import Figures
from core.permissions import SYSTEM
from core.process import Process
from core.proofread import matching, quantities
from core.proofread.agreement import agrees, round_step

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"

# Campaign, sentence, and of each quantity in it: words, finding, metric (and office, if below).
CASES: list[tuple[str, str, list[tuple[str, ...]]]] = [
    (
        "2022-city",
        (
            "全市走访慰问困难残疾人1132人，开展志愿助残活动95次，募集款物47.5万元，举办专场招聘会8场，"
            "提供岗位490个，达成初步就业意向181人，意向率36.94%，发放辅具904件。"
        ),
        [
            ("1132人", "agrees", "condolence.people"),
            ("95次", "agrees", "volunteer.activities"),
            ("47.5万元", "agrees", "donation.value"),
            ("8场", "agrees", "job_fair.fairs"),
            ("490个", "agrees", "job_fair.openings"),
            ("181人", "agrees", "job_fair.intents"),
            ("36.94%", "agrees", "job_fair.intent_rate"),
            ("904件", "agrees", "assistive.items"),
        ],
    ),
    (
        "2022-city",
        "线上招聘会有32家企业参加，涉及38个工种，164名残疾人求职，最终实现就业15人。",
        [
            ("32家", "agrees", "job_fair.employers"),
            ("38个", "agrees", "job_fair.job_types"),
            ("164名", "agrees", "job_fair.attendees"),
            ("15人", "differs", "job_fair.hired"),
        ],
    ),
    (
        "2022-city",
        "甲旗残联慰问120人，发放慰问金2.4万元；乙县走访慰问残疾人100人。",
        [
            ("120人", "agrees", "condolence.people", "x1"),
            ("2.4万元", "agrees", "condolence.cash", "x1"),
            ("100人", "differs", "condolence.people", "x2"),
        ],
    ),
    (
        "2022-city",
        "全市发放宣传单一千份，宣传手册五百本，悬挂横幅五条，刊发稿件近200篇，意向率百分之三十七。",
        [
            ("一千份", "agrees", "publicity.leaflets"),
            ("五百本", "agrees", "publicity.booklets"),
            ("五条", "agrees", "publicity.banners"),
            ("近200篇", "differs", "publicity.articles"),
            ("百分之三十七", "agrees", "job_fair.intent_rate"),
        ],
    ),
    (
        "2022-city",
        "举办残疾人文艺活动10场，近万名残疾人直接参与各类活动，培训讲座50余人参加，义诊80人，免费评估30人。",
        [
            ("10场", "agrees", "culture.shows"),
            ("近万名", "agrees", "campaign.participants"),
            ("50余人", "agrees", "training.people"),
            ("80人", "agrees", "rehab.clinic"),
            ("30人", "agrees", "rehab.assessed"),
        ],
    ),
    ("2022-city", "去年慰问1000人，2021年举办招聘会3场。", []),
    ("2022-city", "为每人发放200元，户均300元。", []),
    ("2022-city", "召开专题会议2次。", [("2次", "unknown")]),
    ("2022-city", "分4批走访慰问残疾人。", [("4批", "unknown")]),
    ("2022-city", "本月下拨经费三十万元。", [("三十万元", "unknown")]),
    (
        "2022-city",
        "提供岗位490个，其中线上260个。",
        [("490个", "agrees", "job_fair.openings")],
    ),
    (
        "2015-county",
        "共走访慰问困难残疾人家庭300户、残疾人29名，发放慰问金2.9万元。投入救助物资10.5万元。",
        [
            ("300户", "agrees", "condolence.households"),
            ("29名", "agrees", "condolence.people"),
            ("2.9万元", "agrees", "condolence.cash"),
            ("10.5万元", "agrees", "condolence.goods_invested"),
        ],
    ),
    (
        "2015-county",
        (
            "资助残疾学生19名，发放助学金1.9万元；扶持残疾人创业16人，资金4.48万元；"
            "临时救助困难户118户，发放救助金7.98万元，惠及家庭成员400余人。"
        ),
        [
            ("19名", "agrees", "education.students"),
            ("1.9万元", "agrees", "education.aid"),
            ("16人", "agrees", "startup.people"),
            ("4.48万元", "agrees", "startup.aid"),
            ("118户", "agrees", "relief.households"),
            ("7.98万元", "agrees", "relief.aid"),
            ("400余人", "agrees", "relief.members"),
        ],
    ),
    (
        "2015-county",
        "临时救助困难户一百一十八户，发放救助金八万元。",
        [
            ("一百一十八户", "agrees", "relief.households"),
            ("八万元", "differs", "relief.aid"),
        ],
    ),
]


async def figures_of(process: Process, name: str) -> Figures:
    data = (CAMPAIGNS / f"{name}.json").read_bytes()
    await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
    campaign = await campaigns.find(json.loads(data)["campaign"]["key"])
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    return report.figures


@pytest.mark.parametrize("name", sorted({case[0] for case in CASES}))
async def test_each_quantity_finds_its_figure(process: Process, name: str) -> None:
    figures = await figures_of(process, name)
    for campaign, sentence, wanted in CASES:
        if campaign != name:
            continue
        found = matching.compared(sentence, quantities.find(sentence), figures)
        told = [(f.quote, f.finding, f.metric or "", f.organisation or "") for f in found]
        expected = [
            (
                case[0],
                case[1],
                case[2] if len(case) > 2 else "",
                case[3] if len(case) > 3 else (figures.root if len(case) > 2 else ""),
            )
            for case in wanted
        ]
        assert told == expected
        for finding in found:
            at = finding.offset
            assert sentence[at : at + len(finding.quote)] == finding.quote


async def test_a_difference_says_how_much(process: Process) -> None:
    figures = await figures_of(process, "2022-city")
    sentence = "提供岗位500个，发放慰问金4.7万元，宣传单1000余份。"
    found = matching.compared(sentence, quantities.find(sentence), figures)
    assert [(f.stated, f.expected, f.message) for f in found] == [
        ("500", "490", "写的是500个，系统中提供岗位是约490个，多了10个")
        if figures.own["job_fair.openings"].approximate
        else ("500", "490", "写的是500个，系统中提供岗位是490个，多了10个"),
        ("47000", "48000", "写的是4.7万元，系统中慰问金是4.8万元，少了1000元"),
        ("1000", "1000", "系统中宣传单正好是1000份，不能写成1000余份"),
    ]


@pytest.mark.parametrize(
    ("words", "value", "holds"),
    [
        ("500份", "500", True),
        ("500份", "501", False),
        ("500余份", "507", True),
        ("500余份", "500", False),
        ("500余份", "600", False),
        ("近500份", "498", True),
        ("近500份", "500", False),
        ("近500份", "400", False),
        ("约500份", "530", True),
        ("约500份", "560", False),
        ("57.03万元", "570300", True),
        ("57.03万元", "570312", True),
        ("57.1万元", "570300", False),
        ("1.2万余元", "12300", True),
        ("1.2万余元", "13000", False),
    ],
)
def test_what_may_be_said_of_a_number(words: str, value: str, holds: bool) -> None:
    (quantity,) = quantities.find(f"共{words}。")
    assert agrees(quantity, Decimal(value)) is holds


@given(st.integers(1, 10**9))
def test_a_step_is_one_of_the_last_written_digit(number: int) -> None:
    step = int(round_step(Decimal(number)))
    assert number % step == 0
    assert number // step % 10 != 0

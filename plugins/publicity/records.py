"""Items, materials and outreach, as the house's machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Reference, Resource
from plugins.publicity.bundle import ITEM, MATERIAL, OUTREACH
from plugins.publicity.checks import CHECKS, MARK, words_sql
from plugins.publicity.record_rules import ItemRules
from plugins.publicity.rules import ITEM_KINDS, MATERIAL_KINDS, MATERIAL_UNITS, OUTLET_LEVELS

PLUGIN = "publicity"
VIEW, EDIT = "publicity.view", "publicity.edit"
SIBLINGS = (("汇总", ""), ("报道", "items"), ("宣传品", "materials"), ("宣传受众", "outreach"))
KEY = Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False)
DAY = Field("on", "日期", "day", required=True, column="happened_on", filtered=True)
OFFICE = Field("organisation", "单位", "organisation", required=True, filtered=True)
DURING = Field(
    "activity",
    "对应的日程",
    "reference",
    reference=ACTIVITY,
    blank=None,
    hint="在日程里的哪项活动上用的、宣传的，就选它；没有就不选",
)
# Reprints bear their original's title: the key tells them apart.
NAMED = (
    "CASE WHEN {x}.title = '' THEN '（无标题）' ELSE {x}.title END || ' · ' || {x}.outlet"
    " || '〔' || {x}.key || '〕'"
)
ORIGINAL = Reference("publicity_item", "报道", label=NAMED, href="publicity/items")

ITEMS = Resource(
    plugin=PLUGIN,
    key="items",
    title="报道",
    table="publicity_item",
    shape=ITEM,
    fields=(
        Field(
            "title",
            "标题",
            hint="照报道的原题填写",
            example="全国助残日活动走进社区",
            filtered=True,
            width=36,
        ),
        Field("kind", "类别", "choice", required=True, choices=ITEM_KINDS, filtered=True),
        Field(
            "outlet",
            "媒体名称",
            required=True,
            hint="哪家报纸、电台、电视台、网站或公众号",
            example="某日报",
            width=20,
        ),
        Field(
            "outlet_level",
            "媒体级别",
            "choice",
            required=True,
            choices=OUTLET_LEVELS,
            filtered=True,
            example="市级",
        ),
        Field(
            "published_on",
            "刊发日期",
            "day",
            required=True,
            filtered=True,
            example="2026-5-17",
        ),
        Field("organisation", "报送单位", "organisation", required=True, filtered=True),
        Field(
            "url",
            "网址",
            blank=None,
            hint="从浏览器的地址栏整个复制过来；没有就空着",
            listed=False,
            width=36,
        ),
        Field(
            "reprint_of",
            "转自",
            "reference",
            reference=ORIGINAL,
            blank=None,
            hint="是转载的，选原来那条报道，或填它的编号；不是转载就空着",
            listed=False,
        ),
        Field(
            "reprint",
            "原发或转载",
            "choice",
            choices={"no": "原发", "yes": "转载"},
            derived=True,
            select="CASE WHEN t.reprint_of IS NULL THEN 'no' ELSE 'yes' END",
            filtered=True,
        ),
        Field(
            "issues",
            "待核对",
            derived=True,
            select=words_sql("t", "r_reprint_of", "c"),
            show=lambda words: words.rstrip(MARK),
            offered=tuple(check.words for check in CHECKS),
            filtered=True,
        ),
        KEY,
    ),
    view=VIEW,
    edit=EDIT,
    sort="-published_on",
    joins="JOIN campaign c ON c.id = t.campaign",
    within="reprint_of",
    rules=ItemRules(),
    blocks=(Dependent("publicity_item", "reprint_of = :id", "条转载"),),
    key_prefix="m-",
    lede="报纸、电视、广播、网络上关于这次活动的报道。同一个网址只登记一次；转载单独统计。",
    notes=(
        "一行一条报道。同一个网址只能有一行。",
        "转载的报道，在“转自”一列填原报道的编号；原报道可以在同一张表里，给它填上编号即可。",
    ),
    siblings=SIBLINGS,
)
MATERIALS = Resource(
    plugin=PLUGIN,
    key="materials",
    title="宣传品",
    table="publicity_material",
    shape=MATERIAL,
    fields=(
        Field(
            "kind",
            "种类",
            "choice",
            required=True,
            choices=MATERIAL_KINDS,
            filtered=True,
            example="宣传单",
        ),
        Field(
            "quantity",
            "数量",
            "number",
            required=True,
            hint="、".join(f"{label}按{MATERIAL_UNITS[k]}" for k, label in MATERIAL_KINDS.items()),
            example="1000",
        ),
        Field(
            "unit",
            "计量单位",
            "choice",
            choices=MATERIAL_UNITS,
            derived=True,
            select="t.kind",
        ),
        DAY,
        OFFICE,
        DURING,
        KEY,
    ),
    view=VIEW,
    edit=EDIT,
    sort="-on",
    counter="批",
    key_prefix="b-",
    lede="挂出、发出去的横幅、宣传单、宣传册等。不同种类各算各的，从不相加。",
    siblings=SIBLINGS,
)
PEOPLE = Field(
    "people",
    "受众",
    "number",
    required=True,
    unit="人次",
    hint="看到、听到或参加的人数；一个人来几次算几次",
    example="500",
)
AUDIENCE = Resource(
    plugin=PLUGIN,
    key="outreach",
    title="宣传受众",
    table="publicity_outreach",
    shape=OUTREACH,
    fields=(DAY, PEOPLE, OFFICE, DURING, KEY),
    view=VIEW,
    edit=EDIT,
    sort="-on",
    counter="次",
    key_prefix="o-",
    lede="每次宣传大约多少人看到、听到或参加。",
    siblings=SIBLINGS,
)

"""What publicity counts: metrics, and where their amounts come from."""

from __future__ import annotations

from core.measures import Source
from core.metrics import Metric

METRICS = [
    Metric(
        "publicity.articles",
        "稿件",
        "篇",
        "sum",
        "刊发的稿件篇数，转载不计在内",
        aliases=("稿件", "报道", "新闻稿", "宣传稿件", "文章"),
        daily=True,
    ),
    Metric(
        "publicity.tv",
        "电视",
        "条",
        "sum",
        "电视播出的新闻或节目条数，转载不计在内",
        aliases=("电视报道", "电视新闻", "电视"),
    ),
    Metric(
        "publicity.radio",
        "广播",
        "条",
        "sum",
        "广播播出的新闻或节目条数，转载不计在内",
        aliases=("广播报道", "广播"),
    ),
    Metric(
        "publicity.videos",
        "视频",
        "个",
        "sum",
        "发布的视频个数，转载不计在内",
        aliases=("视频", "短视频", "宣传片"),
    ),
    Metric(
        "publicity.briefs",
        "信息简报",
        "篇",
        "sum",
        "编发的信息简报篇数，转载不计在内",
        aliases=("信息简报", "简报", "工作信息"),
    ),
    Metric(
        "publicity.reprints",
        "转载",
        "篇",
        "sum",
        "注明转自另一条报道的条数，单独统计",
        aliases=("转载",),
    ),
    Metric(
        "publicity.banners",
        "横幅",
        "条",
        "sum",
        "横幅数量之和，不与其他宣传品相加",
        aliases=("横幅", "条幅"),
    ),
    Metric(
        "publicity.leaflets",
        "宣传单",
        "份",
        "sum",
        "宣传单数量之和，不与其他宣传品相加",
        aliases=("宣传单", "传单", "宣传资料", "宣传折页", "宣传材料"),
    ),
    Metric(
        "publicity.booklets",
        "宣传册",
        "本",
        "sum",
        "宣传册数量之和，不与其他宣传品相加",
        aliases=("宣传册", "手册", "宣传手册"),
    ),
    Metric(
        "publicity.posters",
        "海报",
        "张",
        "sum",
        "海报数量之和，不与其他宣传品相加",
        aliases=("海报", "宣传画"),
    ),
    Metric(
        "publicity.slogans",
        "标语",
        "条次",
        "sum",
        "标语数量之和，不与其他宣传品相加",
        aliases=("标语",),
    ),
    Metric(
        "publicity.sms",
        "短信",
        "条",
        "sum",
        "短信数量之和，不与其他宣传品相加",
        aliases=("短信", "手机短信"),
    ),
    Metric(
        "publicity.reach",
        "宣传受众",
        "人次",
        "sum",
        "各次宣传受众人数之和，同一人多次计多次",
        aliases=("宣传受众", "受众", "受教育群众", "覆盖群众"),
    ),
]

ITEM_METRICS = {
    "article": "publicity.articles",
    "tv": "publicity.tv",
    "radio": "publicity.radio",
    "video": "publicity.videos",
    "brief": "publicity.briefs",
}
REPRINTS = "publicity.reprints"
MATERIAL_METRICS = {
    "banner": "publicity.banners",
    "leaflet": "publicity.leaflets",
    "booklet": "publicity.booklets",
    "poster": "publicity.posters",
    "slogan": "publicity.slogans",
    "sms": "publicity.sms",
}
REACH = "publicity.reach"


def _original(kind: str) -> str:
    return f"CASE WHEN i.kind = '{kind}' AND i.reprint_of IS NULL THEN 1 END"


def _quantity(kind: str) -> str:
    return f"CASE WHEN m.kind = '{kind}' THEN m.quantity END"


ITEMS = Source(
    rows="FROM publicity_item i WHERE i.campaign = :campaign",
    organisation="i.organisation",
    activity="CAST(NULL AS VARCHAR)",  # an item belongs to no activity
    record="i.id",
    day="i.published_on",
    sums={
        **{metric: _original(kind) for kind, metric in ITEM_METRICS.items()},
        REPRINTS: "CASE WHEN i.reprint_of IS NOT NULL THEN 1 END",
    },
)
MATERIALS = Source(
    rows="FROM publicity_material m WHERE m.campaign = :campaign",
    organisation="m.organisation",
    activity="(SELECT a.key FROM activity a WHERE a.id = m.activity)",
    record="m.id",
    day="m.happened_on",
    sums={metric: _quantity(kind) for kind, metric in MATERIAL_METRICS.items()},
)
OUTREACH = Source(
    rows="FROM publicity_outreach p WHERE p.campaign = :campaign",
    organisation="p.organisation",
    activity="(SELECT a.key FROM activity a WHERE a.id = p.activity)",
    record="p.id",
    day="p.happened_on",
    sums={REACH: "p.people"},
)
SOURCES = (ITEMS, MATERIALS, OUTREACH)

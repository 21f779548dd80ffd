"""Recipients, rounds and their lines, as the house's machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Reference, Resource
from api.kit.records.fields import Row
from core.shapes import key, object_of
from plugins.condolence.bundle import LINE_MEMBERS, RECIPIENT, ROUND_MEMBERS
from plugins.condolence.record_rules import LineRules, RecipientRules, RoundRules
from plugins.condolence.rules import (
    GOODS_HINT,
    KINDS,
    PERSONAL,
    STATUSES,
    bundled_goods,
    goods_text,
    read_goods,
)

PLUGIN = "condolence"
VIEW, EDIT = "condolence.view", "condolence.edit"
SIBLINGS = (("走访批次", "rounds"), ("慰问对象", "recipients"), ("走访明细", "lines"))


def _is_institution(row: Row) -> bool:
    return row.get("kind") not in PERSONAL


RECIPIENT_FIELDS = (
    Field(
        "name",
        "姓名或名称",
        "name",
        required=True,
        filtered=True,
        example="张三",
        open_when=_is_institution,
    ),
    Field("kind", "类别", "choice", required=True, choices=KINDS, filtered=True, example="个人"),
    Field("organisation", "所属机构", "organisation", required=True, filtered=True),
    Field("members", "家庭人口", "number", unit="人", example="3", width=10),
    Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False),
)
RECIPIENTS = Resource(
    plugin=PLUGIN,
    key="recipients",
    title="慰问对象",
    table="condolence_recipient",
    shape=RECIPIENT,
    fields=RECIPIENT_FIELDS,
    view=VIEW,
    edit=EDIT,
    acts=("plan", "records"),
    rules=RecipientRules(),
    blocks=(Dependent("condolence_line", "recipient = :id", "条走访明细"),),
    counter="个",
    key_prefix="r-",
    lede="要走访慰问的家庭户、个人和机构。姓名只显示一部分；按全名可以查找。",
    siblings=SIBLINGS,
    more=(("走访记录", "lines?recipient={key}"),),
)


ROUNDS = Resource(
    plugin=PLUGIN,
    key="rounds",
    title="走访批次",
    table="condolence_round",
    shape=object_of(ROUND_MEMBERS),
    fields=(
        Field("occasion", "走访名义", required=True, example="全国助残日", hint="例如 全国助残日"),
        Field("visited_on", "走访日期", "day", required=True, filtered=True, example="2026-5-12"),
        Field("organisation", "走访单位", "organisation", required=True, filtered=True),
        Field(
            "activity",
            "对应的日程",
            "reference",
            reference=ACTIVITY,
            blank=None,
            listed=False,
            hint="走访是日程里的一项活动时选它",
        ),
        Field("funder", "出资单位", hint="谁出的钱物，例如 县残联", listed=False),
        Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False),
        Field(
            "sequence",
            "修订",
            "number",
            derived=True,
            select="t.sequence",
            listed=False,
            shown=False,
        ),
        Field("lines", "对象", "number", derived=True),
        Field("delivered", "已送达", "number", derived=True),
        Field("cash", "已送慰问金（元）", "money", derived=True),
    ),
    view=VIEW,
    edit=EDIT,
    sort="-visited_on",
    rules=RoundRules(),
    owns=(
        Dependent(
            "condolence_goods",
            "line IN (SELECT id FROM condolence_line WHERE round = :id)",
            "件慰问品记录",
        ),
        Dependent("condolence_line", "round = :id", "条走访明细"),
    ),
    counter="批",
    key_prefix="n-",
    lede="一家单位某一天的一次走访是一批；给谁、给什么，记在批次里。",
    siblings=SIBLINGS,
)


RECIPIENT_REFERENCE = Reference(
    "condolence_recipient",
    "慰问对象",
    label="name",
    sealed=True,
    href="condolence/recipients",
    typed=True,
)
ROUND_REFERENCE = Reference(
    "condolence_round",
    "走访批次",
    label="{x}.visited_on || ' ' || {x}.occasion",
    href="condolence/rounds",
)
GIFT_FIELDS = (
    Field("cash", "慰问金", "money", blank="0.00", unit="元", example="300", hint="没有就空着"),
    Field(
        "goods",
        "慰问品",
        hint=GOODS_HINT,
        example="大米 1袋 60元；食用油 1桶 80元",
        column="",
        blank=[],
        lines=2,
        width=36,
        read=read_goods,
        show=goods_text,
        exchanged=bundled_goods,
    ),
    Field(
        "status",
        "状态",
        "choice",
        choices=STATUSES,
        filtered=True,
        default="planned",
        blank="planned",
        example="已送达",
        hint="空着就是“计划”",
    ),
)
LINES = Resource(
    plugin=PLUGIN,
    key="lines",
    title="走访明细",
    table="condolence_line",
    shape=object_of({"round": key, **LINE_MEMBERS}),
    fields=(
        Field(
            "recipient",
            "慰问对象",
            "reference",
            required=True,
            reference=RECIPIENT_REFERENCE,
            filtered=True,
            hint="填全名或编号；同名的填编号",
            open_when=_is_institution,
        ),
        Field(
            "kind",
            "类别",
            "choice",
            choices=KINDS,
            derived=True,
            select="r_recipient.kind",
            filtered=True,
        ),
        Field("round", "走访批次", "reference", required=True, reference=ROUND_REFERENCE),
        Field("visited_on", "走访日期", "day", derived=True, select="r_round.visited_on"),
        *GIFT_FIELDS,
    ),
    view=VIEW,
    edit=EDIT,
    owner="round",
    identity=("round", "recipient"),
    within="round",
    imported_within=True,
    rules=LineRules(),
    owns=(Dependent("condolence_goods", "line = :id", "件慰问品记录"),),
    lede="每次走访给了谁、给了什么。只有“已送达”的计入数据。",
    notes=(
        "一行一个对象。对象还没有登记过的，导入时一并登记；已登记的按姓名、类别和机构对上。",
        "同名同机构的对象有几个时，在“编号”一列填对象的编号。",
    ),
    siblings=SIBLINGS,
)

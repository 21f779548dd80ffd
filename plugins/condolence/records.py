"""Recipients, rounds and their lines, as the house's machinery for records knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from api.kit.records import (
    ACTIVITY,
    Batch,
    Dependent,
    Field,
    Reference,
    Resource,
    Rules,
)
from api.kit.records.fields import Row
from core import database, privacy
from core.shapes import key, object_of
from plugins.condolence.bundle import LINE_MEMBERS, RECIPIENT, ROUND_MEMBERS
from plugins.condolence.rules import (
    GOODS_FEN_LIMIT,
    GOODS_HINT,
    GOODS_TOO_DEAR,
    KINDS,
    PERSONAL,
    STATUSES,
    bundled_goods,
    goods_text,
    goods_value,
    ordered_goods,
    read_goods,
)

PLUGIN = "condolence"
VIEW, EDIT = "condolence.view", "condolence.edit"
# A statement takes at most some 32,000 parameters.
MANY = 2_000
SIBLINGS = (("走访批次", "rounds"), ("慰问对象", "recipients"), ("走访明细", "lines"))


class RecipientRules(Rules):
    """The same name at the same office twice is worth a warning, and no error."""

    async def check(self, batch: Batch) -> None:
        """Warn before an import doubles people."""
        if len(batch.added) < 2:
            return
        existing = {
            (row["name_index"], row["kind"], row["organisation"])
            for row in await database.fetch(
                "SELECT name_index, kind, organisation FROM condolence_recipient"
                " WHERE campaign = :campaign",
                campaign=batch.work.campaign.id,
            )
        }
        seen: set[tuple[Any, ...]] = set()
        doubled = 0
        for entry in batch.added:
            identity = (
                index_of(entry.item.get("name")),
                entry.item.get("kind"),
                entry.office,
            )
            doubled += identity in existing or identity in seen
            seen.add(identity)
        if doubled:
            batch.warnings.append(
                f"有{doubled}行与已登记的（或前面的）对象同名、同类别、同机构，请确认不是重复登记。"
            )


def index_of(name: Any) -> str:
    """The blind index of a recipient's name."""
    return privacy.index(name, "name") if isinstance(name, str) else ""


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


class RoundRules(Rules):
    """A round tells how far its deliveries are."""

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add the numbers of lines and of delivered ones, and the cash delivered."""
        many = len(rows) > MANY
        narrowed = "" if many else " AND round IN (:rounds)"
        values: dict[str, Any] = {} if many else {"rounds": [row["id"] for row in rows]}
        sums = {
            row["round"]: row
            for row in await database.fetch(
                "SELECT round, COUNT(*) AS lines,"
                " SUM(CASE WHEN status = 'delivered' THEN 1 ELSE 0 END) AS delivered,"
                " SUM(CASE WHEN status = 'planned' THEN 1 ELSE 0 END) AS planned,"
                " CAST(SUM(CASE WHEN status = 'delivered' THEN cash ELSE 0 END) AS BIGINT) AS cash"
                f" FROM condolence_line WHERE campaign = :campaign{narrowed} GROUP BY round",
                campaign=campaign_id,
                **values,
            )
        }
        for row in rows:
            found = sums.get(row["id"], {})
            for name in ("lines", "delivered", "planned", "cash"):
                row[name] = int(found.get(name) or 0)


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


async def _goods_of(campaign_id: int, rows: Sequence[Row]) -> dict[int, list[Row]]:
    many = len(rows) > MANY
    narrowed = "" if many else " AND line IN (:lines)"
    values: dict[str, Any] = {} if many else {"lines": [row["id"] for row in rows]}
    found: dict[int, list[Row]] = defaultdict(list)
    for row in await database.fetch(
        "SELECT line, item, quantity, unit, unit_value FROM condolence_goods"
        f" WHERE campaign = :campaign{narrowed} ORDER BY line, position",
        campaign=campaign_id,
        **values,
    ):
        found[row.pop("line")].append(row)
    return found


class LineRules(Rules):
    """A line's goods have a table of their own."""

    async def check(self, batch: Batch) -> None:
        """Goods of a sane worth."""
        for index, entry in enumerate(batch.entries):
            for goods in entry.item.get("goods", []):
                if goods and {"quantity", "unit_value"} <= goods.keys():
                    worth = goods_value(goods["quantity"], goods["unit_value"])
                    if worth > GOODS_FEN_LIMIT:
                        batch.fail(index, "goods", "value", GOODS_TOO_DEAR)

    async def written(self, batch: Batch) -> None:
        """Put the goods in place of those that were there."""
        changed = [{"line": entry.id} for entry in batch.changed]
        await database.execute_many("DELETE FROM condolence_goods WHERE line = :line", changed)
        await write_goods(
            batch.work.campaign.id,
            [
                (entry.id, entry.item.get("goods", []))
                for entry in batch.entries
                if entry.id is not None
            ],
        )

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add each line's goods."""
        found = await _goods_of(campaign_id, rows)
        for row in rows:
            row["goods"] = found.get(row["id"], [])


async def write_goods(campaign_id: int, lines: Sequence[tuple[int, Sequence[Any]]]) -> None:
    """Write goods (normalised, by line) as one batch."""
    await database.execute_many(
        "INSERT INTO condolence_goods (campaign, line, position, item, quantity, unit, unit_value)"
        " VALUES (:campaign, :line, :position, :item, :quantity, :unit, :unit_value)",
        [
            {"campaign": campaign_id, "line": line, "position": position, **item}
            for line, goods in lines
            for position, item in enumerate(ordered_goods(goods))
        ],
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
    "condolence_round", "走访批次", label="{x}.occasion", href="condolence/rounds"
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
        required=True,
        choices=STATUSES,
        filtered=True,
        default="planned",
        example="已送达",
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
    rules=LineRules(),
    owns=(Dependent("condolence_goods", "line = :id", "件慰问品记录"),),
    lede="每次走访给了谁、给了什么。只有“已送达”的计入数据。",
    notes=(
        "一行一个对象。对象还没有登记过的，导入时一并登记；已登记的按姓名、类别和机构对上。",
        "同名同机构的对象有几个时，在“编号”一列填对象的编号。",
    ),
    siblings=SIBLINGS,
)

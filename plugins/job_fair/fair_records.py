"""What belongs to a fair: its positions, who came and who applied, as records."""

from __future__ import annotations

from api.kit.records import Dependent, Field, Reference, Resource
from core.shapes import key, object_of
from plugins.job_fair.bundle import APPLICATION_MEMBERS, POSITION_MEMBERS
from plugins.job_fair.record_rules import ApplicationRules, PositionRules
from plugins.job_fair.records import EDIT, KEY, PLUGIN, SIBLINGS, VIEW
from plugins.job_fair.rules import (
    ACCOMMODATIONS,
    STAGES,
    accommodations_text,
    read_accommodations,
)
from plugins.job_fair.statements import FAIR_LABEL, POSITION_LABEL

FAIR_REFERENCE = Reference("job_fair_fair", "招聘会", label=FAIR_LABEL, href="job_fair/fairs")
FAIR_FIELD = Field("fair", "招聘会", "reference", required=True, reference=FAIR_REFERENCE)
OF_FAIR = "(SELECT f.organisation FROM job_fair_fair f WHERE f.id = {x}.fair)"
SEEKER_REFERENCE = Reference(
    "job_fair_seeker",
    "求职者",
    label="name",
    sealed=True,
    href="job_fair/seekers",
    typed=True,
)
POSITIONS = Resource(
    plugin=PLUGIN,
    key="positions",
    title="职位",
    table="job_fair_position",
    shape=object_of({"fair": key, **POSITION_MEMBERS}),
    fields=(
        Field(
            "job_type",
            "工种",
            required=True,
            filtered=True,
            column="",
            select="j.name",
            example="包装工",
            hint="写法相同的算同一个工种",
        ),
        Field(
            "title",
            "职位名称",
            blank="",
            example="夜班包装工",
            hint="和工种一样时可以不填",
            width=20,
        ),
        Field(
            "employer",
            "用人单位",
            "reference",
            required=True,
            reference=Reference(
                "job_fair_employer", "用人单位", office="", href="job_fair/employers"
            ),
            filtered=True,
            example="甲县包装有限公司",
            width=30,
        ),
        Field("openings", "招聘人数", "number", required=True, unit="人", example="5"),
        Field(
            "accommodations",
            "无障碍条件",
            "words",
            blank=[],
            hint="例如 " + "、".join(ACCOMMODATIONS.values()),
            example="轮椅通道、手语翻译",
            read=read_accommodations,
            show=accommodations_text,
            lines=2,
            width=30,
        ),
        FAIR_FIELD,
        KEY,
        Field("applications", "投递", "number", derived=True, unit="份"),
    ),
    view=VIEW,
    edit=EDIT,
    owner="fair",
    within="fair",
    joins="JOIN job_fair_job_type j ON j.id = t.job_type",
    rules=PositionRules(),
    blocks=(Dependent("job_fair_application", "position = :id", "份投递"),),
    counter="个",
    key_prefix="p-",
    lede="用人单位在招聘会上招什么人、招几个、有什么无障碍条件。",
    notes=("一行一个职位。用人单位还没有登记过的，导入时一并登记。",),
    siblings=SIBLINGS,
    more=(("看投递", "applications?position={key}"),),
)
ATTENDANCES = Resource(
    plugin=PLUGIN,
    key="attendances",
    title="到场登记",
    table="job_fair_attendance",
    shape=object_of({"fair": key, "seeker": key}),
    fields=(
        Field(
            "seeker",
            "求职者",
            "reference",
            required=True,
            reference=SEEKER_REFERENCE,
            filtered=True,
            hint="填全名或编号；同名的填编号",
        ),
        Field("office_name", "所属机构", derived=True, select="q.name"),
        FAIR_FIELD,
    ),
    view=VIEW,
    edit=EDIT,
    owner="fair",
    identity=("fair", "seeker"),
    within="fair",
    imported_within=True,
    joins=(
        "LEFT JOIN campaign_participant q ON q.campaign = t.campaign"
        " AND q.organisation = r_seeker.organisation"
    ),
    lede="来到招聘会的求职残疾人。线上招聘会，上线参加的算到场。",
    notes=(
        "一行一个人。求职者还没有登记过的，导入时一并登记；登记过的按姓名和机构对上。",
        "同名同机构的有几个人时，在“编号”一列填求职者的编号。",
    ),
    siblings=SIBLINGS,
)
APPLICATIONS = Resource(
    plugin=PLUGIN,
    key="applications",
    title="投递",
    table="job_fair_application",
    shape=object_of(APPLICATION_MEMBERS),
    fields=(
        Field(
            "seeker",
            "求职者",
            "reference",
            required=True,
            reference=SEEKER_REFERENCE,
            filtered=True,
            hint="填全名或编号；同名的填编号",
            example="张三",
        ),
        Field(
            "position",
            "职位",
            "reference",
            required=True,
            reference=Reference(
                "job_fair_position",
                "职位",
                label=POSITION_LABEL,
                office=OF_FAIR,
                href="job_fair/positions",
            ),
            filtered=True,
            width=30,
        ),
        Field(
            "stage",
            "进展",
            "choice",
            required=True,
            choices=STAGES,
            filtered=True,
            default="applied",
            example="已面试",
        ),
        Field(
            "fair",
            "招聘会",
            "reference",
            reference=FAIR_REFERENCE,
            derived=True,
            select="r_position.fair",
            filtered=True,
        ),
        Field(
            "ordinal",
            "第几份",
            "number",
            derived=True,
            select="t.ordinal",
            listed=False,
            shown=False,
        ),
    ),
    view=VIEW,
    edit=EDIT,
    owner="position",
    identity=("seeker", "position", "ordinal"),
    rules=ApplicationRules(),
    counter="份",
    lede="谁投了哪个职位，走到了哪一步。达成意向、签约和就业都从这里统计。",
    notes=(
        "一行一份投递。求职者和职位都要登记过；同一个人投同一个职位的，按先后对上已登记的，更新进展。",
    ),
    siblings=SIBLINGS,
)

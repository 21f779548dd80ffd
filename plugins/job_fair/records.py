"""Employers, seekers, fairs and what happens at them, as the machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Reference, Resource
from core.shapes import key, object_of
from plugins.job_fair.bundle import (
    APPLICATION_MEMBERS,
    EMPLOYER,
    FAIR_MEMBERS,
    POSITION_MEMBERS,
    SEEKER,
)
from plugins.job_fair.record_rules import (
    ApplicationRules,
    EmployerRules,
    FairRules,
    PositionRules,
    SeekerRules,
)
from plugins.job_fair.rules import (
    ACCOMMODATIONS,
    MODES,
    STAGES,
    accommodations_text,
    read_accommodations,
)
from plugins.job_fair.statements import FAIR_LABEL, FAIR_TITLE, POSITION_LABEL

PLUGIN = "job_fair"
VIEW, EDIT = "job_fair.view", "job_fair.edit"
SIBLINGS = (
    ("招聘会", "fairs"),
    ("职位", "positions"),
    ("到场", "attendances"),
    ("投递", "applications"),
    ("用人单位", "employers"),
    ("求职者", "seekers"),
)
KEY = Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False)

EMPLOYERS = Resource(
    plugin=PLUGIN,
    key="employers",
    title="用人单位",
    table="job_fair_employer",
    shape=EMPLOYER,
    fields=(
        Field("name", "名称", required=True, filtered=True, example="甲县包装有限公司", width=30),
        KEY,
        Field("positions", "职位", "number", derived=True, unit="个"),
        Field("openings", "招聘人数", "number", derived=True, unit="人"),
    ),
    view=VIEW,
    edit=EDIT,
    owner="",
    acts=("plan", "records"),
    rules=EmployerRules(),
    blocks=(Dependent("job_fair_position", "employer = :id", "个职位"),),
    counter="家",
    key_prefix="e-",
    lede="来招聘的企业和单位。全部参加活动的机构共用这份名单。",
    siblings=SIBLINGS,
    more=(("看它的职位", "positions?employer={key}"),),
)
SEEKERS = Resource(
    plugin=PLUGIN,
    key="seekers",
    title="求职者",
    table="job_fair_seeker",
    shape=SEEKER,
    fields=(
        Field("name", "姓名", "name", required=True, filtered=True, example="张三"),
        Field("organisation", "所属机构", "organisation", required=True, filtered=True),
        KEY,
    ),
    view=VIEW,
    edit=EDIT,
    acts=("plan", "records"),
    rules=SeekerRules(),
    blocks=(
        Dependent("job_fair_attendance", "seeker = :id", "次到场登记"),
        Dependent("job_fair_application", "seeker = :id", "份投递"),
    ),
    counter="人",
    key_prefix="s-",
    lede="想找工作的残疾人。姓名只显示一部分；按全名可以查找。",
    siblings=SIBLINGS,
    more=(("看投递", "applications?seeker={key}"), ("看到场", "attendances?seeker={key}")),
)
FAIRS = Resource(
    plugin=PLUGIN,
    key="fairs",
    title="招聘会",
    table="job_fair_fair",
    shape=object_of(FAIR_MEMBERS),
    fields=(
        Field("title", "招聘会", derived=True, select=FAIR_TITLE.format(x="t")),
        Field("held_on", "日期", "day", required=True, filtered=True, example="2026-5-12"),
        Field(
            "mode",
            "方式",
            "choice",
            required=True,
            choices=MODES,
            filtered=True,
            default="onsite",
            example="现场",
        ),
        Field("organisation", "举办单位", "organisation", required=True, filtered=True),
        Field(
            "activity",
            "对应的日程",
            "reference",
            reference=ACTIVITY,
            blank=None,
            listed=False,
            hint="招聘会已经排进日程的，选那一项",
        ),
        KEY,
        Field("openings", "岗位（人数）", "number", derived=True),
        Field("attendees", "到场", "number", derived=True),
        Field("intents", "意向", "number", derived=True),
        Field("hired", "就业", "number", derived=True),
    ),
    view=VIEW,
    edit=EDIT,
    sort="-held_on",
    rules=FairRules(),
    owns=(
        Dependent(
            "job_fair_application",
            "position IN (SELECT id FROM job_fair_position WHERE fair = :id)",
            "份投递",
        ),
        Dependent("job_fair_attendance", "fair = :id", "条到场登记"),
        Dependent("job_fair_position", "fair = :id", "个职位"),
    ),
    counter="场",
    key_prefix="j-",
    lede="一场招聘会招什么人、谁来了、谁投了简历、结果怎样，都记在它的页面里。",
    siblings=SIBLINGS,
)

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

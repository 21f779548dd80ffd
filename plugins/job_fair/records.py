"""Employers, seekers and fairs, as the machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Resource
from core.shapes import object_of
from plugins.job_fair.bundle import EMPLOYER, FAIR_MEMBERS, SEEKER
from plugins.job_fair.employers import KEY_PREFIX
from plugins.job_fair.record_rules import EmployerRules, FairRules, SeekerRules
from plugins.job_fair.rules import MODES
from plugins.job_fair.statements import FAIR_TITLE

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
    key_prefix=KEY_PREFIX,
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

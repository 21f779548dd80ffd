"""What job fairs count: metrics, and where their amounts come from."""

from __future__ import annotations

from collections.abc import Sequence

from core.measures import Source
from core.metrics import Metric
from plugins.job_fair.rules import HIRED_STAGES, INTENT_STAGES

METRICS = [
    Metric(
        "job_fair.fairs",
        "招聘会场次",
        "场",
        "sum",
        "举办的招聘会场数，线上线下都算",
        aliases=("招聘会", "专场招聘会", "招聘活动"),
    ),
    Metric(
        "job_fair.employers",
        "参会用人单位",
        "家",
        "distinct",
        "在招聘会上提供了岗位的用人单位，同一单位参加多场只计一次",
        aliases=("用人单位", "企业", "招聘单位", "参会企业", "单位"),
    ),
    Metric(
        "job_fair.job_types",
        "涉及工种",
        "个",
        "distinct",
        "招聘会岗位所属的工种，写法完全相同的只计一次",
        aliases=("工种", "职位", "岗位种类"),
    ),
    Metric(
        "job_fair.openings",
        "提供岗位",
        "个",
        "sum",
        "各岗位招聘人数之和",
        aliases=("岗位", "就业岗位", "用工岗位", "用工需求"),
    ),
    Metric(
        "job_fair.attendees",
        "到场求职残疾人",
        "人",
        "distinct",
        "到场的求职残疾人，同一人到场多次只计一次",
        aliases=(
            "到场残疾人",
            "求职残疾人",
            "求职者",
            "应聘者",
            "残疾人求职",
            "参会残疾人",
            "到场求职",
            "到场",
        ),
    ),
    Metric(
        "job_fair.attendances",
        "到场人次",
        "人次",
        "sum",
        "各场招聘会到场求职残疾人数之和，同一人每到一场计一次",
        aliases=("到场人次", "参会人次"),
        daily=True,
    ),
    Metric(
        "job_fair.applications",
        "投递简历",
        "人次",
        "sum",
        "投递简历的份数，不论后来结果如何",
        aliases=("简历", "投递简历"),
    ),
    Metric(
        "job_fair.intents",
        "达成初步就业意向",
        "人",
        "distinct",
        "达成初步意向、已签约或已就业的求职残疾人，同一人只计一次",
        aliases=("就业意向", "初步意向", "意向", "意向协议"),
    ),
    Metric(
        "job_fair.hired",
        "实现就业",
        "人",
        "distinct",
        "经招聘会实现就业的求职残疾人，同一人只计一次；只有意向或签约的不算",
        aliases=("实现就业", "就业", "录用", "入职", "上岗"),
    ),
]

_ACTIVITY = "(SELECT a.key FROM activity a WHERE a.id = f.activity)"


def _seeker_at(stages: Sequence[str]) -> str:
    listed = ", ".join(f"'{stage}'" for stage in stages)
    return f"CASE WHEN l.stage IN ({listed}) THEN l.seeker END"


FAIRS = Source(
    rows="FROM job_fair_fair f WHERE f.campaign = :campaign",
    organisation="f.organisation",
    activity=_ACTIVITY,
    record="f.id",
    day="f.held_on",
    sums={"job_fair.fairs": "1"},
)
POSITIONS = Source(
    rows=(
        "FROM job_fair_position p JOIN job_fair_fair f ON f.id = p.fair"
        " WHERE p.campaign = :campaign"
    ),
    organisation="f.organisation",
    activity=_ACTIVITY,
    record="p.id",
    day="f.held_on",
    sums={"job_fair.openings": "p.openings"},
    subjects={"job_fair.employers": "p.employer", "job_fair.job_types": "p.job_type"},
)
ATTENDANCES = Source(
    rows=(
        "FROM job_fair_attendance t JOIN job_fair_fair f ON f.id = t.fair"
        " WHERE t.campaign = :campaign"
    ),
    organisation="f.organisation",
    activity=_ACTIVITY,
    record="t.id",
    day="f.held_on",
    sums={"job_fair.attendances": "1"},
    subjects={"job_fair.attendees": "t.seeker"},
)
APPLICATIONS = Source(
    rows=(
        "FROM job_fair_application l JOIN job_fair_position p ON p.id = l.position"
        " JOIN job_fair_fair f ON f.id = p.fair WHERE l.campaign = :campaign"
    ),
    organisation="f.organisation",
    activity=_ACTIVITY,
    record="l.id",
    day="f.held_on",
    sums={"job_fair.applications": "1"},
    subjects={
        "job_fair.intents": _seeker_at(INTENT_STAGES),
        "job_fair.hired": _seeker_at(HIRED_STAGES),
    },
)
SOURCES = (FAIRS, POSITIONS, ATTENDANCES, APPLICATIONS)

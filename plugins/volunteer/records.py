"""Volunteers, shifts and attendances, as the house's machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Reference, Resource
from core.shapes import Optional, key, object_of, optional_list, text
from plugins.volunteer.bundle import ATTENDANCE_MEMBERS, SHIFT_MEMBERS, VOLUNTEER
from plugins.volunteer.record_rules import (
    AttendanceRules,
    ShiftRules,
    VolunteerRules,
)
from plugins.volunteer.rules import RECRUITING, STATUSES, hours_text
from plugins.volunteer.signing_up.engagements import WAITING

PLUGIN = "volunteer"
VIEW, EDIT = "volunteer.view", "volunteer.edit"
SIBLINGS = (
    ("班次", "shifts"),
    ("志愿者", "volunteers"),
    ("服务记录", "attendances"),
    ("待确认", "confirm"),
    ("打卡冲突", "conflicts"),
    ("异议", "objections"),
    ("招募和到岗", "staffing"),
    ("星级", "stars"),
    ("表彰", "honours"),
    ("统计", "breakdown"),
    ("证明", "certificates"),
)

VOLUNTEERS = Resource(
    plugin=PLUGIN,
    key="volunteers",
    title="志愿者",
    table="volunteer_person",
    shape=VOLUNTEER,
    fields=(
        Field("name", "姓名", "name", required=True, filtered=True, example="王芳"),
        Field("organisation", "所属机构", "organisation", required=True, filtered=True),
        Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False),
        Field("attendances", "已确认次数", "number", derived=True),
        Field("minutes", "服务时长（小时）", derived=True, show=hours_text),
    ),
    view=VIEW,
    edit=EDIT,
    acts=("plan", "records"),
    rules=VolunteerRules(),
    blocks=(Dependent("volunteer_attendance", "volunteer = :id", "条服务记录"),),
    counter="名",
    key_prefix="v-",
    lede="参加这次活动的志愿者。姓名只显示一部分；按全名可以查找。",
    siblings=SIBLINGS,
    more=(("时长说明", "volunteers/{key}/hours"),),
)

SHIFTS = Resource(
    plugin=PLUGIN,
    key="shifts",
    title="班次",
    table="volunteer_shift",
    # What recruiting tells stays in this office: bundles do not carry it.
    shape=object_of(
        {
            **SHIFT_MEMBERS,
            "place": Optional(text(), str),
            "tasks": optional_list(text(20)),
            "skills": optional_list(text(20)),
            "risks": Optional(text(), str),
            "insurance": Optional(text(), str),
        }
    ),
    fields=(
        Field(
            "title",
            "做什么",
            required=True,
            blank="",
            example="引导",
            hint="例如 引导、推轮椅、手语",
        ),
        Field("starts_at", "开始", "moment", required=True, example="2026-5-17 8:00"),
        Field("ends_at", "结束", "moment", required=True, example="2026-5-17 12:00", listed=False),
        Field("organisation", "负责机构", "organisation", required=True, filtered=True),
        Field(
            "activity",
            "对应的日程",
            "reference",
            reference=ACTIVITY,
            blank=None,
            listed=False,
            hint="属于日程里的一项活动时选它，才计入“志愿助残活动”",
        ),
        Field("capacity", "需要人数", "number", required=True, unit="人", example="20"),
        Field(
            "place",
            "地点",
            blank="",
            example="市民广场南门",
            listed=False,
            hint="集合的地方，写到找得着",
        ),
        Field(
            "tasks",
            "无障碍服务",
            "words",
            blank=[],
            example="推轮椅、引路",
            listed=False,
            hint="要做的无障碍服务，例如 手语、推轮椅、引路、字幕速记；用顿号分开",
        ),
        Field(
            "skills",
            "需要的技能",
            "words",
            blank=[],
            example="手语",
            listed=False,
            hint="没有要求就空着；用顿号分开",
        ),
        Field(
            "risks",
            "可能的风险",
            blank="",
            lines=3,
            example="户外日晒；推轮椅上下坡",
            listed=False,
            width=24,
            hint="公开招募前要如实写明；没有特别的风险也写一句",
        ),
        Field(
            "insurance",
            "保险",
            blank="",
            lines=2,
            example="主办方已投保志愿者人身意外险",
            listed=False,
            width=24,
            hint="可能危及人身安全的服务，服务前要为志愿者买人身意外伤害保险；写明谁买、买了什么",
        ),
        Field(
            "recruiting",
            "招募",
            "choice",
            choices=RECRUITING,
            derived=True,
            select="CASE WHEN t.cancelled_at IS NOT NULL THEN 'cancelled'"
            " WHEN t.published_at IS NOT NULL THEN 'published' ELSE 'private' END",
        ),
        Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False),
        Field("people", "登记人数", "number", derived=True),
        Field(
            "waiting",
            "候补人数",
            "number",
            derived=True,
            select=WAITING.replace("h.id", "t.id"),
        ),
        Field("confirmed", "已确认记录", "number", derived=True),
    ),
    view=VIEW,
    edit=EDIT,
    sort="starts_at",
    acts=("plan", "records"),
    rules=ShiftRules(),
    blocks=(Dependent("volunteer_attendance", "shift = :id", "条服务记录"),),
    counter="个",
    key_prefix="h-",
    lede="一段时间里的一项志愿服务任务。谁来了、服务多久，记在班次里。",
    siblings=SIBLINGS,
)

VOLUNTEER_REFERENCE = Reference(
    "volunteer_person", "志愿者", label="name", sealed=True, href="volunteer/volunteers", typed=True
)
SHIFT_REFERENCE = Reference(
    "volunteer_shift",
    "班次",
    label="COALESCE(NULLIF({x}.label, ''), {x}.key)",
    href="volunteer/shifts",
)

ATTENDANCES = Resource(
    plugin=PLUGIN,
    key="attendances",
    title="服务记录",
    table="volunteer_attendance",
    shape=object_of({**ATTENDANCE_MEMBERS, "key": key}),
    fields=(
        Field(
            "volunteer",
            "志愿者",
            "reference",
            required=True,
            reference=VOLUNTEER_REFERENCE,
            filtered=True,
            hint="填全名或编号；同名的填编号",
        ),
        Field(
            "shift",
            "班次",
            "reference",
            required=True,
            reference=SHIFT_REFERENCE,
            filtered=True,
            width=24,
        ),
        Field("checked_in_at", "签到", "moment", blank=None, example="2026-5-17 7:50"),
        Field("checked_out_at", "签退", "moment", blank=None, example="2026-5-17 11:00"),
        Field(
            "status",
            "状态",
            "choice",
            choices=STATUSES,
            filtered=True,
            default="pending",
            blank="pending",
            example="待确认",
            hint="空着就是“待确认”；由审核人或组织者确认以后才计入时长",
        ),
        Field(
            "credited_minutes",
            "计入时长（小时）",
            derived=True,
            select="t.credited_minutes",
            show=hours_text,
        ),
        Field(
            "ordinal",
            "第几条",
            "number",
            derived=True,
            select="t.ordinal",
            listed=False,
            shown=False,
        ),
        Field("key", "记录编号", "key", hint="可以不填，系统会编一个", listed=False),
    ),
    view=VIEW,
    edit=EDIT,
    owner="shift",
    within="shift",
    key_prefix="t-",
    rules=AttendanceRules(),
    counter="条",
    lede="谁在哪个班次服务、什么时候签到签退。班次时间以外的部分不计入。",
    notes=(
        "一行一个人一次。志愿者要先登记；同名的在“志愿者”一列填编号。",
        "只是报名、还没有服务的，“状态”填“已报名”，“签到”“签退”空着。",
    ),
    siblings=SIBLINGS,
    more=(("时长说明、更正和异议", "attendances/{key}/hours"),),
)

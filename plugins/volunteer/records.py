"""Volunteers, shifts and attendances, as the house's machinery for records knows them."""

from __future__ import annotations

from api.kit.records import ACTIVITY, Dependent, Field, Reference, Resource
from core.shapes import key, object_of
from plugins.volunteer.bundle import ATTENDANCE_MEMBERS, SHIFT, VOLUNTEER
from plugins.volunteer.record_rules import (
    AttendanceRules,
    ShiftRules,
    VolunteerRules,
)
from plugins.volunteer.rules import STATUSES, hours_text

PLUGIN = "volunteer"
VIEW, EDIT = "volunteer.view", "volunteer.edit"
SIBLINGS = (
    ("班次", "shifts"),
    ("志愿者", "volunteers"),
    ("服务记录", "attendances"),
    ("星级", "stars"),
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
)

SHIFTS = Resource(
    plugin=PLUGIN,
    key="shifts",
    title="班次",
    table="volunteer_shift",
    shape=SHIFT,
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
        Field("key", "编号", "key", hint="可以不填，系统会编一个", listed=False),
        Field("people", "登记人数", "number", derived=True),
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
    notes=("一行一个人一次。志愿者要先登记；同名的在“志愿者”一列填编号。",),
    siblings=SIBLINGS,
)

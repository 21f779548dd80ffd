"""What volunteer service counts: metrics, and where their amounts come from."""

from __future__ import annotations

from core.measures import Source
from core.metrics import Metric

METRICS = [
    Metric(
        "volunteer.volunteers",
        "参与志愿者",
        "人",
        "distinct",
        "有已确认服务记录的志愿者，同一人多次服务只计一次",
        aliases=("志愿者", "助残志愿者", "志愿服务人员"),
    ),
    Metric(
        "volunteer.attendances",
        "志愿服务人次",
        "人次",
        "sum",
        "已确认的服务记录条数",
        aliases=("志愿服务",),
        daily=True,
    ),
    Metric(
        "volunteer.hours",
        "志愿服务时长",
        "小时",
        "sum",
        "已确认记录的签到签退时间落在班次起止之内的部分，按分钟累加后折合小时，四舍五入保留一位小数",
        scale=60,
        places=1,
        aliases=("志愿服务时长", "服务时长", "服务时间"),
    ),
    Metric(
        "volunteer.activities",
        "志愿助残活动",
        "次",
        "distinct",
        "有已确认服务记录的活动，同一活动只计一次，不属于任何活动的班次不计",
        aliases=("志愿助残活动", "志愿服务活动", "助残活动", "志愿活动"),
    ),
]

ATTENDANCES = Source(
    rows=(
        "FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " WHERE a.campaign = :campaign AND a.status = 'confirmed'"
    ),
    # Added to, it is sought by no index: SQLite would begin with all shifts an office ever had.
    organisation="h.organisation + 0",
    activity="(SELECT e.key FROM activity e WHERE e.id = h.activity)",
    record="a.id",
    day="h.starts_at",
    sums={"volunteer.attendances": "1", "volunteer.hours": "a.credited_minutes"},
    subjects={"volunteer.volunteers": "a.volunteer", "volunteer.activities": "h.activity"},
)
SOURCES = (ATTENDANCES,)

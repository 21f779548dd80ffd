"""What is said of a coming or going: a sign, a word, a sentence, and the sound that goes with it.

The steward's page says offline what the server would say, in the same words: they are handed to it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["good", "gone", "warn", "bad"]
Sound = Literal["in", "out", "already", "refused", "kept"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one outcome is told to eyes and ears; ``kind`` gives the colour."""

    kind: Kind
    sound: Sound
    sign: str
    word: str
    sentence: str


OUTCOMES: dict[str, Outcome] = {
    "in": Outcome("good", "in", "✓", "已签到", "服务时间从现在算起，不早于班次开始。"),
    "out": Outcome("gone", "out", "✓", "已签退", "辛苦了。服务时长等工作人员确认。"),
    "already_in": Outcome("warn", "already", "！", "已经签到过", "已经在这个班次签到，不用再签。"),
    "not_in": Outcome("bad", "refused", "✗", "不能签退", "还没有签到，或者签退时间早于签到时间。"),
    "overlap": Outcome(
        "bad", "refused", "✗", "不能签到", "正在别的班次服务，或者这段时间已经记在别的班次里。"
    ),
    "outside_window": Outcome(
        "bad", "refused", "✗", "时间不对", "只能从班次开始前2小时到结束后6小时签到签退。"
    ),
    "cancelled": Outcome("bad", "refused", "✗", "班次已取消", "这个班次已经取消，不能签到签退。"),
    "unknown_volunteer": Outcome(
        "bad", "refused", "✗", "没有这个人", "这次活动里没有这个编号的志愿者，请核对编号。"
    ),
    "unknown_shift": Outcome(
        "bad", "refused", "✗", "没有这个班次", "没有这个班次，或者它不归您管。"
    ),
    "kept": Outcome("warn", "kept", "…", "先记下了", "名单里没有这个编号，联网以后再核对。"),
    "invalid": Outcome("bad", "refused", "✗", "看不懂", "这一条的内容不完整，没有记下。"),
}


def outcome(direction: str, code: str | None) -> Outcome:
    """What is said of a punch: ``code`` is why it was refused, None when it was taken."""
    return OUTCOMES[code or direction]


def as_data() -> dict[str, dict[str, str]]:
    """All outcomes for a script."""
    return {name: asdict(each) for name, each in OUTCOMES.items()}

"""How punches and lengths of time are said."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.moments import local

NOTHING = timedelta(0)
SECOND = timedelta(seconds=1)
# What an attendance's ``policy`` names, in words. "" is what was entered or imported without one.
POLICIES = {
    "bundle-1": (
        "规则 bundle-1：签到至签退落在班次起止之内的部分才计，每条记录按整分钟计；"
        "合计时先把分钟加起来，最后折合成小时，只四舍五入一次"
    ),
    "": "没有注明规则（登记或导入的记录），按现行规则 bundle-1 计",
}
DIRECTIONS = {"in": "签到", "out": "签退"}
SOURCES = {
    "steward": "现场工作人员打卡",
    "self": "本人扫码",
    "programme": "程序报送",
    "correction": "更正",
    "clock": "系统自动",
}
# How the pill of a status looks.
STATUS_KINDS = {"pending": "warn", "confirmed": "good", "open": "live"}
STATES = {"used": "采用", "replaced": "已被更正", "unused": "没有采用", "refused": "没有记入"}
REFUSALS = {
    "unknown_volunteer": "没有这名志愿者",
    "unknown_shift": "没有这个班次",
    "already_in": "已经签到过，还没有签退",
    "not_in": "还没有签到",
    "overlap": "同一时间已在别的班次",
    "outside_window": "不在可以打卡的时间之内",
    "cancelled": "班次已取消",
}


def span_text(length: timedelta) -> str:
    """A length as people say it, seconds and all: ``1小时2分钟``, ``40秒``; ``不到1秒``."""
    if NOTHING < length < SECOND:
        return "不到1秒"
    minutes, seconds = divmod(length // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    said = (f"{hours}小时" if hours else "") + (f"{minutes}分钟" if minutes else "")
    return said + (f"{seconds}秒" if seconds or not said else "")


def moment_text(moment: datetime) -> str:
    """A moment by the clock in China, with seconds where it has some: ``5月17日 08:00:05``."""
    here = local(moment)
    clock = f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"
    return f"{here.month}月{here.day}日 {clock}"

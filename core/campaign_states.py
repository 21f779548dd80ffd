"""The life of a campaign: planned, carried out, brought to an end, kept."""

from __future__ import annotations

from typing import Literal

from core.campaigns import Campaign
from core.refusals import Conflict

Act = Literal["details", "plan", "records", "figures"]

# In the order in which a campaign goes through them; one step back is always possible.
STATES: dict[str, str] = {
    "draft": "筹备中",
    "open": "进行中",
    "closing": "收尾中",
    "closed": "已结束",
    "archived": "已归档",
}
# What each state lets be done. ``details``: theme, days, plugins; ``plan``: activities, targets and
# own metrics; ``records``: what plugins write down; ``figures``: reported figures.
ALLOWED: dict[str, frozenset[str]] = {
    "draft": frozenset({"details", "plan"}),
    "open": frozenset({"details", "plan", "records", "figures"}),
    "closing": frozenset({"details", "records", "figures"}),
    "closed": frozenset(),
    "archived": frozenset(),
}
ACTS: dict[str, str] = {
    "details": "修改活动设置",
    "plan": "安排日程和任务",
    "records": "登记",
    "figures": "填报数据",
}
# What a state is for, said to those who may change it.
MEANINGS: dict[str, str] = {
    "draft": "安排日程、下达任务；还不能登记和填报。",
    "open": "日程、任务、登记和填报都可以进行。",
    "closing": "补登记录、核对填报的数据；不再增加日程和任务。",
    "closed": "所有内容只能看，不能改；总结以此为准。",
    "archived": "与已结束相同，并且不再出现在平时的活动列表里。",
}


def allows(campaign: Campaign, act: Act) -> bool:
    """Whether the campaign's state lets this be done."""
    return act in ALLOWED[campaign.state]


def require(campaign: Campaign, act: Act) -> None:
    """Raise Conflict, with what to do about it, unless the campaign's state lets this be done."""
    if allows(campaign, act):
        return
    state = STATES[campaign.state]
    if campaign.state == "draft":
        hint = "请组织者先把活动转为“进行中”"
    elif campaign.state == "closing":
        hint = "确实需要时，请组织者把活动退回“进行中”"
    else:
        hint = "确实需要时，请组织者重新打开活动"
    raise Conflict.of("campaign_state", f"活动{state}，不能{ACTS[act]}；{hint}")


def following(state: str) -> str | None:
    """The state after this one; None after the last."""
    return _beside(state, 1)


def preceding(state: str) -> str | None:
    """The state before this one; None before the first."""
    return _beside(state, -1)


def _beside(state: str, step: int) -> str | None:
    order = list(STATES)
    place = order.index(state) + step
    return order[place] if 0 <= place < len(order) else None

"""Who may bring a bundle in or take one out.

A bundle says where offices stand and what they are called, and replaces a whole campaign. So he who
imports it must be allowed to at every office of it that exists here, new ones must come to stand
below such an office, and a campaign that is there already must be his to lead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core import campaigns, database
from core.campaign_states import STATES, allows
from core.permissions import Actor, may, may_everywhere, scope_sql
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import pointer

IMPORT, EXPORT, UNMASK = "bundle.import", "bundle.export", "personal.unmask"
BATCH = 500
OUTSIDE = "机构“{}”不在您的范围之内，不能用活动包改动它"
NEW_ROOT = "库里还没有机构“{}”，只有管理全部机构的人可以导入"


async def require_import(actor: Actor, bundle: Mapping[str, Any], *, replace: bool) -> None:
    """Raise Refusal, at the places concerned, unless the actor may import this checked bundle.

    A campaign that exists is replaced only when ``replace`` says so, and only while it is not
    closed: Conflict otherwise.
    """
    offices: Sequence[Mapping[str, Any]] = bundle["organisations"]
    if not await may_everywhere(actor, IMPORT):
        await _require_offices(actor, offices)
    await _require_campaign(actor, bundle["campaign"]["key"], replace=replace)


async def _require_offices(actor: Actor, offices: Sequence[Mapping[str, Any]]) -> None:
    keys = [office["key"] for office in offices]
    existing = await _among(keys, "SELECT id FROM organisation", {})
    inside, parameters = scope_sql(actor, IMPORT)
    reached = await _among(keys, inside, parameters)
    faults = []
    for index, office in enumerate(offices):
        key = office["key"]
        place = pointer(("organisations", index, "key"))
        if key in existing and key not in reached:
            faults.append(Fault(place, "forbidden", OUTSIDE.format(key)))
        elif key not in existing and office["parent"] is None:
            faults.append(Fault(place, "forbidden", NEW_ROOT.format(key)))
    if faults:
        raise Refusal(*faults)


async def _among(keys: Sequence[str], inside: str, parameters: Mapping[str, Any]) -> set[str]:
    """Those of the keys that name an office within a subselect of ids."""
    found: set[str] = set()
    for start in range(0, len(keys), BATCH):
        rows = await database.fetch(
            f"SELECT key FROM organisation WHERE key IN (:keys) AND id IN ({inside})",
            keys=keys[start : start + BATCH],
            **parameters,
        )
        found.update(row["key"] for row in rows)
    return found


async def _require_campaign(actor: Actor, key: str, *, replace: bool) -> None:
    try:
        campaign = await campaigns.find(key)
    except Missing:
        return
    if not await may(actor, IMPORT, campaign.organisation_id):
        sentence = f"编号“{key}”已经有别的活动在用"
        raise Conflict(Fault("/campaign/key", "duplicate", sentence))
    if not allows(campaign, "details"):
        sentence = f"活动“{key}”{STATES[campaign.state]}，不能用活动包替换；确实需要时请先重新打开"
        raise Conflict(Fault("/campaign/key", "campaign_state", sentence))
    if not replace:
        sentence = f"活动“{key}”已经在库里；要用文件里的内容替换它，请明确说明"
        raise Conflict(Fault("/campaign/key", "exists", sentence))


async def require_export(actor: Actor, campaign: campaigns.Campaign) -> None:
    """Raise Missing unless the actor may take out the whole campaign, the names in it included."""
    office = campaign.organisation_id
    if not await may(actor, EXPORT, office) or not await may(actor, UNMASK, office):
        raise Missing(f"没有编号为“{campaign.key}”的活动")

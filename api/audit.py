"""The audit log: page and JSON, newest first, within the reader's offices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import arrow
import msgspec
from litestar import Request, Response, get
from litestar.params import FromQuery

from api.kit import forms, pages, paging
from api.kit.guards import current_actor
from core import audit, audit_seals

VIEW = {"permission": "audit.view"}
TEXTS = ("actor", "action", "thing", "thing_key", "campaign", "office")

# How the page says what was done; a plugin's actions stand as they are written.
ACTIONS = {
    "account.created": "建立账号",
    "account.disabled": "停用账号",
    "account.enabled": "启用账号",
    "account.granted": "增加角色",
    "account.revoked": "去掉角色",
    "account.password_set": "设置密码",
    "account.sign_in_failed": "登录失败",
    "account.locked": "锁定账号",
    "session.opened": "登录",
    "session.closed": "退出登录",
    "token.created": "建立令牌",
    "token.revoked": "停用令牌",
    "organisation.created": "增加机构",
    "organisation.renamed": "改机构名称或级别",
    "organisation.moved": "移动机构",
    "organisation.closed": "停用机构",
    "organisation.reopened": "恢复机构",
    "figure.reported": "填报数据",
    "figure.changed": "修改填报的数据",
    "figure.removed": "删除填报的数据",
    "figure.imported": "用表格填报数据",
    "target.set": "下达任务",
    "metric.created": "增加指标",
    "metric.changed": "修改指标",
    "metric.removed": "删除指标",
    "installation.restored": "用备份恢复数据库",
    "import": "导入活动包",
    "campaign.exported": "导出活动包",
    "recap.headed": "改总结的标题或主送机关",
    "recap.part_moved": "移动总结的部分",
    "recap.part_hidden": "隐藏总结的部分",
    "recap.part_shown": "显示总结的部分",
    "recap.part_written": "写总结的部分",
    "recap.part_added": "增加总结的部分",
    "recap.part_removed": "删除总结的部分",
    "recap.manuscript_set": "写入整份总结",
    "recap.photo_added": "增加总结的照片",
    "recap.photo_changed": "改照片的说明",
    "recap.photo_moved": "移动总结的照片",
    "recap.photo_removed": "删除总结的照片",
    "recap.photo_withdrawn": "撤回照片的同意",
    "recap.file_ordered": "生成总结文件",
    "recap_template.changed": "修改总结模板",
    "recap_template.removed": "恢复默认的总结模板",
    "personal.export": "导出个人信息",
    "personal.erase": "删除个人信息",
}


class EntryOut(msgspec.Struct):
    """One entry of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    thing: str
    thing_key: str
    organisation: str | None
    campaign: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def _filter(texts: dict[str, str], since: str = "", until: str = "") -> tuple[audit.Filter, Any]:
    """The filter that the texts ask for, and the form that holds them with their faults.

    ``until`` is a day and means its end.
    """
    form = forms.filled([*texts.items(), ("since", since), ("until", until)])
    first, last = form.day("since"), form.day("until")
    start = arrow.get(first, tzinfo="Asia/Shanghai").datetime if first else None
    end = arrow.get(last, tzinfo="Asia/Shanghai").shift(days=1).datetime if last else None
    return audit.Filter(**texts, since=start, until=end), form


@get("/audit", opt=VIEW, include_in_schema=False)
async def audit_page(request: Request[Any, Any, Any], cursor: FromQuery[str] = "") -> Response[Any]:
    """Show who did what, narrowed by the query."""
    query = {name: request.query_params.get(name, "").strip() for name in TEXTS}
    since, until = (request.query_params.get(name, "") for name in ("since", "until"))
    wanted, form = _filter(query, since, until)
    place, limit = paging.decode(cursor, (int,)), paging.USUAL_PAGE
    found = await audit.entries(
        current_actor(request), wanted, place[0] if place else None, limit + 1
    )
    page, following = paging.cut(found, limit, lambda entry: (entry.id,))
    kept = {name: text for name, text in form.values.items() if text}
    first = "/audit?" + urlencode(kept) if kept else "/audit"
    return pages.render(
        request,
        "api/audit.html",
        status=200 if form.ok else 422,
        entries=page,
        form=form,
        narrowed=bool(kept),
        actions=ACTIONS,
        seal=await audit_seals.last(),
        first_href=first if cursor else "",
        next_href="/audit?" + urlencode({**kept, "cursor": following}) if following else "",
    )


@get("/api/v1/audit", opt=VIEW, tags=["audit"])
async def audit_index(
    request: Request[Any, Any, Any],
    *,
    actor: FromQuery[str] = "",
    action: FromQuery[str] = "",
    thing: FromQuery[str] = "",
    thing_key: FromQuery[str] = "",
    campaign: FromQuery[str] = "",
    office: FromQuery[str] = "",
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[EntryOut]:
    """List entries, newest first. ``since`` and ``until`` (exclusive) carry an offset."""
    wanted = audit.Filter(
        actor=actor,
        action=action,
        thing=thing,
        thing_key=thing_key,
        campaign=campaign,
        office=office,
        since=_aware(since),
        until=_aware(until),
    )
    place = paging.decode(cursor, (int,))
    found = await audit.entries(
        current_actor(request), wanted, place[0] if place else None, limit + 1
    )
    page, following = paging.cut(found, limit, lambda entry: (entry.id,))
    items = [
        EntryOut(**{name: getattr(entry, name) for name in EntryOut.__struct_fields__})
        for entry in page
    ]
    return paging.Page(items, following)


def _aware(moment: datetime | None) -> datetime | None:
    """A moment without an offset is one of Asia/Shanghai's clock."""
    return moment and (moment if moment.tzinfo else arrow.get(moment, "Asia/Shanghai").datetime)


ROUTES = [audit_page, audit_index]

"""A resource as JSON, for programmes: the bundle's items, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath

from api.kit import paging
from api.kit.idempotency import create_once
from api.kit.records import filters, values, writing
from api.kit.records.described import narrowed, taking_item
from api.kit.records.fields import Row
from api.kit.records.reading import find, listing
from api.kit.records.resource import Resource, Work
from api.kit.records.unmasking import unmask
from api.kit.records.visits import enter
from core.documents import DocumentError, parse
from core.refusals import Fault, Refusal


def place_of(resource: Resource, row: Row) -> list[Any]:
    """Where a page that ends with this row ended."""
    name = resource.sort.lstrip("-")
    if not name:
        return [row["id"]]
    value = row[name]
    return [value.isoformat() if hasattr(value, "isoformat") else value, row["id"]]


def after_place(resource: Resource, cursor: str) -> list[Any] | None:
    """The place in a cursor, as the statement compares it. Raises Problem 422."""
    name = resource.sort.lstrip("-")
    if not name:
        return paging.decode(cursor, (int,))
    field = resource.by_name[name]
    place = paging.decode(cursor, (int if field.kind == "number" else str, int))
    if place and field.kind in {"day", "moment"}:
        place[0] = _in_time(place[0], day=field.kind == "day")
    return place


def _in_time(text: str, *, day: bool) -> date:
    """A day or a moment as a cursor holds it. Raises Problem 422."""
    try:
        return date.fromisoformat(text) if day else datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise paging.unreadable() from error


async def body_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The JSON object of a request, read as strictly as a bundle. Raises Refusal."""
    try:
        body = parse(await request.body())
    except DocumentError as error:
        raise Refusal(Fault("", "syntax", str(error))) from None
    if not isinstance(body, dict):
        raise Refusal(Fault("", "type", "这里应当是一个对象 {…}"))
    return body


def data_path(resource: Resource) -> str:
    """The address of a resource's JSON."""
    return f"/api/v1/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}"


async def answer(work: Work, resource: Resource, key: str) -> dict[str, Any]:
    """A record as a bundle's item, names masked."""
    return values.item(resource, await find(work, resource, key), masked=True)


def data_routes(resource: Resource) -> list[Any]:
    """Handlers of ``/api/v1/campaigns/{campaign}/<plugin>/<resource>`` and below."""
    path = data_path(resource)
    reading: dict[str, Any] = {"opt": {"permission": resource.view}, "tags": [resource.plugin]}
    editing: dict[str, Any] = {"opt": {"permission": resource.edit}, "tags": [resource.plugin]}

    def address(work: Work, key: str) -> str:
        return f"{path.replace('{campaign:str}', work.campaign.key)}/{key}"

    @get(path, **reading, summary=f"{resource.title}：列表", operation_class=narrowed(resource))
    async def index(
        request: Request[Any, Any, Any],
        campaign: FromPath[str],
        cursor: paging.CursorText = "",
        limit: paging.Limit = paging.USUAL_PAGE,
    ) -> paging.Page[dict[str, Any]]:
        """List records, names masked; narrowed by the resource's filters."""
        work = await enter(request, campaign, resource)
        narrowing = filters.read(resource, request.query_params)
        after = after_place(resource, cursor)
        rows = await listing(work, resource, narrowing.where, after=after, limit=limit + 1)
        page, following = paging.cut(rows, limit, lambda row: place_of(resource, row))
        return paging.Page([values.item(resource, row, masked=True) for row in page], following)

    @post(path, **editing, summary=f"{resource.title}：新增", operation_class=taking_item(resource))
    async def create(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
        """Add a record; a key that is left out is given."""
        work = await enter(request, campaign, resource)
        given = await body_of(request)
        made: list[str] = []

        async def add() -> dict[str, Any]:
            entry = await writing.add(work, resource, given)
            made.append(writing.address_keys(resource, [entry])[0])
            return await answer(work, resource, made[0])

        def location(item: dict[str, Any]) -> str:
            known = item if all(name in item for name in resource.identity) else None
            return address(work, resource.address_key(known) if known else (made or [""])[0])

        return await create_once(request, add, location=location)

    return [index, create, *_record_routes(resource)]


def _record_routes(resource: Resource) -> list[Any]:
    path = data_path(resource)
    reading: dict[str, Any] = {"opt": {"permission": resource.view}, "tags": [resource.plugin]}
    editing: dict[str, Any] = {"opt": {"permission": resource.edit}, "tags": [resource.plugin]}

    @get(f"{path}/{{key:str}}", **reading, summary=f"{resource.title}：一条")
    async def one(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> dict[str, Any]:
        """Give a record, names masked."""
        return await answer(await enter(request, campaign, resource), resource, key)

    @patch(
        f"{path}/{{key:str}}",
        **editing,
        summary=f"{resource.title}：修改",
        operation_class=taking_item(resource, partial=True),
    )
    async def change(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> dict[str, Any]:
        """Change the members that are given."""
        work = await enter(request, campaign, resource)
        try:
            given = await body_of(request)
        except Refusal:
            await find(work, resource, key, resource.edit)  # whose it is comes before its faults
            raise
        await writing.change(work, resource, key, given)
        return await answer(work, resource, key)

    @delete(f"{path}/{{key:str}}", **editing, summary=f"{resource.title}：删除")
    async def remove(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> None:
        """Remove a record."""
        await writing.remove(await enter(request, campaign, resource), resource, key)

    handlers: list[Any] = [one, change, remove]
    return [*handlers, _unmask_route(resource, path)] if resource.names_people else handlers


def _unmask_route(resource: Resource, path: str) -> Any:
    @post(
        f"{path}/{{key:str}}/unmask",
        opt={"permission": "personal.unmask"},
        tags=[resource.plugin],
        status_code=200,
        summary=f"{resource.title}：查看全名",
    )
    async def full(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> dict[str, Any]:
        """Give a record with its names in full; the log keeps who read them."""
        work = await enter(request, campaign, resource)
        return values.item(resource, await unmask(work, resource, key))

    return full

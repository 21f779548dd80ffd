"""The pages of a list of records, and its file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import large, paging
from api.kit.filters import number
from api.kit.records import filters, sheets, values
from api.kit.records.data import after_place, place_of
from api.kit.records.fields import Field, Row
from api.kit.records.filters import FROM, UNTIL, Narrowing
from api.kit.records.reading import MOST_COUNTED, Where, count, listing, scope
from api.kit.records.resource import Resource, is_sealed
from api.kit.records.targets import options
from api.kit.records.unmasking import unmask_many
from api.kit.records.visits import Visit, visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CHOICE = 300
# Kinds whose values are a few characters that should stand on one line.
BRIEF_KINDS = frozenset({"choice", "day", "moment", "flag", "key"})


def table(visit: Visit, rows: list[Row]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows as the piece ``data_table`` takes them; each row leads to its record."""
    fields = [one for one in visit.resource.fields if one.listed and one.name not in visit.preset]
    columns = [
        {
            "key": one.name,
            "label": one.label,
            "numeric": one.kind in {"number", "money"},
            "brief": one.kind in BRIEF_KINDS,
        }
        for one in fields
    ]
    drawn = []
    for row in rows:
        cells: dict[str, Any] = {one.name: values.shown(one, row) for one in fields}
        first = fields[0].name
        # Masked names look alike: the key beside them tells who is meant.
        note = str(row.get(first if fields[0].points else "key") or "")
        cells[first] = {
            "text": cells[first] or "（无）",
            "href": visit.record(row),
            "note": note if is_sealed(fields[0]) else "",
        }
        drawn.append(cells)
    return columns, drawn


async def filter_inputs(visit: Visit, narrowing: Narrowing) -> list[dict[str, Any]]:
    """The fields of the form that narrows the list."""
    drawn: list[dict[str, Any]] = []
    for one in visit.resource.fields:
        if not one.filtered or one.name in visit.preset:
            continue
        if one.kind in {"day", "moment"}:
            for suffix, word in ((FROM, "从"), (UNTIL, "到")):
                name = one.name + suffix
                drawn.append(_input(name, "day", f"{one.label}{word}", narrowing))
            continue
        offered = [{"value": text, "label": text} for text in one.offered]
        if one.kind == "choice":
            offered = [{"value": code, "label": label} for code, label in one.choices.items()]
        elif _is_offered(one):
            offered = await options(visit.work, visit.resource, one, LONGEST_CHOICE + 1)
        kind = "select" if 0 < len(offered) <= LONGEST_CHOICE else "text"
        drawn.append(_input(one.name, kind, one.label, narrowing, offered))
    return drawn


def _is_offered(one: Field) -> bool:
    return one.kind == "organisation" or bool(one.reference and not one.reference.typed)


def _input(
    name: str,
    kind: str,
    label: str,
    narrowing: Narrowing,
    offered: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    value = narrowing.given.get(name, "")
    return {"name": name, "kind": kind, "label": label, "value": value, "options": offered or []}


def _address(visit: Visit, narrowing: Narrowing, cursor: str = "") -> str:
    asked = {**visit.preset, **narrowing.given, **({"cursor": cursor} if cursor else {})}
    return f"{visit.base}?{urlencode(asked)}" if asked else visit.base


def counted(rows: int, counter: str) -> str:
    """How many records a list has, as far as they were counted."""
    if rows > MOST_COUNTED:
        return f"{number(MOST_COUNTED)}{counter}以上"
    return f"共{number(rows)}{counter}"


async def list_page(
    request: Request[Any, Any, Any], campaign: str, resource: Resource, cursor: str
) -> Response[Any]:
    """The list, narrowed and in pages."""
    here = await visit(request, campaign, resource)
    narrowing = filters.read(resource, request.query_params)
    after = after_place(resource, cursor)
    limit = paging.USUAL_PAGE
    rows = await listing(here.work, resource, narrowing.where, after=after, limit=limit + 1)
    page, following = paging.cut(rows, limit, lambda row: place_of(resource, row))
    where = Where(list(narrowing.where.conditions), dict(narrowing.where.values))
    scope(resource, here.work, resource.view, where)
    columns, drawn = table(here, page)
    asked = {**here.preset, **narrowing.given}
    return here.page.render(
        request,
        "api/records/list.html",
        visit=here,
        resource=resource,
        columns=columns,
        rows=drawn,
        count=counted(await count(here.work, resource, where), resource.counter),
        filters=await filter_inputs(here, narrowing),
        narrowed=bool(set(narrowing.given) - set(here.preset)),
        may_edit=await here.may_edit(),
        may_unmask=resource.names_people and here.work.actor.holds("personal.unmask"),
        export_query=f"?{urlencode(asked)}" if asked else "",
        first_href=_address(here, narrowing) if cursor else "",
        next_href=_address(here, narrowing, following) if following else "",
    )


def file(name: str, data: bytes) -> Response[bytes]:
    """A spreadsheet to save."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "cache-control": "no-store",
    }
    return Response(data, media_type=XLSX, headers=headers)


async def _export(
    request: Request[Any, Any, Any], campaign: str, resource: Resource, *, unmasked: bool
) -> Response[bytes]:
    here = await visit(request, campaign, resource)
    narrowing = filters.read(resource, request.query_params)
    data, rows = await sheets.export(here.work, resource, narrowing.where, unmasked=unmasked)
    if unmasked:
        await unmask_many(here.work, resource, len(rows))
    return file(f"{here.page.title} {resource.title}.xlsx", data)


def list_routes(resource: Resource) -> list[Any]:
    """Handlers of the list, of its export and of the export with names in full."""
    path = f"/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}"
    reading: dict[str, Any] = {"opt": {"permission": resource.view}, "include_in_schema": False}

    @get(path, **reading)
    async def page(
        request: Request[Any, Any, Any], campaign: FromPath[str], cursor: paging.CursorText = ""
    ) -> Response[Any]:
        """Show the list."""
        return await list_page(request, campaign, resource, cursor)

    @get(f"{path}/export.xlsx", **reading | {"opt": reading["opt"] | large.ANSWER})
    async def export(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[bytes]:
        """Save the list, names masked."""
        return await _export(request, campaign, resource, unmasked=False)

    @post(
        f"{path}/export.xlsx",
        opt={"permission": "personal.unmask", **large.ANSWER},
        include_in_schema=False,
        status_code=200,
    )
    async def full(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[bytes]:
        """Save the list with names in full; the log keeps who did."""
        return await _export(request, campaign, resource, unmasked=True)

    return [page, export, full] if resource.names_people else [page, export]

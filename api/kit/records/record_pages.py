"""The pages of one record: looking at it, entering, changing and removing it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.records import inputs, values, writing
from api.kit.records.fields import Row
from api.kit.records.reading import find
from api.kit.records.resource import Entry, Resource
from api.kit.records.unmasking import unmask
from api.kit.records.visits import Visit, record_href, visit
from core.refusals import Conflict, Refusal

AGAIN = "again"


def details(here: Visit, row: Row, *, masked: bool) -> list[dict[str, str]]:
    """All that a record says, as the piece ``details`` takes it."""
    return [
        {"term": one.label, "text": values.shown(one, row, masked=masked) or "—"}
        for one in here.resource.fields
        if one.shown
    ]


def heading(resource: Resource, row: Row, *, masked: bool = True) -> str:
    """What a record is called: its first field that lists show."""
    first = next(one for one in resource.fields if one.listed)
    return values.shown(first, row, masked=masked) or resource.address_key(row)


async def record_page(
    request: Request[Any, Any, Any],
    here: Visit,
    row: Row,
    *,
    masked: bool = True,
    template: str = "api/records/record.html",
    **more: Any,
) -> Response[Any]:
    """One record, with what may be done with it.

    A plugin's own ``template`` extends the usual one; ``more`` is given to it, in place of what
    has the same name.
    """
    resource = here.resource
    context = {
        "visit": here,
        "resource": resource,
        "heading": heading(resource, row, masked=masked),
        "details": details(here, row, masked=masked),
        "href": here.record(row),
        "more": here.more(row),
        "masked": masked,
        "sealed_off": resource.rules.seal_off(row),
        "may_edit": await here.may_edit(row),
        "may_unmask": await here.may_unmask(row),
    }
    return here.page.render(request, template, **{**context, **more})


async def _form_page(
    request: Request[Any, Any, Any],
    here: Visit,
    form: forms.Form,
    *,
    stored: Row | None = None,
    status: int = 200,
) -> Response[Any]:
    resource = here.resource
    return here.page.render(
        request,
        "api/records/form.html",
        status=status,
        visit=here,
        resource=resource,
        form=form,
        fields=await inputs.inputs(here, form, stored),
        errors=inputs.summary(here, form),
        fixed=inputs.fixed(here, stored),
        heading=heading(resource, stored) if stored else "",
        action=f"{here.record(stored)}/edit" if stored else f"{here.base}/new{here.query}",
        cancel=here.record(stored) if stored else here.back,
    )


async def _create(request: Request[Any, Any, Any], here: Visit) -> Response[Any]:
    form = await forms.read(request)
    given = inputs.given(here, form)
    if form.ok:
        try:
            entry = await writing.add(here.work, here.resource, given, by_label=True)
        except Conflict as conflict:
            form.absorb(conflict)
            return await _form_page(request, here, form, status=409)
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            again = form.values.get("then") == AGAIN
            done = f"已登记一{here.resource.counter}{here.resource.title}。"
            return pages.see_other(request, _after_create(here, entry, again=again), done)
    return await _form_page(request, here, form, status=422)


def _after_create(here: Visit, entry: Entry, *, again: bool) -> str:
    """The form again, what the record belongs to, or the record itself."""
    if again:
        return f"{here.base}/new{here.query}"
    key = writing.address_keys(here.resource, [entry])[0]
    return here.back if here.preset else record_href(here.work, here.resource, key)


async def _update(request: Request[Any, Any, Any], here: Visit, key: str) -> Response[Any]:
    stored = await find(here.work, here.resource, key, here.resource.edit)
    form = await forms.read(request)
    given = inputs.given(here, form, stored)
    if form.ok:
        try:
            await writing.change(here.work, here.resource, key, given, by_label=True)
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            return pages.see_other(request, here.record(stored), "已保存修改。")
    return await _form_page(request, here, form, stored=stored, status=422)


async def _delete_page(
    request: Request[Any, Any, Any], here: Visit, row: Row, *, problem: str = "", status: int = 200
) -> Response[Any]:
    found = await writing.dependents(here.resource, row)
    blocked = [f"还有{n}{d.what}用到它" for d, n in found if d in here.resource.blocks]
    return here.page.render(
        request,
        "api/records/delete.html",
        status=status,
        visit=here,
        resource=here.resource,
        heading=heading(here.resource, row),
        href=here.record(row),
        problem=problem,
        blocked=blocked,
        consequences=[f"它的{n}{d.what}一并删除。" for d, n in found if d in here.resource.owns],
    )


async def _delete(request: Request[Any, Any, Any], here: Visit, key: str) -> Response[Any]:
    row = await find(here.work, here.resource, key, here.resource.edit)
    try:
        await writing.remove(here.work, here.resource, key)
    except Conflict as conflict:
        return await _delete_page(request, here, row, problem=str(conflict), status=409)
    return pages.see_other(
        request, _after_delete(here, row), f"已删除“{heading(here.resource, row)}”。"
    )


def _after_delete(here: Visit, row: Row) -> str:
    """What the record belonged to, else the list."""
    within = here.resource.within
    if not within or row[within] is None:
        return here.base
    return Visit(here.work, here.resource, here.page, {within: row[within]}).back


def record_routes(resource: Resource, *, own_page: bool = False) -> list[Any]:
    """Handlers of a record. With ``own_page`` the plugin shows the record itself."""
    path = f"/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}"
    reading: dict[str, Any] = {"opt": {"permission": resource.view}, "include_in_schema": False}
    editing: dict[str, Any] = {"opt": {"permission": resource.edit}, "include_in_schema": False}

    @get(f"{path}/{{key:str}}", **reading)
    async def page(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Show a record."""
        here = await visit(request, campaign, resource)
        return await record_page(request, here, await find(here.work, resource, key))

    @get(f"{path}/new", **editing)
    async def new(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
        """Show the form for a new record."""
        here = await visit(request, campaign, resource)
        here.require_writing()
        return await _form_page(request, here, inputs.blank(here))

    @post(f"{path}/new", **editing)
    async def create(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
        """Add a record, or show the form again with all that is wrong."""
        return await _create(request, await visit(request, campaign, resource))

    @get(f"{path}/{{key:str}}/edit", **editing)
    async def edit(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Show the form of a record."""
        here = await visit(request, campaign, resource)
        row = await find(here.work, resource, key, resource.edit)
        return await _form_page(request, here, inputs.filled(here, row), stored=row)

    @post(f"{path}/{{key:str}}/edit", **editing)
    async def update(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Change a record."""
        return await _update(request, await visit(request, campaign, resource), key)

    handlers: list[Any] = [new, create, edit, update, *_removing_routes(resource)]
    return handlers if own_page else [page, *handlers]


def _removing_routes(resource: Resource) -> list[Any]:
    """Handlers that ask and remove, and the one that shows names in full."""
    path = f"/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}/{{key:str}}"
    editing: dict[str, Any] = {"opt": {"permission": resource.edit}, "include_in_schema": False}

    @get(f"{path}/delete", **editing)
    async def ask(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Ask before a record is removed."""
        here = await visit(request, campaign, resource)
        row = await find(here.work, resource, key, resource.edit)
        return await _delete_page(request, here, row)

    @post(f"{path}/delete", **editing)
    async def remove(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Remove a record."""
        return await _delete(request, await visit(request, campaign, resource), key)

    @post(
        f"{path}/unmask",
        opt={"permission": "personal.unmask"},
        include_in_schema=False,
        status_code=200,
    )
    async def full(
        request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
    ) -> Response[Any]:
        """Show a record with its names in full; the log keeps who read them."""
        here = await visit(request, campaign, resource)
        return await record_page(
            request, here, await unmask(here.work, resource, key), masked=False
        )

    return [ask, remove, full] if resource.names_people else [ask, remove]

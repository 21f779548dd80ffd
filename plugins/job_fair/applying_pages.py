"""Pages of a fair's applications: adding one, and moving several to another stage."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages, paging
from api.kit.records import find, listing
from api.kit.records.fields import Row
from api.kit.records.reading import Where
from api.kit.records.record_pages import AGAIN
from api.kit.records.targets import options
from api.kit.records.visits import Visit, visit
from api.kit.records.writing import require
from core import database
from core.refusals import Refusal
from plugins.job_fair import doing
from plugins.job_fair.fair_pages import FAIR, application_rows
from plugins.job_fair.fair_records import APPLICATIONS
from plugins.job_fair.naming import Named, named
from plugins.job_fair.records import EDIT, FAIRS, SEEKERS
from plugins.job_fair.rules import STAGES
from plugins.job_fair.statements import POSITION_LABEL

EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
STAGE_OPTIONS = [{"value": stage, "label": label} for stage, label in STAGES.items()]
ON_A_PAGE = 100


async def _apply_page(
    request: Request[Any, Any, Any], here: Visit, fair: Row, form: forms.Form
) -> Response[Any]:
    positions = await database.fetch(
        f"SELECT p.key AS value, {POSITION_LABEL.format(x='p')} AS label FROM job_fair_position p"
        " WHERE p.fair = :fair ORDER BY label, p.key",
        fair=fair["id"],
    )
    return here.page.render(
        request,
        "job_fair/apply.html",
        status=200 if form.ok else 422,
        visit=here,
        fair=fair,
        back=here.record(fair),
        form=form,
        positions=positions,
        stages=STAGE_OPTIONS,
        offices=await options(here.work, SEEKERS, SEEKERS.by_name["organisation"]),
    )


@get(f"{FAIR}/apply", **EDITING)
async def apply_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask who applied for what."""
    here = await visit(request, campaign, FAIRS)
    require(here.work, APPLICATIONS)
    fair = await find(here.work, FAIRS, key, EDIT)
    filled = [("stage", "applied"), ("position", request.query_params.get("position", ""))]
    return await _apply_page(request, here, fair, forms.filled([*filled, ("came", "true")]))


async def _applicant(here: Visit, form: forms.Form) -> Named:
    """Whom the form names; its faults are noted in the form."""
    name, office = form.text("seeker", required=True), form.key("organisation")
    people = await named(here.work, [name] if name else [], office)
    if people.faults:
        form.fail("seeker", people.faults[0])
    return people


@post(f"{FAIR}/apply", **EDITING)
async def apply_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Add an application, or show the form again with all that is wrong."""
    here = await visit(request, campaign, FAIRS)
    fair = await find(here.work, FAIRS, key, EDIT)
    form = await forms.read(request)
    people = await _applicant(here, form)
    item = {
        "position": form.key("position", required=True),
        "stage": form.choice("stage", STAGES, required=True),
    }
    if form.ok:
        try:
            came = form.flag("came")
            await doing.apply(here.work, fair["key"], people, item, came=came)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _apply_page(request, here, fair, form)
    address = here.record(fair)
    if form.values.get("then") == AGAIN:
        address = f"{address}/apply"
    return pages.see_other(request, address, "已登记一份投递。")


@get(f"{FAIR}/stages", **EDITING)
async def stages_form(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    cursor: paging.CursorText = "",
) -> Response[Any]:
    """Show the fair's applications, to be ticked."""
    here = await visit(request, campaign, FAIRS)
    require(here.work, APPLICATIONS)
    fair = await find(here.work, FAIRS, key, EDIT)
    where = Where(["r_position.fair = :fair_id"], {"fair_id": fair["id"]})
    stage = request.query_params.get("stage", "")
    if stage in STAGES:
        where.add("t.stage = :chosen_stage", chosen_stage=stage)
    after = paging.decode(cursor, (int,))
    rows = await listing(here.work, APPLICATIONS, where, after=after, limit=ON_A_PAGE + 1)
    page, following = paging.cut(rows, ON_A_PAGE, lambda row: [row["id"]])
    href = f"{here.record(fair)}/stages"
    asked = {"stage": stage} if stage in STAGES else {}
    narrowed = f"?{urlencode(asked)}" if asked else ""
    return here.page.render(
        request,
        "job_fair/stages.html",
        visit=here,
        fair=fair,
        back=here.record(fair),
        href=href,
        action=href + narrowed,
        stage=stage,
        stages=STAGE_OPTIONS,
        applications=application_rows(here, page),
        first_href=href + narrowed if cursor else "",
        next_href=f"{href}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


@post(f"{FAIR}/stages", **EDITING)
async def stages_move(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Move the ticked applications to a stage."""
    here = await visit(request, campaign, FAIRS)
    fair = await find(here.work, FAIRS, key, EDIT)
    form = await forms.read(request)
    chosen, stage = form.lists.get("application", []), form.values.get("to", "")
    query = request.query_params.get("stage", "")
    address = f"{here.record(fair)}/stages" + (f"?{urlencode({'stage': query})}" if query else "")
    if not chosen:
        return pages.see_other(request, address, "请先在名单里勾选。", "warn")
    if stage not in STAGES:
        return pages.see_other(request, address, "请选择走到了哪一步。", "warn")
    count = await doing.move(here.work, fair["key"], chosen, stage)
    done = f"已把{count}份投递改为“{STAGES[stage]}”。" if count else "没有需要改的。"
    return pages.see_other(request, address, done, "good" if count else "warn")


APPLYING_PAGES: list[Any] = [apply_form, apply_add, stages_form, stages_move]

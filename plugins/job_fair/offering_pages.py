"""The form of a position: its employer by name, entered where new, and what is made accessible."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.records import find
from api.kit.records.fields import Row
from api.kit.records.record_pages import AGAIN
from api.kit.records.targets import options
from api.kit.records.visits import Visit, record_href, visit
from core import database
from core.refusals import Refusal
from plugins.job_fair import doing
from plugins.job_fair.fair_pages import HOME
from plugins.job_fair.fair_records import POSITIONS
from plugins.job_fair.records import EDIT
from plugins.job_fair.rules import ACCOMMODATIONS, discriminatory_wording, read_accommodations

EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
PATH = f"{HOME}/positions"
LONGEST_SUGGESTION = 500
WARNING = "已保存。职位里写有“{}”，把残疾人挡在了门外，请和用人单位改掉。"


async def _page(
    request: Request[Any, Any, Any], here: Visit, form: forms.Form, stored: Row | None = None
) -> Response[Any]:
    by_name = POSITIONS.by_name
    employers = await options(here.work, POSITIONS, by_name["employer"])
    job_types = await database.fetch(
        "SELECT name FROM job_fair_job_type WHERE campaign = :campaign ORDER BY name LIMIT :most",
        campaign=here.work.campaign.id,
        most=LONGEST_SUGGESTION,
    )
    href = here.record(stored) if stored else ""
    return here.page.render(
        request,
        "job_fair/position.html",
        status=200 if form.ok else 422,
        visit=here,
        form=form,
        stored=stored,
        fields=by_name,
        fairs=[] if here.preset else await options(here.work, POSITIONS, by_name["fair"]),
        employers=[each["label"] for each in employers[:LONGEST_SUGGESTION]],
        job_types=[row["name"] for row in job_types],
        accommodations=[{"value": c, "label": label} for c, label in ACCOMMODATIONS.items()],
        ticked=form.lists.get("accommodations", []),
        action=f"{href}/edit" if stored else f"{here.base}/new{here.query}",
        cancel=href or here.back,
    )


def _given(here: Visit, form: forms.Form) -> dict[str, Any]:
    """What the form gives as a bundle's item, the employer by name; faults stay in the form."""
    for name in ("fair", "employer", "job_type", "title", "openings", "accommodations", "other"):
        form.values.setdefault(name, "")
    words = [*form.chosen("accommodations", ACCOMMODATIONS)]
    words += read_accommodations(form.text("other"))
    fair = here.preset.get("fair") or form.key("fair", required=True)
    return {
        "fair": fair,
        "employer": form.text("employer", required=True),
        "job_type": form.text("job_type", required=True),
        "title": form.text("title"),
        "openings": form.count("openings", required=True),
        "accommodations": list(dict.fromkeys(words)),
    }


def _filled(stored: Row) -> forms.Form:
    """A form that holds a position."""
    known = [word for word in stored["accommodations"] if word in ACCOMMODATIONS]
    own = [word for word in stored["accommodations"] if word not in ACCOMMODATIONS]
    form = forms.filled(
        [
            ("fair", stored["fair"]),
            ("employer", stored["employer_label"]),
            ("job_type", stored["job_type"]),
            ("title", stored["title"]),
            ("openings", str(stored["openings"])),
            ("other", "、".join(own)),
        ]
    )
    form.lists["accommodations"] = known
    return form


def _done(request: Request[Any, Any, Any], address: str, item: Row, done: str) -> Response[Any]:
    """Go on, with a warning where the wording shuts people out."""
    words = discriminatory_wording(item["title"]) or discriminatory_wording(item["job_type"])
    if words:
        warning = WARNING.format("、".join(words))
        return pages.see_other(request, address, warning, "warn")
    return pages.see_other(request, address, done)


@get(f"{PATH}/new", **EDITING)
async def position_form(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show the form of a new position."""
    here = await visit(request, campaign, POSITIONS)
    here.require_writing()
    return await _page(request, here, forms.Form())


@post(f"{PATH}/new", **EDITING)
async def position_add(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Add it with its employer, or show the form again with all that is wrong."""
    here = await visit(request, campaign, POSITIONS)
    here.require_writing()
    form = await forms.read(request)
    item = _given(here, form)
    if form.ok:
        try:
            await doing.offer(here.work, item)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _page(request, here, form)
    if form.values.get("then") == AGAIN:
        return _done(request, f"{here.base}/new{here.query}", item, "已登记一个职位。")
    return _done(request, here.back, item, "已登记一个职位。")


@get(f"{PATH}/{{key:str}}/edit", **EDITING)
async def position_edit(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show the form of a position."""
    here = await visit(request, campaign, POSITIONS)
    stored = await find(here.work, POSITIONS, key, EDIT)
    return await _page(request, here, _filled(stored), stored)


@post(f"{PATH}/{{key:str}}/edit", **EDITING)
async def position_change(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Change it, or show the form again with all that is wrong."""
    here = await visit(request, campaign, POSITIONS)
    stored = await find(here.work, POSITIONS, key, EDIT)
    form = await forms.read(request)
    item = _given(here, form)
    if form.ok:
        try:
            await doing.offer(here.work, item, key)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _page(request, here, form, stored)
    address = record_href(here.work, POSITIONS, stored["key"])
    return _done(request, address, item, "已保存修改。")


OFFERING_PAGES: list[Any] = [position_form, position_add, position_edit, position_change]

"""The page of a fair: who offers what, who came, who applied and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from api.kit.records import Resource, find, listing
from api.kit.records.fields import Row
from api.kit.records.reading import Where
from api.kit.records.values import shown
from api.kit.records.visits import Visit, record_href, visit
from core import database
from core.moments import today
from plugins.job_fair.addresses import home
from plugins.job_fair.fair_records import APPLICATIONS, ATTENDANCES, POSITIONS
from plugins.job_fair.records import FAIRS, VIEW
from plugins.job_fair.rules import (
    STAGES,
    UNDECIDED_STAGES,
    accommodations_text,
    discriminatory_wording,
)

HOME = "/campaigns/{campaign:str}/job_fair"
FAIR = f"{HOME}/fairs/{{key:str}}"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
STAGE_KINDS = {"intent": "live", "signed": "live", "hired": "good"}
# The first of each kind; the lists have them all.
SHOWN = 8


@get(HOME, **READING)
async def job_fair_home(campaign: FromPath[str]) -> Redirect:
    """Lead to the fairs."""
    return Redirect(f"{home(campaign)}/fairs", status_code=303)


async def _some(here: Visit, resource: Resource, condition: str, fair: Row) -> list[Row]:
    where = Where([condition], {"fair_id": fair["id"]})
    return await listing(here.work, resource, where, limit=SHOWN)


async def _stages(fair: Row) -> dict[str, int]:
    """How many applications stand at each stage, in the order of stages."""
    found = {
        row["stage"]: row["applications"]
        for row in await database.fetch(
            "SELECT l.stage, COUNT(*) AS applications FROM job_fair_application l"
            " JOIN job_fair_position p ON p.id = l.position WHERE p.fair = :fair GROUP BY l.stage",
            fair=fair["id"],
        )
    }
    return {stage: found[stage] for stage in STAGES if stage in found}


async def _excluding(fair: Row) -> dict[str, tuple[str, ...]]:
    """Positions (keys) whose wording shuts disabled people out, with the words."""
    rows = await database.fetch(
        "SELECT p.key, p.title, j.name AS job_type FROM job_fair_position p"
        " JOIN job_fair_job_type j ON j.id = p.job_type WHERE p.fair = :fair ORDER BY p.id",
        fair=fair["id"],
    )
    found = {
        row["key"]: discriminatory_wording(row["title"]) or discriminatory_wording(row["job_type"])
        for row in rows
    }
    return {key: words for key, words in found.items() if words}


def position_rows(
    here: Visit, rows: Sequence[Row], excluding: dict[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Positions as the fair's page shows them."""
    drawn = []
    for row in rows:
        words = "、".join(excluding.get(row["key"], ()))
        drawn.append(
            {
                "position": {
                    "text": row["title"] or row["job_type"],
                    "href": record_href(here.work, POSITIONS, row["key"]),
                    "note": f"写有“{words}”，请改掉" if words else _job_type(row),
                },
                "employer": row["employer_label"],
                "openings": row["openings"],
                "accommodations": accommodations_text(row["accommodations"]) or "没有写明",
                "applications": row["applications"],
            }
        )
    return drawn


def _job_type(row: Row) -> str:
    """A position's job type, where its name is another."""
    return "" if row["title"] in {"", row["job_type"]} else str(row["job_type"])


def attendance_rows(here: Visit, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Who came, names masked."""
    seeker = ATTENDANCES.by_name["seeker"]
    return [
        {
            "seeker": {
                "text": shown(seeker, row),
                "href": record_href(here.work, ATTENDANCES, ATTENDANCES.address_key(row)),
                "note": row["seeker"],
            },
            "office": row["office_name"] or "",
        }
        for row in rows
    ]


def application_rows(here: Visit, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Who applied for what, names masked."""
    seeker = APPLICATIONS.by_name["seeker"]
    return [
        {
            "key": APPLICATIONS.address_key(row),
            "name": shown(seeker, row),
            "seeker": {
                "text": shown(seeker, row),
                "href": record_href(here.work, APPLICATIONS, APPLICATIONS.address_key(row)),
                "note": row["seeker"],
            },
            "position": row["position_label"],
            "stage": STAGES[row["stage"]],
            "stage_kind": STAGE_KINDS.get(row["stage"], ""),
        }
        for row in rows
    ]


def next_step(
    fair: Row, stages: dict[str, int], excluding: dict[str, tuple[str, ...]], addresses: Row
) -> dict[str, str]:
    """What somebody who may write should do now: a sentence, an address and its words."""
    undecided = sum(stages.get(stage, 0) for stage in UNDECIDED_STAGES)
    steps = (
        (
            bool(excluding),
            f"有{len(excluding)}个职位的写法把残疾人挡在了门外，请和用人单位改掉。",
            addresses["position"] + next(iter(excluding), ""),
            "去改",
        ),
        (not fair["positions"], "把用人单位带来的职位登记上。", addresses["new"], "登记职位"),
        (
            bool(fair["unstated"]),
            f"有{fair['unstated']}个职位没有写明无障碍条件，问清用人单位再补上。",
            addresses["positions"],
            "看职位",
        ),
        (fair["held_on"] > today(), "开招聘会那天，登记谁来了。", "", ""),
        (not fair["attendees"], "登记到场的求职者。", addresses["attend"], "登记到场"),
        (not stages, "登记谁投了哪个职位。", addresses["apply"], "登记投递"),
        (
            bool(undecided),
            f"跟进结果：还有{undecided}份投递没有最后的结果。",
            addresses["stages"],
            "更新进展",
        ),
    )
    for needed, text, href, action in steps:
        if needed:
            return {"text": text, "href": href, "action": action}
    return {}


def addresses_of(here: Visit, fair: Row) -> dict[str, str]:
    """Where things are done at a fair."""
    href, within = here.record(fair), urlencode({"fair": fair["key"]})
    base = home(here.work.campaign.key)
    return {
        "position": f"{base}/positions/",
        "positions": f"{base}/positions?{within}",
        "new": f"{base}/positions/new?{within}",
        "import_positions": f"{base}/positions/import?{within}",
        "attendances": f"{base}/attendances?{within}",
        "import_attendances": f"{base}/attendances/import?{within}",
        "applications": f"{base}/applications?{within}",
        "attend": f"{href}/attend",
        "apply": f"{href}/apply",
        "stages": f"{href}/stages",
    }


@get(FAIR, **READING)
async def fair_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show a fair."""
    here = await visit(request, campaign, FAIRS)
    fair = await find(here.work, FAIRS, key)
    positions = await _some(here, POSITIONS, "t.fair = :fair_id", fair)
    attendances = await _some(here, ATTENDANCES, "t.fair = :fair_id", fair)
    applications = await _some(here, APPLICATIONS, "r_position.fair = :fair_id", fair)
    stages, excluding = await _stages(fair), await _excluding(fair)
    addresses = addresses_of(here, fair)
    return here.page.render(
        request,
        "job_fair/fair.html",
        visit=here,
        fair=fair,
        href=here.record(fair),
        addresses=addresses,
        step=next_step(fair, stages, excluding, addresses),
        details=[
            {"term": one.label, "text": shown(one, fair) or "—"}
            for one in FAIRS.fields
            if not one.derived
        ],
        positions=position_rows(here, positions, excluding),
        attendances=attendance_rows(here, attendances),
        applications=application_rows(here, applications),
        stages=[f"{STAGES[stage]}{count}份" for stage, count in stages.items()],
        may_edit=await here.may_edit(fair),
    )


FAIR_PAGES: list[Any] = [job_fair_home, fair_page]

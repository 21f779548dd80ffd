"""What everybody may read: about this installation, what it keeps of people, and how to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get

from api.kit import pages, requests
from core import database, uploads
from core.process import Process
from core.sessions import ABSOLUTE, IDLE
from core.sign_in import ATTEMPTS, LOCKED_FOR

PUBLIC = {"public": True}


@dataclass(frozen=True, slots=True)
class PluginLine:
    """An installed plugin as the page tells of it; ``needs`` are the titles of others."""

    key: str
    title: str
    version: str
    description: str
    hooks: tuple[str, ...]
    foundation: bool


def plugin_lines(process: Process) -> list[PluginLine]:
    """All that is installed and works: foundations first, then plugins by key."""
    plugins = process.plugins
    return [
        PluginLine(
            key,
            plugins.infos[key].title,
            plugins.infos[key].version,
            plugins.infos[key].description,
            tuple(plugins.hooks_of(key)),
            key in plugins.foundations,
        )
        for key in (*plugins.foundations, *plugins.keys)
    ]


def _failures(request: Request[Any, Any, Any], process: Process) -> list[dict[str, str]]:
    """Plugins that cannot be used; why, only to administrators: it may name files of the server."""
    actor = requests.actor_or_none(request)
    told = actor is not None and actor.holds("account.manage")
    return [
        {"key": key, "reason": reason if told else ""}
        for key, reason in sorted(process.plugins.failures.items())
    ]


@get("/about", opt=PUBLIC, include_in_schema=False)
async def about(request: Request[Any, Any, Any]) -> Response[Any]:
    """Name, version, licence, plugins, the privacy notice and the accessibility statement."""
    process: Process = request.app.state["process"]
    offices = await database.fetch(
        "SELECT name FROM organisation WHERE parent IS NULL AND closed_on IS NULL ORDER BY key"
    )
    return pages.render(
        request,
        "api/about.html",
        offices=[row["name"] for row in offices],
        contact=process.settings.contact,
        plugins=plugin_lines(process),
        failures=_failures(request, process),
        session_hours=int(ABSOLUTE.total_seconds() // 3600),
        idle_hours=int(IDLE.total_seconds() // 3600),
        upload_hours=int(uploads.KEPT_FOR.total_seconds() // 3600),
        attempts=ATTEMPTS,
        locked_minutes=int(LOCKED_FOR.total_seconds() // 60),
    )


@get("/help", opt=PUBLIC, include_in_schema=False)
async def help_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The first five things to do, and the words that newcomers stumble over."""
    return pages.render(request, "api/help.html")


ROUTES = [about, help_page]

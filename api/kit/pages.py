"""Pages: one Jinja environment for the house and its plugins, and the shell around every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import State
from litestar.response import Redirect

from api.kit import cookies, filters, requests
from api.kit.csrf import session_csrf_token
from core.permissions import Actor, registry

TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation or of a campaign's tabs."""

    label: str
    href: str
    current: bool = False


# Label, address, and the permission that shows it; "" is for everybody signed in.
NAVIGATION: tuple[tuple[str, str, str], ...] = (
    ("活动", "/campaigns", "campaign.view"),
    ("全年日历", "/calendar", "campaign.view"),
    ("机构", "/organisations", "organisation.view"),
    ("账号", "/accounts", "account.manage"),
    ("审计", "/audit", "audit.view"),
    ("关于", "/about", ""),
)


def environment(
    plugin_folders: Mapping[str, Path], static_folders: Mapping[str, Path] | None = None
) -> Environment:
    """One environment: the house's templates under ``api/…``, a plugin's under its own key.

    ``static_folders`` are those of the plugins whose files ``static_path`` finds, by their keys.
    A name that a template does not know is an error, never an empty place on the page.
    """
    folders = {"api": TEMPLATES, **plugin_folders}
    made = Environment(
        loader=PrefixLoader({key: FileSystemLoader(path) for key, path in folders.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    filters.register(made)
    made.globals["static_path"] = filters.static_addresses(static_folders or {})
    return made


def is_current(path: str, href: str) -> bool:
    """Whether a page's path belongs to a link."""
    return path == href or path.startswith(href.rstrip("/") + "/")


def navigation(actor: Actor | None, path: str) -> list[Link]:
    """The main navigation for an actor; nothing for strangers and for those without any role."""
    if actor is None:
        return []
    known = [
        (label, href)
        for label, href, permission in NAVIGATION
        if not permission or actor.holds(permission)
    ]
    listed = [*registry().starts(actor), *known]
    return [Link(label, href, is_current(path, href)) for label, href in listed]


def shell(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What base.html needs besides the page's own context."""
    actor = requests.actor_or_none(request)
    token = requests.session_token(request)
    state: State = request.app.state
    return {
        "actor": actor,
        "navigation": navigation(actor, request.scope["path"]),
        "messages": cookies.read_messages(request),
        "csrf_token": session_csrf_token(token) if token else "",
        "version": state.version,
        "tabs": [],
    }


def render(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    tabs: Iterable[Link] = (),
    **context: Any,
) -> Response[Any]:
    """A page from ``api/name.html`` or ``<plugin>/name.html``, within the shell.

    Messages left for this person by ``see_other`` are shown once and forgotten.
    """
    found: Environment = request.app.state.templates
    given = {**shell(request), "tabs": list(tabs), **context}
    html = found.get_template(template).render(given)
    response = Response(html, status_code=status, media_type="text/html")
    if given["messages"]:
        cookies.forget_messages(request, response)
    return response


def see_other(
    request: Request[Any, Any, Any], address: str, message: str = "", kind: str = "good"
) -> Redirect:
    """After a form was taken: go to a page of ours, and say there what was done.

    ``kind`` is ``good``, ``warn`` or ``bad``.
    """
    response = Redirect(requests.local_path(address), status_code=303)
    if message:
        cookies.leave_message(request, response, kind, message)
    return response

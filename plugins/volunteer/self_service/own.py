"""Coming to a page of one's own: the volunteer's profile, and the links between the pages."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from api.kit import pages
from api.kit.campaign_pages import process_of
from api.kit.guards import current_actor
from api.kit.pages import Link
from plugins.volunteer.authority import SELF
from plugins.volunteer.signing_up import profiles
from plugins.volunteer.signing_up.profiles import Profile

HOME = "/volunteer/me"
OWN: dict[str, Any] = {"opt": {"permission": SELF}, "include_in_schema": False}
PAGES: tuple[tuple[str, str], ...] = (
    ("我的", ""),
    ("我的码", "/code"),
    ("服务记录", "/records"),
    ("我的星级", "/stars"),
    ("服务证明", "/certificate"),
    ("我的日历", "/calendar"),
    ("个人信息", "/data"),
)


async def own_profile(request: Request[Any, Any, Any]) -> Profile | None:
    """The profile of whoever asks; None for an account that no volunteer registered."""
    return await profiles.mine(current_actor(request))


def without_profile() -> Redirect:
    """To the page that says how to get one."""
    return Redirect(HOME, status_code=303)


def render(
    request: Request[Any, Any, Any],
    template: str,
    place: str,
    *,
    status: int = 200,
    **context: Any,
) -> Response[Any]:
    """A page of one's own, with the links to the others; ``place`` is the end of its address."""
    links = [
        *(Link(label, HOME + rest, rest == place) for label, rest in PAGES),
        Link("找班次", "/volunteer"),
    ]
    return pages.render(request, template, status=status, own_links=links, **context)


def site_of(request: Request[Any, Any, Any]) -> str:
    """This installation's address as set, else as the request came; without a slash at its end."""
    return process_of(request).settings.base_url or str(request.base_url).rstrip("/")

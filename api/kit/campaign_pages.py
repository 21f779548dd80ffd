"""Pages under a campaign: finding it for whoever asks, its title, state and tabs.

Core's pages and those of plugins begin alike::

    page = await campaign_context(request, campaign)
    return page.render(request, "job_fair/fairs.html", fairs=…)

and their templates take the heading from ``api/campaign.html``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from api.kit import pages
from api.kit.guards import current_actor
from api.kit.pages import Link
from api.kit.problems import NotFound
from core import campaign_access, campaigns, office_observances
from core.campaign_access import Reach, View
from core.campaign_states import STATES
from core.campaigns import Campaign
from core.navigation import NavigationItem
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.process import Process

STATE_KINDS = {"draft": "warn", "open": "live", "closing": "warn"}
# Label, the end of the address, the permission that shows it, the place among the plugins' tabs.
TABS: tuple[tuple[str, str, str, int], ...] = (
    ("总览", "", "campaign.view", 0),
    ("数据", "/figures", "figure.view", 910),
    ("填报数据", "/reported", "figure.view", 920),
    ("任务", "/targets", "target.set", 930),
    ("总结", "/recap", "recap.view", 940),
)
# For those who hold it at the campaign's own office.
LEADING_TABS: tuple[tuple[str, str, str, int], ...] = (
    ("设置", "/settings", "campaign.manage", 950),
)


def process_of(request: Request[Any, Any, Any]) -> Process:
    """The running process: settings, plugins, catalogue."""
    found: Process = request.app.state["process"]
    return found


async def catalogue_of(request: Request[Any, Any, Any]) -> Catalogue:
    """The catalogue of observances with those that offices have added. One statement."""
    return await office_observances.joined(process_of(request).catalogue)


def campaign_href(key: str, rest: str = "") -> str:
    """The address of a campaign's overview, or of a page under it: ``rest`` begins with ``/``."""
    return f"/campaigns/{quote(key, safe='')}{rest}"


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign that the asker may see, with what every page under it needs."""

    campaign: Campaign
    title: str
    """What people call it: 第32次全国助残日."""
    tabs: list[Link]
    actor: Actor
    reach: Reach
    """What the asker may do in this campaign: ``may(permission)``, ``may_lead(permission)``."""
    catalogue: Catalogue
    plugins: Plugins
    failed: tuple[str, ...]
    """Titles of plugins that could not say their links."""

    @property
    def href(self) -> str:
        """The address of the overview."""
        return campaign_href(self.campaign.key)

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return STATES[self.campaign.state]

    @property
    def state_kind(self) -> str:
        """How the state's pill looks."""
        return STATE_KINDS.get(self.campaign.state, "")

    async def view(self, permission: str, organisation: str = "") -> View:
        """The campaign from an office where the asker holds the permission.

        Without one it is the topmost such office. Raises Missing.
        """
        chosen = organisation or None
        return await campaign_access.view(self.actor, self.campaign, permission, chosen)

    def render(
        self, request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
    ) -> Response[Any]:
        """A page under this campaign; the template finds this object as ``page``."""
        return pages.render(request, template, status=status, tabs=self.tabs, page=self, **context)


async def campaign_context(
    request: Request[Any, Any, Any], key: str, permission: str = "campaign.view"
) -> CampaignPage:
    """The campaign of that key. Raises NotFound unless the asker holds the permission in it."""
    actor = current_actor(request)
    campaign = await campaigns.find(key)
    reach = await campaign_access.reach(actor, campaign)
    if not reach.may(permission):
        raise NotFound(f"没有编号为“{key}”的活动。")
    plugins, catalogue = process_of(request).plugins, await catalogue_of(request)
    items: list[NavigationItem] = [
        NavigationItem(label, campaign_href(key, rest), order)
        for label, rest, needed, order in TABS
        if reach.may(needed)
    ]
    items += [
        NavigationItem(label, campaign_href(key, rest), order)
        for label, rest, needed, order in LEADING_TABS
        if reach.may_lead(needed)
    ]
    failed = []
    for outcome in await plugins.ask("navigation", campaign.enabled, campaign=key, actor=actor):
        if outcome.failed:
            failed.append(outcome.title)
        items += outcome.value or []
    tabs = _tabs(items, request.scope["path"], campaign_href(key))
    title = campaign.title(catalogue)
    return CampaignPage(campaign, title, tabs, actor, reach, catalogue, plugins, tuple(failed))


def _tabs(items: list[NavigationItem], path: str, overview: str) -> list[Link]:
    """Links in order; the one whose address is the longest beginning of the path is current."""
    fitting = [
        item.href
        for item in items
        if item.href == path
        or (item.href != overview and path.startswith(item.href.rstrip("/") + "/"))
    ]
    current = max(fitting, key=len, default="")
    ordered = sorted(items, key=lambda item: item.order)
    return [Link(item.label, item.href, item.href == current) for item in ordered]

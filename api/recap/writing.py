"""What the pages and the JSON of writing a recap share: whose it is, addresses, what is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request

from api.kit import forms
from api.kit.campaign_pages import CampaignPage, campaign_context, process_of
from api.kit.guards import current_actor
from core import campaign_access, campaigns, own_metrics
from core.campaign_access import View
from core.campaigns import Campaign
from core.metrics import Metric
from core.permissions import Actor
from core.plugins import Plugins
from core.recap.manuscript import manuscripts
from core.recap.manuscript.changes import Check
from core.recap.manuscript.manuscripts import Desk, Manuscript
from core.recap.templating import texts
from core.recap.templating.faults import refused
from core.refusals import Conflict, Refusal

MANUSCRIPT = "/recap/manuscript"


@dataclass(frozen=True, slots=True)
class Writing:
    """An office's recap being written: the page's campaign, the office, and its desk."""

    page: CampaignPage
    view: View
    desk: Desk

    def href(self, rest: str = "", **query: str) -> str:
        """The address of a page of it: ``rest`` such as MANUSCRIPT."""
        asked = urlencode({"organisation": self.view.scope.organisation, **query})
        return f"{self.page.href}{rest}?{asked}"

    async def manuscript(self) -> Manuscript:
        """The manuscript as it stands. Two statements."""
        return await manuscripts.read(self.desk.scope.campaign_id, self.desk.scope.organisation_id)


async def writing(
    request: Request[Any, Any, Any],
    campaign: str,
    organisation: str,
    permission: str = manuscripts.WRITE,
) -> Writing:
    """The recap of an office where the asker holds the permission. Raises NotFound, Missing."""
    page = await campaign_context(request, campaign, permission)
    view = await page.view(permission, organisation)
    return Writing(page, view, manuscripts.desk(page.campaign, view.scope, page.plugins))


async def desk_of(
    request: Request[Any, Any, Any], campaign: str, organisation: str, permission: str
) -> tuple[Actor, Desk]:
    """The same for programmes, with who asks."""
    actor, plugins = current_actor(request), process_of(request).plugins
    looked_at = await campaigns.find(campaign)
    view = await campaign_access.view(actor, looked_at, permission, organisation or None)
    return actor, manuscripts.desk(looked_at, view.scope, plugins)


def part_rest(key: str, act: str = "") -> str:
    """The end of the address of a part's page, or of an act on it."""
    return f"{MANUSCRIPT}/parts/{quote(key, safe='')}{act}"


def photo_rest(key: str, act: str = "") -> str:
    """The end of the address of a photo's page, or of an act on it."""
    return f"/recap/photos/{quote(key, safe='')}{act}"


async def figures_of(campaign: Campaign, plugins: Plugins) -> dict[str, Metric]:
    """The metrics whose figures a written part may name, by key. One statement."""
    known = await own_metrics.known(campaign, plugins)
    wanted = {metric.key for metric in own_metrics.offered(known, campaign.enabled)}
    return {key: metric for key, metric in known.items() if key in wanted}


def checking(metrics: dict[str, Metric]) -> Check:
    """Finds what is wrong with a text: figures that nobody knows, brackets that stay open."""
    known = texts.vocabulary(metrics)
    return lambda text: [fault.sentence for fault in refused(texts.check(text, known))]


def seen_revision(form: forms.Form) -> int:
    """The revision that a form was made from; -1, which none is, where it does not say."""
    text = form.value("revision")
    return int(text) if text.isdecimal() and len(text) < 16 else -1


def status_of(refusal: Refusal) -> int:
    """How a form that was refused is answered: 409 when somebody else was faster, else 422."""
    return 409 if isinstance(refusal, Conflict) else 422

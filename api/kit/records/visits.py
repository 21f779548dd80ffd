"""Coming to a resource's page or data: the campaign, the actor, and whether he may be here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request

from api.kit import campaign_pages
from api.kit.campaign_pages import CampaignPage
from api.kit.guards import current_actor, require_in_campaign
from api.kit.pages import Link
from api.kit.problems import NotFound
from api.kit.records import writing
from api.kit.records.fields import Row
from api.kit.records.resource import SEPARATOR, Resource, Target, Work, reference_of
from api.kit.records.targets import find_targets
from core import campaigns
from core.permissions import may, may_in_campaign

# Words of addresses that a record's key may be, too: such a record's address starts with "~".
RESERVED = frozenset({"new", "import", "template.xlsx", "export.xlsx"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of a resource being looked at."""

    work: Work
    resource: Resource
    page: CampaignPage
    preset: Mapping[str, str]
    target: Target | None = None
    """What the preset names."""

    @property
    def within(self) -> str:
        """What people call that which the preset names."""
        return self.target.label if self.target else ""

    def require_writing(self) -> None:
        """Raise Conflict in a state, NotFound at a place where nothing may be entered."""
        writing.require(self.work, self.resource)
        if self.target and not self.target.reachable:
            raise NotFound

    @property
    def base(self) -> str:
        """The address of the list."""
        return base(self.work, self.resource)

    @property
    def query(self) -> str:
        """The preset, to be appended to addresses."""
        return f"?{urlencode(self.preset)}" if self.preset else ""

    def record(self, row: Mapping[str, Any]) -> str:
        """The address of a record."""
        return record_href(self.work, self.resource, self.resource.address_key(row))

    @property
    def back(self) -> str:
        """Where somebody came from: what the records belong to, else the list."""
        if self.preset:
            reference = reference_of(self.resource.by_name[self.resource.within])
            if reference.href:
                key = quote(self.preset[self.resource.within], safe="")
                return f"/campaigns/{self.work.campaign.key}/{reference.href}/{key}"
        return self.base + self.query

    @property
    def plugin_title(self) -> str:
        """What people call the plugin."""
        info = self.page.plugins.infos.get(self.resource.plugin)
        return info.title if info else self.resource.title

    @property
    def siblings(self) -> list[Link]:
        """The lists of the plugin, this one among them."""
        plugin = f"/campaigns/{self.work.campaign.key}/{self.resource.plugin}"
        return [
            Link(label, f"{plugin}/{key}".rstrip("/"), key == self.resource.key)
            for label, key in self.resource.siblings
        ]

    def more(self, row: Mapping[str, Any]) -> list[Link]:
        """Links from a record to what belongs to it."""
        plugin = f"/campaigns/{self.work.campaign.key}/{self.resource.plugin}"
        key = quote(self.resource.address_key(row), safe="")
        return [
            Link(label, f"{plugin}/{path.format(key=key)}") for label, path in self.resource.more
        ]

    async def may_edit(self, row: Row | None = None) -> bool:
        """Whether the actor may write here, at all or this record."""
        if not writing.is_open(self.work, self.resource):
            return False
        if row is None and self.target is not None and not self.target.reachable:
            return False
        actor, permission = self.work.actor, self.resource.edit
        if row is not None and row["office"] is not None:
            return not self.resource.rules.seal_off(row) and await may(
                actor, permission, row["office"]
            )
        return await may_in_campaign(actor, permission, self.work.campaign.id)

    async def may_unmask(self, row: Row) -> bool:
        """Whether the actor may read this record's names in full."""
        office = row["office"] or self.work.campaign.organisation_id
        return self.resource.names_people and await may(self.work.actor, "personal.unmask", office)


def base(work: Work, resource: Resource) -> str:
    """The address of a resource's list."""
    return f"/campaigns/{work.campaign.key}/{resource.plugin}/{resource.key}"


def record_href(work: Work, resource: Resource, address_key: str) -> str:
    """The address of a record."""
    mark = SEPARATOR if address_key in RESERVED else ""
    return f"{base(work, resource)}/{mark}{quote(address_key, safe=SEPARATOR)}"


def preset_of(resource: Resource, query: Mapping[str, str]) -> dict[str, str]:
    """What the address says the records belong to."""
    chosen = query.get(resource.within, "") if resource.within else ""
    return {resource.within: chosen} if chosen else {}


async def enter(request: Request[Any, Any, Any], campaign: str, resource: Resource) -> Work:
    """The campaign of an address, for its records. Raises NotFound and Missing."""
    actor = current_actor(request)
    found = await campaigns.find(campaign)
    await require_in_campaign(actor, resource.view, found.id)
    if resource.plugin not in found.enabled:
        raise NotFound
    return Work(actor, found)


async def visit(request: Request[Any, Any, Any], campaign: str, resource: Resource) -> Visit:
    """The same for a page, with its tabs."""
    page = await campaign_pages.campaign_context(request, campaign)
    actor = current_actor(request)
    await require_in_campaign(actor, resource.view, page.campaign.id)
    if resource.plugin not in page.campaign.enabled:
        raise NotFound
    work = Work(actor, page.campaign)
    preset = preset_of(resource, request.query_params)
    return Visit(work, resource, page, preset, await _within(work, resource, preset))


async def _within(work: Work, resource: Resource, preset: Mapping[str, str]) -> Target | None:
    """What the preset names. Raises NotFound when there is none that the actor may see."""
    if not preset:
        return None
    key, field = preset[resource.within], resource.by_name[resource.within]
    anywhere = field.reference is not None and field.reference.anywhere
    for target in await find_targets(work, resource, field, [key]):
        seen = anywhere or target.office is None
        if target.key == key and (seen or await may(work.actor, resource.view, target.office or 0)):
            return target
    raise NotFound

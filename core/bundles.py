"""Campaign bundles: import and export of a whole campaign, by bundle.md.

Import checks everything before it writes anything, and writes in one unit of work. What was
imported and is exported again is, byte for byte, the canonical form of what was imported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from core import audit, bundle_storage, database, moments
from core.bundle_envelope import (
    FORMAT,
    VERSION,
    check_campaign,
    check_metrics,
    check_organisations,
    check_reported,
    check_targets,
    envelope,
)
from core.bundle_sections import BundleSection, CheckContext, WriteContext
from core.documents import DocumentError, canonical_pieces, parse
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.refusals import Fault
from core.shapes import INVALID, DocumentRefused, Path, Problems, Shape

Permit = Callable[[Mapping[str, Any]], Awaitable[None]]
Report = Callable[[str], Any]
Answer = TypeVar("Answer")

NOT_READ = "“{}”的记录没有读出来，请联系管理员查看服务日志"


def _silent(_: str) -> None:
    """Report nothing."""


class Sections:
    """The parts of a bundle that others than core bring: in the envelope, and under ``plugins``."""

    def __init__(self, plugins: Plugins) -> None:
        brought: list[tuple[str, BundleSection]] = plugins.registered("register_bundle_section")
        self.in_envelope = {s.key: s for _, s in brought if s.in_envelope}
        self.of_plugins = {s.key: s for _, s in brought if not s.in_envelope}
        self.owners = {section.key: key for key, section in brought}
        self.titles = {section.key: plugins.infos[key].title for key, section in brought}
        self._plugins = plugins

    async def part(self, section: BundleSection, work: Awaitable[Answer]) -> Answer:
        """What a section does. Raises Conflict if it fails: then nothing of the whole is done."""
        return await self._plugins.part(self.owners[section.key], work)

    async def read(self, section: BundleSection, number: int) -> Any:
        """What a section holds of a campaign, by its number. Raises Conflict if it cannot be told.

        Outside anything else that might be given up: nobody meant to change anything.
        """
        owner = self.owners[section.key]
        return await self._plugins.part(owner, section.read(number), NOT_READ)

    def shapes(self, sections: Mapping[str, BundleSection]) -> dict[str, Shape]:
        """The shapes of sections by key; one that raises is told as its plugin's failure."""
        return {key: self._guarded(section) for key, section in sections.items()}

    def _guarded(self, section: BundleSection) -> Shape:
        def shape(value: Any, path: Path, problems: Problems) -> Any:
            return self.at_once(section, partial(section.shape, value, path, problems))

        return shape

    def at_once(self, section: BundleSection, work: Callable[[], Answer]) -> Answer:
        """The same of work that waits for nothing."""
        return self._plugins.part_at_once(self.owners[section.key], work)


def read_document(data: bytes) -> Any:
    """The document in a file. Raises DocumentRefused when it is no JSON at all."""
    try:
        return parse(data)
    except DocumentError as error:
        raise DocumentRefused(Fault("", "syntax", str(error))) from None


def check(
    document: Any, plugins: Plugins, catalogue: Catalogue, problems: Problems
) -> dict[str, Any]:
    """The normalised bundle, or INVALID; everything that is wrong is in ``problems``."""
    sections = Sections(plugins)
    shape = envelope(sections.shapes(sections.in_envelope), sections.shapes(sections.of_plugins))
    bundle: dict[str, Any] = shape(document, (), problems)
    if bundle is INVALID:
        return bundle
    offices = bundle.get("organisations", [])
    activities = [item for item in bundle.get("activities", []) if item]
    context = CheckContext(
        problems,
        frozenset(item["key"] for item in offices if item and "key" in item),
        frozenset(item["key"] for item in activities if "key" in item),
    )
    check_organisations(offices, context)
    if not offices and "organisations" in bundle:
        problems.add(("organisations",), "missing", "至少要有一个机构")
    if "campaign" in bundle:
        keys = {observance.key for observance in catalogue}
        check_campaign(bundle["campaign"], offices, keys, context)
    known = check_metrics(bundle.get("metrics", []), {m.key: m for m in plugins.metrics()}, context)
    check_targets(bundle.get("targets", []), known, context)
    check_reported(bundle.get("reported", []), known, context)
    for key, section in sections.in_envelope.items():
        sections.at_once(section, partial(section.check, bundle.get(key, []), (key,), context))
    for key, content in bundle.get("plugins", {}).items():
        section = sections.of_plugins[key]
        sections.at_once(section, partial(section.check, content, ("plugins", key), context))
    return bundle


async def import_bundle(
    data: bytes,
    plugins: Plugins,
    catalogue: Catalogue,
    actor: Actor,
    *,
    report: Report = _silent,
) -> str:
    """Make the database's campaign that of the file; answers the campaign's key.

    ``report`` is told what is being written. Raises DocumentRefused with every error; then nothing
    is written.
    """
    return await import_document(read_document(data), plugins, catalogue, actor, report=report)


async def import_document(
    document: Any,
    plugins: Plugins,
    catalogue: Catalogue,
    actor: Actor,
    permit: Permit | None = None,
    *,
    report: Report = _silent,
) -> str:
    """``import_bundle`` for a document that is parsed already.

    ``permit`` looks at the checked bundle within the unit of work, before anything is written, and
    raises Refusal to keep it out. Who gives the only reference to the document away sees its memory
    freed as soon as it is checked.
    """
    problems = Problems()
    bundle = check(document, plugins, catalogue, problems)
    if problems.found:
        raise DocumentRefused(*problems.found)
    del document
    async with database.transaction():
        await database.allow_long()
        if permit is not None:
            await permit(bundle)
        return await _write(bundle, Sections(plugins), actor, report)


async def _write(
    bundle: Mapping[str, Any], sections: Sections, actor: Actor, report: Report
) -> str:
    now = moments.now()
    report(f"检查通过，正在写入{len(bundle['organisations'])}个机构……")
    offices = await bundle_storage.write_organisations(bundle["organisations"])
    campaign = await bundle_storage.write_campaign(bundle["campaign"], offices, now)
    await bundle_storage.write_participants(campaign, bundle["organisations"], offices)
    context = WriteContext(campaign, offices, now)
    for key, section in sections.in_envelope.items():
        await sections.part(section, section.write(bundle[key], context))
    for key, section in sections.of_plugins.items():
        content = bundle["plugins"].get(key)
        if content is None:
            content = sections.at_once(section, partial(section.shape, {}, (), Problems()))
        else:
            report(f"正在写入{sections.titles[key]}……")
        await sections.part(section, section.write(content, context))
        await sections.part(section, section.finish(content, context))
    for key, section in sections.in_envelope.items():
        await sections.part(section, section.finish(bundle[key], context))
    await bundle_storage.write_figures(campaign, bundle, offices)
    await bundle_storage.enable(campaign, sorted(bundle["plugins"]))
    await audit.record(
        actor,
        "import",
        "campaign",
        bundle["campaign"]["key"],
        organisation=offices[bundle["campaign"]["organisation"]],
        campaign=bundle["campaign"]["key"],
        after={
            "organisations": len(offices),
            "reported": len(bundle["reported"]),
            "targets": len(bundle["targets"]),
            "plugins": sorted(bundle["plugins"]),
        },
    )
    return str(bundle["campaign"]["key"])


async def export_document(campaign: str, plugins: Plugins) -> dict[str, Any]:
    """The campaign as a bundle's document. Raises LookupError when there is none of that key."""
    envelope_part = await bundle_storage.read_envelope(campaign)
    number: int = envelope_part.pop("id")
    enabled: list[str] = envelope_part.pop("enabled")
    sections = Sections(plugins)
    return {
        "format": FORMAT,
        "version": VERSION,
        **envelope_part,
        **{key: await sections.read(s, number) for key, s in sections.in_envelope.items()},
        "plugins": {
            key: await sections.read(section, number)
            for key, section in sections.of_plugins.items()
            if key in enabled
        },
    }


async def export_bytes(campaign: str, plugins: Plugins) -> bytes:
    """The campaign in canonical bytes."""
    return b"".join(await export_pieces(campaign, plugins))


async def export_pieces(campaign: str, plugins: Plugins) -> list[bytes]:
    """The same in pieces of some tens of kilobytes, for who sends them one after the other."""
    return list(canonical_pieces(await export_document(campaign, plugins)))


async def export_bundle(campaign: str, plugins: Plugins) -> str:
    """The same as text."""
    return (await export_bytes(campaign, plugins)).decode()

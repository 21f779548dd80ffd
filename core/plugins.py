"""Finding, checking and calling plugins.

Plugins come through the entry-point group ``tongxing.plugins``, the built-in ones too. Parts of the
house that speak through the same hooks without being plugins (events) come through
``tongxing.foundations``: they are always enabled. Each entry point is loaded by itself; a broken
one is reported and left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from core import hookspecs, plugin_checks, retrying
from core.metrics import Metric

PLUGIN_GROUP = "tongxing.plugins"
FOUNDATION_GROUP = "tongxing.foundations"
log = logging.getLogger("tongxing.plugins")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Who a plugin is. ``needs`` names plugins that must be installed beside it."""

    key: str
    title: str
    version: str
    needs: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class ActivityKind:
    """A kind of activity: its slug and what people call it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one plugin answered to a hook; ``failed`` when it raised (the log says what)."""

    plugin: str
    title: str
    value: Any = None
    failed: bool = False


@dataclass(slots=True)
class Plugins:
    """The installed plugins. ``failures`` names those that could not be used, and why."""

    manager: pluggy.PluginManager
    infos: dict[str, PluginInfo] = field(default_factory=dict)
    foundations: tuple[str, ...] = ()
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the plugins proper, sorted."""
        return tuple(sorted(set(self.infos) - set(self.foundations)))

    def registered(self, hook: str) -> list[tuple[str, Any]]:
        """``(plugin, answer)`` of a ``register_*`` hook, foundations first, then by key."""
        return [
            (key, self.caller(hook, key)()[0])
            for key in (*self.foundations, *self.keys)
            if self.implements(hook, key)
        ]

    def metrics(self) -> list[Metric]:
        """The metrics of all installed plugins, each naming its plugin."""
        from dataclasses import replace

        answers = self.registered("register_metrics")
        return [replace(metric, plugin=key) for key, metrics in answers for metric in metrics]

    def hooks_of(self, key: str) -> list[str]:
        """Names of the hooks that a plugin implements."""
        callers = self.manager.get_hookcallers(self.manager.get_plugin(key)) or []
        return sorted(caller.name for caller in callers)

    async def ask(self, hook: str, enabled: Iterable[str], **arguments: Any) -> list[Outcome]:
        """Call a hook of the foundations and the enabled plugins, each by itself."""
        wanted = set(enabled)
        return [
            await self._ask_one(hook, key, arguments)
            for key in (*self.foundations, *self.keys)
            if (key in self.foundations or key in wanted) and self.implements(hook, key)
        ]

    async def ask_one(self, hook: str, key: str, **arguments: Any) -> Outcome | None:
        """Call a hook of one plugin; None when it does not implement it or is not installed."""
        if key not in self.infos or not self.implements(hook, key):
            return None
        return await self._ask_one(hook, key, arguments)

    async def _ask_one(self, hook: str, key: str, arguments: dict[str, Any]) -> Outcome:
        title = self.infos[key].title
        try:
            answer = self.caller(hook, key)(**arguments)
            return Outcome(key, title, await answer[0] if answer else None)
        except retrying.AGAIN:
            raise  # no fault of the plugin's: the whole unit of work begins anew
        except Exception:
            log.exception("plugin %s failed in hook %s", key, hook)
            return Outcome(key, title, failed=True)

    def implements(self, hook: str, key: str) -> bool:
        """Whether a plugin implements a hook."""
        return any(
            item.plugin_name == key for item in getattr(self.manager.hook, hook).get_hookimpls()
        )

    def caller(self, hook: str, key: str) -> Any:
        """A hook as it calls one plugin alone."""
        others = [plugin for name, plugin in self.manager.list_name_plugin() if name != key]
        return self.manager.subset_hook_caller(hook, others)


def _add(plugins: Plugins, entry: EntryPoint) -> None:
    module = entry.load()
    try:
        plugins.manager.register(module, name=entry.name)
        plugins.manager.check_pending()
        if not plugins.implements("register_plugin", entry.name):
            raise ValueError("register_plugin 未实现")
        answers = {
            hook: plugins.caller(hook, entry.name)()[0]
            for hook in plugins.hooks_of(entry.name)
            if hook.startswith("register_")
        }
        info: PluginInfo = answers["register_plugin"]
        if info.key != entry.name:
            raise ValueError(f"插件自称“{info.key}”，登记的却是“{entry.name}”")
        plugin_checks.check(info.key, answers, foundation=entry.group == FOUNDATION_GROUP)
        plugins.infos[info.key] = info
    except BaseException:
        # Registering may stop halfway, with some of the hooks in place already.
        if plugins.manager.get_plugin(entry.name) is module:
            plugins.manager.unregister(name=entry.name)
        raise


def _remove_those_in_need(plugins: Plugins) -> None:
    """Take out plugins that lack another; then those that needed them, until all have theirs."""
    while lacking := {
        key: missing
        for key, info in plugins.infos.items()
        if (missing := [need for need in info.needs if need not in plugins.infos])
    }:
        for key, missing in lacking.items():
            plugins.failures[key] = f"缺少它需要的插件：{'、'.join(missing)}"
            plugins.manager.unregister(name=key)
            del plugins.infos[key]


def load() -> Plugins:
    """Find and check everything installed; what fails is noted in ``failures`` and logged."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(manager)
    foundations = sorted(entry_points(group=FOUNDATION_GROUP), key=lambda entry: entry.name)
    plugins.foundations = tuple(entry.name for entry in foundations)
    ordinary = sorted(entry_points(group=PLUGIN_GROUP), key=lambda entry: entry.name)
    for entry in (*foundations, *ordinary):
        if entry.name in plugins.infos:
            plugins.failures[f"{entry.name} = {entry.value}"] = "已经有一个同名的插件，这个没有载入"
            continue
        try:
            _add(plugins, entry)
        except (Exception, SystemExit) as error:
            plugins.failures[entry.name] = f"{type(error).__name__}: {error}"
            log.exception("plugin %s cannot be used", entry.name)
    _remove_those_in_need(plugins)
    plugins.foundations = tuple(key for key in plugins.foundations if key in plugins.infos)
    return plugins


@lru_cache(maxsize=1)
def installed() -> Plugins:
    """The installed plugins, found once."""
    return load()

"""Finding, checking and calling plugins.

Plugins come through the entry-point group ``tongxing.plugins``, the built-in ones too. Parts of the
house that speak through the same hooks without being plugins (events) come through
``tongxing.foundations``: they are always enabled. Each entry point is loaded by itself; a broken
one is reported and left out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import pluggy

from core import hookspecs
from core.database import retrying
from core.database.faults import is_of_database
from core.database.side_by_side import side_by_side
from core.metrics import Metric
from core.plugins import answers as plugin_answers
from core.plugins import checks as plugin_checks
from core.plugins import limits as plugin_limits
from core.plugins.conforming import fault_in
from core.plugins.limits import TookTooLongError
from core.refusals import Conflict, Missing, Refusal

PLUGIN_GROUP = "tongxing.plugins"
FOUNDATION_GROUP = "tongxing.foundations"
# A plugin that took too long is left alone for a while in that hook: else every page would wait.
PAUSE_SECONDS = 60.0
# What a plugin writes or reads of a whole bundle takes longer than a part of a page.
BUNDLE_TIMES = 10
LOADING_SECONDS = 30.0
NOTHING_DONE = "“{}”没有办成，什么都没有改动，请联系管理员"
# What is no fault of the plugin's: an answer for people, or work that begins anew as a whole.
PASSED_ON: tuple[type[Exception], ...] = (Refusal, Missing, *retrying.AGAIN)
Answer = TypeVar("Answer")
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
    """The installed plugins. ``failures`` names those that could not be used, and why.

    ``answers`` are what they gave to ``register_*`` hooks, by hook and plugin. ``seconds`` is how
    long a plugin may take for one hook; None, as in commands, is for ever.
    """

    manager: pluggy.PluginManager
    infos: dict[str, PluginInfo] = field(default_factory=dict)
    foundations: tuple[str, ...] = ()
    failures: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float | None = None
    _paused: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the plugins proper, sorted."""
        return tuple(sorted(set(self.infos) - set(self.foundations)))

    def registered(self, hook: str) -> list[tuple[str, Any]]:
        """``(plugin, answer)`` of a ``register_*`` hook, foundations first, then by key."""
        given = self.answers.get(hook, {})
        return [(key, given[key]) for key in (*self.foundations, *self.keys) if key in given]

    def metrics(self) -> list[Metric]:
        """The metrics of all installed plugins, each naming its plugin."""
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

    async def ask_together(
        self, hook: str, enabled: Iterable[str], **arguments: Any
    ) -> list[Outcome]:
        """``ask`` of a hook that only reads: all at once, unless in a unit of work."""
        wanted = {*enabled, *self.foundations}
        return await side_by_side(
            [
                partial(self._ask_one, hook, key, arguments)
                for key in (*self.foundations, *self.keys)
                if key in wanted and self.implements(hook, key)
            ]
        )

    async def ask_one(self, hook: str, key: str, **arguments: Any) -> Outcome | None:
        """Call a hook of one plugin; None when it does not implement it or is not installed."""
        if key not in self.infos or not self.implements(hook, key):
            return None
        return await self._ask_one(hook, key, arguments)

    async def _ask_one(self, hook: str, key: str, arguments: dict[str, Any]) -> Outcome:
        title = self.infos[key].title
        if self._paused.get((hook, key), 0.0) > time.monotonic():
            return Outcome(key, title, failed=True)
        try:
            given = await self._limited(self._called(hook, key, arguments))
            own = self.answers.get("register_metrics", {}).get(key, ())
            value = plugin_answers.checked(hook, key, given, arguments, own)
        except retrying.AGAIN:
            raise  # no fault of the plugin's: the whole unit of work begins anew
        except Exception as error:
            if is_of_database(error):
                raise  # nor is this: nothing else would have an answer either
            if isinstance(error, TookTooLongError):
                self._paused[hook, key] = time.monotonic() + PAUSE_SECONDS
            facts = {"plugin": key, "hook": hook}
            log.exception("plugin %s failed in hook %s", key, hook, extra={"facts": facts})
            return Outcome(key, title, failed=True)
        return Outcome(key, title, value)

    async def _called(self, hook: str, key: str, arguments: dict[str, Any]) -> Any:
        answer = self.caller(hook, key)(**arguments)
        return await answer[0] if answer else None

    async def _limited(self, work: Awaitable[Answer], times: int = 1) -> Answer:
        if self.seconds is None:
            return await work
        return await plugin_limits.within(work, self.seconds * times)

    async def part(self, key: str, work: Awaitable[Answer], sentence: str = NOTHING_DONE) -> Answer:
        """What ``work``, a plugin's part in something whole, gives.

        Raises Conflict when it fails or takes too long, with ``sentence`` about the plugin's title,
        so that the whole is given up; a refusal of its own is passed on.
        """
        try:
            return await self._limited(work, BUNDLE_TIMES)
        except PASSED_ON:
            raise
        except Exception as error:
            raise self._given_up(key, error, sentence) from error

    def part_at_once(
        self, key: str, work: Callable[[], Answer], sentence: str = NOTHING_DONE
    ) -> Answer:
        """The same of work that does not wait for anything."""
        try:
            return plugin_limits.one_step(work, (self.seconds or LOADING_SECONDS) * BUNDLE_TIMES)
        except PASSED_ON:
            raise
        except Exception as error:
            raise self._given_up(key, error, sentence) from error

    def _given_up(self, key: str, error: Exception, sentence: str) -> Exception:
        if is_of_database(error):
            return error
        words = "plugin %s failed in its part of something whole"
        log.error(words, key, exc_info=error, extra={"facts": {"plugin": key}})
        return Conflict.of("plugin_failed", sentence.format(self.infos[key].title))

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
    module = plugin_limits.one_step(entry.load, LOADING_SECONDS)
    try:
        plugins.manager.register(module, name=entry.name)
        plugins.manager.check_pending()
        if not plugins.implements("register_plugin", entry.name):
            raise ValueError("register_plugin 未实现")
        answers = {
            hook: _registered(plugins, hook, entry.name)
            for hook in plugins.hooks_of(entry.name)
            if hook.startswith("register_")
        }
        info: PluginInfo = answers["register_plugin"]
        if info.key != entry.name:
            raise ValueError(f"插件自称“{info.key}”，登记的却是“{entry.name}”")
        plugin_checks.check(info.key, answers, foundation=entry.group == FOUNDATION_GROUP)
        plugins.infos[info.key] = info
        for hook, answer in answers.items():
            plugins.answers.setdefault(hook, {})[info.key] = answer
    except BaseException:
        # Registering may stop halfway, with some of the hooks in place already.
        if plugins.manager.get_plugin(entry.name) is module:
            plugins.manager.unregister(name=entry.name)
        raise


def _registered(plugins: Plugins, hook: str, key: str) -> Any:
    """What a plugin registers, if it is what the hook is declared to answer. Raises ValueError."""
    given = plugin_limits.one_step(plugins.caller(hook, key), LOADING_SECONDS)
    if not given:
        raise ValueError(f"{hook} 什么也没有回答")
    if found := fault_in(given[0], plugin_answers.answer_of(hook)):
        raise ValueError(f"{hook} 的回答{found}")
    return given[0]


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

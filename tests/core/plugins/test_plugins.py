"""Finding plugins and asking them: one that is broken is named, and the rest goes on."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

import pytest

from core import hookspecs, plugins
from core.plugins import Plugins
from tests.core.distributions import Install, install, load_again

__all__ = ["install", "load_again"]
BUILT_IN = ("condolence", "job_fair", "publicity", "volunteer")
SPECS: dict[str, Any] = {
    name: spec
    for name, spec in vars(hookspecs).items()
    if hasattr(spec, f"{hookspecs.PROJECT}_spec")
}
ASKED = sorted(name for name, spec in SPECS.items() if inspect.iscoroutinefunction(spec))
REGISTERED = sorted(set(SPECS) - set(ASKED))


def arguments(hook: str) -> dict[str, None]:
    """Nothing for each parameter: the plugins of these tests look at none."""
    return dict.fromkeys(inspect.signature(SPECS[hook]).parameters)


def source_of(hook: str, body: str) -> str:
    """A hook's implementation with that body."""
    parameters = ", ".join(inspect.signature(SPECS[hook]).parameters)
    kind = "async def" if hook in ASKED else "def"
    return f"\n@hookimpl\n{kind} {hook}({parameters}):\n    {body}\n"


def test_the_built_in_plugins_are_found() -> None:
    found = plugins.load()
    assert set(BUILT_IN) <= set(found.keys)
    assert found.foundations == ("events",)
    assert found.failures == {}


# What is broken, and how the failure is told. The key of each is aaa: it comes before all others.
PLAIN = "@hookimpl\ndef {}():\n    return {}\n"
SECTION = (
    "class Section:\n    key, in_envelope = {!r}, {!r}\n"
    "    shape = check = write = finish = read = print\n"
)
BROKEN = {
    "raises when imported": ("1 / 0", "ZeroDivisionError"),
    "ends the process when imported": ("raise SystemExit(3)", "SystemExit"),
    "is no Python": ("def (", "SyntaxError"),
    "imports what is not there": ("import no_such_module_anywhere", "ModuleNotFoundError"),
    "misspells a hook": ("@hookimpl\nasync def mesure(scope):\n    return []\n", "mesure"),
    "asks a hook for what it has not": (
        "@hookimpl\nasync def measure(scope, weather):\n    return []\n", "weather",
    ),
    "misspells one hook and asks too much of another": (
        "@hookimpl\nasync def a_hook(scope): ...\n@hookimpl\nasync def measure(weather): ...\n",
        "weather",
    ),
    "has a metric outside its namespace": (
        PLAIN.format("register_metrics", '[Metric("condolence.cash", "x", "x", "sum")]'),
        "condolence.cash",
    ),
    "has a metric that only begins like it": (
        PLAIN.format("register_metrics", '[Metric("aaa_more.cash", "x", "x", "sum")]'),
        "aaa_more.cash",
    ),
    "has a metric of no aggregation": (
        PLAIN.format("register_metrics", '[Metric("aaa.cash", "x", "x", "average")]'), "average",
    ),
    "has a template outside its namespace": (
        PLAIN.format("register_recap_templates", '[RecapTemplate("overview", "x", "x")]'),
        "overview",
    ),
    "has a template twice": (
        PLAIN.format("register_recap_templates", '[RecapTemplate("aaa", "x", "x")] * 2'),
        "登记了两次",
    ),
    "has a template that names another's figure": (
        PLAIN.format(
            "register_recap_templates", '[RecapTemplate("aaa.x", "x", "共{condolence.cash}")]'
        ),
        "condolence.cash",
    ),
    "has a permission outside its namespace": (
        PLAIN.format(
            "register_permissions", '[Permission("account.manage", "x", frozenset({"viewer"}))]'
        ),
        "account.manage",
    ),
    "gives a permission to no role": (
        PLAIN.format("register_permissions", '[Permission("aaa.view", "x", frozenset({"king"}))]'),
        "king",
    ),
    "raises when asked for permissions": (
        PLAIN.format("register_permissions", "1 / 0"), "ZeroDivisionError",
    ),
    "has tables nowhere": (
        PLAIN.format("register_piccolo_apps", '["no_such_module_anywhere"]'), "no_such_module",
    ),
    "takes another's tables": (
        PLAIN.format("register_piccolo_apps", '["events.piccolo_app"]'), "events",
    ),
    "gives a text for a list": (
        PLAIN.format("register_metrics", "'aaa.b'"), "register_metrics 的回答应当是列表",
    ),
    "gives a list without an end": (
        PLAIN.format("register_activity_kinds", "iter(int, 1)"),
        "register_activity_kinds 的回答应当是列表",
    ),
    "gives other things than metrics": (
        PLAIN.format("register_metrics", "['aaa.b']"), "应当是 Metric",
    ),
    "gives no command": (
        PLAIN.format("register_commands", "[print]"), "应当是 Command",
    ),
    "gives half a part of bundles": (
        "class Section:\n    key, in_envelope = 'aaa', False\n"
        + PLAIN.format("register_bundle_section", "Section()"), "却没有 shape",
    ),
    "gives nothing": (PLAIN.format("register_metrics", "None"), "什么也没有回答"),
    "takes another's part of bundles": (
        SECTION.format("condolence", False)
        + PLAIN.format("register_bundle_section", "Section()"), "condolence",
    ),
    "takes a list of the envelope": (
        SECTION.format("aaa", True)
        + PLAIN.format("register_bundle_section", "Section()"), "aaa",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_plugin_that_cannot_be_used_is_named_and_the_rest_goes_on(
    what: str, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    source, named = BROKEN[what]
    install("aaa", source)
    install("zzz")
    found = plugins.load()
    assert set(found.failures) == {"aaa"}
    assert named in found.failures["aaa"]
    assert {*BUILT_IN, "zzz"} <= set(found.keys)
    assert "plugin aaa cannot be used" in caplog.text
    assert "aaa" not in dict(found.manager.list_name_plugin())


@pytest.mark.parametrize(
    ("entry", "named"),
    [("no_such_module_anywhere", "no_such_module"), ("core.plugins:nothing", "nothing")],
)
def test_an_entry_point_that_leads_nowhere_is_named(
    entry: str, named: str, install: Install
) -> None:
    install("aaa", entry=entry)
    assert named in plugins.load().failures["aaa"]


def test_a_plugin_without_a_face_is_named(install: Install) -> None:
    install("aaa", "from core.hookspecs import hookimpl\n", whole=True)
    assert "register_plugin" in plugins.load().failures["aaa"]


def test_a_plugin_bears_the_key_of_its_entry_point(install: Install) -> None:
    install("aaa", "from core.plugins import PluginInfo\nfrom core.hookspecs import hookimpl\n"
            "@hookimpl\ndef register_plugin():\n    return PluginInfo('bbb', '乙', '1')\n",
            whole=True)  # fmt: skip
    found = plugins.load()
    assert "bbb" in found.failures["aaa"]
    assert not {"aaa", "bbb"} & set(found.infos)


def test_no_plugin_takes_the_place_of_another(install: Install) -> None:
    """Whichever comes first on the path stays; the other is named with where it comes from."""
    install("condolence")
    found = plugins.load()
    assert "condolence" in found.infos
    (failure,) = found.failures
    assert failure.startswith("condolence = ")


def test_a_need_that_is_there_is_met(install: Install) -> None:
    install("aaa", needs=("zzz", "condolence"))
    install("zzz")
    found = plugins.load()
    assert found.failures == {}
    assert {"aaa", "zzz"} <= set(found.keys)


def test_a_missing_need_is_told_and_takes_those_with_it_that_need_the_plugin(
    install: Install,
) -> None:
    install("aaa", needs=("bbb",))
    install("bbb", needs=("ccc",))
    install("ccc", needs=("nowhere",))
    install("ddd")
    found = plugins.load()
    assert found.failures == {
        "aaa": "缺少它需要的插件：bbb",
        "bbb": "缺少它需要的插件：ccc",
        "ccc": "缺少它需要的插件：nowhere",
    }
    assert "ddd" in found.infos
    assert [metric for metric in found.metrics() if metric.key.startswith(("aaa", "bbb"))] == []


def test_a_foundation_that_is_broken_is_named(install: Install) -> None:
    install("aaa", "1 / 0", group=plugins.FOUNDATION_GROUP)
    found = plugins.load()
    assert set(found.failures) == {"aaa"}
    assert found.foundations == ("events",)


def test_hooks_are_listed_by_name(install: Install) -> None:
    install("aaa", source_of("measure", "return []") + source_of("findings", "return []"))
    assert plugins.load().hooks_of("aaa") == ["findings", "measure", "register_plugin"]


def test_answers_come_from_foundations_first_and_then_by_key(install: Install) -> None:
    kind = "@hookimpl\ndef register_activity_kinds():\n    return [ActivityKind({!r}, 'x')]\n"
    install("zzz", kind.format("zzz"))
    install("aaa", kind.format("aaa"))
    install("nnn", kind.format("nnn"), group=plugins.FOUNDATION_GROUP)
    answered = [key for key, _ in plugins.load().registered("register_activity_kinds")]
    assert answered[:3] == ["events", "nnn", "aaa"]
    assert answered[-1] == "zzz"
    assert answered[2:] == sorted(answered[2:])


def test_metrics_name_their_plugin(install: Install) -> None:
    install("aaa", PLAIN.format("register_metrics", '[Metric("aaa.b", "x", "x", "sum")]'))
    found = {metric.key: metric for metric in plugins.load().metrics()}
    assert found["aaa.b"].plugin == "aaa"
    assert found["condolence.cash"].plugin == "condolence"


@pytest.fixture
def three(install: Install) -> Callable[[str], Plugins]:
    """``three("measure")``: plugins of which the middle one fails in that hook."""

    def make(hook: str) -> Plugins:
        install("aaa", source_of(hook, "return None"))
        install("mmm", source_of(hook, "raise ValueError('broken on purpose')"))
        install("zzz", source_of(hook, "return None"))
        install("unused")
        return plugins.load()

    return make


@pytest.mark.parametrize("hook", ASKED)
async def test_a_plugin_that_raises_is_named_and_the_rest_is_heard(
    hook: str, three: Callable[[str], Plugins], caplog: pytest.LogCaptureFixture
) -> None:
    found = three(hook)
    enabled = ["zzz", "mmm", "aaa", "unused", "not-installed"]
    outcomes = await found.ask(hook, enabled, **arguments(hook))
    ours = [(o.plugin, o.value, o.failed) for o in outcomes if o.plugin not in found.foundations]
    assert ours == [("aaa", None, False), ("mmm", None, True), ("zzz", None, False)]
    told = [record for record in caplog.records if "mmm" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.ERROR]
    assert hook in told[0].getMessage()
    assert "broken on purpose" in caplog.text
    failed = await found.ask_one(hook, "mmm", **arguments(hook))
    assert failed is not None
    assert (failed.title, failed.failed) == ("试用插件mmm", True)


@pytest.mark.parametrize("hook", ASKED)
async def test_only_enabled_plugins_are_asked(hook: str, three: Callable[[str], Plugins]) -> None:
    found = three(hook)
    outcomes = await found.ask(hook, ["zzz"], **arguments(hook))
    assert {outcome.plugin for outcome in outcomes} - set(found.foundations) == {"zzz"}
    assert await found.ask_one(hook, "unused", **arguments(hook)) is None
    assert await found.ask_one(hook, "not-installed", **arguments(hook)) is None


async def test_a_hook_that_is_not_asynchronous_fails_as_any_other(install: Install) -> None:
    install("aaa", "@hookimpl\ndef measure(scope):\n    return []\n")
    install("bbb", "@hookimpl\nasync def measure(scope):\n    return None\n")
    outcomes = await plugins.load().ask("measure", ["aaa", "bbb"], scope=None)
    assert [(outcome.plugin, outcome.value, outcome.failed) for outcome in outcomes] == [
        ("aaa", None, True),
        ("bbb", None, False),
    ]


async def test_foundations_are_always_asked(install: Install) -> None:
    found = "from core.findings import Finding\n"
    hook = found + source_of("findings", "return [Finding('seen', '请核对', 'city')]")
    install("nnn", hook, group=plugins.FOUNDATION_GROUP)
    outcomes = await plugins.load().ask("findings", [], scope=None)
    said = {outcome.plugin: outcome.value for outcome in outcomes}
    assert [each.message for each in said["nnn"]] == ["请核对"]


def test_every_hook_is_of_one_of_the_two_kinds() -> None:
    """``register_*`` is called at start, synchronously; everything else is asked."""
    assert ASKED
    assert all(name.startswith("register_") for name in REGISTERED)
    assert not any(name.startswith("register_") for name in ASKED)

"""Plugins' pages and JSON: taken in one plugin after the other, and each with a limit of time.

A handler of a plugin that hangs ends with a sentence, and nobody else waits for it. The time counts
from the last piece of the request that arrived, so that a slow line is no fault of the plugin's,
and no more once an answer has begun.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

from litestar import Litestar, Router
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.problems import Problem
from core.plugins import Plugins
from core.plugins.limits import Allowance, TookTooLongError

# What somebody asked for by hand may take longer than a plugin's part of another page.
TIMES = 4
SENTENCE = (
    "“{}”在 {} 秒内没有办完，已经停下。请先看看刚才的内容有没有办成，再决定是否重做；"
    "一再这样，请告诉管理员。"
)
AGAIN_AFTER = 30
log = logging.getLogger("tongxing.plugins")


class TimeLimit(ASGIMiddleware):
    """Ends a plugin's handler that does not begin to answer in time."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, plugins: Plugins, key: str) -> None:
        self._plugins = plugins
        self._key = key

    def __deepcopy__(self, _: object) -> TimeLimit:
        return self  # the framework copies a router with all that it holds: never the plugins

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on with a limit, if the process has one."""
        seconds = self._plugins.seconds
        if seconds is None:
            await next_app(scope, receive, send)
            return
        allowance, begun = Allowance(seconds * TIMES, step=seconds), False

        async def received() -> Any:
            message = await receive()
            allowance.renew()
            return message

        async def sent(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                allowance.lift()
            await send(message)

        try:
            await allowance.run(next_app(scope, cast("Receive", received), sent))
        except TookTooLongError:
            template = scope.get("path_template", "?")
            log.exception("plugin %s took too long in %s", self._key, template)
            if begun:
                raise
            raise self._problem(seconds) from None

    def _problem(self, seconds: float) -> Problem:
        title = self._plugins.infos[self._key].title
        detail = SENTENCE.format(title, round(seconds * TIMES))
        return Problem(503, "plugin_too_slow", detail, again_after=AGAIN_AFTER)


def limited(plugins: Plugins, key: str, routes: Sequence[Any]) -> Router:
    """A plugin's routes, each ended when it takes too long."""
    return Router("/", route_handlers=list(routes), middleware=[TimeLimit(plugins, key)])


def assembled(plugins: Plugins, make: Callable[[list[Router]], Litestar]) -> Litestar:
    """What ``make`` builds with all plugins' routes, or without those that cannot be built in.

    One whose routes are none, clash with others' or ask for an unknown permission is named among
    the plugins that failed, and the rest goes on. Raises what ``make`` raises without any plugin.
    """
    brought = plugins.registered("register_routes")
    try:
        return make([limited(plugins, key, routes) for key, routes in brought])
    except Exception:
        log.exception("not all routes of plugins can be taken in")
    kept: list[Router] = []
    app: Litestar | None = None
    for key, routes in brought:
        try:
            router = limited(plugins, key, routes)
            app = make([*kept, router])
        except Exception as error:
            log.exception("routes of plugin %s cannot be taken in", key)
            plugins.failures[key] = f"页面没有载入：{type(error).__name__}: {error}"
        else:
            kept.append(router)
    return app or make(kept)

"""The application: routes behind one guard, with one way to fail and one set of headers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from api import (
    about,
    accounts,
    accounts_data,
    activities,
    activities_data,
    activity_list,
    audit,
    bundles,
    campaign_list,
    campaign_settings,
    campaigns,
    campaigns_data,
    feeds,
    figures,
    figures_data,
    live,
    metrics,
    observances,
    observances_data,
    organisation_changes,
    organisation_import,
    organisations,
    organisations_data,
    overview,
    own_metrics,
    reported,
    reported_data,
    reported_import,
    sessions,
    site,
    subscriptions,
    targets,
    tokens,
    verify,
)
from api.annex import Annex
from api.kit import beginning_anew, described, failures, guards, headers, pages, places
from api.kit.actors import Actors
from api.kit.conditional import ConditionalAnswers
from api.kit.measuring import MeasuredApplication
from api.recap import routes as recap
from events.feed_shelf import Shelf

LARGEST_BODY = 12_000_000
log = logging.getLogger("tongxing.http")

# Pages and JSON of the house; plugins bring theirs by hook.
ROUTES: list[Any] = [
    *site.ROUTES,
    *sessions.ROUTES,
    *accounts.ROUTES,
    *accounts_data.ROUTES,
    *tokens.ROUTES,
    *audit.ROUTES,
    *campaign_list.ROUTES,
    *campaigns.ROUTES,
    *campaign_settings.ROUTES,
    *campaigns_data.ROUTES,
    *observances.ROUTES,
    *observances_data.ROUTES,
    *overview.ROUTES,
    *figures.ROUTES,
    *figures_data.ROUTES,
    *live.ROUTES,
    *reported.ROUTES,
    *reported_data.ROUTES,
    *reported_import.ROUTES,
    *targets.ROUTES,
    *own_metrics.ROUTES,
    *recap.ROUTES,
    *verify.ROUTES,
    *bundles.ROUTES,
    *feeds.ROUTES,
    *activity_list.ROUTES,
    *activities.ROUTES,
    *activities_data.ROUTES,
    *subscriptions.ROUTES,
    *organisations.ROUTES,
    *organisation_changes.ROUTES,
    *organisation_import.ROUTES,
    *organisations_data.ROUTES,
    *about.ROUTES,
    *metrics.ROUTES,
]


class Application(MeasuredApplication):
    """Litestar as measured, without what it adds for Pydantic and attrs.

    Piccolo brings Pydantic along; nothing here is made of it, and loading it takes a tenth of the
    start and ten megabytes.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create(
    route_handlers: Sequence[Any] = (),
    *,
    lifespan: Sequence[Lifespan] = (),
    plugin_folders: Mapping[str, Path] | None = None,
    static_folders: Mapping[str, Path] | None = None,
    version: str = "",
    state: Mapping[str, Any] | None = None,
) -> Litestar:
    """Assemble the application.

    ``route_handlers`` come besides those of signing in, accounts, tokens and audit.
    ``plugin_folders`` and ``static_folders`` hold each plugin's templates and static files by its
    key; ``state`` is what handlers find in ``request.app.state``. The permissions of plugins must
    be in use (``core.permissions.use``) before: a handler that asks for an unknown one raises
    KeyError here; one that asks for nothing is logged, and nobody may use it.
    """
    app = Application(
        route_handlers=[*ROUTES, *route_handlers],
        middleware=[Actors(), Annex(), guards.Guard(), ConditionalAnswers()],
        exception_handlers={Exception: failures.handle},
        after_exception=[places.look],
        before_send=[headers.add_headers],
        lifespan=list(lifespan),
        openapi_config=openapi(version),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        state=State(
            {
                **(state or {}),
                "templates": pages.environment(plugin_folders or {}, static_folders),
                "static_folders": dict(static_folders or {}),
                "feeds": Shelf(),
                "version": version,
            }
        ),
    )
    beginning_anew.begin_anew(app)
    for name in guards.undeclared(app):
        log.error("handler %s declares no permission: nobody may use it", name)
    return app


def openapi(version: str) -> OpenAPIConfig:
    """The OpenAPI document, at ``/schema/openapi.json``: the JSON only, no page from a CDN."""
    bearer = SecurityScheme(type="http", scheme="bearer", description="访问令牌，以 tx_ 开头")
    return OpenAPIConfig(
        title="同行",
        version=version or "0",
        description="残联活动的策划、执行与总结：每一个数字，都能翻到它的记录。",
        render_plugins=[described.Document()],
        openapi_router=Router(
            "/schema", route_handlers=[], opt={"public": True}, include_in_schema=False
        ),
        components=Components(security_schemes={"bearer": bearer}),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
    )

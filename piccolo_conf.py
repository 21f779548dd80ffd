"""What Piccolo asks for by this file's name: the engine and the apps, both made elsewhere."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """``DB`` and ``APP_REGISTRY`` as they stand now: a test may change the engine under way."""
    from piccolo.conf.apps import AppRegistry

    from core import database, plugins
    from core.settings import Settings

    if name == "DB":
        if not database.is_connected():  # Piccolo's own command line, which makes migrations
            database.connect(Settings.from_environment().database_url)
        return database.engine()
    if name == "APP_REGISTRY":
        brought = plugins.installed().registered("register_piccolo_apps")
        return AppRegistry(apps=["core.piccolo_app", *(app for _, apps in brought for app in apps)])
    raise AttributeError(name)

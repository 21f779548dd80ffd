"""The plugin as a Piccolo app: its tables and migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from plugins.volunteer import service_tables
from plugins.volunteer.certificates import tables as certificate_tables
from plugins.volunteer.self_service import tables as self_service_tables
from plugins.volunteer.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="volunteer",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[
        *TABLES,
        *service_tables.TABLES,
        *certificate_tables.TABLES,
        *self_service_tables.TABLES,
    ],
    migration_dependencies=["core.piccolo_app", "events.piccolo_app"],
    commands=[],
)

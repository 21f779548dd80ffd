"""Core as a Piccolo app: its tables and migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from core.recap import tables as recap_tables
from core.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="core",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[*TABLES, *recap_tables.TABLES],
    migration_dependencies=[],
    commands=[],
)

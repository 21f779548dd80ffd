"""A process of this software: settings read, key loaded, plugins found, database open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import database, deferrable, installation, migrating, permissions, plugins, privacy
from core.database.postgres_pool import Tuning
from core.keeping import occupancy
from core.observances import Catalogue
from core.permissions import PermissionRegistry
from core.plugins import Plugins
from core.privacy import KeyFileError
from core.settings import Settings


class NotMigrated(RuntimeError):  # noqa: N818 — an answer to the operator, not a defect
    """The database has an older schema than this software."""


@dataclass(frozen=True, slots=True)
class Process:
    """What a running process knows besides its database."""

    settings: Settings
    plugins: Plugins
    catalogue: Catalogue


def prepare(settings: Settings, *, patient: bool = False) -> Process:
    """Everything that needs no open database.

    ``patient`` is for commands, whose statements may take long. Raises DatabaseAddressError with a
    sentence for people.
    """
    installed = plugins.installed()
    registered = installed.registered("register_permissions")
    permissions.use(PermissionRegistry(item for _, items in registered for item in items))
    tuning = Tuning(settings.pool_size, statement=settings.statement_seconds)
    database.connect(
        settings.database_url,
        synchronous=settings.synchronous,
        tuning=tuning.patient() if patient else tuning,
        replica=settings.replica_url,
    )
    return Process(settings, installed, catalogue_of(settings))


def catalogue_of(settings: Settings) -> Catalogue:
    """The catalogue of observances, with the variants that the settings choose."""
    variants = {"deaf-day": settings.deaf_day_rule} if settings.deaf_day_rule else None
    return Catalogue.load(variants)


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    migrate: bool = False,
    patient: bool = False,
    report: Callable[[str], Any] = lambda _: None,
) -> AsyncIterator[Process]:
    """A process with its database open and its schema current.

    An empty database is always brought up to date; one with an older schema only when ``migrate``
    asks for it, otherwise NotMigrated is raised; KeepingError while a backup is being put back.
    ``patient`` is as in ``prepare``.
    """
    process = prepare(settings, patient=patient)
    with occupancy.present():
        async with database.running():
            if migrate or not await migrating.has_schema():
                await migrating.migrate(report)
            elif waiting := await migrating.pending():
                raise NotMigrated(
                    f"数据库结构还差 {len(waiting)} 步更新，请先运行：python app.py migrate"
                )
            await _load_key(settings.key_file)
            # Made here, so that no page need make it, nor fail where nothing can be written.
            await deferrable.attempt("the name of the installation", installation.identifier)
            yield process


async def _load_key(path: Path) -> None:
    """Load the key that this database's names are sealed with; make one for a new database.

    Raises KeyFileError rather than go on with a key that cannot open what is there.
    """
    expected = await installation.key_identity()
    ring = privacy.KeyRing.load(path, create=expected is None)
    if expected is None:
        expected = await installation.remember_key(ring.identity)
    if expected != ring.identity:
        raise KeyFileError(f"密钥文件 {path} 不是这个数据库的，请换回原来的密钥文件")
    privacy.use(ring)

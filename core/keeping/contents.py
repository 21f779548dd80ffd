"""What is in a backup, read before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core import migrating, privacy
from core.keeping.refusal import KeepingError


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema of a backup (``app/migration``) and the key its names are sealed with."""

    migrations: frozenset[str]
    key: str | None


def require_known(contents: Contents) -> None:
    """Raise KeepingError for a backup that this software is too old for."""
    if not contents.migrations:
        raise KeepingError("备份里没有同行的数据")
    if unknown := sorted(contents.migrations - set(migrating.known())):
        raise KeepingError(
            f"备份比现在的软件新，或者用到了没有安装的插件（{_listed(unknown)}）；"
            "请先升级软件、装上插件，再恢复"
        )


def require_key(contents: Contents, path: Path) -> None:
    """Raise KeepingError when the key file is not the one that the backup's names need."""
    if contents.key is None:
        return
    if not path.exists():
        raise KeepingError(
            f"备份里的姓名要用编号 {contents.key} 的密钥才能读出，而密钥文件 {path} 不在；"
            "请先把密钥文件放回原处"
        )
    ring = privacy.KeyRing.load(path, create=False)
    if ring.identity != contents.key:
        raise KeepingError(
            f"备份里的姓名要用编号 {contents.key} 的密钥才能读出，而密钥文件 {path} "
            f"是 {ring.identity}；请先换回原来的密钥文件"
        )


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    return "、".join(found[:3]) + ("等" if len(found) > 3 else "")

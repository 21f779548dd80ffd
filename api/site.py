"""What is neither page nor data: health, robots, and our own static files."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from api.kit.conditional import strong_etag
from api.kit.problems import NotFound, Problem
from core import database
from core.database.faults import GONE, fault_of

STATIC = Path(__file__).parent / "static"
HEALTH_SECONDS = 3
ROBOTS = "User-agent: *\nAllow: /feeds/\nDisallow: /\n"
FOREVER = "public, max-age=31536000, immutable"
OPEN = {"public": True, "no_actor": True}

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served; ``version`` stands in its address as ``?v=``."""

    data: bytes
    media_type: str
    etag: str
    version: str


@cache
def _static_file(folder: Path, name: str, _modified: float) -> StaticFile:
    data = (folder / name).read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    digest = hashlib.sha256(data).hexdigest()[:12]
    return StaticFile(data, media_type, strong_etag(data), digest)


def find_static(folders: Mapping[str, Path], path: str) -> StaticFile:
    """A file of ours under ``name``, of a plugin under ``<plugin>/name``. Raises NotFound.

    Only what lies in the folder itself: no dots upwards, no links out of it, no hidden file.
    """
    key, _, rest = path.lstrip("/").partition("/")
    folder, name = (folders[key], rest) if rest and key in folders else (STATIC, path.lstrip("/"))
    if not name.isprintable():
        raise NotFound
    file = (folder / name).resolve()
    inside = file.is_relative_to(folder.resolve())
    if not name or not inside or not file.is_file() or "/." in f"/{name}":
        raise NotFound
    return _static_file(folder, name, file.stat().st_mtime)


@get("/static/{name:path}", opt=OPEN, include_in_schema=False, sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], name: FromPath[Path]) -> Response[bytes]:
    """One of our files: for ever when its address names its content, else by its ETag."""
    found = find_static(request.app.state.static_folders, name.as_posix())
    named = request.query_params.get("v") == found.version
    headers = {"ETag": found.etag, "Cache-Control": FOREVER if named else "no-cache"}
    return Response(found.data, media_type=found.media_type, headers=headers)


@get("/health", opt=OPEN, tags=["system"], summary="Whether the database answers")
async def health() -> dict[str, str]:
    """Answer 200 when the database answers within a few seconds, else 503."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await database.fetch_value("SELECT 1 AS alive")
    except Exception as error:
        fault = fault_of(error) or GONE
        raise Problem(503, fault.code, fault.sentence, again_after=fault.again_after) from error
    return {"status": "ok"}


@get("/robots.txt", opt=OPEN, include_in_schema=False, sync_to_thread=False)
def robots() -> Response[str]:
    """Let calendar services fetch feeds, and nothing else."""
    return Response(ROBOTS, media_type="text/plain")


ROUTES = [static_file, health, robots]

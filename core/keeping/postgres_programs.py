"""PostgreSQL's own programs: found by version, run without a password on the command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from core.keeping.refusal import KeepingError

# Where Debian and the PostgreSQL project's own packages put them, besides the path.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Program:
    """A program and the release of PostgreSQL that it is of."""

    path: str
    major: int


def found(name: str) -> list[Program]:
    """The programs of that name on this machine, oldest release first, each release once."""
    paths = [str(path) for f in FOLDERS for path in Path("/").glob(f"{f[1:]}/{name}")]
    if on_path := shutil.which(name):
        paths.insert(0, on_path)
    programs: dict[int, Program] = {}
    for path in paths:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 — found above
        if match := VERSION.search(said.stdout):
            programs.setdefault(int(match[1]), Program(path, int(match[1])))
    return [programs[major] for major in sorted(programs)]


def fitting(name: str, major: int) -> Program:
    """The oldest that is not older than ``major``. Raises KeepingError with what to install."""
    there = found(name)
    for program in there:
        if program.major >= major:
            return program
    versions = "、".join(str(program.major) for program in there)
    raise KeepingError(
        f"需要 {name} {major} 或更新的版本，"
        + (f"这台机器上的是 {versions}" if there else "这台机器上没有")
        + f"；请安装 PostgreSQL 的客户端程序，例如 apt install postgresql-client-{major}"
    )


def environment(address: str) -> dict[str, str]:
    """The environment for them: the password where no list of processes shows it."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    password = urlsplit(address).password
    if password is not None:
        settings["PGPASSWORD"] = unquote(password)
    return settings | {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8"}


def without_password(address: str) -> str:
    """The database's address as they take it on the command line."""
    parts = urlsplit(address)
    user, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{place}"))


def require_success(
    done: subprocess.CompletedProcess[bytes], doing: str, ignored: Sequence[str] = ()
) -> None:
    """Raise KeepingError with the program's own words when it failed."""
    if done.returncode == 0:
        return
    lines = [
        line
        for line in done.stderr.decode(errors="replace").splitlines()
        if "error" in line.lower() and not any(word in line for word in ignored)
    ]
    raise KeepingError(f"{doing}没有成功：{lines[0] if lines else f'退出码 {done.returncode}'}")

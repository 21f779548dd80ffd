"""PostgreSQL: a dump of one moment in pg_dump's own format, and putting one in another's place.

A restore is one transaction: it gives the schema ``public`` another, dated name and fills a new
one. Whatever ends in the midst of it leaves the old one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from core.keeping import files, postgres_programs
from core.keeping.contents import Contents
from core.keeping.refusal import KeepingError

ASIDE = "before_restore_"
COPY = re.compile(r"COPY public\.(\w+) \(([^)]*)\) FROM stdin;")
DUMPED_BY = re.compile(rb";\s+Dumped by pg_dump version: (\d+)")
DUMPING = b"dumping contents of table"
# Said by newer programs and unknown to older servers; it only lifts a limit that ours do not have.
UNKNOWN_TO_OLDER = re.compile(rb"^SET transaction_timeout = 0;\n", re.MULTILINE)
CHUNK = 1 << 20
Report = Callable[[str], Any]


def dump(address: str, target: Path, server: int, tables: int, report: Report) -> None:
    """Dump a database of a server of release ``server`` as it is at this moment.

    Raises KeepingError, also when no fitting pg_dump is installed.
    """
    program = postgres_programs.fitting("pg_dump", server)
    process = subprocess.Popen(  # noqa: S603 — found by name
        [
            program.path,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--exclude-schema={ASIDE}*",
            "--verbose",
            f"--file={target}",
            f"--dbname={postgres_programs.without_password(address)}",
        ],
        env=postgres_programs.environment(address),
        stderr=subprocess.PIPE,
    )
    said = list(_followed(process, tables, report))
    done = subprocess.CompletedProcess(process.args, process.wait(), b"", b"\n".join(said))
    postgres_programs.require_success(done, "pg_dump ")
    require_whole(target)


def _followed(process: subprocess.Popen[bytes], tables: int, report: Report) -> Iterator[bytes]:
    """What the program says, told as percents of the tables on the way."""
    done = told = 0
    for line in process.stderr or ():
        yield line.rstrip()
        done += DUMPING in line
        percent = min(100, 100 * done // max(tables, 1))
        if percent // 10 > told:
            told = percent // 10
            report(f"已备份 {percent}%")


def require_whole(path: Path) -> None:
    """Read a dump from its first to its last byte. Raises KeepingError when it is damaged."""
    program = _restoring_program(path)
    done = subprocess.run(  # noqa: S603 — found by name
        [program, "--file=/dev/null", str(path)], capture_output=True, check=False
    )
    if done.returncode:
        raise KeepingError(f"{path} 已损坏，或者不是 pg_dump 的备份")


def contents(path: Path) -> Contents:
    """The schema and the key of a dump. Raises KeepingError."""
    done = subprocess.run(  # noqa: S603 — found by name
        [
            _restoring_program(path),
            "--data-only",
            "--table=migration",
            "--table=installation",
            "--file=-",
            str(path),
        ],
        capture_output=True,
        check=False,
    )
    postgres_programs.require_success(done, f"读取 {path} ")
    migrations, key = set(), None
    for table, row in _rows(done.stdout.decode()):
        if table == "migration":
            migrations.add(f"{row['app_name']}/{row['name']}")
        elif row["name"] == "key":
            key = row["value"]
    return Contents(frozenset(migrations), key)


def _rows(script: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a script's COPY statements, each with its table's name."""
    table, columns = "", list[str]()
    for line in script.splitlines():
        if match := COPY.fullmatch(line):
            table, columns = match[1], match[2].replace('"', "").split(", ")
        elif line == "\\.":
            table = ""
        elif table:
            yield table, dict(zip(columns, line.split("\t"), strict=True))


def _restoring_program(path: Path) -> str:
    """A pg_restore that reads the dump: one of the release that made it, or the next newer."""
    newest = postgres_programs.fitting("pg_restore", 15)
    for program in postgres_programs.found("pg_restore"):
        if program.major >= newest.major:
            done = subprocess.run(  # noqa: S603 — found by name
                [program.path, "--list", str(path)], capture_output=True, check=False
            )
            if done.returncode == 0 and (match := DUMPED_BY.search(done.stdout)):
                return postgres_programs.fitting("pg_restore", int(match[1])).path
    raise KeepingError(f"{path} 不是 pg_dump 的备份，或者已损坏，或者这里的 pg_restore 太旧")


def aside_of(moment: datetime, schemas: Collection[str]) -> str:
    """The name of a schema for what is there now, other than those of ``schemas``."""
    base = f"{ASIDE}{files.stamp(moment).replace('-', '_')}"
    return files.unused(base, schemas.__contains__, "_")


def put_in_place(path: Path, address: str, aside: str) -> None:
    """Fill the database from a dump; what was there stays in the schema ``aside``.

    The caller has seen that nobody is connected. Raises KeepingError; then nothing has changed.
    """
    psql = postgres_programs.fitting("psql", 15).path
    script = subprocess.Popen(  # noqa: S603 — found by name
        [_restoring_program(path), "--no-owner", "--no-privileges", "--file=-", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    into = subprocess.Popen(  # noqa: S603 — found by name
        [
            psql,
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            f"--dbname={postgres_programs.without_password(address)}",
        ],
        env=postgres_programs.environment(address),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with script, into:
        _feed(script, into, aside)
        said = into.stderr.read() if into.stderr else b""
        into.wait()
    postgres_programs.require_success(
        subprocess.CompletedProcess(into.args, into.returncode, b"", said), "恢复"
    )
    if script.returncode:
        raise KeepingError(f"{path} 读到一半就读不下去了，数据库没有改动")


def _feed(script: subprocess.Popen[bytes], into: subprocess.Popen[bytes], aside: str) -> None:
    """Give psql the whole transaction. It commits only when the dump was read to its end.

    Should this process be killed, psql comes to the end of what it reads without a COMMIT.
    """
    read, write = script.stdout, into.stdin
    if read is None or write is None:
        raise RuntimeError("the programs were started without pipes")
    try:
        write.write(
            f"BEGIN;\nALTER SCHEMA public RENAME TO {aside};\nCREATE SCHEMA public;\n"
            "GRANT USAGE ON SCHEMA public TO PUBLIC;\n".encode()
        )
        _copied(read, write)
        if script.wait() == 0:
            write.write(b"\nDELETE FROM public.session;\nCOMMIT;\n")
        write.close()
    except BrokenPipeError:
        script.kill()  # psql has stopped at an error and says which


def _copied(read: IO[bytes], write: IO[bytes]) -> None:
    write.write(UNKNOWN_TO_OLDER.sub(b"", read.read(CHUNK)))
    shutil.copyfileobj(read, write, CHUNK)

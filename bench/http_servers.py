"""Servers of the bench: the software's own and the thin handler's, each in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


Command = Callable[[int, int], list[str]]
"""What starts a server on a port, with a number of processes."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """What its processes have used of the processors until now; 0 where that is not told."""
        used, processes = 0.0, [self.process.pid]
        while processes:
            folder = Path(f"/proc/{processes.pop()}")
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                children = (folder / "task" / folder.name / "children").read_text()
            except OSError:
                continue
            used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            processes += [int(each) for each in children.split()]
        return used


def project(port: int, workers: int) -> list[str]:
    """The software as its operator starts it."""
    options = ["--port", str(port), "--workers", str(workers)]
    return [sys.executable, "app.py", "serve", *options]


def thin(port: int, workers: int) -> list[str]:
    """The thin handler on the same server."""
    return [sys.executable, "-m", "bench.http_thin", str(port), str(workers)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Command, workers: int, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server that answers; ended, with its processes, at the end."""
    port = free_port()
    process = subprocess.Popen(
        command(port, workers),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(port, process)
    try:
        _wait(server, workers)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait(server: Server, workers: int) -> None:
    """Return when the server answers and all its processes do. Raises RuntimeError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health", timeout=5):
                time.sleep(3.0 * (workers > 1))  # one answered; the others are about to
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    raise RuntimeError(f"the server on port {server.port} does not answer")

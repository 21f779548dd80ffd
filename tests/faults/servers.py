"""Servers of these tests: real processes on a database, which may be killed and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.served import ROOT, free_port

START_SECONDS = 90
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Server:
    """The application in a process of its own, with its children killed as by a power cut."""

    database_url: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None
    stderr: str = ""

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it writes to standard error, of all its lives."""
        return Path(self.stderr) if self.stderr else self.folder / f"log-{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Variables of the process."""
        return {
            "TONGXING_DATABASE_URL": self.database_url,
            "TONGXING_KEY_FILE": str(self.folder / "tongxing.key"),
            "PATH": os.environ["PATH"],
            **self.settings,
        }

    def begin(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """A command of ours in a process, and a group, of its own."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.log.open("ab"), start_new_session=True,
            **options,
        )  # fmt: skip

    def command(self, *arguments: str) -> str:
        """Run a command to its end, which must be a good one; gives what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False,
            input="correct horse battery", timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str, **options: Any) -> None:
        """Start to serve; ``ready`` tells when it answers."""
        name = arguments or ("serve",)
        self.running = self.begin(*name, "--port", str(self.port), **options)

    def ready(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.running is not None
            assert self.running.poll() is None, self.said()
            try:
                if httpx.get(f"{self.address}/health", timeout=10).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.said())

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace") if self.log.is_file() else ""

    def kill(self) -> None:
        """End it and all that it started, at once: nothing is tidied up."""
        if self.running is not None:
            end(self.running)
            self.running = None

    def browser(self, name: str, password: str) -> httpx.Client:
        """A browser without script, signed in."""
        client = httpx.Client(
            base_url=self.address,
            headers={"accept": "text/html"},
            follow_redirects=True,
            timeout=60,
        )
        token = CSRF.search(client.get("/sign-in").text)
        assert token
        data = {"name": name, "password": password, "csrf_token": token[1]}
        answer = client.post("/sign-in", data=data)
        assert "退出登录" in answer.text, answer.text[:400]
        return client


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its group and all that it started, and see it end."""
    if process.poll() is None:
        others = list(started_by(process.pid))
        os.killpg(process.pid, signal.SIGKILL)
        for other in others:
            with suppress(ProcessLookupError):
                os.kill(other, signal.SIGKILL)
    process.wait(timeout=30)


def started_by(pid: int, name: str = "") -> Iterator[int]:
    """The processes that a process has started; those alone that a command line names."""
    with suppress(FileNotFoundError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        for child in map(int, children.split()):
            with suppress(FileNotFoundError):
                if name in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0"):
                    yield child


def answered(
    client: httpx.Client, method: str, address: str, statuses: Sequence[int], seconds: float = 30
) -> httpx.Response:
    """Ask again until the answer has one of these statuses, or none comes for too long."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = client.request(method, address)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code in statuses:
            return answer
        told = answer and (answer.status_code, answer.text[:300])
        assert time.monotonic() < deadline, told
        time.sleep(0.1)

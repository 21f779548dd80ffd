"""The lists of packages: complete, hashed, and without the address of any index."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

FOLDER = ROOT / "requirements"
LISTS = ("build", "run", "dev")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Package and version of each pin of a file of requirements."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return {package.replace("_", "-"): version for package, version in PIN.findall(text)}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_no_list_holds_an_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    address = r"://|^\s*(-i|-f|--index|--extra-index|--find-links|--trusted)"
    assert not re.search(address, text, re.MULTILINE)


def test_the_npm_lock_holds_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in package and package["integrity"] for package in packages)


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_hashes(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    # One pin a package, or one for each range of Pythons where no version serves them all.
    assert len(blocks) == len(PIN.findall(text)) >= len(pins(f"{name}.txt")) > 0
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_are_made_from_their_sources(name: str) -> None:
    wanted = pins(f"{name}.in")
    made = pins(f"{name}.txt")
    assert {package: made.get(package) for package in wanted} == wanted


def test_tests_run_on_the_versions_that_are_delivered() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    both = run.keys() & dev.keys()
    assert both
    assert {package: dev[package] for package in both} == {
        package: run[package] for package in both
    }


@pytest.mark.parametrize("word", ["", "everything"])
def test_the_installer_refuses_what_it_does_not_know(word: str) -> None:
    done = subprocess.run([FOLDER / "install", word], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "用法" in done.stderr


def test_an_old_python_is_refused_with_a_reason(tmp_path: Path) -> None:
    """The check comes before anything is removed or made."""
    project = tmp_path / "project"
    (project / "requirements").mkdir(parents=True)
    (project / "requirements" / "install").write_bytes((FOLDER / "install").read_bytes())
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    command = ["bash", str(project / "requirements" / "install"), "run"]
    done = subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", "PYTHON": str(old)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "需要 Python 3.11" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert not (project / ".venv").exists()


def test_the_environment_is_the_pinned_one() -> None:
    """What is installed, the tests' own interpreter included, agrees with the lists."""
    wrong = {}
    for name in LISTS:
        for package, wanted in pins(f"{name}.in").items():
            try:
                found = version(package)
            except PackageNotFoundError:
                found = "absent"
            if found != wanted and not (sys.platform == "win32" and package == "uvloop"):
                wrong[package] = (found, wanted)
    assert wrong == {}

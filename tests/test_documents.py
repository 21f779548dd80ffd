"""What the documents say is so: variables, packages, words, buttons, links."""

from __future__ import annotations

import re
import tomllib

import pytest

from core.campaign_states import STATES
from core.office_tree import LEVEL_LABELS
from core.permissions import ROLE_LABELS
from core.recap.life.versions import STATES as VERSION_STATES
from tests.architecture.source import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_variable_is_described_and_no_other() -> None:
    used = set(re.findall(r"TONGXING_[A-Z_]+", text("core/settings.py")))
    assert used
    assert set(re.findall(r"TONGXING_[A-Z_]+", text("docs/operating.md"))) == used


def test_every_package_has_its_line_and_no_other() -> None:
    pinned = {
        name.replace("_", "-")
        for listed in ("run", "dev")
        for name in re.findall(r"^([a-z0-9_-]+)==", text(f"requirements/{listed}.in"), re.MULTILINE)
    }
    cells = re.findall(r"^\| ([^|]+) \|", text("docs/dependencies.md"), re.MULTILINE)
    named = {name for cell in cells for name in re.split(r", ", cell)} - {"package"}
    assert {name.replace("_", "-") for name in named} - {"axe-core (npm)"} == pinned


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path) -> None:
    dead = [
        link
        for link in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / link).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("pairs", [ROLE_LABELS, LEVEL_LABELS, STATES, VERSION_STATES])
def test_the_glossary_pairs_words_as_the_code_does(pairs) -> None:
    row = next(
        line
        for line in text("docs/glossary.md").splitlines()
        if line.startswith("|") and ": " + ", ".join(pairs) in line
    )
    assert "、".join(pairs.values()) in row


def test_the_guide_names_buttons_that_exist() -> None:
    named = set(re.findall(r"点“([^”]+)”", text("docs/guide.md")))
    pages = "".join(
        path.read_text(encoding="utf-8")
        for package in ("api", "core", "plugins")
        for kind in ("*.html", "*.py")
        for path in (ROOT / package).rglob(kind)
    )
    assert named
    assert {label for label in named if label not in pages} == set()


def test_the_readmes_commands_are_the_makefiles() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        for target in re.findall(r"^make (\w+)$", text(name), re.MULTILINE):
            assert re.search(rf"^{target}:", text("Makefile"), re.MULTILINE), target


def test_the_two_readmes_have_the_same_parts() -> None:
    english, chinese = text("README.md"), text("README.zh-CN.md")
    for part in (r"^## ", r"^\d\. ", r"^```$", r"^\| "):
        counts = [len(re.findall(part, each, re.MULTILINE)) for each in (english, chinese)]
        assert counts[0] == counts[1] > 0, part


def test_the_screenshots_are_small() -> None:
    shown = list((ROOT / "docs").glob("screenshot-*.png"))
    assert len(shown) > 1
    assert max(each.stat().st_size for each in shown) < 300_000


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    first = re.search(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)
    assert first is not None
    assert first[1] == version

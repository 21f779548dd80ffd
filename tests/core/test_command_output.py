"""Results on the command line: a file is there whole or as it was before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands import kit
from core.settings import ROOT


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "总结.pdf"
    file.write_bytes(b"before")
    file.chmod(0o640)
    kit.write_bytes(b"after", file)
    assert file.read_bytes() == b"after"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["总结.pdf"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"before")
    (tmp_path / "link").symlink_to("there")
    kit.write_bytes(b"after", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_bytes() == b"after"


def test_a_device_is_written_to_and_stays_one() -> None:
    kit.write_bytes(b"x", Path(os.devnull))
    assert Path(os.devnull).is_char_device()


def test_what_cannot_be_put_down_leaves_what_was_there(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ("x" * 252)  # the name beside it would be too long
    file.write_bytes(b"before")
    with pytest.raises(SystemExit) as end:
        kit.write_bytes(b"after", file)
    assert end.value.code == 2
    assert "无法写入" in capfd.readouterr().err
    assert file.read_bytes() == b"before"


def test_bytes_are_kept_off_a_screen() -> None:
    program = (
        "import pty, sys\n"
        "status = pty.spawn([sys.executable, 'app.py', 'recap', 'x', '--format', 'pdf'])\n"
        "raise SystemExit(status >> 8)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert "PDF 文件不能显示在屏幕上，请用 -o 文件名.pdf" in done.stdout.decode()

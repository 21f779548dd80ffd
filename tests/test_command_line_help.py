"""What the command line says about itself and about wrong arguments: in Chinese, with status 2."""

from __future__ import annotations

import re
import socket

import pytest

import app

COMMANDS: dict[str, tuple[str, ...]] = {
    "": ("import", "export", "recap", "doctor", "选项", "命令"),
    "import": ("文件", "什么也不写入"),
    "export": ("活动编号", "--output"),
    "recap": ("活动编号", "--organisation", "--format", "--version"),
    "proofread": ("活动编号", "--text-only", "--organisation", "--format"),
    "observances": ("--year", "（必填）"),
    "migrate": (),
    "plugins": (),
    "doctor": ("--format",),
    "check": ("--campaign", "--quick", "--seal", "--format"),
    "backup": ("文件或文件夹", "--overwrite", "--keep"),
    "restore": ("备份文件", "--replace"),
    "user": ("add",),
    "user add": ("账号", "--role", "--organisation", "密码"),
    "token": ("add",),
    "token add": ("名称", "--role", "--organisation"),
    "organisation": ("list", "add"),
    "organisation list": (),
    "organisation add": ("编号", "--level", "--parent"),
    "personal": ("export", "erase"),
    "personal export": ("姓名",),
    "personal erase": ("姓名", "--yes"),
    "volunteer": ("close-forgotten",),
    "volunteer close-forgotten": (),
    "feed": ("add",),
    "feed add": ("活动编号", "--organisation"),
    "serve": ("--host", "--port", "--workers"),
    "run": ("--port",),
}
# What may stand in help besides Chinese: names of options and formats, commands, the program.
ENGLISH = re.compile(r"\b(Usage|Options|Commands|Show this message|required|default|Error)\b")


class Ended:
    """How a command ended that ran in this process, for what needs no other."""

    def __init__(self, capture: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.status = command_line_here(list(arguments))
        self.output, self.errors = capture.readouterr()


def command_line_here(arguments: list[str]) -> int:
    """The exit status of the command line, whichever way it gives it."""
    try:
        return app.command_line(arguments)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_chinese(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    done = Ended(capfd, *command.split(), "--help")
    assert (done.status, done.errors) == (0, "")
    assert done.output.startswith("用法：python app.py")
    assert "显示帮助" in done.output
    assert [word for word in COMMANDS[command] if word not in done.output] == []
    assert ENGLISH.findall(done.output) == []


def test_the_commands_that_are_proven_here_are_all(capfd: pytest.CaptureFixture[str]) -> None:
    """But for that of the tests' plugin."""
    listed = Ended(capfd, "--help").output.split("命令:")[1]
    names = set(re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE))
    assert names - {"hearing-test"} == {command.split()[0] for command in COMMANDS if command}


WRONG = {
    "": "用法",
    "bogus": "没有这个命令：bogus",
    "--bogus": "没有选项 --bogus",
    "user": "add",
    "user bogus": "没有这个命令：bogus",
    "import": "缺少参数 文件",
    "import a b": "多了参数：b",
    "import a --force": "没有选项 --force",
    "export": "缺少参数 活动编号",
    "export x --output": "选项 --output 后面要有内容",
    "export x -o /": "/ 是一个文件夹",
    "recap x --format pdfx": "没有 pdfx，可以是：json、md、html、docx、pdf、xlsx",
    "observances": "缺少参数 --year",
    "observances --year x": "x 不是整数",
    "observances --year 1899": "1899 不在 1900 到 2100 之间",
    "observances --year 2026 --format xml": "可以是：text、json",
    "user add x --role king --organisation city": "没有 king",
    "user add x --role clerk": "缺少参数 --organisation",
    "organisation add x --name 甲 --level village": "没有 village",
    "serve --port 0": "0 不在 1 到 65535 之间",
    "serve --workers none": "none 不是整数",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_arguments_are_told_in_chinese(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    done = Ended(capfd, *line.split())
    assert (done.status, done.output) == (2, "")
    assert WRONG[line] in done.errors
    assert ENGLISH.findall(done.errors) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("TONGXING_DEAF_DAY", "third"), ("TONGXING_SQLITE_SYNCHRONOUS", "OFF")],
)
@pytest.mark.parametrize(
    "command", ["observances --year 2026", "doctor", "organisation list", "run", "export x"]
)
def test_settings_that_cannot_be_used_are_named(
    command: str,
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    done = Ended(capfd, *command.split())
    assert (done.status, done.output) == (2, "")
    assert name in done.errors


def test_a_port_that_is_taken_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for command in ("run", "serve"):
            done = Ended(capfd, command, "--port", str(port))
            assert (done.status, done.output) == (2, "")
            assert str(port) in done.errors
            assert "--port" in done.errors

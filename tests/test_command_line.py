"""Every command, as a program: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from core.observances import Catalogue
from tests.core.bundle_samples import FOLDER, small
from tests.fixtures.command_line import CommandLine

ROOT = Path(__file__).parents[1]
CITY = FOLDER / "2022-city.json"
KEY = "2022-city"


def test_a_mistake_ends_the_program_with_its_status(sqlite_command_line: CommandLine) -> None:
    done = sqlite_command_line("recap", "x", "--format", "甲")
    assert (done.returncode, done.stdout) == (2, "")
    assert "没有 甲，可以是：" in done.stderr


def test_a_campaign_goes_in_and_comes_out(command_line: CommandLine, tmp_path: Path) -> None:
    first = command_line("import", CITY)
    assert (first.returncode, first.stdout) == (0, f"{KEY}\n")
    assert "检查通过，正在写入5个机构" in first.stderr
    assert first.stderr.index("正在写入走访慰问") < first.stderr.index("导入完成")
    exported = command_line("export", KEY)
    assert exported.returncode == 0
    assert unordered(json.loads(exported.stdout)) == unordered(json.loads(CITY.read_bytes()))
    file = tmp_path / "出.json"
    assert command_line("export", KEY, "-o", file).stdout == ""
    assert file.read_text(encoding="utf-8") == exported.stdout
    assert command_line("import", file).stdout == f"{KEY}\n"
    assert command_line("export", KEY).stdout == exported.stdout
    whole = json.loads(command_line("recap", KEY, "--format", "json").stdout)
    expected = json.loads((FOLDER / "2022-city.expected.json").read_bytes())["figures"]
    assert whole["organisation"] == "city"
    assert whole["campaign"]["title"] == "第32次全国助残日"
    assert {f["metric"]: f["value"] for f in whole["figures"]} == {
        metric: figure["value"] for metric, figure in expected["city"].items()
    }
    county = json.loads(
        command_line("recap", KEY, "--organisation", "x1", "--format", "json").stdout
    )
    assert county["organisation"] == "x1"
    text = command_line("recap", KEY).stdout
    assert text.startswith("# 关于第32次全国助残日")
    paper = tmp_path / "总结.docx"
    paper.write_bytes(b"older")
    made = command_line("recap", KEY, "--format", "docx", "-o", paper)
    assert (made.returncode, made.stdout) == (0, "")
    assert [line for line in made.stderr.splitlines() if line.endswith("……")] == [
        "读取数据……", "写正文……", "画图……", "排版……"
    ]  # fmt: skip
    assert paper.read_bytes()[:2] == b"PK"
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []
    page = tmp_path / "recap.html"
    assert command_line("recap", KEY, "--format", "html", "-o", page).stdout == ""
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def unordered(value: Any) -> Any:
    """A document with its lists in one order."""
    if isinstance(value, dict):
        return {name: unordered(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def test_what_is_not_there_is_told(sqlite_command_line: CommandLine) -> None:
    for command in (
        "export nothing",
        "recap nothing --format json",
        "feed add nothing",
        "user add u --role clerk --organisation nothing",
    ):
        done = sqlite_command_line(*command.split(), input="correct horse battery\n")
        assert (done.returncode, done.stdout) == (2, "")
        assert "没有编号为“nothing”" in done.stderr


def test_an_office_of_another_campaign_is_told(sqlite_command_line: CommandLine) -> None:
    sqlite_command_line("import", CITY)
    done = sqlite_command_line("recap", KEY, "--organisation", "elsewhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "elsewhere" in done.stderr


def test_a_file_that_cannot_be_written_is_told(sqlite_command_line: CommandLine) -> None:
    sqlite_command_line("import", CITY)
    done = sqlite_command_line("export", KEY, "-o", "/proc/no/file.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "无法写入" in done.stderr


def test_observances_need_no_database(sqlite_command_line: CommandLine, tmp_path: Path) -> None:
    address = {"TONGXING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = sqlite_command_line("observances", "--year", 2026, "--format", "json", **address)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert {tuple(sorted(row)) for row in rows} == {("date", "edition", "key", "name", "theme")}
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    days = {row["key"]: row for row in rows}
    assert set(days) == {observance.key for observance in Catalogue.load()}
    assert days["national-disability-day"]["date"] == "2026-05-17"
    assert days["national-disability-day"]["edition"] == 36
    text = sqlite_command_line("observances", "--year", 2026, **address).stdout
    assert len(text.splitlines()) == len(rows)
    assert "2026-05-17  全国助残日  第36次" in text
    assert list(tmp_path.iterdir()) == []


def test_a_variant_of_the_deaf_day_is_chosen_by_a_setting(
    sqlite_command_line: CommandLine,
) -> None:
    """In 2029 September has five Sundays: the fourth is the 23rd, the last the 30th."""
    for rule, day in [("fourth", "2029-09-23"), ("last", "2029-09-30")]:
        done = sqlite_command_line(
            "observances", "--year", 2029, "--format", "json", TONGXING_DEAF_DAY=rule
        )
        days = {row["key"]: row["date"] for row in json.loads(done.stdout)}
        assert days["deaf-day"] == day


def test_secrets_are_printed_alone_and_once(command_line: CommandLine) -> None:
    command_line("import", CITY)
    token = command_line("token", "add", "统计程序", "--role", "viewer", "--organisation", "city")
    assert token.returncode == 0
    assert re.fullmatch(r"tx_[A-Za-z0-9_-]{40,}\n", token.stdout)
    assert token.stdout.strip() not in token.stderr
    again = command_line("token", "add", "统计程序", "--role", "viewer", "--organisation", "city")
    assert (again.returncode, again.stdout) == (2, "")
    feed = command_line("feed", "add", KEY, "--organisation", "x1")
    assert feed.returncode == 0
    assert re.fullmatch(r"/feeds/[A-Za-z0-9_-]{40,}\.ics\n", feed.stdout)
    assert feed.stdout.strip() not in feed.stderr


def test_an_account_takes_its_password_from_standard_input(command_line: CommandLine) -> None:
    command_line("import", CITY)
    add = ("user", "add", "张三", "--role", "clerk", "--organisation", "x1")
    for password in ("", "short\n"):
        refused = command_line(*add, input=password)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "密码" in refused.stderr
    done = command_line(*add, input="正确的 马 电池 订书钉\n", TONGXING_X="1")
    assert (done.returncode, done.stdout) == (0, "")
    assert "张三" in done.stderr
    assert "马" not in done.stderr
    again = command_line(*add, input="correct horse battery\n")
    assert again.returncode == 2


def test_offices_are_added_and_listed(command_line: CommandLine) -> None:
    add = ("organisation", "add")
    assert command_line(*add, "city", "--name", "某市残联", "--level", "city").returncode == 0
    town = command_line(*add, "t", "--name", "甲镇残联", "--level", "town", "--parent", "city")
    assert town.returncode == 0
    high = command_line(*add, "p", "--name", "某省残联", "--level", "province", "--parent", "t")
    assert (high.returncode, "级别" in high.stderr) == (2, True)
    listed = command_line("organisation", "list")
    assert listed.stdout == "city\tcity\t某市残联\nt\ttown\t甲镇残联\n"


def test_plugins_are_listed_with_their_hooks(sqlite_command_line: CommandLine) -> None:
    done = sqlite_command_line("plugins")
    assert (done.returncode, done.stderr) == (0, "")
    for key in ("events", "condolence", "job_fair", "volunteer", "publicity"):
        assert re.search(
            rf"^{key}\t[0-9.]+\t[^\t]+\n    .*register_plugin", done.stdout, re.MULTILINE
        )


def test_doctor_finds_what_is_wrong(command_line: CommandLine, engine_name: str) -> None:
    empty = command_line("doctor")
    assert (empty.returncode, "数据库还是空的" in empty.stdout) == (1, True)
    command_line("migrate")
    command_line("import", CITY)
    sound = command_line("doctor")
    assert (sound.returncode, sound.stderr) == (0, "")
    *told, last = sound.stdout.splitlines()
    assert last == "一切正常。"
    assert {line[0] for line in told} == {"✓", "·"}
    assert "✓ 数据库结构是最新的" in told
    assert "✓ 密钥文件是这个数据库的" in told
    as_json = command_line("doctor", "--format", "json", TONGXING_BASE_URL="canlian")
    found = json.loads(as_json.stdout)
    assert (as_json.returncode, found["wrong"]) == (1, 1)
    (wrong,) = [each for each in found["findings"] if each["state"] == "bad"]
    assert (wrong["subject"], "TONGXING_BASE_URL" in wrong["text"]) == ("address", True)
    down = command_line("doctor", TONGXING_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (down.returncode, "无法使用数据库" in down.stdout) == (1, True)


def test_doctor_finds_a_key_that_others_can_read(
    sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    sqlite_command_line("import", CITY)
    (tmp_path / "tongxing.key").chmod(0o644)
    done = sqlite_command_line("doctor")
    assert (done.returncode, "chmod 600" in done.stdout) == (1, True)


def test_doctor_finds_references_that_lead_nowhere(
    sqlite_command_line: CommandLine, sqlite_url: str
) -> None:
    sqlite_command_line("import", CITY)
    with sqlite3.connect(unquote(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE condolence_line SET recipient = 999999 WHERE id = 1")
    connection.close()
    done = sqlite_command_line("doctor")
    assert (done.returncode, "foreign_key_check" in done.stdout) == (1, True)


def test_a_database_of_an_older_version_asks_to_be_migrated(
    sqlite_command_line: CommandLine, sqlite_url: str
) -> None:
    """As after an update of the software: only ``migrate`` changes a database with data in it."""
    sqlite_command_line("migrate")
    with sqlite3.connect(unquote(sqlite_url.removeprefix("sqlite:///"))) as connection:
        # The newest migration of a plugin's is taken back by hand.
        connection.execute("DROP INDEX hearing_test_screening_key")
        connection.execute(
            "DELETE FROM migration WHERE app_name = 'hearing_test' AND name LIKE '%04:10:00%'"
        )
    connection.close()
    for command in (f"import {CITY}", "serve --port 65000"):
        done = sqlite_command_line(*command.split())
        assert (done.returncode, done.stdout) == (2, "")
        assert "python app.py migrate" in done.stderr
    assert "还差 1 步" in sqlite_command_line("doctor").stdout
    migrated = sqlite_command_line("migrate")
    assert (migrated.returncode, "已是最新" in migrated.stderr) == (0, True)
    assert sqlite_command_line("import", CITY).returncode == 0
    assert sqlite_command_line("doctor").returncode == 0


def test_output_into_a_closed_pipe_is_no_failure(
    sqlite_command_line: CommandLine, sqlite_url: str, tmp_path: Path
) -> None:
    """``python app.py export … | head -1``."""
    sqlite_command_line("import", CITY)
    environment = os.environ | {
        "TONGXING_DATABASE_URL": sqlite_url,
        "TONGXING_KEY_FILE": str(tmp_path / "tongxing.key"),
    }
    program = ROOT / "app.py"
    done = subprocess.run(
        f"'{sys.executable}' '{program}' export {KEY} | head -c 10",
        shell=True, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ('{\n  "activi'[:10], "")


def test_small_bundles_do_too(sqlite_command_line: CommandLine, tmp_path: Path) -> None:
    """From a file with blanks and Chinese in its name, in a locale that knows neither."""
    file = tmp_path / "活动 包.json"
    file.write_text(json.dumps(small()), encoding="utf-8")
    assert sqlite_command_line("import", file).stdout == "generated-1\n"


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[str]) -> httpx.Response:
    """The first answer at an address of a server that is starting."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {address}, status {server.poll()}")


@pytest.mark.slow
def test_the_first_start_loads_the_demonstration_and_the_second_keeps_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    """As ``make run`` does: it tells the address and the logins, and ends at Ctrl+C."""
    environment = os.environ | {
        "TONGXING_DATABASE_URL": sqlite_url,
        "TONGXING_KEY_FILE": str(tmp_path / "tongxing.key"),
    }
    port = free_port()
    told = []
    for _ in range(2):
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "run", "--port", str(port)],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8",
        )  # fmt: skip
        try:
            page = wait_for(f"http://127.0.0.1:{port}/sign-in", server)
            assert page.status_code == 200
        finally:
            server.send_signal(signal.SIGINT)
            output, errors = server.communicate(timeout=30)
        assert "Traceback" not in errors
        assert output == ""
        told.append(errors)
    logins = (tmp_path / "demo-logins.txt").read_text(encoding="utf-8")
    assert len(logins.splitlines()) == 5
    assert (tmp_path / "demo-logins.txt").stat().st_mode & 0o077 == 0
    for text in told:
        assert f"http://127.0.0.1:{port}/" in text
        assert all(line in text for line in logins.splitlines())
    assert "正在载入示例活动" in told[0]
    assert "正在载入示例活动" not in told[1]


def test_a_summary_is_proof_read(sqlite_command_line: CommandLine, tmp_path: Path) -> None:
    assert sqlite_command_line("import", CITY).returncode == 0
    file = tmp_path / "总结.txt"
    file.write_text("提供岗位500个，任务436人，完成786人，完成率161.7%。", encoding="utf-8")
    done = sqlite_command_line("proofread", KEY, file, "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert [(each["quote"], each["finding"], each["metric"]) for each in found] == [
        ("500个", "differs", "job_fair.openings"),
        ("786人", "unknown", None),
        ("161.7%", "ratio", None),
    ]
    county = sqlite_command_line("proofread", KEY, file, "--organisation", "x1")
    assert "[系统里没有对应数据] “500个”" in county.stdout
    for mistake in ((KEY,), ("--text-only", KEY, file), ("2000-none", file), (KEY, tmp_path / "x")):
        refused = sqlite_command_line("proofread", *mistake)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr


def test_a_text_is_proof_read_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "总结.txt"
    file.write_text("为150户每户发放300元，共计4.6万元。", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "app.py", "proofread", "--text-only", file, "--format", "json"],
        env={**os.environ, "TONGXING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0
    (found,) = json.loads(done.stdout)
    assert (found["finding"], found["stated"], found["expected"]) == ("product", "46000", "45000")

"""Charts drawn beside the server: the same bytes, and a page whatever becomes of that process.

Where only its end matters, short programs of the tests stand in for the one that draws.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
from matplotlib.font_manager import get_font

from core import kept
from core.recap.drawing import apart, charts, fonts
from core.recap.drawing.apart import Draughtsman, Patience, drawing
from core.recap.drawing.charts import Numbers, numbers_of
from core.recap.drawing.desk import asked, understood
from core.recap.formats import html
from core.recap.model import Series
from core.settings import ROOT
from tests.core.recap.test_charts import SAMPLES, chart, series
from tests.fixtures.application import SignIn

PAGE = "/campaigns/2022-city/recap"
PICTURE = 'src="data:image/svg+xml;base64,'
SHORT = Patience(one=0.5, page=5, idle=60, again=60)
ENDS = ("raise SystemExit(0)",)
HANGS = ("import time; time.sleep(60)",)


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(text))


def numbers(value: int) -> Numbers:
    return numbers_of(chart("bars", ("甲",), series("次", str(value))))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def hold(there: Callable[[], bool]) -> None:
    """Wait until something in another process is so."""
    async with asyncio.timeout(30):
        while not there():  # noqa: ASYNC110 — nobody tells us
            await asyncio.sleep(0.02)


def pid_of(draughtsman: Draughtsman) -> int:
    assert draughtsman._process is not None
    return draughtsman._process.pid


async def test_the_bytes_are_those_that_are_drawn_here() -> None:
    async with drawing() as draughtsman:
        wanted = [*SAMPLES, chart("bars", ("半个\ud800",), series("次", "1.50"))]
        found = await apart.drawn(wanted)
        for sample in wanted:
            assert found[numbers_of(sample)] == charts.draw(sample)
        process = pid_of(draughtsman)
        again = await apart.drawn(wanted)
        assert all(again[each] is found[each] for each in found)
        assert pid_of(draughtsman) == process
    assert not is_there(process)  # it ends with the server
    assert (await apart.drawn(SAMPLES[:1]))[numbers_of(SAMPLES[0])] is charts.draw(SAMPLES[0])


def test_what_is_asked_is_what_is_understood() -> None:
    rows = (Series("次", (Decimal("3.50"), None)), Series("人\n次", ()))
    wanted: Numbers = ("columns", ("5月1日", "换\n行"), rows, "次")
    line = asked(wanted)
    assert line.index(b"\n") == len(line) - 1
    assert understood(line) == wanted
    assert str(understood(line)[2][0].values[0]) == "3.50"


async def test_many_who_ask_at_once_wait_in_one_queue_and_no_chart_spoils_another() -> None:
    broken: Numbers = ("bars", ("甲",), (Series("次", ()),), "")  # a value is missing
    async with drawing() as draughtsman:
        wanted = [numbers(value) for value in (1, 2, 3)]
        asked_for = [wanted[0], broken, *wanted[1:]]
        found = await asyncio.gather(*(draughtsman.drawn(asked_for) for _ in range(4)))
        assert all(set(each) == set(wanted) for each in found)
        assert len({id(each[wanted[0]]) for each in found}) == 1  # drawn once


async def test_a_process_that_ended_for_want_of_work_or_was_killed_is_followed_by_another() -> None:
    async with drawing(patience=Patience(idle=0.3)) as draughtsman:
        assert await draughtsman.drawn([numbers(1)])
        process = draughtsman._process
        assert process is not None
        await asyncio.wait_for(process.wait(), 30)
        assert process.returncode == 0
        assert set(await draughtsman.drawn([numbers(2)])) == {numbers(2)}
        second = pid_of(draughtsman)
        os.kill(second, signal.SIGKILL)
        assert set(await draughtsman.drawn([numbers(3)])) == {numbers(3)}
        assert pid_of(draughtsman) not in {process.pid, second}


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What our own log says: asyncio has a line of its own for who ends while he is being ended."""
    return [each.getMessage() for each in caplog.records if each.name == "tongxing.drawing"]


@pytest.mark.parametrize("text", [*ENDS, *HANGS, "print('{')", 'print(\'{"fault": "E"}\')'])
async def test_what_cannot_be_drawn_is_left_out_and_not_tried_at_once_again(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with drawing(program(text), SHORT) as draughtsman:
        assert await draughtsman.drawn([numbers(1)]) == {}
        assert len(told(caplog)) == 1
        assert await draughtsman.drawn([numbers(1)]) == {}
        assert len(told(caplog)) == 1
        assert draughtsman._process is None


async def test_who_waits_too_long_goes_on_without_and_a_stop_waits_for_nothing() -> None:
    patience = Patience(one=60, page=0.3)
    async with drawing(program(HANGS[0]), patience) as draughtsman:
        assert await draughtsman.drawn([numbers(1), numbers(2)]) == {}
        await hold(lambda: draughtsman._process is not None)
        process = pid_of(draughtsman)
    assert not is_there(process)


def test_it_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    server = f"""
        import asyncio, os, pathlib, signal
        from core.recap.drawing.apart import drawing
        async def serve():
            async with drawing() as draughtsman:
                await draughtsman.drawn([("bars", (), (), "")])
                pathlib.Path({str(note)!r}).write_text(str(draughtsman._process.pid))
                os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(serve())
    """

    async def killed() -> None:
        process = await asyncio.create_subprocess_exec(*program(server), cwd=ROOT)
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        await hold(lambda: not is_there(int(note.read_text())))

    asyncio.run(killed())


def test_pictures_are_kept_up_to_a_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    async def weighed() -> None:
        async with drawing() as draughtsman:
            (first,) = (await draughtsman.drawn([numbers(1)])).values()
            monkeypatch.setattr(apart, "MOST_KEPT", len(first.svg) * 3 // 2)
            await draughtsman.drawn([numbers(2)])
            assert set(draughtsman._kept) == {numbers(2)}
            assert draughtsman._weight <= apart.MOST_KEPT

    asyncio.run(weighed())


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_page_without_its_pictures_says_so_and_has_them_later(
    campaign_2022: str, sign_in: SignIn
) -> None:
    kept.forget()
    client = await sign_in("viewer", "city")
    async with drawing(program(ENDS[0]), SHORT):
        for address in (PAGE, f"{PAGE}.html"):
            page = await client.get(address)
            assert page.status_code == 200
            assert PICTURE not in page.text
            assert page.text.count(html.NOT_DRAWN) == 2
            assert "2022年5月5日至20日每日开展情况" in page.text
    before = charts._drawing.cache_info()
    async with drawing():
        for address in (PAGE, f"{PAGE}.html"):
            page = await client.get(address)
            assert page.text.count(PICTURE) == 2
            assert html.NOT_DRAWN not in page.text
    assert charts._drawing.cache_info() == before  # the server itself has drawn nothing


def test_what_the_fonts_hold_is_read_as_others_read_it() -> None:
    for font in (pylopdf_fonts_zh_cn.serif_path(), pylopdf_fonts_zh_cn.sans_path()):
        assert fonts.code_points(font) == frozenset(get_font(str(font)).get_charmap())


def test_a_file_that_is_no_such_font_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.otf"
    other.write_bytes(b"OTTO" + bytes(8))
    with pytest.raises(ValueError, match="cmap"):
        fonts.code_points(other)

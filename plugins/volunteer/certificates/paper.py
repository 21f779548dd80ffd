"""A certificate on paper: PDF that screen readers read (PDF/UA-1) and archives keep (PDF/A-2a).

Typst sets it with the fonts of ``core.recap.drawing.fonts`` and no others. The words come as data,
never as markup; the same certificate always gives the same bytes.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core import wording
from core.qr import qr_svg
from core.recap.drawing import fonts
from core.recap.formats.pdf_content import line, printable
from core.recap.life import codes
from plugins.volunteer.certificates.content import Content, Line
from plugins.volunteer.rules import duration_text, hours_text

TEMPLATE = Path(__file__).parent / "templates" / "certificate.typ"
TITLE = "志愿服务记录证明"
BY_HAND = "＿＿＿＿＿＿＿＿＿＿"
HEADER = ("活动", "服务内容", "日期", "次数", "时长", "记录单位")
NUMERIC = (False, False, False, True, True, False)
WIDTHS = (11, 8, 11, 4, 9, 9)
NOTES = (
    (
        "服务时长按签到、签退记录计算，只计班次时间以内实际服务的部分，不含往返路程，"
        "经志愿者本人以外的人员确认。"
    ),
    "时长按分钟累计，合计换算成小时时四舍五入，保留一位小数。",
    (
        "本证明免费出具，依据《志愿服务条例》第十九条；用作纸质证明时，"
        "由负责人、经办人签名，加盖出具单位公章。"
    ),
)


def address_of(code: str, site: str) -> str:
    """The page that verifies a certificate; ``site`` is this installation's address."""
    return f"{site.rstrip('/')}/volunteer/certificates/{codes.grouped(code)}"


def render(content: Content, issued_at: datetime, site: str) -> bytes:
    """Draw a certificate. Takes a few tenths of a second: not for the loop that serves requests."""
    import typst

    address = address_of(content.code, site)
    with TemporaryDirectory(prefix="tongxing-certificate-") as name:
        folder = Path(name)
        (folder / "code.svg").write_text(qr_svg(address, title=""), encoding="utf-8")
        data = json.dumps(said(content, address), ensure_ascii=False)
        (folder / "data.json").write_text(data, encoding="utf-8")
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        return typst.compile(
            folder / TEMPLATE.name,
            root=folder,
            font_paths=[fonts.folder()],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=issued_at.replace(microsecond=0),
        )


def said(content: Content, address: str) -> dict[str, Any]:
    """Everything that the paper says, as the template takes it."""
    return {
        "title": f"{TITLE} {content.number}",
        "author": printable(content.issuer),
        "heading": line(TITLE),
        "number": line(f"编号：{content.number}"),
        "body": [line(text) for text in _body(content)],
        "header": [line(title) for title in HEADER],
        "numeric": list(NUMERIC),
        "widths": list(WIDTHS),
        "rows": [[line(text) for text in row] for row in _rows(content)],
        "issuer": [line(text) for text in _issuer(content)],
        "seal": line("（出具单位盖章处）"),
        "notes": [line(text) for text in _notes(content, address)],
        "code": {"file": "code.svg", "alt": f"二维码：打开核验网页 {address}"},
    }


def _body(content: Content) -> list[str]:
    return [
        (
            f"志愿者{content.name}（志愿者编号：{content.volunteer}；"
            f"证件类型和号码，需要时手写：{BY_HAND}），"
            f"{_days(content.first, content.last)}参加志愿服务，"
            f"服务时长共计{hours_text(content.minutes)}小时（{duration_text(content.minutes)}）。"
        ),
        "具体情况如下：",
    ]


def _rows(content: Content) -> list[tuple[str, ...]]:
    rows = [_row(each) for each in content.lines]
    times = sum(each.times for each in content.lines)
    return [*rows, ("合计", "", "", f"{times}次", duration_text(content.minutes), "")]


def _row(each: Line) -> tuple[str, ...]:
    return (
        each.activity,
        "、".join(each.tasks),
        _short_days(each.first, each.last),
        f"{each.times}次",
        duration_text(each.minutes),
        each.office,
    )


def _issuer(content: Content) -> list[str]:
    return [
        f"出具单位：{content.issuer}",
        f"负责人：{content.responsible or BY_HAND}",
        f"负责人签名：{BY_HAND}",
        f"经办人：{content.handler or BY_HAND}",
        f"经办人签名：{BY_HAND}",
        f"联系方式：{content.contact or BY_HAND}",
        f"出具日期：{_day(content.issued_on)}",
    ]


def _notes(content: Content, address: str) -> list[str]:
    notes = ["备注：", *(f"{number}. {text}" for number, text in enumerate(NOTES, start=1))]
    return [
        *notes,
        f"{len(NOTES) + 1}. 扫码或者打开下面的网址，可以核验这份证明现在是否有效。",
        f"核验码：{codes.grouped(content.code)}",
        f"核验地址：{address}",
    ]


def _day(text: str) -> str:
    return wording.day(date.fromisoformat(text))


def _days(first: str, last: str) -> str:
    """``2026年5月17日``, or from one day to another."""
    return _day(first) if first == last else f"{_day(first)}至{_day(last)}"


def _short_days(first: str, last: str) -> str:
    """The same as a table says it: ``2026年5月15日至17日``."""
    said = _day(last)
    if first[:4] == last[:4]:
        said = said.partition("年")[2]
    if first[:7] == last[:7]:
        said = said.partition("月")[2]
    return _day(first) if first == last else f"{_day(first)}至{said}"

"""Forms that people sent: values read as in a spreadsheet cell, with every fault kept by field.

What a clerk may type into a field (１２, 1,234.50, ￥500, 2026年5月17日) is what he may type into a
cell: both are read by core.spreadsheets, so a plugin's columns serve its file and its form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile

from api.kit import limits, sent
from api.kit.problems import Problem
from core import file_kinds
from core.refusals import Refusal
from core.spreadsheets.columns import Column, Content, Kind
from core.spreadsheets.contents import UnreadableCellError, cleaned
from core.spreadsheets.values import parse

REQUIRED = "请填写这一项"
NOT_OFFERED = "请从列出的选项里选"
LARGEST_FILE = 10_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form: its bare name and its bytes."""

    name: str
    data: bytes


@dataclass(slots=True)
class Form:
    """What came, and what is wrong with it.

    ``values`` holds the texts as typed, to fill the form again; ``errors`` a sentence a field,
    under ``""`` what concerns the whole. Reading a field that has a fault notes it and gives None.
    """

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong so far."""
        return not self.errors

    @property
    def summary(self) -> list[dict[str, str]]:
        """The faults as the piece ``error_summary`` takes them."""
        return [{"name": name, "text": text} for name, text in self.errors.items()]

    def named(self, labels: Mapping[str, str]) -> list[dict[str, str]]:
        """The same, each fault with the label of its field, so that it can be read alone."""
        return [
            {"name": name, "text": f"{labels[name]}：{text}" if name in labels else text}
            for name, text in self.errors.items()
        ]

    def value(self, name: str) -> str:
        """What was typed into a field, for a template to show again."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """The sentence about a field, ``""`` when it is right."""
        return self.errors.get(name, "")

    def fail(self, name: str, message: str) -> None:
        """Note a fault of a field, or of the whole under ``""``; a field keeps its first."""
        self.errors.setdefault(name, message)

    def absorb(self, refusal: Refusal) -> None:
        """Note the faults that a rule found; those of no field here concern the whole."""
        for fault in refusal.faults:
            member = fault.member if fault.member in self.values else ""
            self.fail(member, fault.message)

    def take(self, column: Column) -> Any:
        """The value of a field, typed as ``Column`` says; None when blank or faulty."""
        text = cleaned(self.values.get(column.name, ""))
        if not text:
            if column.required:
                self.fail(column.name, REQUIRED)
            return None
        if column.kind == "choice" and text in column.choices.values():
            return text
        try:
            return parse(column, Content(text))
        except UnreadableCellError as error:
            self.fail(column.name, str(error))
            return None

    def _simple(self, name: str, kind: Kind, *, required: bool) -> Any:
        return self.take(Column(name, name, kind, required=required))

    def text(self, name: str, *, required: bool = False, longest: int = 500) -> str:
        """Text without control characters, trimmed; ``""`` when blank or faulty."""
        text = self._simple(name, "text", required=required) or ""
        if len(text) > longest:
            self.fail(name, f"最多 {longest} 个字，现在有 {len(text)} 个")
            return ""
        return str(text)

    def secret(self, name: str, *, required: bool = True) -> str:
        """A password exactly as typed; it never comes back in ``values``."""
        text = self.values.get(name, "")
        self.values[name] = ""
        if required and not text:
            self.fail(name, REQUIRED)
        return text

    def key(self, name: str, *, required: bool = False) -> str | None:
        """A key: letters, digits, dot, dash, underscore; at most 64."""
        key: str | None = self._simple(name, "key", required=required)
        return key

    def count(self, name: str, *, required: bool = False) -> int | None:
        """A whole number ≥ 0."""
        count: int | None = self._simple(name, "count", required=required)
        return count

    def decimal(self, name: str, *, required: bool = False) -> Decimal | None:
        """A decimal number ≥ 0."""
        decimal: Decimal | None = self._simple(name, "decimal", required=required)
        return decimal

    def money(self, name: str, *, required: bool = False) -> int | None:
        """An amount typed in 元, in 分."""
        fen: int | None = self._simple(name, "money", required=required)
        return fen

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A day."""
        day: date | None = self._simple(name, "day", required=required)
        return day

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        """A moment typed by the clock of Asia/Shanghai, in UTC."""
        moment: datetime | None = self._simple(name, "moment", required=required)
        return moment

    def choice(self, name: str, offered: Collection[str], *, required: bool = False) -> str | None:
        """One of the codes offered."""
        text = self.values.get(name, "").strip()
        if not text and not required:
            return None
        if text not in offered:
            self.fail(name, NOT_OFFERED if text else REQUIRED)
            return None
        return text

    def chosen(self, name: str, offered: Collection[str]) -> tuple[str, ...]:
        """Any of the codes offered, each once, in the order they are offered in."""
        given = set(self.lists.get(name, []))
        if given - set(offered):
            self.fail(name, NOT_OFFERED)
        return tuple(code for code in offered if code in given)

    def flag(self, name: str) -> bool:
        """Whether a checkbox was ticked."""
        return bool(self.values.get(name))

    def file(self, name: str, *, endings: Sequence[str] = ()) -> Upload | None:
        """A file, of one of the endings (``.xlsx``) when some are named; None when none came."""
        upload = self.files.get(name)
        if upload is None:
            self.fail(name, "请选择文件")
            return None
        if endings and PurePath(upload.name).suffix.casefold() not in endings:
            self.fail(name, file_kinds.advice(upload.data, endings))
            return None
        return upload


async def read(request: Request[Any, Any, Any]) -> Form:
    """The form of a request. Raises Problem 415 for another kind of content, 413 for a big file."""
    if request.content_type[0] not in sent.FORMS:
        raise Problem(415)
    form = await _form(await sent.form(request))
    if form.files:
        limits.take(request, "upload")
    return form


async def _form(given: FormMultiDict) -> Form:
    form = Form()
    for name, value in given.multi_items():
        if not isinstance(value, UploadFile):
            # No column of PostgreSQL holds NUL, and no keyboard types it.
            form.lists.setdefault(name, []).append(str(value).replace("\0", ""))
        elif value.filename:
            await value.seek(0)  # a handler that begins anew reads it again
            data = await value.read(LARGEST_FILE + 1)
            if len(data) > LARGEST_FILE:
                raise Problem(413)
            form.files[name] = Upload(PurePath(value.filename.replace("\\", "/")).name, data)
    form.values = {name: values[-1] for name, values in form.lists.items()}
    return form


def filled(values: Iterable[tuple[str, str]]) -> Form:
    """A form to show with these texts, before anybody has sent it."""
    return Form(values=dict(values))

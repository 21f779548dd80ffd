"""Citizen numbers (GB 11643-1999) and numbers of the disability certificate (残疾人证).

The check character and the date of birth decide; an unknown area code is a warning only, since
areas are renamed and dissolved while people keep the number of their first registration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from core.privacy.text import normalised

Sex = Literal["male", "female"]

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS: Final = "10X98765432"

# The first two digits in GB/T 2260; 81 to 83 are the residence permits of people from
# Hong Kong, Macao and Taiwan. A foreigner's permanent card is 9 followed by one of these.
AREAS: Final = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)

CATEGORIES: Final = {
    "1": "visual",
    "2": "hearing",
    "3": "speech",
    "4": "physical",
    "5": "intellectual",
    "6": "mental",
    "7": "multiple",
}
CATEGORY_LABELS: Final = {
    "visual": "视力",
    "hearing": "听力",
    "speech": "言语",
    "physical": "肢体",
    "intellectual": "智力",
    "mental": "精神",
    "multiple": "多重",
}
GRADE_LABELS: Final = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a number: a stable code and a Chinese sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A citizen number as read; with errors, what could not be read is None."""

    number: str
    born_on: date | None
    sex: Sex | None
    errors: tuple[Remark, ...]
    warnings: tuple[Remark, ...]

    @property
    def valid(self) -> bool:
        """Whether the number has no error; warnings do not count."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A certificate number as read: `raw` is what was given, `reissue` 0 for the first issue."""

    raw: str
    number: str
    citizen: CitizenNumber | None
    category: str | None
    grade: int | None
    reissue: int
    errors: tuple[Remark, ...]
    warnings: tuple[Remark, ...]

    @property
    def valid(self) -> bool:
        """Whether the number has no error; warnings do not count."""
        return not self.errors


def check_character(first_seventeen: str) -> str:
    """Return the check character (ISO 7064 MOD 11-2) of seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def read_citizen_number(text: str, *, today: date) -> CitizenNumber:
    """Read and check a citizen number; spaces, full-width forms and a small x are accepted.

    `today` is the day in Asia/Shanghai: nobody is born after it. Raises nothing.
    """
    number = normalised(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return CitizenNumber(number, None, None, (_form_error(number),), ())
    errors: list[Remark] = []
    if number[-1] != check_character(number[:17]):
        errors.append(Remark("check_character", "身份证号有误：最后一位校验码对不上，请逐位核对"))
    born_on = _day(number[6:14])
    if born_on is None:
        errors.append(Remark("birth_date", f"身份证号里的出生日期 {number[6:14]} 不存在"))
    elif born_on > today:
        errors.append(Remark("future_birth", f"身份证号里的出生日期 {born_on} 还没有到"))
    area = number[1:3] if number[0] == "9" else number[:2]
    warnings: tuple[Remark, ...] = ()
    if area not in AREAS:
        warnings = (Remark("unknown_area", f"身份证号开头的地区码 {number[:6]} 不认识，请核对"),)
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    return CitizenNumber(number, born_on, sex, tuple(errors), warnings)


def read_certificate_number(text: str, *, today: date) -> CertificateNumber:
    """Read and check a certificate number: citizen number, category, grade, then B1, B2 … if lost.

    Real data holds other suffixes: the first twenty characters are read and the suffix is a
    warning. Errors of the citizen number are errors here too. Raises nothing.
    """
    number = normalised(text)
    if len(number) < 20:
        message = f"残疾人证号应为 20 位（补发的后面还有 B1、B2 等），现在是 {len(number)} 位"
        error = Remark("length", message)
        return CertificateNumber(text, number, None, None, None, 0, (error,), ())
    citizen = read_citizen_number(number[:18], today=today)
    category = CATEGORIES.get(number[18])
    grade = int(number[19]) if number[19] in "1234" else None
    errors = list(citizen.errors)
    if category is None:
        errors.append(Remark("category", f"第 19 位“{number[18]}”不是残疾类别，应为 1 到 7"))
    if grade is None:
        errors.append(Remark("grade", f"第 20 位“{number[19]}”不是残疾等级，应为 1 到 4"))
    warnings = list(citizen.warnings)
    suffix = re.fullmatch(r"B(0?[1-9]|[1-9][0-9])", number[20:])
    if number[20:] and suffix is None:
        warnings.append(Remark("suffix", f"第 20 位后面的“{number[20:]}”不是补发标记，请核对"))
    return CertificateNumber(
        raw=text,
        number=number,
        citizen=citizen,
        category=category,
        grade=grade,
        reissue=int(suffix[1]) if suffix else 0,
        errors=tuple(errors),
        warnings=tuple(warnings),
    )


def _form_error(number: str) -> Remark:
    if re.fullmatch(r"[0-9]{15}", number):
        return Remark("old_form", "15 位的旧身份证号已停用，请填 18 位的")
    if len(number) != 18:
        return Remark("length", f"身份证号应为 18 位，现在是 {len(number)} 位")
    return Remark("characters", "身份证号只能是数字，最后一位可以是 X")


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None

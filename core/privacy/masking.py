"""Masked forms of personal fields for lists and publication.

No national rule sets the forms; these are the ones offices commonly publish, and of several in
use the one that shows least. What does not look like its kind is masked whole: a mistyped number
is still somebody's.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from core.privacy.text import INVISIBLE, normalised

STAR: Final = "*"
CITIZEN_NUMBER_LENGTH: Final = 18

# Levels of a Chinese address from the top. No name of a place holds an Arabic digit or 号, so that
# no level can reach past the house number. The shortest match of each level is taken.
_LEVELS: Final = tuple(
    re.compile(r"[^0-9号]{1,15}?(?:" + endings + ")")
    for endings in (
        r"省|自治区|特别行政区",
        r"自治州|地区|盟|市",
        r"县|旗|(?<![社小园校])区|市",
        r"街道办事处|街道|镇|乡|苏木",
        r"社区(?:居民委员会|居委会)?|居民委员会|居委会|村民委员会|村委会|嘎查|村(?![路街镇乡大小])",
    )
)


def mask_name(name: str) -> str:
    """Return 张*, 李*光, 买*****逊: the first and the last character, of two only the first.

    A name of one character becomes `*`. White space inside a name is dropped first: 张 三 has two
    characters. Combining marks and variation selectors belong to the character before them.
    """
    characters = _characters(name)
    match len(characters):
        case 0:
            return ""
        case 1:
            return STAR
        case 2:
            return characters[0] + STAR
        case length:
            return characters[0] + STAR * (length - 2) + characters[-1]


def mask_citizen_number(number: str) -> str:
    """Return 110105********002X: area and last four. Anything but 18 characters becomes stars."""
    plain = normalised(number)
    if len(plain) != CITIZEN_NUMBER_LENGTH:
        return STAR * len(plain)
    return plain[:6] + STAR * 8 + plain[-4:]


def mask_certificate_number(number: str) -> str:
    """Return 110105********002X**: as the citizen number, with category, grade and re-issue hidden.

    The digits after the eighteenth tell the kind and the grade of the disability.
    """
    plain = normalised(number)
    if len(plain) <= CITIZEN_NUMBER_LENGTH:
        return STAR * len(plain)
    head, rest = plain[:CITIZEN_NUMBER_LENGTH], plain[CITIZEN_NUMBER_LENGTH:]
    return mask_citizen_number(head) + STAR * len(rest)


def mask_phone(number: str) -> str:
    """Return 138****5678 of a mobile number, ****5678 of another of seven digits or more."""
    digits = re.sub(r"[^0-9]", "", normalised(number))
    mobile = re.fullmatch(r"(?:0086|86)?(1[0-9]{10})", digits)
    if mobile:
        return mobile[1][:3] + STAR * 4 + mobile[1][-4:]
    if len(digits) >= 7:
        return STAR * 4 + digits[-4:]
    return STAR * len(normalised(number))


def mask_account(number: str) -> str:
    """Return ****5678: the last four digits alone, which also hides the number's length."""
    plain = re.sub(r"[^0-9A-Z]", "", normalised(number))
    if len(plain) >= 8:
        return STAR * 4 + plain[-4:]
    return STAR * len(normalised(number))


def mask_address(address: str) -> str:
    """Return the address down to its village or community, the rest as `***`.

    An address in which no place is recognised becomes `***`.
    """
    plain = "".join(_characters(unicodedata.normalize("NFKC", address)))
    end = 0
    for level in _LEVELS:
        if match := level.match(plain, end):
            end = match.end()
    return plain if end == len(plain) else plain[:end] + STAR * 3


def _characters(text: str) -> list[str]:
    """Split into what a reader sees as characters, without white space and invisible ones."""
    characters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if character.isspace() or category in INVISIBLE:
            continue
        if category.startswith("M") and characters:
            characters[-1] += character
        else:
            characters.append(character)
    return characters

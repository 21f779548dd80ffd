"""Numbers of volunteers: ten digits, so that no citizen number is needed and any phone types them.

MZ/T 061-2015 gives each volunteer a number of his own. Two digits are the year, seven are drawn,
the last catches a mistyped or swapped digit (Luhn). No mobile number has ten digits.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

LENGTH = 10
DRAWN = 7
MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def check_digit(digits: str) -> str:
    """The digit that makes ``digits`` pass Luhn's test."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_number(text: str) -> bool:
    """Whether the text is the number of a volunteer, as numbers are made here."""
    return (
        len(text) == LENGTH
        and text.isascii()
        and text.isdigit()
        and check_digit(text[:-1]) == text[-1]
    )


def drawn(year: int) -> str:
    """A number of that year; whether it is free is for the caller to see."""
    digits = f"{year % 100:02}" + "".join(secrets.choice("0123456789") for _ in range(DRAWN))
    return digits + check_digit(digits)


def mobile(typed: str) -> str | None:
    """A mobile number of the mainland in its eleven digits; None for anything else."""
    plain = unicodedata.normalize("NFKC", typed)
    digits = "".join(each for each in plain if not each.isspace() and each not in "-‐‑–—")
    found = MOBILE.fullmatch(digits)
    return found[1] if found else None

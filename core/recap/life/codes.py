"""Verification codes: twelve letters that tell one content of one office's recap from any other."""

from __future__ import annotations

import base64
import hashlib
import unicodedata

from core import privacy
from core.documents import compact

# Crockford's base 32: no I, L, O and U, so that nothing is misread from paper.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FROM_STANDARD = str.maketrans(_STANDARD, ALPHABET)
# What people type for what they read; dashes and spaces of any kind are left out.
_MISREAD = str.maketrans("OIL", "011")
_PAGE = "recap.verification"


def code_of(campaign: str, organisation: str, fingerprint: str, version: int = 0) -> str:
    """The code of a content, and of a version of it; keyed, so that only we can make it."""
    told = compact([campaign, organisation, fingerprint, version]).encode()
    # Hashed first: the keyed index takes texts for equal that differ in case or width.
    digest = bytes.fromhex(privacy.index(hashlib.sha256(told).hexdigest(), _PAGE))
    return base64.b32encode(digest).decode().translate(_FROM_STANDARD)[:LENGTH]


def grouped(code: str) -> str:
    """A code as it is printed: ``7K2M-9QXD-41VH``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read(typed: str) -> str | None:
    """The code that somebody typed from paper; None when it can be none."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_MISREAD)
    code = "".join(each for each in text if not (each.isspace() or _is_dash(each)))
    fits = len(code) == LENGTH and all(each in ALPHABET for each in code)
    return code if fits else None


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) in {"Pd", "Cf"} or character in "－—_."

"""Sealing, looking up and masking of personal fields.

Names of recipients, phone, citizen and certificate numbers and accounts are stored sealed
(AES-256-GCM) under a key that lives in a file outside the database, and found again by a keyed
hash. Lists show them masked.
"""

from core.privacy.keys import KeyFileError, KeyRing, UnsealError, ring, use
from core.privacy.masking import (
    mask_account,
    mask_address,
    mask_certificate_number,
    mask_citizen_number,
    mask_name,
    mask_phone,
)
from core.privacy.text import normalised

__all__ = [
    "KeyFileError",
    "KeyRing",
    "UnsealError",
    "index",
    "mask_account",
    "mask_address",
    "mask_certificate_number",
    "mask_citizen_number",
    "mask_name",
    "mask_phone",
    "normalised",
    "ring",
    "seal",
    "stamp",
    "unseal",
    "use",
]


def seal(text: str) -> str:
    """Encrypt with the ring of this process."""
    return ring().seal(text)


def unseal(sealed: str) -> str:
    """Decrypt with the ring of this process. Raises UnsealError."""
    return ring().unseal(sealed)


def index(text: str, purpose: str) -> str:
    """The blind index of the ring of this process, for equality look-ups."""
    return ring().index(text, purpose)


def stamp(text: str, purpose: str) -> bytes:
    """The stamp of the ring of this process: what we wrote ourselves is known again by it."""
    return ring().stamp(text, purpose)

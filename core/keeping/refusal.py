"""Why a backup or a restore is not done, as a sentence for the operator."""

from __future__ import annotations


class KeepingError(RuntimeError):
    """Nothing was changed; the message says why, in Chinese."""

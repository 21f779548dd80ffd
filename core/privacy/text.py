"""How names and numbers are written before they are compared."""

from __future__ import annotations

import unicodedata
from typing import Final

# Control and format characters; zero-width spaces and joiners are among the latter.
INVISIBLE: Final = frozenset({"Cc", "Cf"})


def normalised(text: str) -> str:
    """Return `text` as numbers and names are compared.

    NFKC (full-width forms become ordinary ones), upper case, without white space and invisible
    characters, which come along when a number is pasted. Normalising again changes nothing.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    if plain.isprintable() and " " not in plain:
        visible = plain  # as nearly all names are: no white space, nothing invisible
    else:
        visible = "".join(
            character
            for character in plain
            if not character.isspace() and unicodedata.category(character) not in INVISIBLE
        )
    # What stood apart may now combine, and upper case may have taken characters apart.
    return unicodedata.normalize("NFKC", visible)

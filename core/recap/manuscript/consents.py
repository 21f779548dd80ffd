"""Who agreed to be shown on a photo. Names are sealed in the database and masked on lists."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from core import privacy
from core.refusals import Fault

LONGEST_NAMES, LONGEST_HOW = 200, 100
SEPARATORS = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True)
class Consent:
    """The people who can be recognised and how they, or their guardians, agreed.

    Without names nobody can be recognised, or those who could have taken their consent back
    (``withdrawn``).
    """

    names: tuple[str, ...] = ()
    how: str = ""
    withdrawn: bool = False

    @property
    def said(self) -> str:
        """The consent in words, with masked names."""
        if self.withdrawn:
            return "已撤回同意"
        if not self.names:
            return "没有可辨认的人"
        return f"已征得同意：{'、'.join(map(privacy.mask_name, self.names))}（{self.how}）"


WITHDRAWN = Consent(withdrawn=True)


def names_of(text: str) -> tuple[str, ...]:
    """Names as they are typed, one after the other: ``张三、李四``."""
    return tuple(dict.fromkeys(name for name in SEPARATORS.split(text) if name))


def sealed(consent: Consent) -> str:
    """The form in which a consent is stored."""
    plain = {"names": consent.names, "how": consent.how, "withdrawn": consent.withdrawn}
    return privacy.seal(json.dumps(plain, ensure_ascii=False))


def opened(stored: str) -> Consent:
    """The consent that was stored. Raises UnsealError where its key is not on the ring."""
    plain = json.loads(privacy.unseal(stored))
    return Consent(tuple(plain["names"]), plain["how"], plain["withdrawn"])


def faults(consent: Consent) -> list[Fault]:
    """What is wrong with a consent that somebody states."""
    found = []
    if len("、".join(consent.names)) > LONGEST_NAMES:
        found.append(Fault("/names", "too_long", f"姓名一共最多 {LONGEST_NAMES} 个字"))
    if len(consent.how) > LONGEST_HOW:
        found.append(Fault("/how", "too_long", f"最多 {LONGEST_HOW} 个字"))
    if consent.names and not consent.how.strip():
        found.append(Fault("/how", "missing", "请写明怎样同意的，例如：本人签了同意书"))
    return found

from __future__ import annotations

import pytest

from core import passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("ninechars", "too_short"),
        ("x" * 201, "too_long"),
        ("zhangsanfeng", "weak"),
        ("ZhangSanFeng1", "weak"),
        ("aaaaaaaaaaaa", "weak"),
        ("abababababab", "weak"),
        ("1234567890", "weak"),
        ("Password123", "weak"),
        ("correct horse", None),
        ("zhangsanfeng goes home", None),
        ("山高月小水落石出清风", None),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(password, code):
    fault = passwords.weakness(password, "zhangsanfeng")
    assert (fault.code if fault else None) == code


async def test_a_hash_is_argon2id_and_opens_to_its_own_password_only():
    made = await passwords.hashed("correct horse")
    assert made.startswith("$argon2id$")
    assert await passwords.matches(made, "correct horse")
    assert not await passwords.matches(made, "correct horsE")
    assert not passwords.outdated(made)


async def test_no_account_matches_nothing_even_the_stand_ins_own_password():
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("no hash at all", "x")

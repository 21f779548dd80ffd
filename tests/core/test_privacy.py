from __future__ import annotations

import base64
import multiprocessing
import re
import stat
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import privacy
from core.privacy import KeyFileError, KeyRing, UnsealError

SECRET = bytes(range(32))
RING = KeyRing([SECRET])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def load_and_index(path: Path) -> str:
    return KeyRing.load(path).index("张三", "name")


def test_a_missing_file_is_made_for_its_owner_alone_and_read_again(tmp_path):
    path = tmp_path / "data" / "keys"
    sealed = KeyRing.load(path).seal("张三")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys"]
    assert KeyRing.load(path).unseal(sealed) == "张三"


def test_processes_that_start_together_share_one_key(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(load_and_index, [tmp_path / "keys"] * 8)
    assert len(set(found)) == 1
    assert len((tmp_path / "keys").read_text().splitlines()) == 1


def test_a_lost_file_is_not_made_anew_where_it_must_exist(tmp_path):
    with pytest.raises(KeyFileError, match="找不到密钥文件"):
        KeyRing.load(tmp_path / "keys", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644, 0o666, 0o777])
def test_a_file_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "keys"
    KeyRing.load(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyRing.load(path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_file_closed_to_others_is_read(tmp_path, mode):
    path = tmp_path / "keys"
    before = KeyRing.load(path).index("张三", "name")
    path.chmod(mode)
    assert KeyRing.load(path).index("张三", "name") == before


def good_line(tmp_path) -> str:
    KeyRing.load(tmp_path / "other")
    return (tmp_path / "other").read_text()


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: "",
        lambda line: "\n",
        lambda line: line[:-2] + "\n",
        lambda line: line.replace(" ", "  "),
        lambda line: line[:20] + ("A" if line[20] != "A" else "B") + line[21:],
        lambda line: "00000000" + line[8:],
        lambda line: line + line,
        lambda line: line + "# 密钥\n",
        lambda line: line + "x" * 20_000,
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(tmp_path, damage):
    path = tmp_path / "keys"
    path.write_text(damage(good_line(tmp_path)))
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="已损坏"):
        KeyRing.load(path)
    assert path.read_bytes() == before


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    with pytest.raises(KeyFileError, match="读不出来"):
        KeyRing.load(tmp_path)


def test_an_added_key_seals_while_old_texts_open_and_indexes_stay(tmp_path):
    path = tmp_path / "keys"
    old = KeyRing.load(path)
    sealed, index = old.seal("张三"), old.index("张三", "name")
    new = KeyRing.add_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys"]
    for current in (new, KeyRing.load(path)):
        assert current.unseal(sealed) == "张三"
        assert current.index("张三", "name") == index
        assert current.seal("张三").split(":")[1] != sealed.split(":")[1]
    with pytest.raises(UnsealError, match="没有编号为"):
        old.unseal(new.seal("张三"))


@given(text=TEXTS, associated=TEXTS)
def test_what_is_sealed_opens_again(text, associated):
    sealed = RING.seal(text, associated)
    assert re.fullmatch(r"v1:[0-9a-f]{8}:[A-Za-z0-9+/]+=*", sealed)
    assert RING.unseal(sealed, associated) == text


def test_the_same_text_is_sealed_differently_each_time():
    assert RING.seal("张三") != RING.seal("张三")


def test_a_text_sealed_for_one_place_does_not_open_in_another():
    sealed = RING.seal("张三", "recipient.name")
    with pytest.raises(UnsealError, match="损坏或被改动"):
        RING.unseal(sealed, "recipient.phone")


@given(position=st.integers(0, 12 + 6 + 16 - 1), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed(position, bit):
    head, body = RING.seal("张三").rsplit(":", 1)
    data = bytearray(base64.b64decode(body))
    data[position] ^= 1 << bit
    with pytest.raises(UnsealError):
        RING.unseal(f"{head}:{base64.b64encode(data).decode()}")


@pytest.mark.parametrize("text", ["", "张三", "v1:", "v2:00000000:AAAA", "v1:zz:AAAA"])
def test_what_was_never_sealed_is_refused(text):
    with pytest.raises(UnsealError, match="格式不对"):
        RING.unseal(text)


@pytest.mark.parametrize("body", ["A", "AAAA", "AAAAA", "=="])
def test_a_truncated_text_is_refused(body):
    key = RING.seal("").split(":")[1]
    with pytest.raises(UnsealError):
        RING.unseal(f"v1:{key}:{body}")


def test_an_index_is_the_same_for_the_ways_of_writing_and_no_others():
    written = [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002Ｘ\u200b",
        "１1010519491231002X",
    ]
    indexes = {RING.index(number, "citizen") for number in written}
    assert len(indexes) == 1
    assert re.fullmatch(r"[0-9a-f]{32}", indexes.pop())
    others = {
        RING.index("11010519491231002X", "citizen"),
        RING.index("11010519491231002X", "certificate"),
        RING.index("110105194912310021", "citizen"),
        KeyRing([bytes(32)]).index("11010519491231002X", "citizen"),
    }
    assert len(others) == 4


def test_purpose_and_text_do_not_run_together():
    assert RING.index("bc", "a") != RING.index("c", "ab")


@given(text=TEXTS)
def test_normalising_twice_is_normalising_once(text):
    once = privacy.normalised(text)
    assert privacy.normalised(once) == once


def test_the_ring_of_the_process(monkeypatch):
    monkeypatch.setattr(privacy.keys, "_current", [])
    with pytest.raises(KeyFileError, match="还没有载入"):
        privacy.ring()
    privacy.use(RING)
    assert privacy.ring() is RING
    other = KeyRing([bytes(32)])
    privacy.use(other)
    assert privacy.ring() is other


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("李小光", "李*光"),
        ("欧阳娜娜", "欧**娜"),
        ("买买提·吐尔逊", "买*****逊"),
        ("张", "*"),
        ("", ""),
        (" 张 三 ", "张*"),
        ("张\u3000\u200b三", "张*"),
        ("𠮷野家", "𠮷*家"),
        ("㛃", "*"),
        ("𠮷䶮", "𠮷*"),
        ("葛\U000e0100三", "葛\U000e0100*"),
        ("张葛\U000e0100", "张*"),
        ("e\u0301va", "\u00e9*a"),
        ("John Smith", "J*******h"),
    ],
)
def test_names_are_masked(name, masked):
    assert privacy.mask_name(name) == masked


@given(name=st.text(st.characters(categories=["Lo"]), min_size=1, max_size=12))
def test_a_masked_name_shows_two_characters_at_most(name):
    masked = privacy.mask_name(name)
    shown = [character for character in masked if unicodedata.category(character) == "Lo"]
    assert len(shown) <= 2
    assert "*" in masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "110105********002X"),
        ("110105 19491231 002x", "110105********002X"),
        ("110105491231002", "*" * 15),
        ("1101051949123100", "*" * 16),
        ("", ""),
    ],
)
def test_citizen_numbers_are_masked(number, masked):
    assert privacy.mask_citizen_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X42", "110105********002X**"),
        ("11010519491231002X63B1", "110105********002X****"),
        ("130182198609215753120", "130182********5753***"),
        ("11010519491231002X", "*" * 18),
        ("", ""),
    ],
)
def test_certificate_numbers_are_masked(number, masked):
    assert privacy.mask_certificate_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("0377-63123456", "****3456"),
        ("63123456", "****3456"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones_are_masked(number, masked):
    assert privacy.mask_phone(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("6222 0212 3456 7890 123", "****0123"),
        ("12345678", "****5678"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_accounts_are_masked(number, masked):
    assert privacy.mask_account(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("某省某市甲县乙镇丙村12号", "某省某市甲县乙镇丙村***"),
        ("甲区乙街道丙社区3号楼2单元501室", "甲区乙街道丙社区***"),
        ("甲区乙街道丙社区居委会", "甲区乙街道丙社区居委会"),
        ("江苏省镇江市丹徒区高桥镇东村3组8号", "江苏省镇江市丹徒区高桥镇东村***"),
        ("北京市海淀区中关村街道科育社区12号楼", "北京市海淀区中关村街道科育社区***"),
        ("内蒙古自治区甲盟乙旗丙苏木丁嘎查5户", "内蒙古自治区甲盟乙旗丙苏木丁嘎查***"),
        ("幸福社区３号楼", "幸福社区***"),
        ("丙村 12 号", "丙村***"),
        ("幸福路12号", "***"),
        ("甲区幸福路12号院社区诊所旁", "甲区***"),
        ("花园小区5栋", "***"),
        ("甲县乙镇东村路7号", "甲县乙镇***"),
        ("", ""),
    ],
)
def test_addresses_are_masked(address, masked):
    assert privacy.mask_address(address) == masked


@given(
    place=st.text("省市区县镇乡村社街道东西", max_size=20),
    house=st.text("0123456789号栋室", min_size=1),
)
def test_no_digit_of_an_address_is_shown(place, house):
    assert not re.search(r"[0-9]", privacy.mask_address(place + "1" + house))


def test_a_stamp_is_of_the_exact_text_its_purpose_and_the_installation(tmp_path):
    stamp = RING.stamp("7.100", "code")
    assert len(stamp) == 32
    assert stamp == KeyRing([bytes(32), SECRET]).stamp("7.100", "code")
    others = [
        RING.stamp("７.100", "code"),
        RING.stamp("7.100", "ticket"),
        RING.stamp("00", "code7.1"),
        KeyRing([bytes(32)]).stamp("7.100", "code"),
    ]
    assert stamp not in others
    assert stamp.hex()[:32] != RING.index("7.100", "code")

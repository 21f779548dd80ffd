"""The key ring: sealing personal fields and finding them again without opening them."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.privacy.text import normalised

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
INDEX_DIGITS: Final = 32
# A ring of some hundred keys; anything larger is another file under this name.
MAX_FILE_BYTES: Final = 16_384
# Everybody may do nothing; the group may read (a service account in the owner's group).
FORBIDDEN_MODE: Final = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP

_SEALED: Final = re.compile(r"v1:([0-9a-f]{8}):([A-Za-z0-9+/]+={0,2})")
_KEY_LINE: Final = re.compile(r"([0-9a-f]{8}) ([A-Za-z0-9+/]{43}=)")


class KeyFileError(Exception):
    """The key file cannot be used; the message says why and what to do, in Chinese."""


class UnsealError(ValueError):
    """A sealed text cannot be opened: damaged, moved elsewhere, or its key is not on the ring."""


@dataclass(frozen=True, slots=True)
class _Key:
    """The keys derived from one line of the file; `identity` also serves as its checksum."""

    identity: str
    sealing: AESGCM
    indexing: bytes
    stamping: bytes


class KeyRing:
    """The keys of an installation, newest first.

    New texts are sealed under the newest key and opened under whichever sealed them. Look-ups use
    the oldest key, so that adding a key leaves every stored index valid.
    """

    __slots__ = ("_by_identity", "_indexing", "_newest", "_stamping", "identity")

    def __init__(self, secrets_newest_first: list[bytes]) -> None:
        keys = [_derive(secret) for secret in secrets_newest_first]
        self._newest = keys[0]
        self._indexing = keys[-1].indexing
        self._stamping = keys[-1].stamping
        self.identity = keys[-1].identity
        """Tells this ring from another: adding keys does not change it."""
        self._by_identity = {key.identity: key for key in keys}

    @classmethod
    def load(cls, path: Path | str, *, create: bool = True) -> Self:
        """Read the ring at `path`; when there is none and `create`, make one (mode 0600).

        Give create=False where sealed texts already exist: a new key could not open them.
        Raises KeyFileError.
        """
        path = Path(path)
        if create and not path.exists():
            _write_new(path, [secrets.token_bytes(KEY_BYTES)])
        return cls(_read(path))

    @classmethod
    def add_key(cls, path: Path | str) -> Self:
        """Put a new newest key on the ring at `path` and return the ring. Raises KeyFileError."""
        path = Path(path)
        ring = [secrets.token_bytes(KEY_BYTES), *_read(path)]
        temporary = _write_temporary(path, ring)
        try:
            temporary.replace(path)
            _settle(path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise KeyFileError(f"密钥文件 {path} 写不进去：{error.strerror}") from error
        return cls(ring)

    def seal(self, text: str, associated: str = "") -> str:
        """Encrypt `text` as `v1:<key id>:<base64 of nonce, ciphertext and tag>`.

        `associated` (such as a table and column) is not stored and must be given to `unseal`.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._newest.sealing.encrypt(nonce, text.encode(), associated.encode())
        return f"v1:{self._newest.identity}:{base64.b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, associated: str = "") -> str:
        """Return the text that `seal` was given. Raises UnsealError."""
        match = _SEALED.fullmatch(sealed)
        if match is None:
            raise UnsealError("加密内容的格式不对，可能已损坏")
        key = self._by_identity.get(match[1])
        if key is None:
            raise UnsealError(f"密钥文件里没有编号为 {match[1]} 的密钥，无法解密")
        try:
            data = base64.b64decode(match[2], validate=True)
            opened = key.sealing.decrypt(
                data[:NONCE_BYTES], data[NONCE_BYTES:], associated.encode()
            )
            return opened.decode()
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise UnsealError("加密内容已损坏或被改动，无法解密") from error

    def index(self, text: str, purpose: str) -> str:
        """Return the blind index of `text`, 32 hexadecimal digits, for equality look-ups.

        Texts that `normalised` makes equal have equal indexes. `purpose` (such as
        "recipient.name") keeps the indexes of two columns from being compared.
        """
        head = purpose.encode()
        message = len(head).to_bytes(4, "big") + head + normalised(text).encode()
        return hmac.digest(self._indexing, message, "sha256").hex()[:INDEX_DIGITS]

    def stamp(self, text: str, purpose: str) -> bytes:
        """Return the HMAC-SHA256 of exactly `text`: it shows that this installation wrote it.

        Like an index it is made with the oldest key, and `purpose` keeps stamps of two kinds apart.
        """
        head = purpose.encode()
        message = len(head).to_bytes(4, "big") + head + text.encode()
        return hmac.digest(self._stamping, message, "sha256")


_current: list[KeyRing] = []


def use(new_ring: KeyRing) -> None:
    """Make `new_ring` the ring of this process."""
    _current[:] = [new_ring]


def ring() -> KeyRing:
    """Return the ring of this process. Raises KeyFileError when `use` was not called."""
    if not _current:
        raise KeyFileError("还没有载入密钥文件，不能读写个人信息")
    return _current[0]


def _derive(secret: bytes) -> _Key:
    def derived(purpose: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=b"tongxing " + purpose).derive(secret)

    return _Key(
        _identity(secret),
        AESGCM(derived(b"sealing", 32)),
        derived(b"indexing", 32),
        derived(b"stamping", 32),
    )


def _identity(secret: bytes) -> str:
    return hashlib.sha256(b"tongxing identity " + secret).hexdigest()[:8]


def _read(path: Path) -> list[bytes]:
    """Return the secrets in the file, newest first."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise KeyFileError(f"找不到密钥文件 {path}；没有它，已加密的个人信息无法读出") from error
    except OSError as error:
        raise KeyFileError(f"密钥文件 {path} 读不出来：{error.strerror}") from error
    if mode & FORBIDDEN_MODE:
        raise KeyFileError(f"密钥文件 {path} 别人也能读写，请先执行：chmod 600 {path}")
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> list[bytes]:
    damaged = KeyFileError(f"密钥文件 {path} 已损坏，请用备份恢复；不要删除或重新生成")
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise damaged from error
    if not lines or len(content) > MAX_FILE_BYTES:
        raise damaged
    found: list[bytes] = []
    for line in lines:
        match = _KEY_LINE.fullmatch(line)
        secret = base64.b64decode(match[2]) if match else b""
        if match is None or len(secret) != KEY_BYTES or _identity(secret) != match[1]:
            raise damaged
        found.append(secret)
    if len(set(found)) != len(found):
        raise damaged
    return found


def _write_new(path: Path, secrets_newest_first: list[bytes]) -> None:
    """Write the file whole or not at all; a file that another process made first is kept."""
    temporary = _write_temporary(path, secrets_newest_first)
    try:
        # A hard link, unlike a rename, never replaces what is there already.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
        _settle(path.parent)
    except OSError as error:
        raise KeyFileError(f"密钥文件 {path} 建不了：{error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_temporary(path: Path, secrets_newest_first: list[bytes]) -> Path:
    lines = [f"{_identity(key)} {base64.b64encode(key).decode()}\n" for key in secrets_newest_first]
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyFileError(f"密钥文件 {path} 建不了：{error.strerror}") from error
    return temporary


def _settle(folder: Path) -> None:
    """Bring the folder's entry to disk: a key lost in a power cut takes the sealed texts along."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

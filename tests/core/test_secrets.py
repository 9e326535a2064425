# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret does not print, a sealed one opens only in its place and with its key, and a key rests privately."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from station.errors import ConfigError, IntegrityAlarm
from station.model import BoardUid, Certificate, Identity, Secret
from station.secrets import keys
from station.secrets.changing import export
from station.secrets.files import read_secret_file, write_secret_file
from station.secrets.keys import create_key, open_vault
from station.secrets.vault import Vault
from tests.hashing import KEY_COST

TOLD = "s3cr3t-t3xt"


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "printed",
    [
        str,
        repr,
        lambda s: f"{s}",
        lambda s: f"{s:>20}",
        lambda s: "%s" % s,  # noqa: UP031 - the old way prints too
        lambda s: repr(Holder(s)),
        lambda s: str([s]),
    ],
)
def test_a_secret_never_prints(printed: Callable[[Secret], str]) -> None:
    assert TOLD not in printed(Secret(TOLD))


def test_a_secret_is_not_pickled_nor_serialised() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOLD))
    with pytest.raises(TypeError):
        json.dumps(Secret(TOLD))


@given(text=st.text(max_size=64), row=st.text(max_size=40), other=st.text(max_size=40))
def test_a_sealed_secret_opens_in_its_own_row_only(text: str, row: str, other: str) -> None:
    vault = Vault(bytes(32))
    sealed = vault.seal(Secret(text), row=row)
    assert vault.open(sealed, row=row) == Secret(text)
    if other != row:
        with pytest.raises(IntegrityAlarm):
            vault.open(sealed, row=other)


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_changed_ciphertext_does_not_open(at: int, bit: int) -> None:
    vault = Vault(bytes(32))
    sealed = bytearray(vault.seal(Secret(TOLD), row="r"))
    sealed[at % len(sealed)] ^= 1 << bit
    with pytest.raises(IntegrityAlarm):
        vault.open(bytes(sealed), row="r")


def test_the_same_secret_is_never_sealed_to_the_same_bytes() -> None:
    vault = Vault(bytes(32))
    assert len({vault.seal(Secret(TOLD), row="r") for _ in range(100)}) == 100


@pytest.mark.parametrize("wrap", ["plain", "scrypt"])
def test_a_key_file_is_private_and_opens_again(tmp_path: Path, wrap: str) -> None:
    path, passphrase = tmp_path / "key", Secret("correct horse battery")
    create_key(path, wrap=wrap, passphrase=passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sealed = open_vault(path, lambda: passphrase).seal(Secret(TOLD), row="r")
    assert open_vault(path, lambda: passphrase).open(sealed, row="r") == Secret(TOLD)
    with pytest.raises(ConfigError, match="exists"):
        create_key(path, wrap=wrap, passphrase=passphrase)


def test_of_a_key_whose_making_was_killed_no_second_copy_stays(tmp_path: Path) -> None:
    part = tmp_path / ".key.part"
    part.write_text("killed before it had its name")
    create_key(tmp_path / "key")
    part.hardlink_to(tmp_path / "key")  # killed when it had it
    open_vault(tmp_path / "key")
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    part.hardlink_to(tmp_path / "key")
    with pytest.raises(ConfigError, match="exists already"):
        create_key(tmp_path / "key")
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_key_that_is_half_written_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(file: Path, content: str) -> None:
        file.write_text(content[:20])
        raise OSError("no space left on device")

    monkeypatch.setattr("station.secrets.keys.write_new", half)
    with pytest.raises(OSError, match="no space"):
        create_key(tmp_path / "key")
    assert not list(tmp_path.iterdir())


def write_account(path: Path) -> None:
    write_secret_file(path, Secret(TOLD))


def export_key(path: Path) -> None:
    create_key(path.parent.parent / "its key")
    export(path.parent.parent / "its key", path, Secret("right and long"), lambda: Secret(""))


@pytest.mark.parametrize("make", [create_key, write_account, export_key])
def test_a_secret_s_file_has_its_name_on_the_disk_when_it_is_told_as_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    """What is sealed with a key is on the disk soon: were the key's name not, a power cut would take both."""
    ordinary, named, folder = os.fsync, list[list[str]](), tmp_path / "there"

    def sync(handle: int) -> None:
        ordinary(handle)
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            named.append([file.name for file in folder.iterdir()])

    folder.mkdir()
    monkeypatch.setattr(os, "fsync", sync)
    make(folder / "key")
    assert named[-1] == ["key"]


def test_a_passphrase_costs_what_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_SCRYPT", KEY_COST)
    create_key(tmp_path / "key", wrap="scrypt", passphrase=Secret("right and long"))
    kept = json.loads((tmp_path / "key").read_text())
    assert {name: kept[name] for name in "nrp"} == {"n": 2**17, "r": 8, "p": 1}
    salt, nonce, sealed = (base64.b64decode(kept[name]) for name in ("salt", "nonce", "sealed"))
    wrapping = hashlib.scrypt(b"right and long", salt=salt, n=2**17, r=8, p=1, maxmem=2**28, dklen=32)
    assert len(AESGCM(wrapping).decrypt(nonce, sealed, b"station data key")) == 32


def test_a_wrong_passphrase_is_told_and_a_missing_one_too(tmp_path: Path) -> None:
    create_key(tmp_path / "key", wrap="scrypt", passphrase=Secret("right and long"))
    with pytest.raises(ConfigError, match="does not open"):
        open_vault(tmp_path / "key", lambda: Secret("wrong"))
    with pytest.raises(ConfigError, match="needs its passphrase"):
        open_vault(tmp_path / "key")


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    for look in (open_vault, keys.wrap_of):
        with pytest.raises(ConfigError, match="read by others"):
            look(tmp_path / "key")


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", '{"wrap": "plain"}', '{"wrap": "plain", "key": "AA=="}', '{"wrap": "x"}']
)
def test_a_damaged_key_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(ConfigError):
        open_vault(tmp_path / "key")


def test_a_secret_file_is_one_private_line(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("abc\n")
    with pytest.raises(ConfigError, match="read by others"):
        file.chmod(0o644)
        read_secret_file(file)
    file.chmod(0o600)
    assert read_secret_file(file) == Secret("abc")
    for text in ("abc\ndef\n", "", " \n"):
        file.write_text(text)
        with pytest.raises(ConfigError, match="one line"):
            read_secret_file(file)


def test_a_secret_file_that_is_none_is_said_and_nothing_of_it_is_in_the_error(tmp_path: Path) -> None:
    file, folder = tmp_path / "secret", tmp_path / "folder"
    file.write_bytes(b"b1a5\xfe" * 8)
    file.chmod(0o600)
    folder.mkdir(mode=0o700)
    for wrong, says in ((file, "is not UTF-8 text"), (folder, "Is a directory")):
        with pytest.raises(ConfigError, match=says) as caught:
            read_secret_file(wrong)
        assert (caught.value.code, caught.value.__context__ if wrong is file else None) == ("E114", None)
    with pytest.raises(ConfigError, match="Is a directory") as caught:
        open_vault(folder)
    assert caught.value.code == "E114"


def test_the_digest_tells_every_field_and_their_borders_apart() -> None:
    def digest(*fields: str) -> str:
        pk, dn, ds, ps = fields
        certificate = Certificate(
            product_key=pk, device_name=dn, device_secret=Secret(ds), product_secret=Secret(ps) if ps else None
        )
        return Identity(primary=certificate).digest()

    variants = [("a", "b", "c", ""), ("ab", "", "c", ""), ("a", "bc", "", ""), ("a", "b", "", "c"), ("", "ab", "c", "")]
    assert len({digest(*v) for v in variants}) == len(variants)


@pytest.mark.parametrize(
    "text", ["", "abc", "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "a" * 65, "ab/cd", "ab cd1", "[red]x"]
)
def test_a_uid_that_names_no_board_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="uid"):
        BoardUid.parse(text)


def test_a_uid_has_one_spelling() -> None:
    assert BoardUid.parse(" A0:B1:C2:D3:E4:F5\n") == "a0b1c2d3e4f5"

# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards whose fuses forbid something, and partitions whose contents are encrypted: never green without proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from idftool.nvs import crypto
from idftool.nvs import parse as idf_parse

from station.errors import BoardFault, ConfigError
from station.model import Holding, Verdict
from station.simulate.esp import BoardSpec, Download, EspBoard, FlashEncryption, SecurityFuses
from station.targets.base import no_progress
from station.targets.esp.nvs import Entry, EntryKind, build
from tests.targets.esp_bench import (
    FCTRY,
    MAC,
    OTHER_MAC,
    PARTITIONS,
    SIZE,
    aliyun,
    give,
    profile,
    session,
    single,
    stored,
)

IDENTITY = single()
KEYS = 0x120000
PLACE: dict[str, Any] = {"offset": FCTRY, "size": SIZE}


def plain(board: EspBoard, keys: crypto.NvsKeys) -> dict[str, object]:
    decrypted = crypto.decrypt(board.flash_bytes(FCTRY, SIZE), keys)
    return {f"{e.namespace}/{e.key}": e.value for e in idf_parse(decrypted, strict=True).entries}


# -- secure download mode: the loader writes, and tells nothing --------------------------------------------------------

SECURE_DOWNLOAD = SecurityFuses(download=Download.SECURE)


def test_secure_download_is_written_and_never_called_equal() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=SECURE_DOWNLOAD)) as board:
        with session(board, profile(**PLACE), serial=MAC.upper()) as talk:
            info = talk.identify()
            assert (info.uid, info.holding) == (MAC.replace(":", ""), Holding.UNREADABLE)
            assert "secure download" in info.details["security"]
            talk.require_room(IDENTITY)
            talk.write(IDENTITY, no_progress)
            for identity in (IDENTITY, None):
                read = talk.read_back(identity, no_progress)
                assert (read.verdict, read.digest) == (Verdict.UNVERIFIABLE, None)
            talk.restart()
            assert talk.identify().uid == info.uid
        assert stored(board) == aliyun(IDENTITY)


def test_in_secure_download_the_label_names_the_board() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32s2", mac=MAC, partitions=PARTITIONS, security=SECURE_DOWNLOAD)) as board,
        session(board, profile("esp32s2", **PLACE), label="SN-00017") as talk,
    ):
        assert talk.identify().uid == "sn-00017"


def test_in_secure_download_a_board_without_a_name_is_refused() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=SECURE_DOWNLOAD)) as board:
        nameless = session(board, profile(**PLACE), serial="FTDI00A1")
        with pytest.raises(BoardFault, match="does not tell which one it is") as caught, nameless as talk:
            talk.identify()
        assert (caught.value.code, "scan_label = true" in caught.value.do) == ("E207", True)
        assert board.stats.programmed_bytes == 0


def test_in_secure_download_nothing_is_merged_with_what_nobody_can_read() -> None:
    """Keys of others would be gone, and nobody would know which."""
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=SECURE_DOWNLOAD)) as board,
        session(board, profile(**PLACE, existing="merge"), serial=MAC.upper()) as talk,
    ):
        talk.identify()
        with pytest.raises(BoardFault, match="not all can be read") as caught:
            talk.require_room(IDENTITY)
        assert (caught.value.code, board.stats.programmed_bytes) == ("E206", 0)


def test_in_secure_download_the_profile_must_say_where() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=SECURE_DOWNLOAD)) as board:
        with (
            pytest.raises(BoardFault, match="does not say where") as caught,
            session(board, profile(), serial=MAC) as talk,
        ):
            talk.identify()
        assert caught.value.code == "E202"


# -- other fuses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
@pytest.mark.parametrize("encryption", [FlashEncryption.DEVELOPMENT, FlashEncryption.RELEASE])
def test_flash_encryption_with_a_readable_table_is_the_normal_way(chip: str, encryption: FlashEncryption) -> None:
    with EspBoard(
        BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS, security=SecurityFuses(encryption=encryption))
    ) as board:
        give(board, profile(chip), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)  # not encrypted by hardware: NVS never is


def encrypted_table(board: EspBoard) -> None:
    board.preload(0x8000, bytes(byte ^ 0x5A for byte in board.flash_bytes(0x8000, 0xC00)))


def test_flash_encryption_with_an_encrypted_table_takes_the_profiles_place() -> None:
    security = SecurityFuses(encryption=FlashEncryption.RELEASE)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=security)) as board:
        encrypted_table(board)
        with session(board, profile(**PLACE)) as talk:
            assert "by profile" in talk.identify().details["partition"]
            talk.write(IDENTITY, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        assert stored(board) == aliyun(IDENTITY)


def test_with_an_encrypted_table_what_is_not_nvs_is_not_written_over() -> None:
    security = SecurityFuses(encryption=FlashEncryption.RELEASE)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=security)) as board:
        encrypted_table(board)
        board.preload(FCTRY, b"\xe9\x06\x02\x20" + b"application" * 100)
        with session(board, profile(**PLACE, existing="replace")) as talk:
            talk.identify()
            with pytest.raises(BoardFault, match="not NVS"):
                talk.require_room(IDENTITY)


def test_an_unreadable_table_without_flash_encryption_is_no_excuse() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        encrypted_table(board)
        with pytest.raises(BoardFault, match="no partition table"), session(board, profile(**PLACE)) as talk:
            talk.identify()


@pytest.mark.parametrize(("chip", "stubs"), [("esp32c3", 0), ("esp32s3", 1), ("esp32c6", 1), ("esp32", 1)])
def test_secure_boot_goes_by_whatever_loader_the_chip_lets_run(chip: str, stubs: int) -> None:
    with EspBoard(
        BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS, security=SecurityFuses(secure_boot=True))
    ) as board:
        with session(board, profile(chip)) as talk:
            talk.identify()
            talk.write(IDENTITY, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        assert stored(board) == aliyun(IDENTITY)
        assert board.stats.stub_starts == stubs


def test_a_disabled_download_mode_is_said_to_be_possible() -> None:
    security = SecurityFuses(download=Download.DISABLED)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=security)) as board:
        with pytest.raises(BoardFault) as caught, session(board, profile(reset="no-reset")) as talk:
            talk.identify()
        assert caught.value.code == "E201"
        assert "disabled by eFuse" in caught.value.do


# -- NVS encryption ----------------------------------------------------------------------------------------------------


def keys_of(board: EspBoard) -> crypto.NvsKeys:
    page = board.flash_bytes(KEYS, 64)
    return crypto.NvsKeys(page[:32], page[32:])


def test_each_board_has_a_key_of_its_own_and_another_decryptor_reads_it() -> None:
    using = profile(nvs_encryption="keys-partition")
    pages = set()
    for mac in (MAC, OTHER_MAC):
        with EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS)) as board:
            with session(board, using) as talk:
                assert talk.identify().holding is Holding.BLANK
                key = talk.board_key(None)
                assert key
                talk.write(IDENTITY, no_progress)
                assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
            assert board.flash_bytes(KEYS, 64).hex() == key.reveal()
            assert plain(board, keys_of(board)) == aliyun(IDENTITY)
            assert b"camera" not in board.flash_bytes(FCTRY, SIZE)
            pages.add(board.flash_bytes(KEYS, 64))
    assert len(pages) == 2


def test_an_encrypted_board_put_in_again_is_read_with_its_own_key() -> None:
    using = profile(nvs_encryption="keys-partition")
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, using, IDENTITY)
        key = board.flash_bytes(KEYS, 64)
        with session(board, using) as talk:
            assert talk.identify().digest == IDENTITY.digest()
            assert talk.read_back(None, no_progress).digest == IDENTITY.digest()
            talk.board_key(None)
            talk.write(IDENTITY, no_progress)
        assert board.flash_bytes(KEYS, 64) == key


def test_an_identity_stored_in_the_clear_is_seen_but_not_equal() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, profile(), IDENTITY)
        with session(board, profile(nvs_encryption="keys-partition")) as talk:
            info = talk.identify()
            read = talk.read_back(IDENTITY, no_progress)
        assert info.names == (IDENTITY.name,)
        assert info.details["encryption"].startswith("none")
        assert (read.verdict, read.detail) == (Verdict.DIFFERS, "stored without encryption")


def test_a_keys_partition_with_something_else_is_left_alone() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(KEYS, b"something else")
        with pytest.raises(BoardFault) as caught, session(board, profile(nvs_encryption="keys-partition")) as talk:
            talk.identify()
            talk.require_room(IDENTITY)
        assert caught.value.code == "E206"


def test_nothing_is_encrypted_with_a_key_that_the_flow_has_not_seen() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile(nvs_encryption="keys-partition")) as talk,
    ):
        talk.identify()
        talk.require_room(IDENTITY)
        with pytest.raises(RuntimeError, match="board_key"):
            talk.write(IDENTITY, no_progress)
        assert board.stats.erased_sectors == 0


@pytest.mark.parametrize(
    ("table", "security", "said"),
    [
        (PARTITIONS[:4], SecurityFuses(), "no partition 'nvs_key'"),
        (PARTITIONS, SecurityFuses(encryption=FlashEncryption.DEVELOPMENT), "an NVS key cannot be put there"),
    ],
)
def test_a_board_without_a_place_for_its_key_is_refused(table: Any, security: SecurityFuses, said: str) -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table, security=security)) as board,
        session(board, profile(nvs_encryption="keys-partition")) as talk,
        pytest.raises(BoardFault, match=said),
    ):
        talk.identify()
        talk.board_key(None)
        talk.require_room(IDENTITY)


class WithHmacKey(SecurityFuses):
    """A chip with a key block for HMAC_UP."""

    def purposes(self) -> list[int]:
        return [8]


@pytest.fixture
def hmac_key(tmp_path: Path) -> Path:
    path = tmp_path / "hmac.key"
    path.write_bytes(bytes(range(32)))
    path.chmod(0o600)
    return path


def test_the_hmac_scheme_is_decrypted_by_another_tool(hmac_key: Path) -> None:
    using = profile(nvs_encryption="hmac", hmac_key_file=str(hmac_key))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=WithHmacKey())) as board:
        with session(board, using) as talk:
            talk.identify()
            talk.write(IDENTITY, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        with session(board, using) as talk:
            assert talk.identify().digest == IDENTITY.digest()
        assert plain(board, crypto.NvsKeys.from_hmac_key(hmac_key.read_bytes())) == aliyun(IDENTITY)


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_a_chip_without_an_hmac_key_is_refused(chip: str, hmac_key: Path) -> None:
    using = profile(chip, nvs_encryption="hmac", hmac_key_file=str(hmac_key))
    with (
        EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS)) as board,
        session(board, using) as talk,
        pytest.raises(BoardFault, match="no HMAC key"),
    ):
        talk.identify()


def test_a_key_file_is_for_its_owner_and_has_32_bytes(hmac_key: Path) -> None:
    using = profile(nvs_encryption="hmac", hmac_key_file=str(hmac_key))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board:
        hmac_key.chmod(0o640)
        with pytest.raises(ConfigError, match="readable by others"), session(board, using):
            pass
        hmac_key.chmod(0o600)
        hmac_key.write_bytes(b"short")
        with pytest.raises(ConfigError, match="32 bytes, not 5"), session(board, using):
            pass
        hmac_key.unlink()
        with pytest.raises(ConfigError, match="cannot read"), session(board, using):
            pass


def test_another_key_makes_the_partition_torn(hmac_key: Path) -> None:
    entries = [Entry(namespace="aliyun-key", key="DeviceName", kind=EntryKind.STRING, value="x")]
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=WithHmacKey())) as board:
        board.preload(FCTRY, build(entries, SIZE, key=bytes(range(64))))
        with session(board, profile(nvs_encryption="hmac", hmac_key_file=str(hmac_key))) as talk:
            assert talk.identify().holding is Holding.TORN

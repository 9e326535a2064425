# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity goes onto an ESP board through real esptool, and the flash holds it: every chip, loader and transport."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.errors import BoardFault, PortFault
from station.model import CertName, Holding, Identity, Verdict
from station.profiles.profile import Profile
from station.simulate.esp import CHIPS, BoardSpec, Command, EspBoard, Partition, Running, partition_table
from station.targets.base import Session, no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.nvs import Entry, EntryKind, build
from station.targets.esp.options import CHIPS as OUR_CHIPS
from tests.targets.esp_bench import (
    FCTRY,
    MAC,
    OTHER_MAC,
    PARTITIONS,
    SIZE,
    aliyun,
    certificate,
    give,
    nvr,
    profile,
    session,
    single,
    stored,
)

IDENTITY = single()


@pytest.fixture(autouse=True)
def nothing_trusted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})


def prove(talk: Session, identity: Identity) -> None:
    """Everything a flow asks for before it says PASS."""
    before = talk.identify()
    talk.require_room(identity)
    talk.write(identity, no_progress)
    assert talk.read_back(identity, no_progress).verdict is Verdict.EQUAL
    talk.restart()
    read = talk.read_back(identity, no_progress)
    after = talk.identify()
    assert (read.verdict, read.digest) == (Verdict.EQUAL, identity.digest())
    assert (after.uid, after.holding, after.digest) == (before.uid, Holding.IDENTITY, identity.digest())
    assert after.names == tuple(one.name for one in identity)


@pytest.mark.parametrize("chip", OUR_CHIPS)
def test_every_chip_takes_an_identity_through_the_stub(chip: str) -> None:
    with EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile(chip)) as talk:
            info = talk.identify()
            assert (info.uid, info.chip, info.holding) == (MAC.replace(":", ""), chip, Holding.BLANK)
            prove(talk, IDENTITY)
        assert stored(board) == aliyun(IDENTITY)
        assert board.stats.stub_starts == 1 + (chip == "esp8266")  # its ROM cannot read after the restart


@pytest.mark.parametrize("chip", [chip for chip in OUR_CHIPS if chip != "esp8266"])
def test_every_chip_on_the_fast_path_is_judged_by_the_stub_once(chip: str) -> None:
    using = profile(chip, rom_fast_path=[chip])
    for mac, stubs in ((MAC, 1), (OTHER_MAC, 0)):
        with EspBoard(BoardSpec(chip=chip, mac=mac, partitions=PARTITIONS)) as board:
            with session(board, using) as talk:
                prove(talk, IDENTITY)
            assert stored(board) == aliyun(IDENTITY)
            assert board.stats.stub_starts == stubs


def test_a_chip_whose_rom_cannot_do_it_goes_through_the_stub() -> None:
    using = profile("esp32c3", rom_fast_path=["esp32c3"])
    for mac in (MAC, OTHER_MAC):
        lacks = (Command.FLASH_DEFL_BEGIN,)
        with EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS, lacks=lacks)) as board:
            with session(board, using) as talk:
                talk.identify()
                talk.write(IDENTITY, no_progress)
            assert stored(board) == aliyun(IDENTITY)
            assert board.stats.commands.get("FLASH_DEFL_BEGIN", 0) == 1


def test_a_board_on_which_no_stub_starts_is_written_by_its_rom_where_the_profile_opts_for_it() -> None:
    using = profile("esp32c3", rom_fast_path=["esp32c3"])
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, accepts_stub=False, partitions=PARTITIONS)) as board:
        with session(board, using) as talk:
            prove(talk, IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_a_rom_that_writes_something_else_is_found_out_by_the_stub() -> None:
    using = profile("esp32c3", rom_fast_path=["esp32c3"])
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        program = board.silicon.flash.program

        def forgetful(offset: int, data: bytes) -> None:
            program(offset, data if board.running is Running.STUB else data[:-1] + b"\0")

        board.silicon.flash.program = forgetful  # type: ignore[method-assign]
        with session(board, using) as talk:
            talk.identify()
            talk.write(IDENTITY, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        assert stored(board) == aliyun(IDENTITY)
        with session(board, using) as talk:
            assert talk.identify().details["loader"] == "stub"


def test_a_jig_without_reset_on_the_fast_path_never_starts_a_stub() -> None:
    using = profile("esp32", rom_fast_path=["esp32"], reset="no-reset")
    with EspBoard(
        BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS, tcp_port=0, reset_when_host_leaves=False)
    ) as board:
        for _ in range(2):
            with session(board, using) as talk:
                prove(talk, IDENTITY)
        assert stored(board) == aliyun(IDENTITY)
        assert board.stats.stub_starts == 0


def test_the_first_esp32c2_runs_no_stub_and_is_written_by_its_rom() -> None:
    with EspBoard(BoardSpec(chip="esp32c2", mac=MAC, revision=0, accepts_stub=False, partitions=PARTITIONS)) as board:
        with session(board, profile("esp32c2")) as talk:
            prove(talk, IDENTITY)
        assert stored(board) == aliyun(IDENTITY)
        assert board.stats.commands.get("MEM_BEGIN", 0) == 0


def test_other_revisions_are_judged_for_themselves() -> None:
    using = profile("esp32c3", rom_fast_path=["esp32c3"])
    for revision in (3, 4):
        with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, revision=revision, partitions=PARTITIONS)) as board:
            give(board, using, IDENTITY)
            assert board.stats.stub_starts == 1


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_a_jig_without_reset_over_tcp(chip: str) -> None:
    with EspBoard(
        BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS, tcp_port=0, reset_when_host_leaves=False)
    ) as board:
        for _ in range(2):  # the second time the stub is still running
            with session(board, profile(chip, reset="no-reset")) as talk:
                prove(talk, IDENTITY)
        assert stored(board) == aliyun(IDENTITY)
        assert board.stats.resets == 1
        assert board.stats.stub_starts == 1


def test_a_jig_without_reset_finds_the_stub_again_at_the_speed_where_all_begin() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, reset_when_host_leaves=False)) as board:
        for _ in range(2):
            with session(board, profile(reset="no-reset")) as talk:
                prove(talk, IDENTITY)
        assert board.stats.stub_starts == 1


def test_any_chip_is_recognised_when_the_profile_names_none() -> None:
    for chip in ("esp32", "esp32s2", "esp32h2"):
        with (
            EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS)) as board,
            session(board, profile("")) as talk,
        ):
            assert talk.identify().chip == chip


def test_boot_messages_before_the_loader_do_no_harm() -> None:
    with EspBoard(BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS)) as board:
        port = board._port
        with session(board, profile("esp32")) as talk:
            port.write(b"ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x3\r\nwaiting for download\r\n")
            assert talk.identify().chip == "esp32"


def test_the_neighbours_in_flash_stay_as_they_were() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY - 64, b"N" * 64)
        board.preload(FCTRY + SIZE, b"M" * 64)
        give(board, profile(), IDENTITY)
        assert board.flash_bytes(FCTRY - 64, 64) == b"N" * 64
        assert board.flash_bytes(FCTRY + SIZE, 64) == b"M" * 64
        assert board.flash_bytes(0x9000, 0x6000) == b"\xff" * 0x6000
        assert board.stats.erased_sectors <= SIZE // 0x1000


def test_pages_that_stay_as_they_are_are_not_erased() -> None:
    using = profile("esp32c3", rom_fast_path=["esp32c3"], channels={}, existing="replace")
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, using, nvr(0))
        assert board.stats.erased_sectors == 1  # the ROM erases whatever it is told to
        board.preload(FCTRY + 0x4000, b"not NVS")
        with session(board, using) as talk:
            talk.identify()
            talk.write(nvr(32), no_progress)
            assert talk.read_back(nvr(32), no_progress).verdict is Verdict.EQUAL
        assert len(stored(board)) == 100
        with session(board, using) as talk:
            talk.identify()
            erased = board.stats.erased_sectors
            talk.write(nvr(32), no_progress)
            assert board.stats.erased_sectors == erased
            talk.write(nvr(1), no_progress)
            assert talk.read_back(nvr(1), no_progress).verdict is Verdict.EQUAL
        assert len(stored(board)) == 7


def test_a_board_whose_table_is_not_that_of_the_last_one_is_still_seen() -> None:
    moved = (*PARTITIONS[:3], Partition(name="fctry", offset=0x200000, size=SIZE))
    for table, offset in ((PARTITIONS, FCTRY), (moved, 0x200000)):
        with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table)) as board:
            give(board, profile(), IDENTITY)
            assert stored(board, offset) == aliyun(IDENTITY)


def test_an_nvr_with_32_channels() -> None:
    identity = nvr(32)
    with EspBoard(BoardSpec(chip="esp32s3", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile("esp32s3", channels={})) as talk:
            prove(talk, identity)
        found = stored(board)
        assert found["aliyun-key/Channels"] == 32
        assert found["aliyun-key/DeviceName32"] == "nvr-0001-ipc-32"
        assert len(found) == 3 + 1 + 32 * 3


def test_what_is_long_for_a_rom_to_read_goes_by_the_stub() -> None:
    with EspBoard(BoardSpec(chip="esp32s3", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile("esp32s3", channels={}, rom_fast_path=["esp32s3"])) as talk:
            prove(talk, nvr(32))
        assert board.stats.stub_starts == 2  # once to write, once to read after the restart
        assert board.stats.commands.get("READ_FLASH_SLOW", 0) < 10
        assert len(stored(board)) == 100


def test_an_nvr_as_one_blob() -> None:
    identity = nvr(16)
    with EspBoard(BoardSpec(chip="esp32c6", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile("esp32c6", channels={"blob": "Set"})) as talk:
            prove(talk, identity)
        blob = stored(board)["aliyun-key/Set"]
        assert isinstance(blob, bytes) and blob[:13] == b"\x10\x0ba1B2c3D4e5F"  # 16 channels, 11 bytes of productKey


def test_the_rest_of_the_profile_goes_on_the_board() -> None:
    fixed = [
        {"key": "Region", "encoding": "string", "value": "cn-shanghai"},
        {"key": "Port", "encoding": "u16", "value": 8883},
        {"key": "ca", "encoding": "hex2bin", "value": "00ff", "namespace": "tls"},
    ]
    identity = Identity(primary=certificate(product_secret="p" * 16))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile(fixed=fixed, product_secret=True)) as talk:
            prove(talk, identity)
        extra = {"aliyun-key/Region": "cn-shanghai", "aliyun-key/Port": 8883, "tls/ca": b"\x00\xff"}
        assert stored(board) == aliyun(identity) | {"aliyun-key/ProductSecret": "p" * 16} | extra


# -- a board that is put in again --------------------------------------------------------------------------------------


def test_a_board_put_in_again_is_read_and_not_written() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, profile(), IDENTITY)
        programmed = board.stats.programmed_bytes
        with session(board, profile()) as talk:
            info = talk.identify()
            read = talk.read_back(None, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
            assert talk.read_back(single("camera-000002"), no_progress).verdict is Verdict.DIFFERS
        assert (info.holding, info.names) == (Holding.IDENTITY, (CertName("a1B2c3D4e5F", "camera-000001"),))
        assert (read.verdict, read.digest) == (Verdict.UNVERIFIABLE, IDENTITY.digest())
        assert board.stats.programmed_bytes == programmed


def test_what_differs_is_named_without_its_value() -> None:
    almost = Identity(primary=certificate("camera-000001", product_secret=None))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, profile(), single("camera-000002"))
        with session(board, profile()) as talk:
            talk.identify()
            read = talk.read_back(almost, no_progress)
        assert read.verdict is Verdict.DIFFERS
        assert read.detail == "DeviceName, DeviceSecret"


def test_room_that_was_found_for_one_identity_is_not_for_another() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        talk.require_room(single("another-camera"))
        talk.write(IDENTITY, no_progress)
        assert stored(board) == aliyun(IDENTITY)


def test_what_a_board_held_before_is_not_what_it_holds() -> None:
    """Each image is made out once, and only for itself."""
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        talk.write(IDENTITY, no_progress)
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        other = [
            Entry(namespace="aliyun-key", key=name.partition("/")[2], kind=EntryKind.STRING, value=str(value))
            for name, value in aliyun(single("another-camera")).items()
        ]
        board.preload(FCTRY, build(other, SIZE))
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.DIFFERS
        board.preload(FCTRY, b"\xff" * SIZE)
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.BLANK


def test_a_blank_board_is_blank() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.BLANK


def test_half_an_identity_is_torn_and_may_be_written_again() -> None:
    half = [Entry(namespace="aliyun-key", key="DeviceName", kind=EntryKind.STRING, value="camera-000001")]
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, build(half, SIZE))
        with session(board, profile()) as talk:
            assert talk.identify().holding is Holding.TORN
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.DIFFERS
            prove_after(talk)
        assert stored(board) == aliyun(IDENTITY)


def prove_after(talk: Session) -> None:
    talk.write(IDENTITY, no_progress)
    assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL


def test_an_interrupted_write_is_torn() -> None:
    whole = build([Entry(namespace="aliyun-key", key="k", kind=EntryKind.BLOB, value=b"x" * 3000)], SIZE)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, whole[:1000])
        with session(board, profile()) as talk:
            assert talk.identify().holding is Holding.TORN


# -- other keys in the partition ---------------------------------------------------------------------------------------

OTHERS = [
    Entry(namespace="wifi", key="ssid", kind=EntryKind.STRING, value="factory"),
    Entry(namespace="aliyun-key", key="boots", kind=EntryKind.U32, value=7),
]
OTHERS_STORED = {"wifi/ssid": "factory", "aliyun-key/boots": 7}


def with_others(existing: str, board: EspBoard) -> None:
    board.preload(FCTRY, build(OTHERS, SIZE))
    with session(board, profile(existing=existing)) as talk:
        info = talk.identify()
        assert (info.holding, info.details["other_keys"]) == (Holding.BLANK, "2")
        prove(talk, IDENTITY)


def test_other_keys_are_refused_before_anything_is_written() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with pytest.raises(BoardFault, match="2 other keys, among them") as caught:
            with_others("refuse", board)
        assert caught.value.code == "E206"
        assert stored(board) == OTHERS_STORED


def test_other_keys_are_kept() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with_others("merge", board)
        assert stored(board) == OTHERS_STORED | aliyun(IDENTITY)


def test_other_keys_are_replaced() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with_others("replace", board)
        assert stored(board) == aliyun(IDENTITY)


def test_what_cannot_be_read_cannot_be_kept() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, build(OTHERS, SIZE)[:90])
        with session(board, profile(existing="merge")) as talk:
            talk.identify()
            with pytest.raises(BoardFault, match="cannot be kept"):
                talk.require_room(IDENTITY)


# -- the wrong board ---------------------------------------------------------------------------------------------------


def refused(board: EspBoard, using: Profile, **more: str) -> BoardFault:
    programmed = board.stats.programmed_bytes, board.stats.erased_sectors
    with pytest.raises(BoardFault) as caught, session(board, using, **more) as talk:
        talk.identify()
        talk.require_room(IDENTITY)
    assert (board.stats.programmed_bytes, board.stats.erased_sectors) == programmed
    return caught.value


@pytest.mark.parametrize(("there", "wanted"), [("esp32", "esp32c3"), ("esp32c3", "esp32"), ("esp32c6", "esp32h2")])
def test_another_chip_is_refused(there: str, wanted: str) -> None:
    with EspBoard(BoardSpec(chip=there, mac=MAC, partitions=PARTITIONS)) as board:
        fault = refused(board, profile(wanted))
        assert fault.code == "E202"
        assert there in fault.what


WRONG_PLACE = {
    "no table": ((), {}, "no partition table"),
    "no such name": (PARTITIONS[:3], {}, "no partition 'fctry'; its table has 'nvs' at 0x9000"),
    "an app of that name": (
        (Partition(name="fctry", type="app", subtype="factory", offset=0x10000, size=0x6000),),
        {},
        "not one partition of type data/nvs",
    ),
    "another kind of data": (
        (Partition(name="fctry", subtype="phy", offset=0x10000, size=0x6000),),
        {},
        "not one partition of type data/nvs",
    ),
    "another size": (PARTITIONS, {"size": 0x4000}, "has 0x6000 bytes, not 0x4000"),
    "another offset": (PARTITIONS, {"offset": 0x210000}, "no partition 'fctry' at 0x210000"),
    "too small": ((Partition(name="fctry", offset=0x10000, size=0x2000),), {}, "firmware could not use it"),
    "another table offset": (PARTITIONS, {"table_offset": 0x10000}, "no partition table at 0x10000"),
}


@pytest.mark.parametrize(("table", "options", "said"), WRONG_PLACE.values(), ids=WRONG_PLACE.keys())
def test_a_wrong_partition_is_refused(table: tuple[Partition, ...], options: dict[str, Any], said: str) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table)) as board:
        fault = refused(board, profile(**options))
        assert fault.code == "E202"
        assert said in fault.what


def test_a_partition_may_be_given_by_its_place() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        give(board, profile(partition="", offset=FCTRY, size=SIZE), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_a_long_table_is_read_to_its_end() -> None:
    many = [Partition(name=f"p{n}", offset=0x10000 + n * 0x1000, size=0x1000) for n in range(30)]
    table = (*many, Partition(name="fctry", offset=FCTRY, size=SIZE))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table)) as board:
        give(board, profile(), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_a_table_at_another_place() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board:
        board.preload(0x10000, partition_table((Partition(name="fctry", offset=FCTRY, size=SIZE),)))
        give(board, profile(table_offset=0x10000), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


@pytest.mark.parametrize("at", [0x9000, 0xD000, 0x10000, 0x20000])
def test_a_table_that_lies_elsewhere_is_named(at: int) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, table_offset=at)) as board:
        fault = refused(board, profile())
        assert (fault.code, f"there is one at {at:#x}" in fault.what) == ("E202", True)
        assert f"table_offset = {at:#x}" in fault.do
        give(board, profile(table_offset=at), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_a_table_that_an_older_firmware_left_is_told_from_the_present_one() -> None:
    old = (Partition(name="storage", offset=FCTRY, size=SIZE),)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, table_offset=0xD000)) as board:
        board.preload(0x8000, partition_table(old))
        fault = refused(board, profile())
        assert "the table at 0x8000 has no such partition, the one at 0xd000 has" in fault.what
        assert "table_offset = 0xd000" in fault.do
        board.preload(0xD000, partition_table(old))
        assert "its table has 'storage'" in refused(board, profile()).what


def test_what_only_begins_like_a_table_is_not_named() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board:
        broken = bytearray(partition_table(PARTITIONS))
        broken[4] ^= 1
        board.preload(0xD000, bytes(broken))
        fault = refused(board, profile())
        assert "there is one" not in fault.what


def test_an_identity_that_does_not_fit_is_refused() -> None:
    small = (Partition(name="fctry", offset=FCTRY, size=0x3000),)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=small)) as board:
        with session(board, profile(channels={})) as talk:
            talk.identify()
            with pytest.raises(BoardFault, match="pages of 0x1000 bytes are needed") as caught:
                talk.require_room(nvr(64))
        assert caught.value.code == "E205"
        assert board.stats.programmed_bytes == 0


def test_a_set_does_not_go_on_a_board_for_one() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        with pytest.raises(BoardFault, match="channels"):
            talk.require_room(nvr(2))


@pytest.mark.parametrize("mac", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:0a:c4:11:22:33"])
def test_a_mac_that_no_board_has_is_refused(mac: str) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS)) as board:
        assert refused(board, profile()).code == "E208"


def test_an_esp32_mac_that_does_not_fit_its_checksum_is_refused() -> None:
    with EspBoard(BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS)) as board:
        board.silicon.registers._fuses[0x3FF5A008] ^= 0x10000
        assert "checksum" in refused(board, profile("esp32")).what


def test_a_board_that_runs_its_firmware_says_nothing() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, reset_when_host_leaves=False)) as board:
        board.boot_firmware()
        fault = refused(board, profile(reset="no-reset"))
        assert fault.code == "E201"
        assert "BOOT" in fault.do


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board:
        board.url = str(tmp_path / "ttyNONE")
        with pytest.raises(PortFault) as caught, session(board, profile()):
            pass
        assert caught.value.code == "E313"


def test_progress_goes_up_to_the_end() -> None:
    parts: list[float] = []
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        talk.write(IDENTITY, parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_a_progress_that_stops_the_work_is_heard() -> None:
    def stop(_part: float) -> None:
        raise KeyboardInterrupt

    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        with pytest.raises(KeyboardInterrupt):
            talk.write(IDENTITY, stop)
        assert talk.identify().uid == MAC.replace(":", "")  # a new conversation


def test_our_chips_are_the_simulated_ones() -> None:
    assert set(OUR_CHIPS) <= set(CHIPS)


# -- DTR and RTS -------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
def test_with_modem_lines_the_board_is_reset_into_its_loader_and_left_running_its_firmware() -> None:
    with EspBoard(
        BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS, rfc2217_port=0, reset_when_host_leaves=False)
    ) as board:
        board.boot_firmware()
        with session(board, profile("esp32")) as talk:
            prove(talk, IDENTITY)
            assert board.running is Running.ROM  # the restart took the stub away
        assert str(board.running) == Running.FIRMWARE
        assert stored(board) == aliyun(IDENTITY)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
def test_a_restart_is_one_reset_and_no_firmware_runs_before_the_board_is_let_go() -> None:
    with EspBoard(
        BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS, rfc2217_port=0, reset_when_host_leaves=False)
    ) as board:
        into_loader: list[bool] = []
        reset = board.silicon.reset

        def seen() -> float:
            into_loader.append(board.silicon.strapped_to_download)
            return reset()

        board.silicon.reset = seen  # type: ignore[method-assign]
        with session(board, profile("esp32")) as talk:
            talk.identify()
            talk.restart()
            talk.read_back(None, no_progress)
        assert into_loader == [True, True, False]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
def test_a_chip_on_its_own_usb_is_reset_into_its_loader_and_left_running_its_firmware() -> None:
    usb: dict[str, Any] = {"rfc2217_port": 0, "native_usb": True, "reset_when_host_leaves": False}
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, **usb)) as board:
        board.boot_firmware()
        with session(board, profile(reset="usb")) as talk:
            prove(talk, IDENTITY)
            assert board.running is Running.ROM
        assert str(board.running) == Running.FIRMWARE
        assert stored(board) == aliyun(IDENTITY)


def test_after_a_fault_nothing_is_written_before_the_board_was_asked_who_it_is() -> None:
    """Whatever stopped the conversation, another board may be there by now."""
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile()) as talk:
            talk.identify()
            talk.require_room(IDENTITY)
            with pytest.raises(BoardFault), talk._conversation():
                raise BoardFault("it was silent")
            with pytest.raises(RuntimeError, match="identify"):
                talk.write(IDENTITY, no_progress)
            assert board.stats.programmed_bytes == 0
            talk.identify()
            talk.write(IDENTITY, no_progress)
            assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        assert stored(board) == aliyun(IDENTITY)

# SPDX-License-Identifier: GPL-3.0-or-later
"""A flash chip that is smaller than its partition table says is refused before an identity is reserved for it.

Behind its end a flash begins again, so a write there lands in the application, and reads back right.
"""

from __future__ import annotations

from typing import Any

import esptool.loader
import pytest

from station.errors import BoardFault
from station.model import Verdict
from station.profiles.profile import Profile
from station.simulate.esp import (
    BoardSpec,
    CableTrouble,
    Download,
    EspBoard,
    Fault,
    FlashEncryption,
    Partition,
    SecurityFuses,
    Toward,
)
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.options import CHIPS
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
BEHIND_THE_END = 0x510000
"""Of 4 MB. Where it lands is 0x110000, in the application."""
TOO_FAR = (
    *PARTITIONS[:2],
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x200000),
    Partition(name="fctry", offset=BEHIND_THE_END, size=SIZE),
)


@pytest.fixture(autouse=True)
def nothing_trusted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", 1.0)


def refused(board: EspBoard, using: Profile, **more: str) -> BoardFault:
    before = board.flash_bytes(0, board.silicon.flash.size)
    with pytest.raises(BoardFault) as caught, session(board, using, **more) as talk:
        talk.identify()
    assert board.flash_bytes(0, board.silicon.flash.size) == before
    assert board.stats.erased_sectors == board.stats.programmed_bytes == 0
    return caught.value


@pytest.mark.parametrize("loader", ["stub", "rom"])
@pytest.mark.parametrize("chip", CHIPS)
def test_a_partition_behind_the_end_is_refused(chip: str, loader: str) -> None:
    fast = [chip] if loader == "rom" and chip != "esp8266" else []
    with EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=TOO_FAR)) as board:
        fault = refused(board, profile(chip, rom_fast_path=fast))
    assert fault.code == "E202"
    assert "has 0x400000 bytes, and partition 'fctry' ends at 0x516000" in fault.what


def test_on_a_flash_that_is_large_enough_it_is_written() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=TOO_FAR, flash_size=8 << 20)) as board:
        give(board, profile(), IDENTITY)
        assert stored(board, BEHIND_THE_END) == aliyun(IDENTITY)


def test_another_partition_behind_the_end_would_land_on_ours_and_is_refused_as_well() -> None:
    table = (*PARTITIONS[:4], Partition(name="storage", offset=0x400000 + FCTRY, size=SIZE))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table)) as board:
        fault = refused(board, profile())
    assert (fault.code, "'storage'" in fault.what) == ("E202", True)


def test_the_partition_up_to_the_last_byte_is_none_too_far() -> None:
    last = (Partition(name="fctry", offset=(4 << 20) - SIZE, size=SIZE),)
    for chip in ("esp32", "esp32c3"):
        for fast in ([], [chip]):
            with EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=last)) as board:
                give(board, profile(chip, rom_fast_path=fast), IDENTITY)
                assert stored(board, (4 << 20) - SIZE) == aliyun(IDENTITY)


def test_where_the_table_is_encrypted_the_profiles_place_is_held_against_the_chip() -> None:
    security = SecurityFuses(encryption=FlashEncryption.RELEASE)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, security=security)) as board:
        fault = refused(board, profile(offset=BEHIND_THE_END, size=SIZE))
    assert fault.code == "E202"


def test_no_loader_reaches_behind_16_megabytes() -> None:
    table = (Partition(name="fctry", offset=16 << 20, size=SIZE),)
    with EspBoard(BoardSpec(chip="esp32s3", mac=MAC, partitions=table, flash_size=32 << 20)) as board:
        fault = refused(board, profile("esp32s3"))
    assert (fault.code, "0x1000000" in fault.what) == ("E202", True)


# -- a chip that does not tell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", [0xFF40EF, 0x0040EF])
def test_a_flash_chip_without_a_size_is_refused_unless_the_profile_knows_it(identity: int) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.silicon.registers._jedec_id = identity
        fault = refused(board, profile())
        assert (fault.code, "flash_size" in fault.do) == ("E208", True)
        assert f"{identity:06x}" in fault.what
        assert refused(board, profile(flash_size=0x110000)).code == "E202"
        give(board, profile(flash_size=4 << 20), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_an_id_that_was_garbled_on_its_way_is_asked_for_again() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        right = board.silicon.registers._jedec_id
        asked = board.silicon.registers._run_flash_command

        def garbled_once() -> None:
            asked()
            board.silicon.registers._jedec_id = right

        board.silicon.registers._jedec_id = right ^ 0x100000
        board.silicon.registers._run_flash_command = garbled_once  # type: ignore[method-assign]
        give(board, profile(), IDENTITY)
        assert stored(board) == aliyun(IDENTITY)


def test_the_profiles_word_does_not_make_a_chip_larger_than_it_is() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=TOO_FAR)) as board:
        assert refused(board, profile(flash_size=8 << 20)).code == "E202"


def test_in_secure_download_mode_the_profiles_word_is_all_there_is() -> None:
    security = SecurityFuses(download=Download.SECURE)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=TOO_FAR, security=security)) as board:
        place: dict[str, Any] = {"offset": BEHIND_THE_END, "size": SIZE}
        fault = refused(board, profile(**place, flash_size=4 << 20), serial=MAC)
        assert fault.code == "E202"


def test_a_board_that_took_the_place_of_another_is_asked_for_its_own_flash() -> None:
    """On a port without reset the conversation goes on with whatever is there."""
    small = EspBoard(BoardSpec(chip="esp32c3", mac=OTHER_MAC, partitions=TOO_FAR))
    small.silicon.attached = True
    using = profile(reset="no-reset", rom_fast_path=["esp32c3"])
    large = EspBoard(
        BoardSpec(chip="esp32c3", mac=MAC, partitions=TOO_FAR, flash_size=8 << 20, reset_when_host_leaves=False)
    )
    with large as board, session(board, using) as talk:
        talk.identify()
        for kind, other in ((CableTrouble.DROP, None), (CableTrouble.SWAP, small)):
            at = board.stats.to_board_bytes
            board.inject(Fault(trouble=kind, toward=Toward.BOARD, at=at, other=other))
            with pytest.raises(BoardFault) as caught:
                talk.identify()
    assert (caught.value.code, "has 0x400000 bytes" in caught.value.what) == ("E202", True)
    assert small.stats.programmed_bytes == 0


def test_each_stub_is_told_the_size_that_was_asked_once() -> None:
    with (
        EspBoard(BoardSpec(chip="esp8266", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile("esp8266")) as talk,
    ):
        talk.identify()
        talk.restart()
        assert board.stats.stub_starts == board.stats.commands["SPI_SET_PARAMS"] == 2


def test_what_is_written_after_a_restart_is_refused_by_the_loader_itself_behind_the_end() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        talk.write(IDENTITY, no_progress)
        talk.restart()
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
        link = talk._board.link  # type: ignore[attr-defined]
        with pytest.raises(BoardFault):
            link.read(BEHIND_THE_END, 0x40)

# SPDX-License-Identifier: GPL-3.0-or-later
"""esptool as we hold it: our settings, our log, our port, and the speed a cable carries."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import BoardFault
from station.model import Verdict
from station.simulate.esp import BoardSpec, Command, EspBoard, Running
from station.targets.base import no_progress
from station.targets.esp import log as esp_log
from station.targets.esp import speed as esp_speed
from station.targets.esp.ask import checksum
from station.targets.esp.tool import esptool
from station.targets.esp.usb_ids import port_ids
from tests.targets.esp_bench import MAC, OTHER_MAC, PARTITIONS, aliyun, profile, session, single, stored

IDENTITY = single()
FTDI_HOLDS_S = 0.016 + 0.001
"""So long an adapter may keep a byte, and a frame of its USB: what came of the change must be there to be dropped."""


@pytest.fixture(autouse=True)
def every_cable_carries_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_speed, "_carries", {})
    monkeypatch.setattr(esp_speed, "_stub_first", set())


def test_settings_of_the_folder_we_start_in_are_not_read(tmp_path: Path) -> None:
    for name in ("esptool.cfg", "setup.cfg", "tox.ini"):
        (tmp_path / name).write_text("[esptool]\ntimeout = 77\nwrite_block_attempts = 9\n")
    program = (
        "from station.targets.esp.tool import esptool; loader = esptool().loader;"
        "print(loader.DEFAULT_TIMEOUT, loader.WRITE_BLOCK_ATTEMPTS, loader.ESPLoader.WRITE_FLASH_ATTEMPTS)"
    )
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["3.0", "1", "1"]
    assert said.stderr == ""


@given(data=st.binary(max_size=300), state=st.integers(0, 255))
def test_a_block_has_the_checksum_that_it_has_byte_by_byte(data: bytes, state: int) -> None:
    assert checksum(data, state) == reduce(xor, data, state)
    assert checksum(data) == reduce(xor, data, 0xEF)


def test_the_target_is_imported_without_esptool() -> None:
    program = "import sys, station.targets.esp.target; print('esptool' in sys.modules)"
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_what_esptool_says_goes_to_the_thread_that_made_it_say_so() -> None:
    log = esptool().loader.log
    heard: dict[str, list[str]] = {}
    together = threading.Barrier(8)

    def slot(name: str) -> None:
        with esp_log.kept() as lines:
            together.wait()
            for number in range(20):
                log.print(f"{name} says", number)
                log.warn(f"{name} warns")
            heard[name] = list(lines)

    threads = [threading.Thread(target=slot, args=(f"slot-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8
    assert all(line.startswith(name) for name, lines in heard.items() for line in lines)


def test_a_whole_session_prints_nothing(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESPRESSIF_IDE_WS", "ws://127.0.0.1:1")  # esptool's own log would connect there
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile()) as talk,
    ):
        talk.identify()
        talk.write(IDENTITY, no_progress)
        talk.restart()
    assert capfd.readouterr() == ("", "")


def test_no_secret_is_among_what_esptool_says(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    kept = esp_log.kept

    @contextmanager
    def overheard() -> Iterator[deque[str]]:
        with kept() as lines:
            yield lines
            heard.extend(lines)

    monkeypatch.setattr(esp_log, "kept", overheard)
    with (
        EspBoard(BoardSpec(chip="esp32", mac=MAC, partitions=PARTITIONS)) as board,
        session(board, profile("esp32")) as talk,
    ):
        talk.identify()
        talk.write(IDENTITY, no_progress)
        assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
    assert any("Compressed" in line for line in heard)
    assert not any(IDENTITY.primary.device_secret.reveal() in line for line in heard)


def test_what_esptool_said_before_a_fault_is_kept_with_it() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, reset_when_host_leaves=False)) as board:
        board.boot_firmware()
        with pytest.raises(BoardFault) as caught, session(board, profile(reset="no-reset")) as talk:
            talk.identify()
    assert "Connecting..." in caught.value.__notes__[0]
    assert "Connecting..." not in caught.value.lines()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_failed_session_leaves_no_port_open() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, reset_when_host_leaves=False)) as board:
        board.boot_firmware()
        before = open_files()
        with pytest.raises(BoardFault) as caught, session(board, profile(reset="no-reset")) as talk:
            talk.identify()
        assert caught.value.__traceback__ is not None  # held, as a log would hold it
        assert open_files() == before


def cable_up_to(board: EspBoard, clear: int) -> None:
    """Above `clear` the board's clock is off by a tenth, as over a long cable no bit is where it should be."""
    change = board.silicon.change_baud
    board.silicon.change_baud = lambda baud: change(baud if baud <= clear else baud * 11 // 10)  # type: ignore[method-assign]


def test_a_lower_speed_is_tried_and_remembered_for_the_slot() -> None:
    for mac, stubs in ((MAC, 2), (OTHER_MAC, 1)):
        with EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS)) as board:
            cable_up_to(board, 230400)
            with session(board, profile(baud=460800)) as talk:
                info = talk.identify()
                assert info.details["baud"] == "230400"
                talk.write(IDENTITY, no_progress)
                assert talk.read_back(IDENTITY, no_progress).verdict is Verdict.EQUAL
            assert stored(board) == aliyun(IDENTITY)
            assert board.stats.stub_starts == stubs


def speeds_of(board: EspBoard) -> list[tuple[int, Running]]:
    """Each speed that it is told, and what is running then."""
    told: list[tuple[int, Running]] = []
    change = board.silicon.change_baud

    def changed(baud: int) -> float:
        told.append((baud, board.running))
        return change(baud)

    board.silicon.change_baud = changed  # type: ignore[method-assign]
    return told


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_the_stub_is_sent_at_the_speed_that_the_rom_was_given(chip: str) -> None:
    with EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS)) as board:
        told = speeds_of(board)
        with session(board, profile(chip, baud=460800)) as talk:
            assert talk.identify().details["baud"] == "460800"
        assert told[0] == (460800, Running.ROM)
        assert board.stats.stub_starts == 1


@pytest.mark.parametrize(("chip", "changes_after_s"), [("esp32", 0.0), ("esp32c3", 0.0), ("esp8266", 0.011)])
def test_a_new_speed_is_waited_for_as_long_as_chips_and_adapters_need_and_no_longer(
    chip: str, changes_after_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    board = EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS))
    with board, session(board, profile(chip, baud=460800)) as talk, monkeypatch.context() as patched:
        patched.setattr(time, "sleep", waits.append)
        assert talk.identify().details["baud"] == "460800"
    (waited_s,) = waits
    assert changes_after_s + FTDI_HOLDS_S < waited_s < changes_after_s + FTDI_HOLDS_S + 0.005


@pytest.mark.parametrize(
    ("chip", "reset", "lacks"),
    [("esp8266", "default", ()), ("esp32c3", "no-reset", ()), ("esp32c3", "default", (Command.CHANGE_BAUDRATE,))],
)
def test_where_the_rom_stays_as_it_is_the_stub_comes_first(chip: str, reset: str, lacks: tuple[Command, ...]) -> None:
    with EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS, lacks=lacks)) as board:
        told = speeds_of(board)
        with session(board, profile(chip, baud=460800, reset=reset)) as talk:
            assert talk.identify().details["baud"] == "460800"
        assert told[0] == (460800, Running.STUB)


def test_a_flash_that_needs_the_long_greeting_gets_it() -> None:
    """Some flash chips do not answer until they were reset; esptool's own start-up does that."""
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        read = board.silicon.flash.read

        def asleep_until_reset(offset: int, size: int) -> bytes:
            return read(offset, size) if board.stats.commands.get("WRITE_REG", 0) > 20 else bytes(size)

        board.silicon.flash.read = asleep_until_reset  # type: ignore[method-assign]
        with session(board, profile()) as talk:
            assert talk.identify().uid == MAC.replace(":", "")


@pytest.mark.parametrize(("kind", "loaded"), [("esp-nvs", True), ("agent", False)])
def test_a_bench_for_esp_boards_imports_what_they_need_before_the_first_is_there(kind: str, loaded: bool) -> None:
    program = (
        "import sys, threading\nfrom station.targets import warm_up\n"
        f"assert 'esptool' not in sys.modules\nwarm_up({kind!r})\n"
        "[t.join() for t in threading.enumerate() if t.name == 'warm-up']\n"
        "print('esptool.loader' in sys.modules, 'esp_idf_nvs_partition_gen.nvs_partition_gen' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [str(loaded)] * 2


def test_what_esptool_would_trace_quotes_no_byte() -> None:
    assert str(esptool().loader.HexFormatter(b"secret")) == ""


def test_the_ports_of_the_pc_are_not_listed_for_the_ids_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def listed() -> None:
        pytest.fail("all ports of the PC were listed")

    def ids_of(device: str) -> tuple[int | None, int | None]:
        asked.append(device)
        return port_ids(device)

    monkeypatch.setattr("esp_pylib.serial_ports._comports", listed)
    monkeypatch.setattr("station.targets.esp.usb_ids.port_ids", ids_of)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        with session(board, profile()) as talk:
            talk.identify()
            talk.write(IDENTITY, no_progress)
        assert stored(board)
        assert asked == [board.url]


def test_a_port_that_goes_while_it_is_looked_up_has_no_usb_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serial.tools.list_ports_linux.SysFS.read_line", lambda *_path: None)
    monkeypatch.setattr("os.path.exists", lambda _path: True)
    monkeypatch.setattr("os.path.realpath", lambda path: "/sys/bus/usb" if path.endswith("subsystem") else "/sys/x/y")
    assert port_ids("/dev/ttyUSB0") == (None, None)

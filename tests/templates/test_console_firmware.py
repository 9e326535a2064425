# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shipped console profile against real firmware: echo, prompts, log lines and restarts are the board's own."""

from __future__ import annotations

import random
import subprocess
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import serial

from station.errors import StationError
from station.model import Certificate, CertName, Holding, Identity, Method, Port, Secret, Verdict
from station.profiles import shipped
from station.profiles.profile import Profile, parse_profile
from station.simulate.console_firmware import DIALECTS, ConsoleFirmwareBoard, read_identity
from station.simulate.firmware import templates
from station.simulate.mcu import Cut, Tear
from station.targets import check_options
from station.targets.base import no_progress
from station.targets.console import reading, target
from station.targets.console.target import ConsoleSession, ConsoleTarget
from tests.built import built
from tests.firmware.firmware_bench import UID
from tests.sampled import sampled
from tests.templates.compiling import WHEEL

LABEL = "A1B2C3D4"
IMEI_UID = "0352656100367872"
UIDS = {
    "nordic-cmng": "352656100367872",
    "hiflying-prodevice": UID[4:],
    "esp-at-sysmfg": UID[4:],
    "zephyr-settings": UID,
}
SECRET = "0123456789abcdef0123456789abcdef"
BOOT_S = 0.4

Plug = Callable[..., ConsoleFirmwareBoard]
Talk = Callable[[Profile], ConsoleSession]

every_dialect = pytest.mark.parametrize("name", DIALECTS)


def a_profile(name: str, **console: object) -> Profile:
    """The shipped one, as patient as an emulated board needs; `console` changes it."""
    table = dict(shipped.table_of(name))
    options: dict[str, Any] = dict(table["console"])  # type: ignore[call-overload]
    if "boot" not in options["restart"]:
        options["restart"] = options["restart"] | {"boot_s": BOOT_S}
    table["console"] = options | {"timeout_s": 3.0} | console
    return parse_profile(table, check_options, source=name)


def an_identity(profile: Profile, name: str = "cam-0001", secret: str = SECRET) -> Identity:
    return Identity(
        primary=Certificate(
            product_key="a1B2c3D4e5F",
            device_name=name,
            device_secret=Secret(secret),
            product_secret=Secret("OKps.1234567890") if profile.product_secret else None,
        )
    )


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as things:
        yield things


@pytest.fixture
def plug(tmp_path: Path, stack: ExitStack) -> Plug:
    """A board with a log line after every third line it says, in the one socket."""

    def put(name: str, **more: Any) -> ConsoleFirmwareBoard:
        uid = IMEI_UID if name == "nordic-cmng" else UID
        more = {"log_every": 3, **more}
        link = tmp_path / "slot1"
        return stack.enter_context(ConsoleFirmwareBoard(uid, tmp_path / "flash.bin", dialect=name, link=link, **more))

    return put


@pytest.fixture
def talk(tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """With a board that is emulated beside much else; each of them answers at last."""
    for module in (reading, target):
        monkeypatch.setattr(module, "WAKE_S", 60.0)

    def open_session(profile: Profile) -> ConsoleSession:
        port = Port(url=str(tmp_path / "slot1"), slot="1")
        return stack.enter_context(
            closing(ConsoleTarget().open(port, profile, label=LABEL if profile.scan_label else None))
        )

    return open_session


def rewrite(flash_file: Path, old: bytes, new: bytes, *, right_crc: bool) -> None:
    """A fault in the cells of both slots: of the kind a check sum finds, or of the kind it does not."""
    image = flash_file.read_bytes()
    assert image.count(old) == 2
    record = bytearray(image[: len(image) // 2].replace(old, new))
    length = int.from_bytes(record[12:16], "little")
    if right_crc:
        record[16:20] = zlib.crc32(record[:16] + record[64 : 64 + length]).to_bytes(4, "little")
    flash_file.write_bytes(record * 2)


def test_each_firmware_tests_a_shipped_profile() -> None:
    consoles = {name for name in shipped.shipped_names() if shipped.table_of(name)["target"] == "console"}
    assert set(DIALECTS) <= consoles


@every_dialect
def test_what_was_written_is_in_the_flash_and_read_back_after_a_restart(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name), a_profile(name)
    identity = an_identity(profile)
    session = talk(profile)
    before = session.identify()
    assert before.holding is Holding.BLANK
    assert before.uid == UIDS.get(name, LABEL.lower())

    session.require_room(identity)
    session.write(identity, no_progress)
    assert read_identity(board.flash_file) == [identity.primary]
    session.restart()
    found = session.read_back(identity, no_progress)
    assert (found.verdict, found.digest) == (Verdict.EQUAL, identity.digest())
    assert found.method is (Method.SHA256 if name == "nordic-cmng" else Method.READBACK)
    after = session.identify()
    assert (after.uid, after.names) == (before.uid, (CertName("a1B2c3D4e5F", "cam-0001"),))

    other = an_identity(profile, "cam-0002-longer", "f" * 40)
    session.write(other, no_progress)
    assert session.read_back(identity, no_progress).verdict is Verdict.DIFFERS
    assert read_identity(board.flash_file) == [other.primary]
    assert SECRET.encode() not in board.flash_file.read_bytes()


@pytest.mark.parametrize("name", sampled(list(DIALECTS), 3))
def test_a_flash_that_changed_is_caught(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name), a_profile(name)
    identity = an_identity(profile)
    session = talk(profile)
    session.identify()
    session.write(identity, no_progress)
    session.close()
    for right_crc, verdict in ((True, Verdict.DIFFERS), (False, Verdict.BLANK)):
        board.power_off()
        changed = SECRET.replace("0", "8", 1)
        rewrite(board.flash_file, SECRET.encode(), changed.encode(), right_crc=right_crc)
        board.power_on()
        session = talk(profile)
        found = session.read_back(identity, no_progress)
        session.close()
        assert found.verdict is verdict
        assert "0123" not in found.detail
        if right_crc:
            rewrite(board.flash_file, changed.encode(), SECRET.encode(), right_crc=True)


@pytest.mark.parametrize("name", sampled(list(DIALECTS), 3, 1))
def test_garbage_on_the_line_and_a_power_cut_are_survived(name: str, plug: Plug, talk: Talk, tmp_path: Path) -> None:
    board, profile = plug(name), a_profile(name)
    session = talk(profile)
    session.identify()
    identity = an_identity(profile)
    session.write(identity, no_progress)
    board.kill()
    session.close()
    board.power_off()
    board.power_on()
    source = random.Random(name)
    with serial.Serial(board.url, 115200, timeout=0.1) as line:
        noise = bytes(byte for byte in source.randbytes(300) if byte not in b"\r\n>")
        line.write(noise + b"\r\n" + noise[:40] + b"\r\n")
        deadline = time.monotonic() + 5
        while line.read(4096) and time.monotonic() < deadline:
            pass
    session = talk(profile)
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    assert read_identity(board.flash_file) == [identity.primary]


@pytest.mark.parametrize("name", sampled(["alios-linkkey-a", "at-idmau"], 2))
def test_power_lost_inside_a_command_leaves_all_of_it_or_nothing(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name), a_profile(name)
    held = an_identity(profile)
    session = talk(profile)
    session.identify()
    session.write(held, no_progress)
    outcomes = set()
    for operation in (1, 10, *sampled(range(20, 160, 9), 2)):
        session.close()
        board.power_off()
        board.cut = Cut(operation=operation, tear=Tear.EVERY_OTHER_BIT)
        board.power_on()
        session = talk(profile)
        fresh = an_identity(profile, f"cam-{operation:04d}", f"{operation:032x}")
        try:
            session.write(fresh, no_progress)
        except StationError:
            board.wait_dead(20)
        died = board.pid is None
        session.close()
        board.power_off()
        stored = read_identity(board.flash_file)
        assert stored and len(stored) == 1
        found = stored[0]
        assert found in (held.primary, fresh.primary)
        outcomes.add((died, found == fresh.primary))
        held = fresh if found == fresh.primary else held
        board.power_on()
        session = talk(profile)
        assert session.read_back(held, no_progress).verdict is Verdict.EQUAL
        if not died:
            break
    assert outcomes == {(True, False), (True, True), (False, True)}


@pytest.mark.parametrize("name", ["alios-linkkey-a", "alios-linkkey-b"])
def test_a_mini_build_cuts_a_long_line_off_and_says_so(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name, line_limit=64), a_profile(name)
    session = talk(profile)
    session.identify()
    with pytest.raises(StationError, match="line is longer"):
        session.write(an_identity(profile), no_progress)
    assert read_identity(board.flash_file) is None


def test_a_board_that_repeats_the_secret_in_its_refusal_does_not_get_it_into_ours(plug: Plug, talk: Talk) -> None:
    write = [{"line": "linkkey {productKey} {deviceName} {deviceSecret} {productSecret} 0 0", "success": "^Done"}]
    profile = a_profile("alios-linkkey-a", write=write)
    plug("alios-linkkey-a")
    session = talk(profile)
    session.identify()
    with pytest.raises(StationError) as caught:
        session.write(an_identity(profile), no_progress)
    told = "".join(traceback.format_exception(caught.value))
    assert "wrong number of arguments" in told
    assert SECRET not in told


def test_the_makefile_builds_what_the_emulator_runs(tmp_path: Path) -> None:
    folder = templates() / "vendor-console"
    compiler = " ".join((*WHEEL, "-target", "thumb-freestanding-eabi", "-mcpu=cortex_m3", "-fno-sanitize=all"))
    command = ["make", "-s", "-C", str(folder), "DIALECT=zephyr_settings", f"CC={compiler}"]
    told = subprocess.run([*command, "-n", f"OUT={tmp_path}"], capture_output=True, text=True, check=True).stdout
    assert "-ffunction-sections -fdata-sections -Wl,--gc-sections" in told, "gcc links every dialect without"
    read = [path for path in sorted(templates().rglob("*")) if path.suffix in {".c", ".h", ".ld"}]
    elf = built("console-made", command, [folder / "Makefile", *read], output="OUT=") / "console.elf"
    assert b"linkkey" not in elf.read_bytes()
    board = ConsoleFirmwareBoard(UID, tmp_path / "flash.bin", dialect="zephyr-settings", link=tmp_path / "slot1")
    board.firmware = lambda: elf  # type: ignore[method-assign]
    with board, serial.Serial(board.url, 115200, timeout=5) as line:
        line.write(b"hwinfo devid\r")
        assert f"ID: 0x{UID}".encode() in line.read_until(UID.encode())

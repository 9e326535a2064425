# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of demo boards. Each is born with a uid and a storage file, is plugged at a link, and can be opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tomlkit

from station.codes import Code
from station.errors import UsageError
from station.extras import install
from station.model import Certificate
from station.simulate.cable import Cable

Stored = tuple[tuple[str, str, str], ...]
"""What a board holds: (productKey, deviceName, deviceSecret), primary first."""

PowerOn = Callable[["DemoBoard", Path, ExitStack], None]
LookInto = Callable[[Path], Stored | None]


@dataclass(slots=True)
class DemoBoard:
    """One board on the demo floor. `line_faults`: share of lines the cable damages."""

    uid: str
    store: Path
    kind: BoardKind
    line_faults: float = 0.0
    troubles: dict[str, Any] = field(default_factory=dict)  # of the next plug-in only
    tries: int = 0
    _powered: ExitStack | None = None

    def plug(self, link: Path) -> None:
        """Power on and appear at `link`."""
        stack = ExitStack()
        at = link if not self.line_faults else self.store.with_suffix(".tty")
        self.kind.power_on(self, at, stack)
        if self.line_faults:
            seed = int(self.uid, 16) + self.tries
            stack.enter_context(Cable(str(at), link, rate=self.line_faults, seed=seed))
        self._powered = stack
        self.troubles = {}

    def unplug(self) -> None:
        if self._powered is not None:
            self._powered.close()
            self._powered = None

    def holds(self) -> Stored | None:
        """What is in its storage, read from the file and not through the protocol; None when nothing valid is."""
        return self.kind.look_into(self.store) if self.store.exists() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardKind:
    """A kind of board: its profile's own lines, how it is powered, and how its storage is opened."""

    power_on: PowerOn
    look_into: LookInto
    uid: Callable[[int], str]
    profile: str  # TOML, without name, products and identity

    def profile_for(self, product: str, identity: str) -> str:
        """The TOML of a profile for these boards."""
        document = tomlkit.parse(self.profile)
        document.update({"name": "demo", "products": [product], "identity": identity})
        return tomlkit.dumps(document)


def _simulated_agent() -> BoardKind:
    from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity  # noqa: PLC0415 - one kind

    def power_on(board: DemoBoard, link: Path, stack: ExitStack) -> None:
        faults = Misbehaviour(**board.troubles)
        stack.enter_context(SimulatedAgentBoard(board.uid, board.store, link, faults=faults))

    def look_into(store: Path) -> Stored | None:
        return _as_stored(read_identity(store))

    return BoardKind(profile='target = "agent"', power_on=power_on, look_into=look_into, uid=_mcu_uid)


def _firmware_agent() -> BoardKind:
    _require_firmware_extra()
    from station.simulate import firmware  # noqa: PLC0415 - an extra
    from station.simulate.mcu import McuBoard, read_identity  # noqa: PLC0415

    firmware.build("sim-cortex-m3")

    def power_on(board: DemoBoard, link: Path, stack: ExitStack) -> None:
        stack.enter_context(McuBoard(board.uid, board.store, link=link))

    def look_into(store: Path) -> Stored | None:
        return _as_stored(read_identity(store))

    return BoardKind(profile='target = "agent"', power_on=power_on, look_into=look_into, uid=_mcu_uid)


def _simulated_esp() -> BoardKind:
    from station.simulate.esp import BoardSpec, EspBoard, Partition  # noqa: PLC0415 - one kind
    from station.targets.esp.nvs import parse  # noqa: PLC0415

    place = Partition(name="fctry", offset=0x210000, size=0x6000)

    def power_on(board: DemoBoard, link: Path, stack: ExitStack) -> None:
        esp = EspBoard(BoardSpec(chip="esp32c3", mac=board.uid, flash=board.store, partitions=[place], link=link))
        stack.enter_context(esp)

    def look_into(store: Path) -> Stored | None:
        with store.open("rb") as flash:
            flash.seek(place.offset)
            values = {entry.key: str(entry.value) for entry in parse(flash.read(place.size)).entries}
        if "DeviceSecret" not in values:
            return None
        suffixes = ["", *(str(n) for n in range(1, int(values.get("Channels", "0")) + 1))]
        keys = ("ProductKey", "DeviceName", "DeviceSecret")
        return tuple((values[keys[0] + n], values[keys[1] + n], values[keys[2] + n]) for n in suffixes)

    return BoardKind(profile=_ESP_PROFILE, power_on=power_on, look_into=look_into, uid=_mac)


_ESP_PROFILE = """
target = "esp-nvs"
[esp-nvs]
preset = "aliyun"
reset = "no-reset"   # a pty has no modem lines; the simulated board starts its loader whenever its port is opened
[esp-nvs.channels]
count = "Channels"
product_key = "ProductKey{n}"
device_name = "DeviceName{n}"
device_secret = "DeviceSecret{n}"
"""


def _simulated_console() -> BoardKind:
    from station.profiles.shipped import text_of  # noqa: PLC0415 - one kind
    from station.simulate.console import ConsoleBoard, read_identity  # noqa: PLC0415

    dialect = "alios-linkkey-b"

    def power_on(board: DemoBoard, link: Path, stack: ExitStack) -> None:
        stack.enter_context(ConsoleBoard(dialect, uid=board.uid, store=board.store, link=link))

    return BoardKind(
        power_on=power_on,
        look_into=lambda store: _as_stored(read_identity(store, dialect)),
        uid=_mac,
        profile=text_of(dialect) + _BOOT,
    )


def _firmware_console() -> BoardKind:
    _require_firmware_extra()
    from station.profiles.shipped import text_of  # noqa: PLC0415 - one kind
    from station.simulate import console_firmware as console  # noqa: PLC0415 - an extra

    dialect = "alios-linkkey-b"
    console.build_console(console.ConsoleBuild(dialect=dialect))

    def power_on(board: DemoBoard, link: Path, stack: ExitStack) -> None:
        stack.enter_context(console.ConsoleFirmwareBoard(board.uid, board.store, dialect=dialect, link=link))

    return BoardKind(
        power_on=power_on,
        look_into=lambda store: _as_stored(console.read_identity(store)),
        uid=_mcu_uid,
        profile=text_of(dialect) + _BOOT,
    )


_BOOT = "boot = 'boot rom'  # what these boards print when they start\n"


def _require_firmware_extra() -> None:
    if not (find_spec("unicorn") and find_spec("ziglang")):
        raise UsageError("firmware boards need the extra “firmware”", do=install("firmware"), code=Code.E118)


def _as_stored(found: list[Certificate] | None) -> Stored | None:
    return tuple((c.product_key, c.device_name, c.device_secret.reveal()) for c in found) if found else None


def _mac(number: int) -> str:
    return f"de{number:010x}"


def _mcu_uid(number: int) -> str:
    return f"de{number:014x}"


_KINDS: dict[tuple[str, str], Callable[[], BoardKind]] = {
    ("agent", "simulated"): _simulated_agent,
    ("agent", "firmware"): _firmware_agent,
    ("esp-nvs", "simulated"): _simulated_esp,
    ("console", "simulated"): _simulated_console,
    ("console", "firmware"): _firmware_console,
}


def kind_of(target: str, boards_are: str, *, channels: int = 0) -> BoardKind:
    """UsageError E118 when there are no such demo boards."""
    if channels and target == "console":
        raise UsageError("a console holds one certificate, not an NVR's set", do="use --target agent", code=Code.E118)
    make = _KINDS.get((target, boards_are))
    if make is None:
        known = ", ".join(f"{t} ({b})" for t, b in _KINDS)
        raise UsageError(
            f"there are no {boards_are} demo boards for target {target}", do=f"use: {known}", code=Code.E118
        )
    return make()

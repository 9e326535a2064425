# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of boards that are exchanged: two boards of each, A and B, at one port, and a look into what they store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from station.model import Port
from station.profiles import shipped as profiles
from station.profiles.profile import Profile, parse_profile
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cable import Cable
from station.simulate.console import DIALECTS, ConsoleBoard
from station.simulate.esp import BoardSpec, CableTrouble, EspBoard, Fault, Partition, Toward
from station.targets import check_options
from station.targets.esp import rom_trust as esp_rom_trust

PRODUCT = "a1B2c3D4e5F"
BOARDS = ("A", "B")
_LONG_S = 10.0


class Fixture(ABC):
    """One socket and two boards in a folder of their own."""

    profile: Profile

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def by_label(self) -> bool:
        return self.profile.scan_label

    def wait_long(self) -> None:
        """So that nothing is said twice because the machine is busy: for a visit without any exchange."""
        waits = {key: _LONG_S for key in ("timeout_s", "answer_s") if key in self.profile.options}
        self.profile = replace(self.profile, options={**self.profile.options, **waits})

    @abstractmethod
    def uid(self, board: str) -> str: ...

    @abstractmethod
    def plugged(self, board: str) -> ExitStackOf:
        """The board alone in the socket."""

    @abstractmethod
    def swapped(self, at: int | None, *, late: bool) -> ExitStackOf:
        """A in the socket, and B in its place after `at` bytes, if any; `late`: only when the next byte comes."""

    @abstractmethod
    def stored(self, board: str) -> bytes:
        """All that its storage holds."""

    @abstractmethod
    def wipe(self, board: str) -> None: ...

    def holds(self, board: str, secret: str, *, part: int = 0) -> bool:
        """Whether the whole secret is in the storage, as text or hex digits; `part`: any so many characters of it."""
        raw, size = self.stored(board), part or len(secret)
        pieces = {secret[n : n + size].encode() for n in range(len(secret) - size + 1)}
        return any(piece in raw or piece.hex().encode() in raw.lower() for piece in pieces)


class Plugged:
    """What a flow needs, and how many bytes the station has sent to the socket."""

    def __init__(self, url: str, sent: Callable[[], int]) -> None:
        self.port, self.sent = Port(url=url, slot="1"), sent


ExitStackOf = Any  # a context manager that gives a Plugged


class _Wired(Fixture):
    """Boards with a pty each; a cable exchanges them."""

    @abstractmethod
    def board(self, board: str, link: Path) -> ConsoleBoard | SimulatedAgentBoard: ...

    @contextmanager
    def plugged(self, board: str) -> Iterator[Plugged]:
        link = self.folder / "socket"
        with self.board(board, link):
            yield Plugged(str(link), lambda: 0)

    @contextmanager
    def swapped(self, at: int | None, *, late: bool) -> Iterator[Plugged]:
        ours, other, link = (self.folder / name for name in ("ttyA", "ttyB", "socket"))
        with ExitStack() as stack:
            stack.enter_context(self.board("A", ours))
            stack.enter_context(self.board("B", other))
            cable = stack.enter_context(Cable(str(ours), link))
            if at is not None:
                cable.swap_after(at, str(other), at_once=not late)
            yield Plugged(cable.url, lambda: cable.sent)

    def stored(self, board: str) -> bytes:
        path = self.folder / f"{board}.store"
        return path.read_bytes() if path.exists() else b""

    def wipe(self, board: str) -> None:
        (self.folder / f"{board}.store").unlink(missing_ok=True)


class ConsoleFixture(_Wired):
    """A shipped profile and the dialect that is meant for it."""

    def __init__(self, dialect: str, folder: Path) -> None:
        super().__init__(folder)
        self.dialect = dialect
        table: dict[str, Any] = dict(profiles.table_of(dialect)) | {"products": [PRODUCT]}
        options = dict(table["console"])
        options["restart"] = options["restart"] | {"boot_s": 1.5 if "boot" in options["restart"] else 0.15}
        table["console"] = options | {"timeout_s": 0.5}
        self.profile = parse_profile(table, check_options, source=dialect)

    def uid(self, board: str) -> str:
        number = BOARDS.index(board) + 1
        return f"35265610036787{number}" if self.dialect == "nordic-cmng" else f"a1b2c3d4e5{number:02x}"

    def board(self, board: str, link: Path) -> ConsoleBoard:
        store = self.folder / f"{board}.store"
        return ConsoleBoard(self.dialect, uid=self.uid(board), store=store, link=link)


class AgentFixture(_Wired):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.profile = Profile(
            name="agent",
            target="agent",
            products=(PRODUCT,),
            options={"answer_s": 0.25, "flash_s": 1.0, "restart_s": 2.0, "attempts": 4},
        )

    def uid(self, board: str) -> str:
        return f"ab{BOARDS.index(board) + 1:014x}"

    def board(self, board: str, link: Path) -> SimulatedAgentBoard:
        return SimulatedAgentBoard(self.uid(board), self.folder / f"{board}.store", link)


class EspFixture(Fixture):
    """`rom`: written by the chip's ROM loader, on the fast path; otherwise by esptool's stub."""

    AT, SIZE = 0x110000, 0x6000

    def __init__(self, folder: Path, chip: str = "esp32c3", *, rom: bool) -> None:
        super().__init__(folder)
        self.profile = Profile(
            name="esp",
            target="esp-nvs",
            products=(PRODUCT,),
            chips=(chip,),
            options={"preset": "aliyun"} | ({"rom_fast_path": [chip]} if rom else {}),
        )
        self._boards = {name: self._made(chip, name) for name in BOARDS}
        if rom:
            silicon = self._boards["A"].silicon
            esp_rom_trust.judge(esp_rom_trust.ChipRevision(chip, silicon.build.revision), works=True)

    def _made(self, chip: str, name: str) -> EspBoard:
        parts = (Partition(name="fctry", offset=self.AT, size=self.SIZE),)
        return EspBoard(BoardSpec(chip=chip, mac=self._mac(name), partitions=parts, link=self.folder / f"tty{name}"))

    @staticmethod
    def _mac(board: str) -> str:
        return f"24:0a:c4:11:22:{BOARDS.index(board) + 1:02x}"

    def uid(self, board: str) -> str:
        return self._mac(board).replace(":", "")

    @contextmanager
    def plugged(self, board: str) -> Iterator[Plugged]:
        with self._boards[board] as one:
            yield Plugged(one.url, lambda: 0)

    @contextmanager
    def swapped(self, at: int | None, *, late: bool) -> Iterator[Plugged]:
        ours, other = self._boards["A"], self._boards["B"]
        other.silicon.attached = True  # the worst case: it comes from a tool that has just written it
        mine = ours.silicon
        with ours:
            before = ours.stats.to_board_bytes
            if at is not None:
                ours.inject(Fault(trouble=CableTrouble.SWAP, toward=Toward.BOARD, at=before + at, other=other))
            yield Plugged(ours.url, lambda: ours.stats.to_board_bytes - before)
            ours.unplug()
            ours.disarm()
        ours.silicon = mine

    def stored(self, board: str) -> bytes:
        return self._boards[board].silicon.flash.read(self.AT, self.SIZE)

    def wipe(self, board: str) -> None:
        self._boards[board].preload(self.AT, b"\xff" * self.SIZE)


FIXTURES: dict[str, Callable[[Path], Fixture]] = {
    "agent": AgentFixture,
    "esp-nvs by stub": lambda folder: EspFixture(folder, rom=False),
    "esp-nvs by ROM": lambda folder: EspFixture(folder, rom=True),
    **{name: partial(ConsoleFixture, name) for name in DIALECTS},
}
"""Every target, and every shipped console profile."""

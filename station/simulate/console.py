# SPDX-License-Identifier: GPL-3.0-or-later
"""A console board on a pty, behind a symlink that is its socket in the fixture. It misbehaves like real ones.

Its storage is one JSON file, written through to disk, that anybody may look into: `stored(path, dialect)`. The rest of
the board lives in a thread and is gone when it is unplugged.
"""

from __future__ import annotations

import json
import os
import random
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from station.simulate.console_at import EspAt, HiFlying, Idmau, IdmauW800, Mxchip, Nordic
from station.simulate.console_dialect import AliosA, AliosB, Dialect, Reboot, TakeBytes, Zephyr

DIALECTS: Final[dict[str, type[Dialect]]] = {
    "alios-linkkey-a": AliosA,
    "alios-linkkey-b": AliosB,
    "at-idmau": Idmau,
    "at-idmau-w800": IdmauW800,
    "mxchip-ilopset": Mxchip,
    "hiflying-prodevice": HiFlying,
    "esp-at-sysmfg": EspAt,
    "nordic-cmng": Nordic,
    "zephyr-settings": Zephyr,
}
"""By the name of the shipped profile that is meant for it."""

_BOOT_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a board misbehaves; nothing by default."""

    seed: int = 0
    log_lines: float = 0.0  # chance of a log line between two lines of an answer
    log_inside: float = 0.0  # chance of a log line in the middle of a line
    garbage: float = 0.0  # chance of a few random bytes before an answer
    half_answers: bool = False  # an answer comes in pieces, with pauses
    wrong_echo: float = 0.0  # chance that a character is echoed wrongly
    fifo: int = 0  # bytes that a busy UART keeps of what comes at once; 0: all
    line_limit: int = 0  # another limit than the dialect's
    forgets: bool = False  # keeps what is written in memory only
    changes: str = ""  # this field is stored with its last character changed
    deaf: bool = False  # never answers


class Cells(MutableMapping[str, str]):
    """The board's storage: every change is on disk before it is acknowledged."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _load(self) -> dict[str, str]:
        return dict(json.loads(self._path.read_text("utf-8"))) if self._path.exists() else {}

    def _save(self, values: dict[str, str]) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(values, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def __getitem__(self, key: str) -> str:
        return self._load()[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._save(self._load() | {key: value})

    def __delitem__(self, key: str) -> None:
        self._save({name: value for name, value in self._load().items() if name != key})

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())


def stored(path: Path, dialect: str) -> dict[str, str]:
    """Field name → what is in the storage file, read without asking the board."""
    cells = Cells(path)
    return {field: cells[key] for field, key in DIALECTS[dialect].fields.items() if key in cells}


class ConsoleBoard:
    """One board. `plug` puts it at `link`, `unplug` takes it out; both any number of times."""

    def __init__(
        self, dialect: str, *, link: Path, store: Path, uid: str, baud: int = 115200, quirks: Quirks | None = None
    ) -> None:
        self.link = link
        self.store = store
        self.uid = uid
        self.dialect_name = dialect
        self.lines: list[str] = []  # what it was told, for a test to look at
        self._quirks = quirks or Quirks()
        self._speed = getattr(termios, f"B{baud}")
        self._random = random.Random(self._quirks.seed)  # noqa: S311 - repeatable trouble, no secret
        self._thread: threading.Thread | None = None
        self._master = self._slave = self._stop = -1
        self.boots = -1  # the board on the shelf is no boot
        self._dialect = self._powered()
        self._bytes_wanted: TakeBytes | None = None
        self._pending = bytearray()

    def plug(self) -> None:
        """Power comes on; the boot log is lost, since nobody listens yet."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        wake, self._stop = os.pipe()
        fresh = self.link.with_name(self.link.name + ".new")
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.link)
        self._dialect = self._powered()
        self._pending.clear()
        self._thread = threading.Thread(target=self._run, args=(wake,), name=f"board {self.uid}", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Power goes off at once."""
        if self._thread is None:
            return
        os.close(self._stop)
        self._thread.join()
        self._thread = None
        self.link.unlink()
        os.close(self._master)
        os.close(self._slave)

    def power_cycle(self) -> None:
        """As an operator with a switch: the adapter stays, the board starts anew."""
        self._boot()

    def __enter__(self) -> ConsoleBoard:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def _powered(self) -> Dialect:
        cells: MutableMapping[str, str] = Cells(self.store)
        if self._quirks.forgets:
            cells = dict(cells)
        dialect = DIALECTS[self.dialect_name](cells, self.uid)
        if self._quirks.line_limit:
            dialect.line_limit = self._quirks.line_limit
        self.boots += 1
        return dialect

    def _boot(self) -> None:
        time.sleep(_BOOT_S)
        self._dialect = self._powered()
        self._bytes_wanted = None
        self._pending.clear()
        self._send(b"\x00\xfe\x80boot rom v1.2\r\nchip reset: 0x1\r\n" + self._dialect.banner.encode())
        self._send(self._dialect.prompt.encode())

    def _run(self, stop: int) -> None:
        while True:
            ready, _, _ = select.select([self._master, stop], [], [])
            if stop in ready:
                os.close(stop)
                return
            data = os.read(self._master, 4096)
            if self._quirks.deaf or termios.tcgetattr(self._master)[5] != self._speed:
                continue
            for byte in data[: self._quirks.fifo or len(data)]:
                self._take(byte)

    def _take(self, byte: int) -> None:
        if self._bytes_wanted is not None:
            self._pending.append(byte)
            if len(self._pending) == self._bytes_wanted.count:
                self._store(self._bytes_wanted)
            return
        if byte in self._dialect.ends:
            line, self._pending = self._pending.decode("latin-1").strip("\r\n"), bytearray()
            if self._dialect.echo:
                self._send(b"\r\n")
            if line or self._dialect.prompt:
                self._obey(line)
            return
        self._pending.append(byte)
        if self._dialect.echo:
            self._send(bytes([byte ^ 1]) if self._random.random() < self._quirks.wrong_echo else bytes([byte]))

    def _obey(self, line: str) -> None:
        self.lines.append(line)
        if len(line) > self._dialect.line_limit:
            self._answer(self._dialect.overflow)
            return
        before = {field: self._dialect.cells.get(key) for field, key in self._dialect.fields.items()}
        reply = self._dialect.obey(line)
        self._spoil(before)
        if isinstance(reply, Reboot):
            self._send(reply.text.encode())
            self._boot()
        elif isinstance(reply, TakeBytes):
            self._bytes_wanted = reply
            self._send(reply.text.encode())
        else:
            self._answer(reply)

    def _store(self, wanted: TakeBytes) -> None:
        before = {field: self._dialect.cells.get(key) for field, key in self._dialect.fields.items()}
        self._dialect.cells[wanted.key] = self._pending.decode("latin-1")
        self._spoil(before)
        self._pending.clear()
        self._bytes_wanted = None
        self._answer(wanted.after)

    def _spoil(self, before: dict[str, str | None]) -> None:
        """A storage fault: what was just written is not what was sent."""
        field = self._quirks.changes
        if field and (key := self._dialect.fields[field]) in self._dialect.cells:
            value = self._dialect.cells[key]
            if value != before[field]:
                self._dialect.cells[key] = value[:-1] + ("1" if value[-1] == "0" else "0")

    def _answer(self, text: str) -> None:
        quirks, chance = self._quirks, self._random.random
        out = b""
        if chance() < quirks.garbage:
            out += self._random.randbytes(5) + b"\r\n"
        for line in (text + self._dialect.prompt).splitlines(keepends=True):
            raw = line.encode()
            if chance() < quirks.log_inside:
                cut = self._random.randrange(len(raw))
                raw = raw[:cut] + self._log_line() + raw[cut:]
            out += raw
            if raw.endswith(b"\n") and chance() < quirks.log_lines:
                out += self._log_line()
        self._send(out)

    def _log_line(self) -> bytes:
        return b"[%8.3f]<I> wifi: rssi -%d, OK=1 DS=? #\r\n" % (time.monotonic() % 1000, self._random.randrange(40, 90))

    def _send(self, data: bytes) -> None:
        step = 3 if self._quirks.half_answers and len(data) > 1 else len(data)
        for start in range(0, len(data), max(step, 1)):
            with suppress(BlockingIOError):  # nobody listens: a UART loses what it says
                os.write(self._master, data[start : start + step])
            if step < len(data):
                time.sleep(0.001)

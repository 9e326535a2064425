# SPDX-License-Identifier: GPL-3.0-or-later
"""A console board on a pty, behind a symlink that is its slot in the fixture. It misbehaves like real ones.

`read_identity(store, dialect)` looks into its storage without asking the board.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from station.model import Certificate
from station.simulate.console_at import EspAt, HiFlying, Idmau, IdmauW800, Mxchip, Nordic
from station.simulate.console_dialect import AliosA, AliosB, Dialect, Reboot, TakeBytes, Zephyr
from station.simulate.console_store import Cells
from station.simulate.serial_end import SerialEnd

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

_UIDS: Final = {"nordic-cmng": "350000000000016"}
"""Where it is neither a MAC nor anything else of 12 hex digits: an IMEI."""

_PIECE_S: Final = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a board misbehaves; nothing by default."""

    seed: int = 0
    log_lines: float = 0.0  # chance of a log line between two lines of an answer
    log_inside: float = 0.0  # chance of a log line in the middle of a line
    garbage: float = 0.0  # chance of a few random bytes before an answer
    half_answers: bool = False  # an answer comes in pieces, with pauses
    wrong_echo: float = 0.0  # chance that a character is echoed wrongly
    no_echo: bool = False
    fifo: int = 0  # bytes that a busy UART keeps of what comes at once; 0: all
    line_limit: int = 0  # another limit than the dialect's
    forgets: bool = False  # keeps what is written in memory only
    changes: str = ""  # this field is stored with its last character changed
    ignores_restart: bool = False  # says that it restarts, and does not
    deaf: bool = False  # never answers
    silent_write: bool = False  # stores what it is given first, and that answer is lost
    ends_late_s: float = 0.0  # the last line of an answer comes so much later; what is said meanwhile finds it busy
    busy: float = 0.0  # chance that it is busy with something of its own when a line comes


def usual_uid(dialect: str) -> str:
    """One that the profile of this name can use."""
    return _UIDS.get(dialect, "5a0000000001")


def read_identity(store: Path, dialect: str) -> list[Certificate] | None:
    """The certificate in the storage file; None when there is no whole one."""
    certificate = DIALECTS[dialect](Cells(store), "").certificate()
    return [certificate] if certificate else None


class ConsoleBoard:
    """`dialect` is one of DIALECTS; `uid` and what is in `store` are for life.

    `lines`: what it was told since it was made; `boots`: how often it started.
    """

    def __init__(
        self,
        dialect: str,
        *,
        uid: str,
        store: Path,
        link: Path | None = None,
        quirks: Quirks | None = None,
        boot_s: float = 0.02,
    ) -> None:
        self.uid = uid
        self.store = store
        self.boots = 0
        self.lines: list[str] = []
        self._kind = DIALECTS[dialect]
        self._quirks = quirks or Quirks()
        self._boot_s = boot_s
        self._random = random.Random(self._quirks.seed)  # noqa: S311 - repeatable trouble, no secret
        self._end = SerialEnd(self._hear, link=link)
        self._firmware = self._started()
        self._wanted: TakeBytes | None = None
        self._pending = bytearray()
        self._was_silent = False
        self._still_to_say: threading.Timer | None = None  # the end of an answer

    @property
    def url(self) -> str:
        """What pyserial opens; without a link it changes with each `plug`."""
        return self._end.url

    def plug(self) -> None:
        """Power comes on; what it prints at its start is lost, since nobody listens yet."""
        self._power_on()
        self._end.plug()

    def unplug(self) -> None:
        """Power and port go at once."""
        self._end.unplug()

    start = plug
    stop = unplug

    def __enter__(self) -> ConsoleBoard:
        self.plug()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.unplug()

    def switch_off_and_on(self) -> None:
        """What an operator does whose adapter stays plugged in."""
        self._restart()

    def _started(self) -> Dialect:
        cells: MutableMapping[str, str] = Cells(self.store)
        if self._quirks.forgets:
            cells = dict(cells)
        firmware = self._kind(cells, self.uid)
        firmware.line_limit = self._quirks.line_limit or firmware.line_limit
        firmware.echo = firmware.echo and not self._quirks.no_echo
        return firmware

    def _power_on(self) -> None:
        if self._still_to_say:
            self._still_to_say.cancel()
        self.boots += 1
        self._firmware = self._started()
        self._wanted = None
        self._pending.clear()

    def _restart(self) -> None:
        if self._quirks.ignores_restart:
            return
        self._end.pause(self._boot_s)
        self._power_on()
        self._say(b"\x00\xfe\x80boot rom v1.2\r\nefuse mac: %s\r\n" % self.uid.encode())
        self._say((self._firmware.banner + self._firmware.prompt).encode())

    def _hear(self, data: bytes) -> None:
        if not self._quirks.deaf:
            for byte in data[: self._quirks.fifo or len(data)]:
                self._take(byte)

    def _take(self, byte: int) -> None:
        if self._wanted is None and byte in self._firmware.ends:
            line, self._pending = self._pending.decode("latin-1").strip("\r\n"), bytearray()
            if self._firmware.echo:
                self._say(b"\r\n")
            if line or self._firmware.prompt:
                self._obey(line)
            return
        self._pending.append(byte)
        if self._wanted is not None and len(self._pending) == self._wanted.count:
            self._keep(self._wanted)
        elif self._wanted is None and self._firmware.echo:
            wrong = self._random.random() < self._quirks.wrong_echo
            self._say(bytes([byte ^ wrong]))

    def _obey(self, line: str) -> None:
        self.lines.append(line)
        if self._firmware.busy and (self._is_answering() or (line and self._random.random() < self._quirks.busy)):
            self._say(self._firmware.busy.encode())
            return
        if len(line) > self._firmware.line_limit:
            self._answer(self._firmware.overflow)
            return
        before = dict(self._firmware.cells)
        reply = self._firmware.obey(line)
        self._spoil(before)
        if self._quirks.silent_write and not self._was_silent and before != dict(self._firmware.cells):
            self._was_silent = True
            return
        if isinstance(reply, Reboot):
            self._say(reply.text.encode())
            self._restart()
        elif isinstance(reply, TakeBytes):
            self._wanted = reply
            self._say(reply.text.encode())
        else:
            self._answer(reply)

    def _keep(self, wanted: TakeBytes) -> None:
        before = dict(self._firmware.cells)
        self._firmware.cells[wanted.key] = self._pending.decode("latin-1")
        self._spoil(before)
        self._wanted = None
        self._pending.clear()
        self._answer(wanted.after)

    def _spoil(self, before: dict[str, str]) -> None:
        """A storage fault: what was just written is not what was sent."""
        key = self._firmware.fields.get(self._quirks.changes, "")
        value = self._firmware.cells.get(key, "")
        if value and value != before.get(key):
            self._firmware.cells[key] = value[:-1] + ("1" if value[-1] == "0" else "0")

    def _answer(self, text: str) -> None:
        quirks, chance = self._quirks, self._random.random
        out = b""
        if chance() < quirks.garbage:
            out += self._random.randbytes(5) + b"\r\n"
        for line in (text + self._firmware.prompt).splitlines(keepends=True):
            raw = line.encode()
            if chance() < quirks.log_inside:
                cut = self._random.randrange(len(raw))
                raw = raw[:cut] + self._log_line() + raw[cut:]
            out += raw
            if raw.endswith(b"\n") and chance() < quirks.log_lines:
                out += self._log_line()
        begin, blank, _ = out.rstrip(b"\r\n").rpartition(b"\n")
        if not quirks.ends_late_s or not begin.strip():
            self._say(out)
            return
        self._say(begin + blank)
        self._say_later(out[len(begin + blank) :])

    def _is_answering(self) -> bool:
        return self._still_to_say is not None and self._still_to_say.is_alive()

    def _say_later(self, data: bytes) -> None:
        self._still_to_say = threading.Timer(self._quirks.ends_late_s, self._end.say, [data])
        self._still_to_say.daemon = True
        self._still_to_say.start()

    def _log_line(self) -> bytes:
        return b"[%8.3f]<I> wifi: rssi -%d, OK=1 DS=? #\r\n" % (time.monotonic() % 1000, self._random.randrange(40, 90))

    def _say(self, data: bytes) -> None:
        step = 3 if self._quirks.half_answers and len(data) > 1 else max(len(data), 1)
        for start in range(0, len(data), step):
            self._end.say(data[start : start + step])
            if step < len(data):
                self._end.pause(_PIECE_S)

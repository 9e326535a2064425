# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated board that speaks `firmware_templates/agent/PROTOCOL.md` on a real pty, from a thread that sleeps.

Written from that page alone; shares nothing with the station's side. Its flash is a file (`agent_store`), which tests
and the demo open without the board. `Misbehaviour` says what this board does wrong.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path

from station.simulate.agent_core import AgentBuild, Misbehaviour
from station.simulate.agent_second import SecondVerbs
from station.simulate.agent_store import read_identity
from station.simulate.agent_words import ErrWord, quoted, require, well_formed
from station.simulate.serial_end import SerialEnd

__all__ = ["AgentBuild", "Misbehaviour", "SimulatedAgentBoard", "read_identity"]

MAX_COMMAND = 512
_PIECE = re.compile(rb"@|\n|[^@\n]+")
_FRAME = re.compile(rb"@([0-9a-z]{1,8})((?: [!-)+-?A-~]+)+)\*([0-9a-f]{8})\r?")


class SimulatedAgentBoard(SecondVerbs):
    """`uid` and what is in `store` are for life; RAM is lost by `unplug` and RESET.

    `link`: a stable symlink to the pty, present while plugged in. `latency_s` comes before each answer; with
    `baud_pacing` bytes take the time they need at the speed the station has set.
    """

    def __init__(
        self,
        uid: str,
        store: Path,
        link: Path | None = None,
        *,
        faults: Misbehaviour | None = None,
        latency_s: float = 0.0,
        boot_s: float = 0.02,
        baud_pacing: bool = False,
        build: AgentBuild | None = None,
    ) -> None:
        super().__init__(uid, store, faults or Misbehaviour(), build or AgentBuild())
        self._end = SerialEnd(self._hear, link=link, pacing=baud_pacing)
        self._latency_s = latency_s
        self._boot_s = boot_s
        self._answered = 0
        self._frame = bytearray()

    @property
    def url(self) -> str:
        """What pyserial opens; without a link it changes with each `plug`."""
        return self._end.url

    def plug(self) -> None:
        self._power_on("power")
        self._end.plug()

    def unplug(self) -> None:
        """Power and port go at once; a flash operation under way ends first (`cut_at` is for those that do not)."""
        self._end.unplug()

    start = plug
    stop = unplug

    def __enter__(self) -> SimulatedAgentBoard:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _power_on(self, reason: str) -> None:
        self._reset_by = reason
        self._open = None
        self._last_txid = ""
        self._wrong_tokens = 0
        self._frame.clear()

    def _hear(self, data: bytes) -> None:
        for piece in _PIECE.findall(data):
            if piece == b"@":
                self._frame = bytearray(b"@")
            elif piece == b"\n":
                frame, self._frame = bytes(self._frame), bytearray()
                if frame:
                    self._end.pause(self._latency_s)
                    self._take(frame)
            elif self._frame:
                self._frame += piece[: MAX_COMMAND - len(self._frame)]

    def _take(self, frame: bytes) -> None:
        whole = _FRAME.fullmatch(frame)
        if len(frame) >= MAX_COMMAND:
            self._say(b"@? ERR LINE")
        elif not whole or int(whole[3], 16) != zlib.crc32(frame[: whole.end(2)]):
            self._say(b"@? ERR CRC")
        else:
            verb, *arguments = whole[2].split()
            self._told_to_restart = False
            self._say(b"@" + whole[1] + b" " + self._answer(verb, arguments))
            if self._told_to_restart and not self._faults.ignores_reset:
                self._restart()

    def _say(self, body: bytes) -> None:
        if self._faults.dead_after is not None and self._answered >= self._faults.dead_after:
            return
        self._answered += 1
        self._end.say(self._faults.noise + b"%s*%08x\n" % (body, zlib.crc32(body)))

    def _restart(self) -> None:
        self.uid = self._faults.uid_after_reset or self.uid
        self._power_on("soft")
        self._end.pause(self._boot_s)
        self._end.say(b"boot: simulated agent\r\n")

    def _answer(self, verb: bytes, arguments: list[bytes]) -> bytes:
        verbs: dict[bytes, Callable[..., dict[str, str]]] = {}
        if 1 in self._build.versions:
            verbs |= {
                b"ID": self._id,
                b"BEGIN": self._begin,
                b"PUT": self._put,
                b"COMMIT": self._commit,
                b"ABORT": self._abort,
                b"GET": self._get,
                b"PROVE": self._prove,
                b"RESET": self._reset,
                b"LOCK": self._lock,
            }
        if 2 in self._build.versions:
            verbs |= {
                b"WHO": self._who,
                b"OPEN": self._begin_for,
                b"SET": self._set,
                b"KEEP": self._keep,
                b"SHOW": self._show,
                b"SAME": self._same,
                b"SEAL": self._seal,
                b"BOOT": self._boot,
            }
        try:
            require(verb in verbs, "VERB")
            values = verbs[verb](*well_formed(verb, arguments))
        except ErrWord as word:
            return b"ERR " + str(word).encode()
        pairs = [f" {key}={quoted(value.encode('utf-8', 'surrogateescape'))}" for key, value in values.items()]
        return "".join(["OK", *pairs]).encode()

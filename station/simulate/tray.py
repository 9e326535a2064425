# SPDX-License-Identifier: GPL-3.0-or-later
"""A tray of agent boards beside a fixture, and the hand that puts them in: each port gets the next board as soon as the
one before is finished and the station has let go of its port. One that a station has left unfinished is put in again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from station.simulate.agent_board import SimulatedAgentBoard, read_identity

AGAIN_S = 15.0
"""Until a board that was begun and on which nobody works is taken out and put in again."""
_LOOK_S = 0.1
_HAND_S = 0.3
"""How long a hand waits over a finished board, and leaves the fixture empty: a station may just be opening its port."""
_PROOFS = frozenset({b"PROVE", b"SHOW"})


class TrayBoard(SimulatedAgentBoard):
    """`proved`: what it came with was asked for, or after a restart what it was given."""

    def __init__(self, uid: str, store: Path, link: Path) -> None:
        super().__init__(uid, store, link)
        self.proved = threading.Event()
        self.was_begun = False  # since it was put in
        self._blank = not (store.exists() and read_identity(store))

    def plug(self) -> None:
        self.was_begun = False
        super().plug()

    @property
    def is_let_go(self) -> bool:
        """A station locks the port that it has open. Looked up, not tried: a lock of ours would be in its way."""
        port = Path(self.url).stat()
        file = f" {os.major(port.st_dev):02x}:{os.minor(port.st_dev):02x}:{port.st_ino} "
        return file not in Path("/proc/locks").read_text("ascii")

    def _answer(self, verb: bytes, arguments: list[bytes]) -> bytes:
        self.was_begun = True
        answer = super()._answer(verb, arguments)
        if verb in _PROOFS and answer.startswith(b"OK") and not (self._blank and self._reset_by == "power"):
            self.proved.set()
        return answer


class Tray:
    """`count` boards, whose uids count up from `uid` and whose flashes are UID.flash beside the links; a context, in
    which the first ones are in when it begins."""

    def __init__(self, uid: str, count: int, links: Sequence[Path]) -> None:
        self._uids = [f"{int(uid, 16) + number:0{len(uid)}x}" for number in range(count)]
        self._links = links[:count]
        self._taken_away = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Tray:
        left, taking = iter(self._uids), threading.Lock()
        for link in self._links:
            boards = self._boards(left, taking, link)
            first = next(boards)
            first.plug()
            self._threads.append(threading.Thread(target=self._work, args=(first, boards), daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._taken_away.set()
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _boards(left: Iterator[str], taking: threading.Lock, link: Path) -> Iterator[TrayBoard]:
        while True:
            with taking:
                uid = next(left, "")
            if not uid:
                return
            yield TrayBoard(uid, link.with_name(f"{uid}.flash"), link)

    def _work(self, board: TrayBoard, others: Iterator[TrayBoard]) -> None:
        self._wait_for(board)
        for other in others:
            if self._taken_away.wait(_HAND_S):
                return
            other.plug()
            self._wait_for(other)

    def _wait_for(self, board: TrayBoard) -> None:
        """Until it is finished; it is out then."""
        since = time.monotonic()
        while not (board.proved.wait(_LOOK_S) or self._taken_away.is_set()):
            if board.was_begun and time.monotonic() - since > AGAIN_S and board.is_let_go:
                board.unplug()
                self._taken_away.wait(_HAND_S)
                board.plug()
                since = time.monotonic()
        self._wait_until_let_go(board)
        board.unplug()

    def _wait_until_let_go(self, board: TrayBoard) -> None:
        at_work = time.monotonic()
        while time.monotonic() - at_work <= _HAND_S and not self._taken_away.wait(_LOOK_S):
            if not board.is_let_go:
                at_work = time.monotonic()

# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver that is killed again and again while boards end their stays: what it has in the end."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from station.ledger.store import Ledger
from station.outbox.courier import Courier
from station.outbox.post import PostReceiver
from tests.outbox.stays import stayed
from tests.waiting import until

MES = Path(__file__).with_name("mes_process.py")


class KilledMes:
    """A process at one port, begun anew after each kill; what it kept stays in its file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "mes.jsonl"
        self._port = 0
        self.begin()

    def begin(self) -> None:
        command = [sys.executable, "-S", str(MES), str(self._port), str(self._file)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def kept(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._file.read_bytes().splitlines()] if self._file.exists() else []

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def told_through_kills(ledger: Ledger, folder: Path, *, stays: int, kills: int, seed: int) -> list[dict[str, Any]]:
    """`stays` of a dozen boards, stored while the receiver is killed after so many more were kept; all it kept."""
    chance = random.Random(seed)
    mes = KilledMes(folder)
    receiver = PostReceiver(name="mes", url=mes.url)
    ledger.outbox.begin("mes")
    courier = Courier(receiver, ledger, "LINE-3", lambda *_: None, first_s=0.01, look_s=0.01)
    thread = threading.Thread(target=courier.run, daemon=True)
    try:
        thread.start()
        for part in range(1, kills + 1):
            for _ in range(stays // kills):
                stayed(ledger, chance.randrange(12))
            until(lambda part=part: len(mes.kept()) >= part)  # type: ignore[misc]
            mes.end()
            mes.begin()
        until(lambda: not ledger.outbox.standings()[0].waiting)
    finally:
        courier.end(0.0)
        thread.join()
        mes.end()
    return mes.kept()

# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay board on a pty, in a test or as `relay_board.py LINK STORE UID`. STORE, a JSON file, is its flash."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import tty
from pathlib import Path

from station.model import Certificate, Secret


class RelayBoard:
    def __init__(self, link: Path, store: Path, uid: str) -> None:
        self.link, self.store, self.uid = link, store, uid
        self.url = str(link)
        self._wire, self._plug = os.openpty()
        tty.setraw(self._plug)
        link.symlink_to(os.ttyname(self._plug))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self._thread.start()

    def serve(self) -> None:
        line = b""
        while not self._stop.is_set():
            if not select.select([self._wire], [], [], 0.05)[0]:
                continue
            line += os.read(self._wire, 4096)
            if line.endswith(b"\n"):
                os.write(self._wire, json.dumps(self.answer(json.loads(line))).encode() + b"\n")
                line = b""

    def answer(self, asked: dict[str, object]) -> dict[str, object]:
        if asked["do"] == "keep" and asked["uid"] == self.uid:
            self.store.write_text(json.dumps(asked["held"]))
        return {"uid": self.uid, "held": self.held()}

    def held(self) -> list[str] | None:
        stored: list[str] | None = json.loads(self.store.read_text()) if self.store.exists() else None
        return stored

    def stored(self) -> Certificate | None:
        held = self.held()
        return (held and Certificate(product_key=held[0], device_name=held[1], device_secret=Secret(held[2]))) or None

    def unplug(self) -> None:
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join()
            self.link.unlink()
            os.close(self._plug)
            os.close(self._wire)


if __name__ == "__main__":
    board = RelayBoard(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    print("plugged", flush=True)
    board._thread.join()

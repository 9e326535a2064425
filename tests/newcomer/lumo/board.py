# SPDX-License-Identifier: GPL-3.0-or-later
"""An LM-20 on a pty, from its manual: `board.py LINK STORE SERIAL`. STORE, a JSON file, is its flash."""

import json
import os
import re
import sys
import tty
from pathlib import Path

LINE_LIMIT = 100
VALUE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class Board:
    def __init__(self, store: Path, serial: str) -> None:
        self.store, self.serial = store, serial
        self.ram: dict[str, str] = {}

    def answer(self, line: str) -> str:
        words = line.split()
        match words:
            case []:
                return ""
            case ["ver"]:
                return "LM-20 1.4\r\n=ok\r\n"
            case ["sn"]:
                return f"sn:{self.serial}\r\n=ok\r\n"
            case ["cred", ("key" | "name" | "secret") as field, value]:
                if not VALUE.fullmatch(value):
                    return "=err 3\r\n"
                self.ram[field] = value
                return "=ok\r\n"
            case ["cred", "save"]:
                if set(self.ram) != {"key", "name", "secret"}:
                    return "=err 3\r\n"
                self.store.write_text(json.dumps(self.ram))
                return "[flash] 1 page\r\nsaved\r\n=ok\r\n"
            case ["cred", "list"]:
                if not self.store.exists():
                    return "=err 4\r\n"
                held = json.loads(self.store.read_text())
                shown = [f"{field}=<{held[field]}>" for field in ("key", "name", "secret")]
                return "\r\n".join((shown[0], "[wifi] scan done", *shown[1:], "=ok\r\n"))
            case ["boot"]:
                self.ram = {}
                return "=ok\r\n\r\n\r\nLM-20 ready\r\n"
        return "=err 2\r\n"


def serve(board: Board, wire: int) -> None:
    line = b""
    while True:
        for byte in os.read(wire, 4096):
            if byte != ord("\r"):
                line += bytes([byte])
                os.write(wire, bytes([byte]))
                continue
            said = "?long\r\n" if len(line) > LINE_LIMIT else board.answer(line.decode("ascii", "replace"))
            os.write(wire, f"\r\n{said}lm> ".encode())
            line = b""


def main(link: str, store: str, serial: str) -> None:
    wire, plug = os.openpty()
    tty.setraw(plug)
    Path(link).symlink_to(os.ttyname(plug))
    print("plugged", flush=True)
    serve(Board(Path(store), serial), wire)


if __name__ == "__main__":
    main(*sys.argv[1:])

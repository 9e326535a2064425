# SPDX-License-Identifier: GPL-3.0-or-later
"""A T5 on a pty, from its manual: `board.py LINK STORE UID`. STORE, a JSON file, is its flash, and beside it stands how
often it started; what is said at another speed than its own is noise to it, and what it says there is noise too; so is
a line with another end.
"""

import json
import os
import select
import sys
import termios
import time
import tty
from pathlib import Path

SILENCE_S = 0.7
GUARD_S = 0.3
SLOW, FAST = termios.B9600, termios.B115200


class Modem:
    def __init__(self, wire: int, store: Path, uid: str) -> None:
        self.wire, self.store, self.uid = wire, store, uid
        self.start()

    def start(self) -> None:
        self.console, self.speed, self.end = False, SLOW, b"\r"
        self.asking: list[str] = []
        self.new: list[str] = []
        self.line, self.quiet_since = b"", time.monotonic()
        with self.store.with_suffix(".starts").open("a") as starts:
            starts.write("started\n")
        self.hear(0.3)
        self.say("ready\r\n")
        self.hear(0.3)

    def say(self, text: str) -> None:
        os.write(self.wire, text.encode() if self.is_understood else b"\xfe" * len(text))

    @property
    def is_understood(self) -> bool:
        return bool(termios.tcgetattr(self.wire)[4] == self.speed)

    def hear(self, seconds: float) -> bytes:
        until, heard = time.monotonic() + seconds, b""
        while (left := until - time.monotonic()) > 0:
            if select.select([self.wire], [], [], left)[0]:
                heard += os.read(self.wire, 4096)
        return heard

    def serve(self) -> None:
        while True:
            select.select([self.wire], [], [])
            silence = time.monotonic() - self.quiet_since
            data = os.read(self.wire, 4096)
            self.quiet_since = time.monotonic()
            if not self.is_understood:
                continue
            if not self.console:
                self.console = silence >= SILENCE_S and data == b"+++" and self.hear(GUARD_S) == b""
                if self.console:
                    self.say("OK\r\n")
                continue
            for byte in data:
                if bytes([byte]) == self.end:
                    line, self.line = self.line.decode("ascii", "replace"), b""
                    self.obey(line)
                else:
                    self.line += bytes([byte])

    def held(self) -> list[str]:
        return json.loads(self.store.read_text()) if self.store.exists() else []

    def obey(self, line: str) -> None:
        if self.asking:
            self.answered(line)
        elif line == "AT":
            self.say("OK\r\n")
        elif line == "AT+FAST":
            self.say("OK\r\n")
            self.speed, self.end = FAST, b"\n"
        elif line == "AT+ID?":
            self.say(f"ID:{self.uid}\r\nOK\r\n")
        elif line.startswith("AT+SET ") and len(line.split()) == 4:
            self.new = line.split()[1:]
            self.asking = [*(["Overwrite"] if self.held() else []), "Lock it for good"]
            self.say(f"{self.asking[0]}? [y/n] ")
        elif line == "AT+GET":
            self.say(f"GET:{','.join(self.held()) or 'none'}\r\nOK\r\n")
        elif line == "AT+BOOT":
            self.start()
        else:
            self.say("ERROR\r\n")

    def answered(self, line: str) -> None:
        asked = self.asking.pop(0)
        if line != {"Overwrite": "y", "Lock it for good": "n"}[asked]:
            self.asking = []
            self.say("ERROR\r\n")
        elif self.asking:
            self.say(f"{self.asking[0]}? [y/n] ")
        else:
            self.store.write_text(json.dumps(self.new))
            self.say("STORED\r\n")


def main(link: str, store: str, uid: str) -> None:
    wire, plug = os.openpty()
    tty.setraw(plug)
    Path(link).symlink_to(os.ttyname(plug))
    print("plugged", flush=True)
    Modem(wire, Path(store), uid).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])

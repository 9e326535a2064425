# SPDX-License-Identifier: GPL-3.0-or-later
"""A BK-7 on a pty, from its manual: `board.py LINK STORE SERIAL BOOT_S`. STORE, a JSON file, is its flash; what came
over the wire is in STORE.heard, a line each.

Nasty where the manual leaves it open: log lines inside answers, the password echoed too, no `+OK` behind a value.
"""

import base64
import binascii
import json
import os
import select
import sys
import time
import tty
from pathlib import Path

PASSWORD = "brisk-4711"
NAMES = ("PK", "DN", "DS")
LOG_EVERY_S = 0.15
DEAF_S = 60.0
BUSY_S = 0.12
SAVE_S = 0.7


def crc(data: bytes) -> str:
    """Bit by bit, from its definition: polynomial 0x1021, begins with ones."""
    rest = 0xFFFF
    for bit in (byte >> place & 1 for byte in data for place in range(7, -1, -1)):
        rest = (rest << 1 ^ (0x1021 if rest >> 15 ^ bit else 0)) & 0xFFFF
    return f"{rest:04x}"


class Module:
    def __init__(self, wire: int, store: Path, serial: str, boot_s: float) -> None:
        self.wire, self.store, self.serial, self.boot_s = wire, store, serial, boot_s
        self.heard = store.with_suffix(".heard")
        self.line, self.wrong = b"", 0
        self.start()

    def start(self) -> None:
        self.open = self.asking = False
        self.unsaved: dict[str, str] = {}
        self.busy_until = 0.0
        self.say("BOOT v2.1")
        self.be_deaf(self.boot_s)
        self.say("BK-7 by Brisk", "READY")

    def say(self, *lines: str) -> None:
        for number, line in enumerate(lines):
            log = f"# rssi -{60 + number}\r\n" if number else ""
            os.write(self.wire, f"{log}{line}\r\n".encode())

    def be_deaf(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.wire], [], [], left)[0]:
                os.read(self.wire, 4096)
        self.line = b""

    def serve(self) -> None:
        while True:
            if not select.select([self.wire], [], [], LOG_EVERY_S)[0]:
                if not self.line and not self.asking:
                    self.say("# heap 41200")
                continue
            for byte in os.read(self.wire, 256):
                os.write(self.wire, bytes([byte]))
                if byte != ord("\r"):
                    self.line += bytes([byte])
                    continue
                os.write(self.wire, b"\n")
                line, self.line = self.line.decode("ascii", "replace"), b""
                with self.heard.open("a") as file:
                    file.write(line + "\n")
                self.obey(line)

    def obey(self, line: str) -> None:
        command, _, rest = line.partition("=")
        if self.asking:
            self.check_password(line)
        elif line == "CFG":
            self.asking = True
            os.write(self.wire, b"Password:")
        elif not self.open:
            self.say("+ERR=1")
        elif line == "AT+SN?":
            self.say(f"+SN1:{self.serial[:8]}", f"+SN2:{self.serial[8:]}", "+OK")
        elif command == "AT+KEY" and rest:
            self.say(self.take(rest))
        elif line.startswith("AT+KEY?") and line[7:] in NAMES:
            self.say(self.shown(line[7:]))
        elif line == "AT+SAVE":
            time.sleep(SAVE_S)
            self.store.write_text(json.dumps(self.held()))
            self.say("+OK")
        elif line == "AT+REBOOT":
            self.start()
        else:
            self.say("+ERR=1")

    def check_password(self, line: str) -> None:
        self.asking, self.open = False, line == PASSWORD
        self.wrong = 0 if self.open else self.wrong + 1
        self.say("+OK" if self.open else "+ERR=9")
        if self.wrong == 3:
            self.be_deaf(DEAF_S)

    def take(self, rest: str) -> str:
        if time.monotonic() < self.busy_until:
            return "+ERR=7"
        fields = rest.split(",")
        if len(fields) != 3 or fields[0] not in NAMES:
            return "+ERR=1"
        try:
            value = base64.b64decode(fields[1], validate=True)
        except binascii.Error:
            return "+ERR=1"
        if not 0 < len(value) <= 64:
            return "+ERR=2"
        if fields[2].lower() != crc(value):
            return "+ERR=3"
        self.unsaved[fields[0]] = value.decode("ascii")
        self.busy_until = time.monotonic() + BUSY_S
        return "+OK"

    def held(self) -> dict[str, str]:
        saved = json.loads(self.store.read_text()) if self.store.exists() else {}
        return {**saved, **self.unsaved}

    def shown(self, name: str) -> str:
        value = self.held().get(name, "")
        if name == "DS" and value:
            return f"+KEY:DS,{'*' * (len(value) - 4)}{value[-4:]},{len(value)},{crc(value.encode())}"
        return f"+KEY:{name},{value}"


def main(link: str, store: str, serial: str, boot_s: str) -> None:
    wire, plug = os.openpty()
    tty.setraw(plug)
    Path(link).symlink_to(os.ttyname(plug))
    print("plugged", flush=True)
    Module(wire, Path(store), serial, float(boot_s)).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])

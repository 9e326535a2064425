# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the device side share: lines of the protocol, and a board run inside the test's own process."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from station.model import Certificate, Identity, Secret
from station.simulate.firmware import build
from station.simulate.firmware_image import read_identity
from station.simulate.mcu import McuBoard
from station.simulate.mcu_flash import Cut, McuFlash
from station.simulate.mcu_soc import Soc, Stop
from station.simulate.qemu import QemuBoard

needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None,
    reason="qemu-system-arm is not installed: apt-get install --no-install-recommends qemu-system-arm",
)
PORTS = [pytest.param(McuBoard, id="unicorn"), pytest.param(QemuBoard, id="qemu", marks=needs_qemu)]
on_each_port = pytest.mark.parametrize("board", PORTS, indirect=True)

UID = "00a1b2c3d4e5f607"
NONCE = "000102030405060708090a0b0c0d0e0f"


def certificate(name: str, secret: str, *, product: str = "a1B2c3D4e5F", product_secret: str = "") -> Certificate:
    return Certificate(
        product_key=product,
        device_name=name,
        device_secret=Secret(secret),
        product_secret=Secret(product_secret) if product_secret else None,
    )


OLD = Identity(primary=certificate("cam-old", "01dSecret0000000000000000000000a", product_secret="01dProductSecret"))
NEW = Identity(primary=certificate("cam-new-with-a-longer-name", "f4e5hSecret00000000000000000000b"))


def nvr_set(channels: int, *, longest: bool = False) -> Identity:
    """An NVR with cameras; `longest`: every field as long as the protocol allows."""

    def one(number: int) -> Certificate:
        name = f"ch-{number:03d}"
        if not longest:
            return certificate(name, hashlib.md5(name.encode()).hexdigest(), product="a1IPCipcIPC")
        return certificate(
            name.ljust(128, "n"),
            hashlib.sha256(name.encode()).hexdigest(),
            product="p" * 36,
            product_secret=hashlib.sha256(b"ps" + name.encode()).hexdigest(),
        )

    return Identity(primary=one(0), channels=tuple(map(one, range(1, channels + 1))))


def line(body: str) -> bytes:
    return f"{body}*{zlib.crc32(body.encode()):08x}\n".encode()


def encoded(value: str) -> str:
    plain = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:-"
    return "".join(chr(byte) if chr(byte) in plain else f"%{byte:02X}" for byte in value.encode())


def begin_and_put(identity: Identity, *, replace: Identity | None = None) -> list[bytes]:
    """The lines up to, not including, COMMIT."""
    bodies = [f"BEGIN t1 {len(identity.channels)}" + (f" REPLACE {replace.digest()}" if replace else "")]
    for channel, each in enumerate(identity):
        for field, value in zip(("PK", "DN", "DS", "PS"), each.board_fields(), strict=True):
            if value:
                bodies.append(f"PUT {channel} {field} {encoded(value.decode())}")
    return [line(f"@p{number} {body}") for number, body in enumerate(bodies)]


def provision(identity: Identity, *, replace: Identity | None = None) -> list[bytes]:
    return [*begin_and_put(identity, replace=replace), line(f"@c COMMIT {identity.digest()}")]


def proof(one: Certificate) -> str:
    message = bytes.fromhex(NONCE) + UID.encode()
    return hmac.new(one.device_secret.reveal().encode(), message, hashlib.sha256).hexdigest()


def stored(flash_file: Path, *, unit: int = 1) -> Identity | None:
    """What the board's flash file holds, read without the board. `unit`: what its flash programs at once."""
    found = read_identity(flash_file, unit=unit)
    return Identity(primary=found[0], channels=tuple(found[1:])) if found else None


class ScriptedLine:
    """The station's side of the UART, for a board in this process: lines in, answers out."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = list(lines)
        self.output = bytearray()
        self.at_answer: Callable[[], None] = lambda: None

    def receive(self) -> bytes | None:
        return self._lines.pop(0) if self._lines else None

    def send(self, byte: int) -> None:
        if byte == ord("@"):
            self.at_answer()
        self.output.append(byte)


@dataclass(frozen=True, kw_only=True)
class Life:
    """One power-on of a board: what it answered, and what it was like at the end."""

    answers: list[str]  # without CRC, which is checked here; the boot message is dropped
    stop: Stop
    ram: bytes
    answering: list[bytes]  # RAM as each answer began to leave, before what is sent covers what was on the stack
    operations: int

    def keys(self, tag: str) -> dict[str, str]:
        """The key=value words of the OK reply with that tag."""
        (words,) = [answer.split(" ") for answer in self.answers if answer.startswith(f"@{tag} OK")]
        return dict(word.split("=", 1) for word in words[2:])


@cache
def usual_build() -> Path:
    """Once a process: whether it is still that of its sources is read out of all of them each time."""
    return build("sim-cortex-m3")


def live(flash_file: Path, lines: list[bytes], cut: Cut | None = None, *, elf: Path | None = None) -> Life:
    """Power on, send the lines, and power off (or lose power in `cut`). `elf`: of another build than the usual one."""
    flash = McuFlash(flash_file, cut)
    uart = ScriptedLine(lines)
    soc = Soc(elf or usual_build(), int(UID, 16), flash, uart)
    answering: list[bytes] = []
    uart.at_answer = lambda: answering.append(soc.ram())
    stop = soc.run()
    answers = []
    for text in uart.output.decode("ascii").split("\n"):
        if text.startswith("@"):
            body, crc = text.split("*")
            assert f"{zlib.crc32(body.encode()):08x}" == crc
            answers.append(body)
    return Life(answers=answers, stop=stop, ram=soc.ram(), answering=answering, operations=flash.operations)

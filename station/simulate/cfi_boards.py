# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's firmware on two more cores, RISC-V and the ESP8266's Xtensa, with CFI flash, in an emulator not ours.

QEMU writes each programmed word to the file at once, so what was stored survives SIGKILL. Its flash lets a 0 become a 1
again, which no chip does: `mcu_flash` is where code that relies on it fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from station.errors import UsageError
from station.simulate.firmware import build
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.firmware_image import read_identity
from station.simulate.nor import new_erased

__all__ = ["CfiBoard", "RiscvBoard", "XtensaBoard", "read_identity"]

_MIB = 1 << 20


class CfiBoard(FirmwareBoard):
    """See FirmwareBoard. UsageError at power-on when QEMU or the core's compiler is not installed.

    `read_only`: from the next power-on, flash that refuses every change.
    """

    qemu: str
    port: str
    chip_size: int
    erased: int  # at the chip's beginning; the rest is never read, and its zeros take no disk
    uid_address: int
    machine: tuple[str, ...]
    firmware_option: str
    pflash: str
    read_only = False

    def _command(self, lifeline: int) -> Sequence[str]:  # noqa: ARG002 - QEMU cannot watch it
        qemu = shutil.which(self.qemu)
        if qemu is None:
            raise UsageError("QEMU is not installed", do="apt-get install --no-install-recommends qemu-system-misc")
        if not self.flash_file.exists():
            new_erased(self.flash_file, self.erased, self.chip_size)
        uid = int.from_bytes(bytes.fromhex(self.uid), "little")
        access = "readonly=on," if self.read_only else ""
        return [
            *(qemu, *self.machine, self.firmware_option, str(build(self.port))),
            *("-drive", f"{self.pflash},format=raw,{access}file={str(self.flash_file).replace(',', ',,')}"),
            *("-device", f"loader,addr={self.uid_address:#x},data={uid:#x},data-len=8"),
            *("-display", "none", "-monitor", "none", "-nodefaults", "-nic", "none"),
            *("-chardev", "stdio,id=uart,signal=off", "-serial", "chardev:uart"),
        ]


class RiscvBoard(CfiBoard):
    """QEMU's `virt`, 32 bits."""

    qemu = "qemu-system-riscv32"
    port = "qemu-riscv-virt"
    chip_size, erased = 32 * _MIB, 512 << 10
    uid_address = 0x80200000
    machine = ("-M", "virt", "-m", "8M")
    firmware_option = "-bios"  # with a second flash bank, `-kernel` would leave the RAM empty
    pflash = "if=pflash,unit=1"


class XtensaBoard(CfiBoard):
    """Avnet's LX60 with the ESP8266's core."""

    qemu = "qemu-system-xtensa"
    port = "qemu-xtensa-lx60"
    chip_size, erased = 4 * _MIB, 128 << 10
    uid_address = 0x60200000
    machine = ("-M", "lx60-nommu", "-cpu", "lx106", "-m", "96M")
    firmware_option = "-kernel"
    pflash = "if=pflash"

# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's firmware on QEMU's MPS2 AN385 (Cortex-M3) with an AT24C64 EEPROM: an emulator that is not ours.

Needs `qemu-system-arm`. Its EEPROM is written to the file at each I2C stop, so what was stored survives SIGKILL.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from station.errors import UsageError
from station.simulate.firmware import build
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.firmware_image import read_identity
from station.simulate.nor import new_erased

__all__ = ["QemuBoard", "read_identity"]

EEPROM_SIZE = 8192
_UID_ADDRESS = 0x21000000  # in RAM; `board.c` reads it there


class QemuBoard(FirmwareBoard):
    """See FirmwareBoard. UsageError at power-on when QEMU is not installed.

    QEMU does not notice that whoever started it is gone: use it in a `with`.
    """

    def _command(self, lifeline: int) -> Sequence[str]:  # noqa: ARG002 - QEMU cannot watch it
        qemu = shutil.which("qemu-system-arm")
        if qemu is None:
            raise UsageError("QEMU is not installed", do="apt-get install --no-install-recommends qemu-system-arm")
        if not self.flash_file.exists():
            new_erased(self.flash_file, EEPROM_SIZE)
        drive = f"if=none,id=ee,format=raw,file={str(self.flash_file).replace(',', ',,')}"
        uid = int.from_bytes(bytes.fromhex(self.uid), "little")
        return [
            *(qemu, "-M", "mps2-an385", "-kernel", str(build("qemu-mps2-an385"))),
            *("-drive", drive, "-device", f"at24c-eeprom,bus=i2c,address=0x50,rom-size={EEPROM_SIZE},drive=ee"),
            *("-device", f"loader,addr={_UID_ADDRESS:#x},data={uid:#x},data-len=8"),
            *("-display", "none", "-monitor", "none", "-nodefaults", "-nic", "none"),
            *("-chardev", "stdio,id=uart,signal=off", "-serial", "chardev:uart"),
        ]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The same board in a process of its own, so that its timing does not depend on what its user's process is busy with.

Its flash is always a file: looking in reads that file, not the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from station.simulate.esp.board import Stats
from station.simulate.esp.efuse import SecurityFuses, parse_mac
from station.simulate.esp.flash import NorFlash
from station.simulate.esp.partitions import partition_table
from station.simulate.esp.silicon import Running
from station.simulate.esp.spec import BoardSpec


class EspBoardProcess:
    """An EspBoard whose faults need no second board."""

    def __init__(self, spec: BoardSpec) -> None:
        self.mac = parse_mac(spec.mac).hex(":")
        self.url = ""
        self._own_folder = tempfile.TemporaryDirectory(prefix="esp-board-") if spec.flash is None else None
        self._flash = spec.flash or Path(self._own_folder.name if self._own_folder else "") / "flash.bin"
        NorFlash(spec.flash_size, self._flash).close()
        if spec.partitions:
            self.preload(spec.table_offset, partition_table(spec.partitions))
        self._argv = [sys.executable, "-m", "station.simulate.esp", *arguments_for(replace(spec, flash=self._flash))]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> EspBoardProcess:
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
        self.url = str(self._read_line()["url"])
        return self

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate()
        if self._own_folder is not None:
            self._own_folder.cleanup()

    def __enter__(self) -> EspBoardProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def plug(self) -> str:
        self.url = str(self._ask("plug")["url"])
        return self.url

    def unplug(self) -> None:
        self._ask("unplug")

    def boot_firmware(self) -> None:
        self._ask("boot")

    def enter_download(self) -> None:
        self._ask("download")

    @property
    def running(self) -> Running:
        return Running(str(self._ask("stats")["running"]))

    @property
    def stats(self) -> Stats:
        answer = self._ask("stats")
        del answer["running"]
        return Stats(**answer)  # type: ignore[arg-type]  # Stats itself, as JSON

    def flash_bytes(self, offset: int, size: int) -> bytes:
        with self._flash.open("rb") as file:
            return os.pread(file.fileno(), size, offset)

    def preload(self, offset: int, data: bytes) -> None:
        with self._flash.open("r+b") as file:
            os.pwrite(file.fileno(), data, offset)

    def _ask(self, request: str) -> dict[str, object]:
        assert self._process is not None, "not started"
        assert self._process.stdin is not None
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        return self._read_line()

    def _read_line(self) -> dict[str, object]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the board's process ended with {self._process.wait()}")
        answer: dict[str, object] = json.loads(line)
        return answer


def arguments_for(spec: BoardSpec) -> list[str]:
    """As `__main__` reads them; the partition table is in the flash already."""
    whole = spec.inflates_whole_windows
    options: dict[str, object] = {
        "chip": spec.chip,
        "mac": spec.mac,
        "flash": spec.flash,
        "flash-size": spec.flash_size,
        "revision": spec.revision,
        "link": spec.link,
        "tcp": spec.tcp_port,
        "rfc2217": spec.rfc2217_port,
        "native-usb": spec.native_usb,
        "pace": spec.paced,
        "latency-ms": spec.latency_ms,
        "erase-ms": None if spec.sector_erase_s is None else spec.sector_erase_s * 1000,
        "keep-state": not spec.reset_when_host_leaves,
        "rejects-stub": not spec.accepts_stub,
        "inflates": None if whole is None else ("windows" if whole else "streams"),
        **_fuses(spec.security),
    }
    lacks = [f"--lacks={command.name}" for command in spec.lacks]
    faults = [f"--fault={fault.trouble}:{fault.toward}:{fault.at}" for fault in spec.faults]
    return [*_flags(options), *lacks, *faults]


def _fuses(security: SecurityFuses) -> dict[str, object]:
    return {
        "encryption": security.encryption,
        "secure-boot": security.secure_boot,
        "download": security.download,
        "soft-jtag-disabled": security.soft_jtag_disabled,
        "hard-jtag-disabled": security.hard_jtag_disabled,
    }


def _flags(options: dict[str, object]) -> list[str]:
    """True: a bare flag; None and False: nothing."""
    flags = []
    for name, value in options.items():
        if value is True:
            flags.append(f"--{name}")
        elif value is not None and value is not False:
            flags.append(f"--{name}={value}")
    return flags

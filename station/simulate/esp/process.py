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
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from station.simulate.esp.board import DEFAULT_FLASH_SIZE, Stats
from station.simulate.esp.efuse import Security, parse_mac
from station.simulate.esp.faults import Fault
from station.simulate.esp.flash import NorFlash
from station.simulate.esp.partitions import TABLE_OFFSET, Partition, partition_table
from station.simulate.esp.silicon import Running


class EspBoardProcess:
    """Takes what EspBoard takes, except `lacks`, `inflates_whole_windows` and faults that need a second board."""

    def __init__(
        self,
        *,
        chip: str,
        mac: str,
        flash: Path | None = None,
        flash_size: int = DEFAULT_FLASH_SIZE,
        revision: int | None = None,
        security: Security | None = None,
        accepts_stub: bool = True,
        partitions: Sequence[Partition] = (),
        table_offset: int = TABLE_OFFSET,
        link: Path | None = None,
        tcp_port: int | None = None,
        rfc2217_port: int | None = None,
        paced: bool = False,
        latency_ms: float = 0.0,
        sector_erase_s: float | None = None,
        reset_when_host_leaves: bool = True,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.mac = parse_mac(mac).hex(":")
        self.url = ""
        self._own_folder = tempfile.TemporaryDirectory(prefix="esp-board-") if flash is None else None
        self._flash = flash or Path(self._own_folder.name if self._own_folder else "") / "flash.bin"
        NorFlash(flash_size, self._flash).close()
        if partitions:
            self.preload(table_offset, partition_table(partitions))
        secure = security or Security()
        options: dict[str, object] = {
            "chip": chip,
            "mac": self.mac,
            "flash": self._flash,
            "flash-size": flash_size,
            "revision": revision,
            "link": link,
            "tcp": tcp_port,
            "rfc2217": rfc2217_port,
            "pace": paced,
            "latency-ms": latency_ms,
            "erase-ms": None if sector_erase_s is None else sector_erase_s * 1000,
            "keep-state": not reset_when_host_leaves,
            "rejects-stub": not accepts_stub,
            "encryption": secure.encryption,
            "secure-boot": secure.secure_boot,
            "download": secure.download,
            "soft-jtag-disabled": secure.soft_jtag_disabled,
            "hard-jtag-disabled": secure.hard_jtag_disabled,
        }
        self._argv = [sys.executable, "-m", "station.simulate.esp", *_flags(options)]
        self._argv += [f"--fault={fault.kind}:{fault.direction}:{fault.at}" for fault in faults]
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


def _flags(options: dict[str, object]) -> list[str]:
    """True: a bare flag; None and False: nothing."""
    flags = []
    for name, value in options.items():
        if value is True:
            flags.append(f"--{name}")
        elif value is not None and value is not False:
            flags.append(f"--{name}={value}")
    return flags

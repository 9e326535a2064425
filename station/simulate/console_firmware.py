# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's console as firmware on an emulated Cortex-M3, one process a board, like the agent's `McuBoard`.

with ConsoleFirmwareBoard("00a1b2c3d4e5f607", tmp_path / "flash.bin", dialect="at-idmau") as board:
    station opens board.url …
read_identity(board.flash_file)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from station.errors import UsageError
from station.simulate.firmware import CORTEX_M3, Firmware, build_firmware
from station.simulate.mcu import Cut, McuBoard, read_identity

__all__ = ["DIALECTS", "ConsoleBuild", "ConsoleFirmwareBoard", "build_console", "read_identity"]

DIALECTS: Final = (
    "alios-linkkey-a",
    "alios-linkkey-b",
    "at-idmau",
    "at-idmau-w800",
    "mxchip-ilopset",
    "hiflying-prodevice",
    "esp-at-sysmfg",
    "nordic-cmng",
    "zephyr-settings",
)
"""By the name of the shipped profile that is meant for it; `vendor-console/src/dialects.h` is the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleBuild:
    """What a build may differ in. `line_limit`: bytes, 0 is the dialect's own; `log_every`: a log line after so many
    lines of answers, 0 is none.
    """

    dialect: str
    line_limit: int = 0
    log_every: int = 0


def build_console(build: ConsoleBuild) -> Path:
    """The console's ELF file. UsageError for an unknown dialect; else raises as `build_firmware`."""
    if build.dialect not in DIALECTS:
        raise UsageError(f"no console “{build.dialect}”", do=f"choose one of {', '.join(DIALECTS)}")
    return build_firmware(
        Firmware(
            name=f"console-{build.dialect}",
            core=CORTEX_M3,
            folders=("vendor-console/src", "agent", "product", "ports", "ports/sim-cortex-m3"),
            defines=(
                f"-DCONSOLE_DIALECT=dialect_{build.dialect.replace('-', '_')}",
                f"-DCONSOLE_LINE_LIMIT={build.line_limit}",
                f"-DCONSOLE_LOG_EVERY={build.log_every}",
            ),
        )
    )


class ConsoleFirmwareBoard(McuBoard):
    """See McuBoard, whose hardware it is. For the keywords in between see Build.

    Consoles with a uid of their own tell part of ours: the last 12 digits as a MAC, or 15 decimal ones as an IMEI.
    """

    def __init__(
        self,
        uid: str,
        flash_file: Path,
        *,
        dialect: str,
        line_limit: int = 0,
        log_every: int = 0,
        link: Path | None = None,
        cut: Cut | None = None,
    ) -> None:
        super().__init__(uid, flash_file, link=link, cut=cut)
        self.build = ConsoleBuild(dialect=dialect, line_limit=line_limit, log_every=log_every)

    def firmware(self) -> Path:
        return build_console(self.build)

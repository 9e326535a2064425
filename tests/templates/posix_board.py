# SPDX-License-Identifier: GPL-3.0-or-later
"""The Linux template as a board: the real program on a pty, its identity in a real file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.simulate.firmware import templates
from station.simulate.firmware_board import FirmwareBoard
from tests.built import built
from tests.templates.compiling import (
    AGENT,
    HERE,
    PRODUCT,
    STRICT,
    agent_sources,
    host_program,
    product_sources,
    store_sources,
)

SOURCE = templates() / "posix" / "src"


@dataclass(frozen=True)
class Programs:
    agent: Path  # ends at the first wrong memory access
    show: Path
    plain_agent: Path  # as a product builds it, for what must be loaded before it
    die_at: Path  # that kills it at a chosen system call


def build_programs(compiler: tuple[str, ...]) -> Programs:
    names = ("agent_main.c", "file_flash.c", "identity_file.c", "serial_line.c")
    sources = [*agent_sources(), *(SOURCE / name for name in names), *product_sources()]
    show = [*store_sources(), SOURCE / "show_main.c", SOURCE / "identity_file.c", *product_sources()]
    makefile = SOURCE.parent / "Makefile"
    make = ["make", "-s", "-C", SOURCE.parent, f"CC={' '.join(compiler)}"]
    inputs = [AGENT, PRODUCT, SOURCE, makefile, *sources, *show]
    shim = HERE / "programs" / "die_at.c"
    return Programs(
        agent=host_program(compiler, sources, [SOURCE], "posix-agent"),
        show=host_program(compiler, show, [SOURCE], "posix-show"),
        plain_agent=built("posix-made", make, inputs, output="OUT=") / "station-agent",
        die_at=built("die-at", [*compiler, *STRICT[1:4], "-shared", "-fPIC", shim, "-ldl"], [shim]),
    )


class PosixBoard(FirmwareBoard):
    """See FirmwareBoard. `die_at`: "n before|half|after", for the next power-on only."""

    def __init__(self, programs: Programs, uid: str, flash_file: Path, *, link: Path | None = None) -> None:
        super().__init__(uid, flash_file, link=link)
        self.programs = programs
        self.die_at = ""

    def _command(self, lifeline: int) -> Sequence[str]:
        wish, self.die_at = self.die_at, ""
        program = [str(self.programs.agent), "-i", str(self.flash_file), "-u", self.uid, "-"]
        if not wish:
            return program
        program[0] = str(self.programs.plain_agent)
        return ["env", f"LD_PRELOAD={self.programs.die_at}", f"DIE_AT={wish}", *program]

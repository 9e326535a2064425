# SPDX-License-Identifier: GPL-3.0-or-later
"""One template, one chip, one framework's own headers: what a compiler of the system says of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.firmware.real.declared import declarations
from tests.templates.compiling import AGENT, ESP32, PRODUCT

STRICT = ("-Os", "-Wall", "-Wextra", "-Werror")
PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "arm-none-eabi-g++": "gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib",
    "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
}


@dataclass(frozen=True, kw_only=True)
class Build:
    """Sources of a template, compiled for one chip. `vendor`: the framework's folders, whose warnings are not ours;
    `first`: folders before them. `stubs`: headers whose functions must be declared as the vendor declares them.
    """

    framework: str
    version: str
    chip: str
    compiler: str
    flags: Sequence[str]
    vendor: Sequence[Path]
    sources: Sequence[Path]
    first: Sequence[Path] = ()
    stubs: Path | None = None
    stub_flags: Sequence[str] = ()

    def complaint(self) -> str:
        """Of the first source that does not compile; empty when all do."""
        if not shutil.which(self.compiler):
            return f"{self.compiler} is not installed: apt install {PACKAGES[self.compiler]}"
        with tempfile.TemporaryDirectory() as scratch:
            sources = list(self.sources)
            if self.stubs:
                declared = Path(scratch) / "declared.c"
                declared.write_text(declarations(self.compiler, self.stubs, self.stub_flags))
                sources.append(declared)
            return next(filter(None, map(self._compile, sources)), "")

    def _compile(self, source: Path) -> str:
        own = {path.parent for path in self.sources} | {AGENT, PRODUCT, ESP32}
        folders = [f"-I{folder}" for folder in (*sorted(own), *self.first)]
        folders += [word for folder in self.vendor for word in ("-isystem", str(folder))]
        command = [self.compiler, *STRICT, *self.flags, *folders, "-c", str(source), "-o", "/dev/null"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()


def version_of(checkout: Path) -> str:
    """As its tags say; “unknown” for a folder that is no checkout."""
    if not (checkout / ".git").exists():
        return "unknown"
    command = ["git", "-C", str(checkout), "describe", "--tags", "--always"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

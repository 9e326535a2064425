# SPDX-License-Identifier: GPL-3.0-or-later
"""The compilers of this machine and how strictly they are asked. Every template compiles without a warning."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from station.simulate.firmware import templates
from tests.built import built

HERE = Path(__file__).parent
AGENT, PRODUCT, ESP32 = (templates() / folder for folder in ("agent", "product", "esp32"))
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion")
SANITIZED = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WHEEL = (sys.executable, "-m", "ziglang", "cc")
INSTALLED: dict[str, tuple[str, ...]] = {name: (path,) for name in ("gcc", "clang") if (path := shutil.which(name))}
"""The system's own. For programs of this machine the wheel's must build a C library first (15 s): the last resort."""
HOSTS = INSTALLED or {"zig": WHEEL}


def agent_sources() -> list[Path]:
    return sorted(AGENT.glob("*.c"))


def store_sources() -> list[Path]:
    """The record in flash, without the protocol."""
    return [path for path in agent_sources() if not path.name.startswith("agent")]


def product_sources() -> list[Path]:
    return sorted(PRODUCT.glob("*.c"))


def host_command(compiler: Iterable[str], sources: Iterable[Path], includes: Iterable[Path]) -> list[str]:
    """For a program of this machine that ends at the first wrong memory access or undefined operation."""
    sanitized = () if "ziglang" in compiler else SANITIZED
    folders = [f"-I{folder}" for folder in (AGENT, PRODUCT, *includes)]
    return [*compiler, *STRICT, *sanitized, *folders, *map(str, sources)]


def host_program(
    compiler: Iterable[str], sources: Sequence[Path], includes: Sequence[Path], name: str, *, here: Path | None = None
) -> Path:
    """That program; `name` is one that no other has. `here`: as of `built`."""
    return built(name, host_command(compiler, sources, includes), [AGENT, PRODUCT, *includes, *sources], here=here)


def compile_strictly(command: Iterable[str]) -> None:
    done = subprocess.run(list(command), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

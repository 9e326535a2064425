# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the agent for a port, with the compiler that comes as a wheel; needs no system package.

The result is cached by the hash of everything that went in, and appears by one rename: any number of processes may
build at once, and a killed one leaves nothing half built.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from station.errors import StationFault, UsageError

PORTS = ("sim-cortex-m3", "qemu-mps2-an385")

_FLAGS = (
    *("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m3", "-std=c11", "-Os", "-Wall", "-Wextra", "-Werror"),
    # Neither a libc nor calls into one; zig would link its own sanitizer's traps.
    *("-ffreestanding", "-fno-builtin", "-fno-sanitize=all", "-nostdlib"),
    # zig ignores ENTRY(); with its usual page size the file is 17 times as large.
    *("-Wl,-e,reset", "-Wl,-z,max-page-size=16"),
)


def templates() -> Path:
    """The folder `firmware_templates`: inside the installed package, or beside it in the source tree."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "firmware_templates", package.parent / "firmware_templates"):
        if folder.is_dir():
            return folder
    raise StationFault("the firmware templates are not installed", do="install the package again")


def build(port: str) -> Path:
    """The ELF file of the agent for `port` (one of PORTS). UsageError when the compiler is not installed, StationFault
    when it fails."""
    if port not in PORTS:
        raise UsageError(f"no port “{port}”", do=f"choose one of {', '.join(PORTS)}")
    if importlib.util.find_spec("ziglang") is None:
        raise UsageError(
            "the compiler for board firmware is not installed", do="pip install 'certificate-station[firmware]'"
        )
    includes, sources = _inputs(port)
    root = templates()
    key = hashlib.sha256(importlib.metadata.version("ziglang").encode() + " ".join(_FLAGS).encode())
    for path in (*includes, *sources):
        key.update(f"\0{path.relative_to(root)}\0".encode() + path.read_bytes())
    cache = user_cache_path("certificate-station") / "firmware"
    elf = cache / f"{port}-{key.hexdigest()[:16]}.elf"
    if not elf.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _compile(includes, sources, elf, cache)
    return elf


def _inputs(port: str) -> tuple[list[Path], list[Path]]:
    root = templates()
    folders = (root / "agent", root / "ports" / "cortex-m3", root / "ports" / port)
    includes = [path for folder in folders for path in sorted((*folder.glob("*.h"), *folder.glob("*.ld")))]
    return includes, [path for folder in folders for path in sorted(folder.glob("*.c"))]


def _compile(includes: list[Path], sources: list[Path], elf: Path, cache: Path) -> None:
    folders = sorted({path.parent for path in includes})
    scripts = [path for path in includes if path.suffix == ".ld"]
    environment = os.environ | {name: str(cache / "zig") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as scratch:
        fresh = Path(scratch) / elf.name
        command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS]
        command += [f"-I{folder}" for folder in folders]
        command += [word for script in scripts for word in ("-T", str(script))]
        command += [*map(str, sources), "-o", str(fresh)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise StationFault(f"the firmware does not compile:\n{done.stderr.strip()}", do="correct the source")
        fresh.replace(elf)

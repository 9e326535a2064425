# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles firmware from the templates, with the compiler that comes as a wheel; needs no system package for that.

The result is cached by the hash of everything that went in, and appears by one rename: any number of processes may
build at once, and a killed one leaves nothing half built.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from station.beside import beside
from station.errors import StationFault, UsageError
from station.extras import install

_WHEEL = "ziglang"
# Neither a libc nor calls into one.
_FLAGS = ("-std=c11", "-Os", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-builtin", "-nostdlib")
# zig would link its own sanitizer's traps; it ignores ENTRY(); with its usual page size the file is 17 times as large.
_ZIG = ("-fno-sanitize=all", "-Wl,-e,reset", "-Wl,-z,max-page-size=16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """A processor: who compiles for it (the wheel, or a program of the system), how, and its start-up code."""

    compiler: str
    flags: tuple[str, ...]
    folders: tuple[str, ...]
    libraries: tuple[str, ...] = ()  # behind the sources


CORTEX_M3 = Core(
    compiler=_WHEEL,
    flags=("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m3", *_ZIG),
    folders=("ports/cortex-m3", "ports/compiler"),
)
RISCV32 = Core(
    compiler=_WHEEL,
    flags=("-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m+a+c", "-mcmodel=medany", *_ZIG),
    folders=("ports/riscv32", "ports/compiler"),
)
# The core of the ESP8266. Debian's gcc-xtensa-lx106.
XTENSA = Core(
    compiler="xtensa-lx106-elf-gcc",
    flags=("-mlongcalls", "-mtext-section-literals", "-Wl,-e,reset", "-Wl,--no-warn-rwx-segments"),
    folders=("ports/xtensa", "ports/compiler"),
    libraries=("-lgcc",),  # shifts of 64 bits
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """What one ELF file is made of: the .c files of `folders` and of its core's. They see each other's headers, the
    first folder's first. A folder is one of the templates', or has a whole path.
    """

    name: str
    core: Core
    folders: tuple[str, ...]
    defines: tuple[str, ...] = ()


def _agent_on(port: str, core: Core, *drivers: str) -> Firmware:
    return Firmware(name=port, core=core, folders=("agent", "ports", "ports/main", f"ports/{port}", *drivers))


_CFI_BOARD = ("ports/qemu", "ports/qemu-cfi", "ports/cfi-flash", "ports/uart-16550")
PORTS = {
    "sim-cortex-m3": _agent_on("sim-cortex-m3", CORTEX_M3),
    "qemu-mps2-an385": _agent_on("qemu-mps2-an385", CORTEX_M3, "ports/qemu"),
    "qemu-riscv-virt": _agent_on("qemu-riscv-virt", RISCV32, *_CFI_BOARD),
    "qemu-xtensa-lx60": _agent_on("qemu-xtensa-lx60", XTENSA, *_CFI_BOARD),
}


def templates() -> Path:
    return beside("firmware_templates")


def build(port: str) -> Path:
    """The ELF file of the agent for `port` (one of PORTS). Raises as `build_firmware`."""
    if port not in PORTS:
        raise UsageError(f"no port “{port}”", do=f"choose one of {', '.join(PORTS)}")
    return build_firmware(PORTS[port])


def build_firmware(firmware: Firmware) -> Path:
    """Its ELF file. UsageError when the compiler is not installed, StationFault when it fails."""
    compiler, version = _compiler(firmware.core)
    root = templates()
    folders = [root / folder for folder in (*firmware.folders, *firmware.core.folders)]
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in {".c", ".h", ".ld"}]
    command = [*compiler, *firmware.core.flags, *_FLAGS, *firmware.defines]
    key = hashlib.sha256(" ".join((version, *firmware.core.flags, *_FLAGS, *firmware.defines)).encode())
    for path in files:
        key.update(f"\0{path.parent.name}/{path.name}\0".encode() + path.read_bytes())
    cache = user_cache_path("certificate-station") / "firmware"
    elf = cache / f"{firmware.name}-{key.hexdigest()[:16]}.elf"
    if not elf.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command += [f"-I{folder}" for folder in folders]
        command += [word for path in files if path.suffix == ".ld" for word in ("-T", str(path))]
        command += [str(path) for path in files if path.suffix == ".c"]
        command += firmware.core.libraries
        _compile(command, elf, cache)
    return elf


def _compiler(core: Core) -> tuple[list[str], str]:
    """The command's beginning, and what tells one compiler from the next."""
    if core.compiler == _WHEEL:
        if importlib.util.find_spec(_WHEEL) is None:
            raise UsageError("the compiler for board firmware is not installed", do=install("firmware"))
        from importlib.metadata import version  # noqa: PLC0415 - a third of a board's start, which only runs what is built

        return [sys.executable, "-m", _WHEEL, "cc"], version(_WHEEL)
    found = shutil.which(core.compiler)
    if found is None:
        raise UsageError(f"the compiler {core.compiler} is not installed", do="see .ci/system-packages for its package")
    return [found], found


def _compile(command: list[str], elf: Path, cache: Path) -> None:
    environment = os.environ | {name: str(cache / "zig") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as scratch:
        fresh = Path(scratch) / elf.name
        done = subprocess.run(  # noqa: S603
            [*command, "-o", str(fresh)], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StationFault(f"the firmware does not compile:\n{done.stderr.strip()}", do="correct the source")
        fresh.replace(elf)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Zephyr, a checkout: the module by Zephyr's own build (CMake, Kconfig, devicetree, generated headers), as a library.

Needs what Zephyr's build needs: CMake, Ninja, dtc, its Python packages, and a compiler that ZEPHYR_TOOLCHAIN_VARIANT
names.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from station.simulate.firmware import templates
from tests.firmware.real.declared import declarations
from tests.templates.compiling import HERE

BOARD = "qemu_riscv32"
_CMAKE = """cmake_minimum_required(VERSION 3.20)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(identity)
target_sources(app PRIVATE main.c)
target_compile_options(identity PRIVATE -Wall -Werror)
target_compile_options(app PRIVATE -Wall -Werror)
"""
_SETTINGS = "CONFIG_IDENTITY_SETTINGS=y\nCONFIG_SETTINGS=y\nCONFIG_NVS=y\n"
_CONFIG = f"CONFIG_IDENTITY=y\nCONFIG_FLASH=y\nCONFIG_FLASH_MAP=y\n{_SETTINGS}"
_DEVICES = """/ {
  chosen { station,uart = &uart0; zephyr,flash = &flash_sim0; };
  sim_flash_controller: sim_flash_controller {
    compatible = "zephyr,sim-flash"; #address-cells = <1>; #size-cells = <1>; erase-value = <0xff>;
    flash_sim0: flash_sim@0 {
      compatible = "soc-nv-flash"; reg = <0x0 0x8000>; erase-block-size = <4096>; write-block-size = <8>;
      partitions {
        compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
        identity_partition: partition@0 { label = "identity"; reg = <0x0 0x2000>; };
        storage_partition: partition@2000 { label = "storage"; reg = <0x2000 0x4000>; };
      };
    };
  };
};
"""


def version_of(checkout: Path) -> str:
    return ".".join(re.findall(r"(?:MAJOR|MINOR|PATCHLEVEL) = (\d+)", (checkout / "VERSION").read_text()))


def complaint(checkout: Path, scratch: Path, environment: dict[str, str]) -> str:
    """Empty when the module and what the stubs say of Zephyr compile."""
    app = scratch / "zephyr-app"
    app.mkdir()
    (app / "CMakeLists.txt").write_text(_CMAKE)
    (app / "prj.conf").write_text(_CONFIG)
    (app / "app.overlay").write_text(_DEVICES)
    compiler = environment.get("CROSS_COMPILE", "") + "gcc"
    (app / "main.c").write_text(
        declarations(compiler, HERE / "stubs" / "zephyr", ()) + "int main(void) { return 0; }\n"
    )
    build = str(scratch / "zephyr-build")
    steps = (
        [
            *("cmake", "-GNinja", "-B", build, "-S", str(app), f"-DBOARD={BOARD}"),
            *(f"-DZEPHYR_MODULES={templates() / 'zephyr'}", f"-DPython3_EXECUTABLE={sys.executable}"),
        ],
        ["ninja", "-C", build, "identity", "app"],
    )
    for step in steps:
        done = subprocess.run(
            step, env=environment | {"ZEPHYR_BASE": str(checkout)}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return (done.stdout[-4000:] + done.stderr).strip()
    return ""

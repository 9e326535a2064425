# SPDX-License-Identifier: GPL-3.0-or-later
"""STM32: a folder of checkouts of STMicroelectronics' stm32XXxx_hal_driver and cmsis_device_XX, and ARM's CMSIS_5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from station.simulate.firmware import templates
from tests.firmware.real.compilers import Build, version_of
from tests.templates.compiling import HERE

CHIPS = {
    "g0": (("STM32G071xx", "STM32G0B1xx"), "cortex-m0plus"),
    "g4": (("STM32G431xx", "STM32G474xx"), "cortex-m4"),
    "l4": (("STM32L432xx", "STM32L476xx"), "cortex-m4"),
    "f1": (("STM32F103xB", "STM32F103xG"), "cortex-m3"),
    "f4": (("STM32F407xx", "STM32F446xx"), "cortex-m4"),
    "h7": (("STM32H743xx", "STM32H7A3xx"), "cortex-m7"),
}


def builds(checkouts: Path, scratch: Path) -> Iterator[Build]:
    """Of each family whose driver is there."""
    for family, (chips, core) in CHIPS.items():
        hal, device = checkouts / f"stm32{family}xx_hal_driver", checkouts / f"cmsis_device_{family}"
        if hal.is_dir():
            first = _project(family, hal / "Inc", scratch / family)
            for chip in chips:
                yield Build(
                    framework="STM32Cube HAL",
                    version=_release(hal) or version_of(hal),
                    chip=f"{chip}, {core}",
                    compiler="arm-none-eabi-gcc",
                    flags=("-std=gnu11", f"-mcpu={core}", "-mthumb", f"-D{chip}", "-DUSE_HAL_DRIVER"),
                    vendor=(hal / "Inc", device / "Include", checkouts / "CMSIS_5" / "CMSIS" / "Core" / "Include"),
                    first=(first,),
                    sources=sorted((templates() / "stm32-hal" / "src").glob("*.c")),
                    stubs=HERE / "stubs" / "stm32-hal",
                    stub_flags=(f"-DSTM32{family.upper()}",),
                )


def _project(family: str, headers: Path, folder: Path) -> Path:
    """What STM32CubeMX writes into a project: the driver's own template of its configuration."""
    folder.mkdir(parents=True)
    name = f"stm32{family}xx_hal"
    (folder / f"{name}_conf.h").write_bytes((headers / f"{name}_conf_template.h").read_bytes())
    (folder / "stm32_hal.h").write_text(f'#include "{name}.h"\n')
    return folder


def _release(hal: Path) -> str:
    """As its release notes say, where the folder is no checkout."""
    notes = hal / "Release_Notes.html"
    found = re.search(r"V\d+\.\d+\.\d+", notes.read_text("utf-8", "replace")) if notes.is_file() else None
    return found[0] if found else ""

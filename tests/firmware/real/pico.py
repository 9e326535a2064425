# SPDX-License-Identifier: GPL-3.0-or-later
"""arduino-pico, a checkout with its submodules: the Arduino library for an RP2040, by the flags the core itself has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from station.simulate.firmware import templates
from tests.firmware.real.compilers import Build, version_of

_PREFIX = "-iwithprefixbefore"


def builds(checkout: Path) -> Iterator[Build]:
    words = [
        word
        for name in ("core_inc", "platform_def", "rp2040/platform_inc", "rp2040/platform_def")
        for word in (checkout / "lib" / f"{name}.txt").read_text().split()
    ]
    folders = [checkout / word.removeprefix(_PREFIX).lstrip("/") for word in words if word.startswith(_PREFIX)]
    yield Build(
        framework="Arduino, arduino-pico",
        version=version_of(checkout),
        chip="RP2040, cortex-m0plus",
        compiler="arm-none-eabi-g++",
        flags=(
            *("-std=gnu++17", "-mcpu=cortex-m0plus", "-mthumb", "-fno-exceptions", "-fno-rtti"),
            *("-DARDUINO=10607", "-DARDUINO_ARCH_RP2040", "-DF_CPU=125000000", "-DPICO_FLASH_SIZE_BYTES=2097152"),
            *(word for word in words if not word.startswith(_PREFIX)),
        ),
        vendor=(*folders, checkout / "cores" / "rp2040", checkout / "variants" / "rpipico"),
        sources=sorted((templates() / "arduino" / "src").glob("*.cpp")),
    )

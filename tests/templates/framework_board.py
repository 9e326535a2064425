# SPDX-License-Identifier: GPL-3.0-or-later
"""A template's own port on this machine: its framework's calls lead to a file and a pty (`programs/frameworks`)."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.simulate.firmware import templates
from station.simulate.firmware_board import FirmwareBoard
from tests.built import built
from tests.templates.compiling import (
    AGENT,
    ESP32,
    HERE,
    HOSTS,
    PRODUCT,
    STRICT,
    WHEEL,
    agent_sources,
    host_program,
    product_sources,
)

STUBS = HERE / "stubs"
FRAMEWORKS = HERE / "programs" / "frameworks"
CHANNELS = "-DAGENT_MAX_CHANNELS=4u"


@dataclass(frozen=True)
class Template:
    """What of a template is the agent's port; and how to build it here."""

    folder: str
    sources: tuple[str, ...]
    flags: tuple[str, ...] = (CHANNELS,)
    beside: str = ""  # the folder of the templates that is copied into it, besides `agent` and `product`
    unit: int = 1  # where its flash programs more than 16 bytes at once


STM32 = ("agent_stm32.c", "flash_stm32.c")
TEMPLATES = {
    "esp-idf": Template("esp-idf", ("agent_esp.c",), (CHANNELS, "-DESP_PLATFORM"), "esp32"),
    "stm32-hal": Template("stm32-hal", STM32, (CHANNELS, "-DSTM32G4")),
    # Its HAL takes the address of what it programs as 32 bits.
    "stm32-h7": Template("stm32-hal", STM32, (CHANNELS, "-DSTM32H7", "-fno-pie", "-no-pie"), unit=32),
    "zephyr": Template(
        "zephyr", ("agent_zephyr.c",), ("-DCONFIG_IDENTITY_MAX_CHANNELS=4", "-DCONFIG_IDENTITY_PAGE=4096")
    ),
    "arduino-esp32": Template("arduino", (), (CHANNELS, "-DARDUINO_ARCH_ESP32"), "esp32"),
    "arduino-rp2040": Template("arduino", (), (CHANNELS, "-DARDUINO_ARCH_RP2040")),
}


def build_port(name: str) -> Path:
    """The port as a program of this machine."""
    template, compiler = TEMPLATES[name], next(iter(HOSTS.values()))
    src = templates() / template.folder / "src"
    shared = [*agent_sources(), *product_sources(), FRAMEWORKS / "host_board.c"]
    includes = [src, STUBS / template.folder, FRAMEWORKS]
    if template.beside:
        shared += sorted((templates() / template.beside).glob("*.c"))
        includes += [templates() / template.beside, STUBS / "esp-idf"]
    if template.folder == "arduino":
        shared.append(_sketch(name, template, src))
    else:
        shared += [*(src / source for source in template.sources), FRAMEWORKS / f"{template.folder}.c"]
    return host_program((*compiler, *template.flags), shared, includes, f"port-{name}")


def _sketch(name: str, template: Template, src: Path) -> Path:
    """The C++ part as one object without a C++ library, which a machine with a C compiler need not have."""
    target = ("-target", f"{platform.machine()}-linux-gnu", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fPIC")
    flags = ["-std=c++17", *STRICT[1:4], "-fno-sanitize=all", "-fno-threadsafe-statics", *template.flags]
    includes = (src, AGENT, PRODUCT, ESP32, STUBS / "arduino", STUBS / "esp-idf", STUBS / "libc", FRAMEWORKS)
    flags += [f"-I{path}" for path in includes]
    sources = [*sorted(src.glob("*.cpp")), FRAMEWORKS / "arduino_sketch.cpp"]
    command = [*WHEEL, *target, *flags, *sources, "-nostdlib", "-r"]
    return built(f"sketch-{name}.o", command, [*includes, *sources])


class FrameworkBoard(FirmwareBoard):
    """See FirmwareBoard."""

    def __init__(self, program: Path, uid: str, flash_file: Path, *, link: Path | None = None) -> None:
        super().__init__(uid, flash_file, link=link)
        self.program = program

    def _command(self, lifeline: int) -> Sequence[str]:
        return [str(self.program), str(self.flash_file), self.uid]

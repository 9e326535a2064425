# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates' README says the agent needs is what this build of it needs: code, RAM, the deepest stack."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path

from station.simulate.firmware import PORTS, build_firmware, templates
from station.simulate.mcu_flash import McuFlash
from station.simulate.mcu_soc import RAM, RAM_SIZE, Soc
from tests.firmware.firmware_bench import NEW, NONCE, OLD, UID, ScriptedLine, line, provision
from tests.firmware.test_second_version import asked, provision_by_version_2

PAINT = 0xA5
CHANNELS = 64  # of this port
KIB = 1024


def sections(elf: Path) -> dict[str, int]:
    """Bytes of each section of a 32-bit little-endian ELF file."""
    image = elf.read_bytes()
    (table,) = struct.unpack_from("<I", image, 0x20)
    size, count, names_in = struct.unpack_from("<3H", image, 0x2E)
    heads = [struct.unpack_from("<6I", image, table + number * size) for number in range(count)]
    names = image[heads[names_in][4] :]
    return {names[head[0] :].partition(b"\0")[0].decode(): head[5] for head in heads}


def code_of(found: dict[str, int]) -> int:
    return sum(found.get(name, 0) for name in (".text", ".ARM.exidx", ".data"))


def deepest_stack(elf: Path, variables: int, flash_file: Path) -> int:
    """Over writes, a replacement, proofs of both versions and a lock."""
    bodies = [asked("SHOW", NEW), f"SAME {NONCE}", "ID", f"PROVE {NONCE} 0", "WHO", asked("SEAL", NEW)]
    lines = [
        *provision(OLD),
        *provision_by_version_2(NEW, " 1"),
        *(line(f"@{n} {each}") for n, each in enumerate(bodies)),
    ]
    uart = ScriptedLine(lines)
    soc = Soc(elf, int(UID, 16), McuFlash(flash_file), uart)
    soc._cpu.mem_write(RAM, bytes([PAINT]) * RAM_SIZE)
    soc.run()
    assert uart.output.count(b" OK") == len(lines)
    above = soc.ram()[variables:]
    return len(above) - next(at for at, byte in enumerate(above) if byte != PAINT)


def test_the_agent_needs_no_more_than_the_readme_says(tmp_path: Path) -> None:
    page = " ".join((templates() / "README.md").read_text("utf-8").split())
    said = re.search(
        r"Cortex-M3, compiled for size, with the port: ([\d.]+) KiB of code, ([\d.]+) without version 1 "
        r"of the protocol; RAM ([\d.]+) KiB and a stack of ([\d.]+) .* and (\d+) bytes more for each camera",
        page,
    )
    assert said
    code, code_of_version_2, ram, stack, camera = map(float, said.groups())
    port = PORTS["sim-cortex-m3"]
    elf = build_firmware(port)
    found = sections(elf)
    variables = found.get(".data", 0) + found[".bss"]
    only = sections(build_firmware(replace(port, name="version-2", defines=("-DAGENT_PROTOCOL_1=0",))))
    measured = (
        code_of(found) / KIB,
        code_of(only) / KIB,
        (variables - CHANNELS * camera) / KIB,
        deepest_stack(elf, variables, tmp_path / "flash.bin") / KIB,
    )
    for is_so, is_said in zip(measured, (code, code_of_version_2, ram, stack), strict=True):
        assert 0.9 * is_said < is_so <= is_said, measured

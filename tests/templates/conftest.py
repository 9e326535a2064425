# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's C code on this machine and on an emulated Cortex-M3."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from station.simulate.firmware import CORTEX_M3, Firmware, build_firmware, templates
from tests.firmware.firmware_bench import UID
from tests.templates.compiling import HERE, HOSTS, host_program, product_sources, store_sources
from tests.templates.posix_board import PosixBoard, Programs, build_programs
from tests.templates.product_questions import Ask, ask_host, ask_mcu

PROGRAMS = HERE / "programs"


@pytest.fixture(scope="session", params=[*HOSTS, "cortex-m3"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    if request.param == "cortex-m3":
        folders = (str(PROGRAMS / "mcu"), str(PROGRAMS / "driver"), "agent", "product", "ports", "ports/sim-cortex-m3")
        elf = build_firmware(Firmware(name="product-questions", core=CORTEX_M3, folders=folders))
        return partial(ask_mcu, elf, tmp_path_factory.mktemp("product") / "flash.bin")
    sources = [*store_sources(), *product_sources(), PROGRAMS / "product_host.c"]
    sources.append(PROGRAMS / "driver" / "product_driver.c")
    includes = [PROGRAMS / "driver", templates() / "ports" / "sim-cortex-m3"]
    return partial(ask_host, host_program(HOSTS[request.param], sources, includes, f"product-{request.param}"))


@pytest.fixture(scope="session")
def posix_programs() -> Programs:
    return build_programs(next(iter(HOSTS.values())))


@pytest.fixture
def posix(posix_programs: Programs, tmp_path: Path) -> Iterator[PosixBoard]:
    """A blank Linux device, powered on."""
    with PosixBoard(posix_programs, UID, tmp_path / "identity", link=tmp_path / "ttyNVR") as board:
        yield board


@pytest.fixture(scope="session")
def console() -> Path:
    """A program that is every console dialect on this machine, and ends at the first wrong memory access."""
    folder = templates() / "vendor-console" / "src"
    own = [path for path in sorted(folder.glob("*.c")) if path.name != "main.c"]
    sources = [*own, *store_sources(), *product_sources(), PROGRAMS / "console_host.c"]
    return host_program(next(iter(HOSTS.values())), sources, [folder], "console")

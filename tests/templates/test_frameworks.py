# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates for frameworks that cannot be installed here: checked against stubbed headers, and for their form."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from station.simulate.firmware import templates
from tests.built import built
from tests.templates.compiling import AGENT, ESP32, HERE, INSTALLED, PRODUCT, STRICT, WHEEL

TARGETS = {
    "esp-idf": ("-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m+a+c"),
    "zephyr": ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m4"),
    "stm32-hal": ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m4"),
    "arduino": ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus"),
}
BUILD_FILES = {
    "esp-idf": {"CMakeLists.txt"},
    "zephyr": {"CMakeLists.txt", "Kconfig", "zephyr"},
    "stm32-hal": {"identity.mk"},
    "arduino": {"library.properties"},
    "posix": {"Makefile"},
    "vendor-console": {"Makefile"},
}
SWITCHES = {
    "stm32-hal": ["-DSTM32G4", "-DSTM32G0", "-DSTM32F1", "-DSTM32F4", "-DSTM32H7"],
    "esp-idf": ["-DESP_PLATFORM -DAGENT_USB_JTAG=0", "-DESP_PLATFORM -DAGENT_USB_JTAG=1"],
    "zephyr": ["-DCONFIG_IDENTITY_MAX_CHANNELS=4 -DCONFIG_IDENTITY_PAGE=4096"],
    "arduino": ["-DARDUINO_ARCH_ESP32", "-DARDUINO_ARCH_RP2040"],
}
BUILDS = [(name, switch) for name in TARGETS for switch in SWITCHES.get(name, [""])]


@pytest.mark.parametrize(("name", "switch"), BUILDS)
def test_it_compiles_against_the_frameworks_headers_as_stubbed(name: str, switch: str) -> None:
    sources = sorted((templates() / name / "src").glob("*.c*"))
    sources += sorted(ESP32.glob("*.c")) if name == "esp-idf" else []
    stubs = HERE / "stubs"
    flags = ["-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-exceptions", *switch.split()]
    includes = [sources[0].parent, AGENT, PRODUCT, ESP32, stubs / name, stubs / "esp-idf", stubs / "libc"]
    flags += [f"-I{folder}" for folder in includes]
    flags += ["-std=c++17" if sources[0].suffix == ".cpp" else "-std=gnu11"]
    # One relocatable object: the wheel's compiler starts slowly, and takes several sources only when it links.
    command = [*WHEEL, *TARGETS[name], *flags, *sources, "-nostdlib", "-r"]
    built(f"stubbed-{BUILDS.index((name, switch))}.o", command, [*includes, *sources])


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
@pytest.mark.parametrize(
    ("version", "drivers"),
    [
        ("5.2", "driver"),
        ("5.3", "esp_driver_uart esp_driver_usb_serial_jtag"),
        ("6.0", "esp_driver_uart esp_driver_usb"),
    ],
)
def test_the_esp_idf_component_names_the_drivers_of_that_version(version: str, drivers: str, tmp_path: Path) -> None:
    major, minor = version.split(".")
    script = tmp_path / "component.cmake"
    script.write_text(
        'function(idf_component_register)\nmessage("${ARGN}")\nendfunction()\n'
        f"set(IDF_VERSION_MAJOR {major})\nset(IDF_VERSION_MINOR {minor})\n"
        f"include({templates() / 'esp-idf' / 'CMakeLists.txt'})\n"
    )
    done = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=True)
    requires = done.stderr.replace(";", " ").partition(" REQUIRES ")[2]
    assert requires.startswith(drivers)
    assert "esp_partition nvs_flash" in requires
    assert (version < "5.3") == (requires.split()[0] == "driver")


@pytest.mark.parametrize("folder", ["agent", "product", "vendor-console"])
@pytest.mark.parametrize("compiler", ["clang of the wheel", *INSTALLED])
def test_what_needs_no_libc_compiles_without_a_warning(folder: str, compiler: str) -> None:
    source = templates() / folder / ("src" if folder == "vendor-console" else "")
    includes = [source, AGENT, PRODUCT, templates() / "ports", templates() / "ports" / "sim-cortex-m3"]
    command = INSTALLED.get(compiler) or (*WHEEL, "-target", f"{platform.machine()}-linux-gnu", "-fno-sanitize=all")
    flags, sources = [*STRICT, *(f"-I{path}" for path in includes)], sorted(source.glob("*.c"))
    built(
        f"{folder}-{compiler.replace(' ', '-')}.o",
        [*command, *flags, *sources, "-nostdlib", "-r"],
        [*includes, *sources],
    )


@pytest.mark.parametrize("name", BUILD_FILES)
def test_a_template_is_a_readme_a_build_file_and_src(name: str) -> None:
    assert {path.name for path in (templates() / name).iterdir()} == {"README.md", "src"} | BUILD_FILES[name]


@pytest.mark.parametrize("name", TARGETS)
def test_the_readme_says_that_the_framework_was_only_stubbed(name: str) -> None:
    page = (templates() / name / "README.md").read_text("utf-8")
    assert re.search(r"^## Tested$", page, re.MULTILINE)
    assert "stubbed" in page

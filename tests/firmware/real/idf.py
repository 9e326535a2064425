# SPDX-License-Identifier: GPL-3.0-or-later
"""ESP-IDF, a checkout: the component's sources for an ESP32-C3, and whether the components it asks for exist.

Espressif's C library comes with its compiler only. The library here is another one, and what ESP-IDF asks of newlib's
insides an empty struct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from station.simulate.firmware import templates
from tests.firmware.real.compilers import Build
from tests.templates.compiling import ESP32, HERE

CHIP = "esp32c3"
_ELSEWHERE = re.compile(r"(esp32|esp8266)(?!c3$)|xtensa$|linux$|FreeRTOS-Kernel-SMP$|test|private_include$|(bt|lwip)$")
_CONFIG = {
    "IDF_TARGET_ESP32C3": 1,
    "IDF_TARGET_ARCH_RISCV": 1,
    "ESP_SYSTEM_SINGLE_CORE_MODE": 1,
    "FREERTOS_HZ": 100,
    "FREERTOS_UNICORE": 1,
    "FREERTOS_NUMBER_OF_CORES": 1,
    "FREERTOS_MAX_TASK_NAME_LEN": 16,
    "FREERTOS_IDLE_TASK_STACKSIZE": 1536,
    "FREERTOS_ISR_STACKSIZE": 1536,
    "FREERTOS_THREAD_LOCAL_STORAGE_POINTERS": 1,
    "FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES": 1,
    "FREERTOS_TIMER_TASK_PRIORITY": 1,
    "FREERTOS_TIMER_TASK_STACK_DEPTH": 2048,
    "FREERTOS_TIMER_QUEUE_LENGTH": 10,
    "FREERTOS_QUEUE_REGISTRY_SIZE": 0,
    "FREERTOS_TIMER_SERVICE_TASK_NAME": '"Tmr Svc"',
    "LOG_MAXIMUM_LEVEL": 3,
    "LOG_DEFAULT_LEVEL": 3,
}
"""Of what a project's sdkconfig says, what the headers ask for."""


def builds(checkout: Path, scratch: Path) -> Iterator[Build]:
    first = _project(scratch / checkout.name)
    for switch, line in (("0", "UART"), ("1", "USB")):
        yield Build(
            framework="ESP-IDF",
            version=_version(checkout),
            chip=f"ESP32-C3, {line}",
            compiler="riscv64-unknown-elf-gcc",
            flags=(
                *("-std=gnu17", "-march=rv32imc_zicsr", "-mabi=ilp32", "-specs=picolibc.specs", "-DESP_PLATFORM"),
                *("-include", str(first / "sdkconfig.h"), f"-DAGENT_USB_JTAG={switch}"),
            ),
            vendor=(first, *_headers(checkout / "components")),
            sources=[*sorted((templates() / "esp-idf" / "src").glob("*.c")), *sorted(ESP32.glob("*.c"))],
            stubs=HERE / "stubs" / "esp-idf",
        )


def missing_components(checkout: Path) -> list[str]:
    """That the template's CMakeLists.txt names for this version, and that this version does not have."""
    text = (templates() / "esp-idf" / "CMakeLists.txt").read_text()
    old, new = re.findall(r"set\(drivers ([^)]*)\)", text)
    [requires] = re.findall(r"REQUIRES \$\{drivers\} ([^)]*)\)", text)
    major, minor = _version(checkout).split(".")[:2]
    drivers = new if (int(major), int(minor)) >= (5, 3) else old
    return [name for name in f"{drivers} {requires}".split() if not (checkout / "components" / name).is_dir()]


def _version(checkout: Path) -> str:
    text = (checkout / "tools" / "cmake" / "version.cmake").read_text()
    return ".".join(re.findall(r"IDF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text))


def _project(folder: Path) -> Path:
    (folder / "sys").mkdir(parents=True)
    lines = "".join(f"#define CONFIG_{name} {value}\n" for name, value in _CONFIG.items())
    (folder / "sdkconfig.h").write_text(f'#pragma once\n#define CONFIG_IDF_TARGET "{CHIP}"\n{lines}')
    (folder / "sys" / "reent.h").write_text("#pragma once\nstruct _reent { int unused; };\n")
    (folder / "sys" / "lock.h").write_text("#pragma once\ntypedef int _lock_t;\n")
    (folder / "reent.h").write_text("#include <sys/reent.h>\n")
    return folder


def _headers(folder: Path) -> Iterator[Path]:
    """Each component's public folders, for this chip."""
    for each in sorted(folder.iterdir()):
        if each.is_dir() and not _ELSEWHERE.match(each.name):
            if each.name in ("include", "register", "platform_include") or each.parts[-2:] == ("include", "freertos"):
                yield each
            yield from _headers(each)

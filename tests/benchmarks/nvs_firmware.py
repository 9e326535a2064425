# SPDX-License-Identifier: GPL-3.0-or-later
"""ESP-IDF's own NVS code, compiled for this PC from sources that are there: what firmware makes of a partition.

Nothing of ESP-IDF is here. Of its headers, those that reach into the chip are replaced by the few lines that NVS needs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.targets.esp.nvs import EntryKind

NUMBERS = {
    EntryKind.U8: 0x01,
    EntryKind.I8: 0x11,
    EntryKind.U16: 0x02,
    EntryKind.I16: 0x12,
    EntryKind.U32: 0x04,
    EntryKind.I32: 0x14,
    EntryKind.U64: 0x08,
    EntryKind.I64: 0x18,
    EntryKind.STRING: 0x21,
    EntryKind.BLOB: 0x41,
}
"""How firmware asks for a value of this kind (nvs_types.hpp, ItemType)."""
POWER_LOST = -1
"""ESP_FAIL, which nothing but the flash says here."""

Name = tuple[bytes, bytes]
"""Namespace and key."""

_PARTS = ("nvs_page", "nvs_pagemanager", "nvs_storage", "nvs_types", "nvs_item_hash_list")
_ERRORS = """#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef int esp_err_t;
enum { ESP_OK = 0, ESP_FAIL = -1, ESP_ERR_NO_MEM = 0x101, ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_STATE,
       ESP_ERR_INVALID_SIZE, ESP_ERR_NOT_FOUND, ESP_ERR_NOT_SUPPORTED, ESP_ERR_FLASH_OP_FAIL = 0x6001 };
"""
_BLOCKDEV = """#pragma once
typedef struct esp_blockdev *esp_blockdev_handle_t;
"""
_PARTITION = """#pragma once
#include "esp_blockdev.h"
typedef struct esp_partition_t esp_partition_t;
"""
_CRC = """#pragma once
#include <stdint.h>
extern "C" uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *data, uint32_t size);
"""
_STRING = """#pragma once
#include <string.h>
static inline size_t strlcpy(char *to, const char *from, size_t room)
{
    size_t size = strlen(from), fits = size < room ? size : room - 1;
    memcpy(to, from, fits);
    to[fits] = 0;
    return size;
}
"""
_EMPTY = ("esp_attr.h", "esp_heap_caps.h", "sdkconfig.h", "sys/lock.h", "spi_flash_mmap.h")
_HEADERS = dict.fromkeys(_EMPTY, "#pragma once\n") | {
    "esp_err.h": _ERRORS,
    "esp_blockdev.h": _BLOCKDEV,
    "esp_partition.h": _PARTITION,
    "esp_rom_crc.h": _CRC,
    "esp_log.h": "".join(f"#define ESP_LOG{level}(...)\n" for level in "EWIDV"),
    "bsd/string.h": _STRING,
}
_FLAGS = ("-std=gnu++20", "-O1", "-DLINUX_TARGET", "-DNO_DEBUG_STORAGE", "-DIDF_DEPRECATED(x)=")


def compile_for_this_pc(idf: Path, folder: Path) -> Path:
    """The program. CalledProcessError when these sources are not as ESP-IDF 6's are."""
    for name, text in _HEADERS.items():
        header = folder / "chip" / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(text)
    nvs = idf / "components" / "nvs_flash"
    places = (folder / "chip", nvs / "src", nvs / "include", nvs / "private_include")
    sources = [Path(__file__).with_suffix(".cpp"), *(nvs / "src" / f"{part}.cpp" for part in _PARTS)]
    program = folder / "nvs_firmware"
    subprocess.run(["g++", *_FLAGS, *(f"-I{place}" for place in places), *sources, "-o", program], check=True)
    return program


class Firmware:
    """One partition, its flash a file that is loaded and saved; firmware starts at each `start`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._file = folder / "partition.bin"

    def start(self, image: bytes) -> int:
        """0, or ESP-IDF's error: it would not work with this partition."""
        self._file.write_bytes(image)
        return int(self._ask("load", str(self._file))[0])

    def image(self) -> bytes:
        self._ask("save", str(self._file))
        return self._file.read_bytes()

    def cut_power(self, after_writes: int, torn_bytes: int) -> None:
        self._ask("cut", str(after_writes), str(torn_bytes))

    def put(self, name: Name, kind: EntryKind, data: bytes) -> int:
        return int(self._ask("set", *_hex(*name, data), str(NUMBERS[kind]))[0])

    def erase(self, name: Name) -> int:
        return int(self._ask("erase", *_hex(*name))[0])

    def get(self, name: Name, number: int) -> bytes | None:
        """The value under a name and a type's number, where there is one that can be read."""
        error, value = self._ask("get", *_hex(*name), str(number))
        return None if int(error) else bytes.fromhex(value[1:])

    def names(self) -> set[tuple[Name, int]]:
        """And type's number, of all that an application would be shown."""
        words = [word.split("=") for word in self._ask("list")[1:]]
        return {((bytes.fromhex(space), bytes.fromhex(key)), int(number)) for _, space, key, number in words}

    def _ask(self, *words: str) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().split()


def _hex(*parts: bytes) -> list[str]:
    return [f"={part.hex()}" for part in parts]


@contextmanager
def firmware(program: Path, folder: Path) -> Iterator[Firmware]:
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Firmware(process, folder)
        process.kill()

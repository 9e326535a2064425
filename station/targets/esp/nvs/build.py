# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds an NVS partition image with Espressif's generator, in process, and believes it only after reading it back.

The generator's class is called directly: its module function adds entries of its own to keys like `sta.ssid`, and its
command line ends with success on bad sizes. What it prints names values, so its log is ours (`esp_log`) before it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any

from station.codes import Code
from station.errors import BoardFault
from station.targets.esp import log as esp_log
from station.targets.esp.nvs.entry import Entry, EntryKind, faults
from station.targets.esp.nvs.kept import Kept, put
from station.targets.esp.nvs.page import MIN_PARTITION, PAGE_SIZE, VERSION_BYTE
from station.targets.esp.nvs.parse import parse

_LARGEST_MEASURED = 1024 * PAGE_SIZE
_SHOWN = 5


def build(
    entries: Iterable[Entry], size: int, *, version: int = 2, key: bytes | None = None, kept: Iterable[Kept] = ()
) -> bytes:
    """A partition of `size` bytes that holds `entries` and `kept` and nothing else; encrypted with `key` (64 bytes)
    when given, which `kept` forbids.

    BoardFault E205 when `entries` may not be written, together or alone, or do not fit.
    """
    entries = tuple(entries)
    if found := faults(entries, version=version):
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise _does_not_fit("; ".join(found[:_SHOWN]) + more)
    if size % PAGE_SIZE or size < MIN_PARTITION:
        raise _does_not_fit(f"a partition of {size:#x} bytes: firmware wants whole pages of 0x1000, at least three")
    image = _generate(entries, size, version, key)
    if image is None:
        raise _does_not_fit(
            f"{_pages_needed(entries, version)} pages of 0x1000 bytes are needed, "
            f"the partition has {size // PAGE_SIZE - 1} and one that firmware keeps free"
        )
    read = parse(image, key=key)
    if len(image) != size or not read.whole or sorted(read.entries, key=str) != sorted(entries, key=str):
        raise _generator_failed(read.damage[0] if read.damage else "values differ")
    return _with(image, entries, tuple(kept), version) if kept else image


def _with(image: bytes, entries: tuple[Entry, ...], kept: tuple[Kept, ...], version: int) -> bytes:
    merged = put(image, kept, version=version)
    if merged is None:
        raise _does_not_fit(f"there is no room for the {len(kept)} keys that others keep here, among them {kept[0]}")
    read = parse(merged)
    same = {one.content for one in read.kept} == {one.content for one in kept} and len(read.kept) == len(kept)
    if not same or read.damage or sorted(read.entries, key=str) != sorted(entries, key=str):
        raise _generator_failed("what others keep here differs")
    return merged


@cache
def generator() -> Any:
    """Espressif's module: 0.2 s, so not before it is used."""
    esp_log.install()
    return import_module("esp_idf_nvs_partition_gen.nvs_partition_gen")


def _generate(entries: tuple[Entry, ...], size: int, version: int, key: bytes | None) -> bytes | None:
    """None when `entries` need more pages."""
    out = BytesIO()
    # The generator adds the page that firmware keeps free, so it is told one page less.
    nvs = generator().nvs_open(out, size - PAGE_SIZE, VERSION_BYTE[version], key is not None, key)
    try:
        for entry in sorted(entries, key=lambda entry: entry.namespace):  # one run each: it knows only the latest
            nvs.write_namespace(entry.namespace)
            encoding = "binary" if entry.kind is EntryKind.BLOB else str(entry.kind)
            nvs.write_entry(entry.key, entry.value, encoding)
        generator().nvs_close(nvs)
    except generator().InsufficientSizeError:
        return None
    return out.getvalue()


def _pages_needed(entries: tuple[Entry, ...], version: int) -> str:
    image = _generate(entries, _LARGEST_MEASURED, version, None)
    return str(parse(image).pages_used) if image else f"more than {_LARGEST_MEASURED // PAGE_SIZE}"


def _does_not_fit(what: str) -> BoardFault:
    return BoardFault(
        f"the identity cannot be stored in this NVS partition: {what}",
        means="nothing was written",
        do="correct the profile's layout or enlarge the partition",
        code=Code.E205,
    )


def _generator_failed(what: str) -> BoardFault:
    return BoardFault(
        f"the NVS image does not read back as it was meant: {what}",
        means="nothing was written",
        do="keep this board aside and report the fault; the installed image generator is not the one tested",
        code=Code.E205,
    )

# SPDX-License-Identifier: GPL-3.0-or-later
"""Our NVS reader and writer and ESP-IDF's own NVS code, on partitions written, cut off and damaged at random.

Counted: partitions where both say the same (all), and those where a value that we read as sound is another one, or
none, for firmware, or where firmware shows a key although we said that we had seen all there is (0).

`IDF_PATH=… python -m tests.benchmarks nvs [PARTITIONS]`; IDF_PATH: ESP-IDF's folder, version 5.3 or later.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from station.targets.esp.nvs import Contents, Entry, EntryKind, build, parse
from station.targets.esp.nvs.page import PAGE_SIZE
from tests.benchmarks.nvs_firmware import NUMBERS, POWER_LOST, Firmware, Name, compile_for_this_pc, firmware

KINDS = (*EntryKind, EntryKind.STRING, EntryKind.BLOB, EntryKind.BLOB)
AS_ASKED = {0x42: NUMBERS[EntryKind.BLOB], 0x48: NUMBERS[EntryKind.BLOB]}
"""A blob is listed by the type of its parts."""
TEXTS, BLOBS = (0, 5, 31, 32, 300, 1500, 3967), (0, 1, 33, 700, 3000, 5000)


def an_entry(chance: random.Random) -> Entry:
    kind = chance.choice(KINDS)
    if kind is EntryKind.STRING:
        value: int | str | bytes = "".join(chance.choices("abcdefgh", k=chance.choice(TEXTS)))
    elif kind is EntryKind.BLOB:
        value = chance.randbytes(chance.choice(BLOBS))
    else:
        reach = kind.int_range()
        value = chance.randrange(reach.start, reach.stop)
    return Entry(namespace=chance.choice("abc"), key=f"k{chance.randrange(12)}", kind=kind, value=value)


def stored(entry: Entry) -> bytes:
    """As firmware gives it out."""
    if isinstance(entry.value, int):
        return entry.value.to_bytes(entry.kind.int_bytes, "little", signed=entry.kind.startswith("i"))
    return entry.value.encode() + b"\0" if isinstance(entry.value, str) else entry.value


def live(device: Firmware, chance: random.Random) -> bytes:
    """What firmware leaves after some writing and erasing, often with the power cut in the middle."""
    if chance.random() < 0.6:
        device.cut_power(chance.randrange(1, 40), chance.randrange(64))
    for _ in range(chance.randrange(1, 25)):
        entry = an_entry(chance)
        name = name_of(entry)
        done = device.erase(name) if chance.random() < 0.2 else device.put(name, entry.kind, stored(entry))
        if done == POWER_LOST:
            break
    return device.image()


def flipped(image: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(image)
    damaged[chance.randrange(len(image.rstrip(b"\xff")) or 1)] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def disagreements(device: Firmware, found: Contents) -> list[str]:
    """Names only, never a value. Where damage is said, it is said that there may be more."""
    sound = [entry for entry in found.entries if (entry.namespace, entry.key) not in found.unclear]
    wrong = [f"{one} is another" for one in sound if device.get(name_of(one), NUMBERS[one.kind]) != stored(one)]
    said = {name_of(entry) for entry in found.entries} | {(one.namespace, one.key) for one in found.kept}
    if not found.damage:
        seen = {name for name, number in device.names() if device.get(name, AS_ASKED.get(number, number)) is not None}
        wrong += [f"{space!r}/{key!r} is not seen" for space, key in seen - said]
    return wrong


def name_of(entry: Entry) -> Name:
    return entry.namespace.encode(), entry.key.encode()


def hold(device: Firmware, image: bytes, counted: Counter[str], kept: Path, seen: str) -> None:
    if device.start(image):
        counted[f"{seen}, firmware does not start"] += 1
        return
    found = parse(image)
    wrong = disagreements(device, found)
    counted[f"{seen}, {'WRONG' if wrong else 'clean' if found.whole else 'damaged'}"] += 1
    for what in wrong[:3]:
        print(f"  WRONG {seen}: {what}; {', '.join(found.damage) or 'no damage was said'}")
    if wrong:
        (kept / f"wrong-{counted[f'{seen}, WRONG']}.bin").write_bytes(image)


def built(chance: random.Random) -> bytes:
    entries = {(one.namespace, one.key): one for one in (an_entry(chance) for _ in range(chance.randrange(1, 20)))}
    return build(list(entries.values()), 32 * PAGE_SIZE)


def run(device: Firmware, partitions: int, kept: Path) -> Counter[str]:
    chance, counted = random.Random(1), Counter[str]()
    image = b""
    for number in range(partitions):
        if not number % 10 or device.start(image):
            image = b"\xff" * PAGE_SIZE * chance.choice((3, 4, 6))
            device.start(image)
        image = live(device, chance)
        hold(device, image, counted, kept, "lived in")
        hold(device, flipped(image, chance), counted, kept, "lived in, a bit flipped")
        if not number % 5:
            ours = built(chance)
            hold(device, ours, counted, kept, "built by us")
            hold(device, flipped(ours, chance), counted, kept, "built by us, a bit flipped")
    return counted


def main(partitions: int = 1000) -> None:
    idf = os.environ.get("IDF_PATH", "")
    if not (Path(idf) / "components" / "nvs_flash").is_dir():
        print("IDF_PATH names no ESP-IDF: nothing was compared")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with firmware(compile_for_this_pc(Path(idf), folder), folder) as device:
            counted = run(device, partitions, Path(tempfile.gettempdir()))
    for what, count in sorted(counted.items()):
        print(f"{count:6} {what}")
    print(f"{sum(n for what, n in counted.items() if 'WRONG' in what)} of {counted.total()} where the two disagree")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on this board the identity goes: the profile's word, held against the board's partition table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from station.codes import Code
from station.errors import BoardFault
from station.targets.esp.link import ADDRESSABLE, EspLink
from station.targets.esp.nvs.page import MIN_PARTITION, PAGE_SIZE
from station.targets.esp.options import Encryption, EspOptions
from station.targets.esp.partition import DATA, ENTRY_BYTES, TABLE_BYTES, NoTable, Partition, Subtype, parse_table
from station.targets.esp.size import require_fits

_FIRST_READ = 0x100
"""Seven partitions and the MD5: most tables."""

_OTHER_PLACES = range(0x8000, 0x21000, PAGE_SIZE)
"""Behind the bootloader, up to what a large one with secure boot leaves."""

_SET = "set table_offset = {at:#x} in the profile"

_tables: dict[str, tuple[Partition, ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class NvsPlace:
    """Offsets and sizes in bytes. `checked`: the board's table says so; else only the profile does.

    `keys_offset` is None where no key belongs, and where none can be put: a chip that encrypts its flash reads it so.
    """

    offset: int
    size: int
    keys_offset: int | None = None
    checked: bool = True


def locate(link: EspLink, options: EspOptions) -> NvsPlace:
    """BoardFault E202 unless the table has exactly the data/nvs partition that the profile means, on a flash that has
    room for all of the table.

    A board whose table cannot be read (secure download, flash encryption) is taken at the profile's offset and size.
    """
    if link.security.secure_download:
        if options.nvs_encryption is Encryption.KEYS_PARTITION:
            raise _wrong("nobody can see whether its keys partition holds a key", do="let the firmware make the key")
        place = _by_profile(options, "its table cannot be read in secure download mode")
        require_fits(link, (), place.offset + place.size, told=options.flash_size or ADDRESSABLE)
        return place
    try:
        table = _read_table(link, options.table_offset)
    except NoTable as error:
        if link.security.flash_encryption:
            place = _by_profile(options, "its flash is encrypted, the table with it")
            require_fits(link, (), place.offset + place.size, told=options.flash_size)
            return place
        raise _no_table(link, options.table_offset, error) from None
    keys = None
    require_fits(link, table, 0, told=options.flash_size)
    if options.nvs_encryption is Encryption.KEYS_PARTITION and not link.security.flash_encryption:
        keys = _one(table, Subtype.NVS_KEYS, options.keys_partition, None, PAGE_SIZE).offset
    if not _meant(table, options.partition, options.offset):
        _require_no_table_has_it(link, options)
    nvs = _one(table, Subtype.NVS, options.partition, options.offset, MIN_PARTITION)
    if options.size is not None and nvs.size != options.size:
        raise _wrong(f"its partition {nvs.name!a} has {nvs.size:#x} bytes, not {options.size:#x}")
    require_fits(link, (), max(nvs.offset + nvs.size, keys or 0), told=options.flash_size)
    return NvsPlace(offset=nvs.offset, size=nvs.size, keys_offset=keys)


def _read_table(link: EspLink, at: int) -> tuple[Partition, ...]:
    """Boards of a batch have the same table; one with the MD5 of a known one need not be read."""
    digest = link.md5(at, TABLE_BYTES)
    if digest not in _tables:
        try:
            _tables[digest] = _parse(link, at)
        except NoTable:
            with suppress(BoardFault):
                link.wake_flash()  # some flash chips answer only after esptool's long greeting
            return _parse(link, at)
    return _tables[digest]


def _no_table(link: EspLink, looked_at: int, error: NoTable) -> BoardFault:
    """Names the place where firmware was built to look for it (CONFIG_PARTITION_TABLE_OFFSET), if a table is there."""
    what = f"no partition table at {looked_at:#x} ({error})"
    for at, _ in _tables_elsewhere(link, looked_at):
        return _wrong(f"{what}; there is one at {at:#x}", do=_SET.format(at=at))
    return _wrong(what)


def _require_no_table_has_it(link: EspLink, options: EspOptions) -> None:
    """BoardFault E202: the table looked at is an older firmware's, left over; the present one's lies elsewhere."""
    here = options.table_offset
    for at, table in _tables_elsewhere(link, here):
        if _meant(table, options.partition, options.offset):
            raise _wrong(f"the table at {here:#x} has no such partition, the one at {at:#x} has", do=_SET.format(at=at))


def _tables_elsewhere(link: EspLink, looked_at: int) -> Iterator[tuple[int, tuple[Partition, ...]]]:
    for at in _OTHER_PLACES:
        with suppress(NoTable):
            if at != looked_at and parse_table(link.read(at, ENTRY_BYTES))[0]:
                yield at, _parse(link, at)


def _meant(table: tuple[Partition, ...], name: str, offset: int | None) -> list[Partition]:
    return [one for one in table if (not name or one.name == name) and (offset is None or one.offset == offset)]


def _parse(link: EspLink, at: int) -> tuple[Partition, ...]:
    data = link.read(at, _FIRST_READ)
    table, complete = parse_table(data)
    if complete:
        return table
    return parse_table(data + link.read(at + _FIRST_READ, TABLE_BYTES - _FIRST_READ))[0]


_IS_THERE = "flash this product's firmware first, or name one that is there: partition = in the profile's [esp-nvs]"


def _one(table: tuple[Partition, ...], subtype: Subtype, name: str, offset: int | None, min_size: int) -> Partition:
    kind = f"data/{subtype.name.lower()}"
    found = _meant(table, name, offset)
    wanted = " ".join(filter(None, (f"{name!a}" if name else "", f"at {offset:#x}" if offset is not None else "")))
    if not found:
        there = ", ".join(f"{one.name!a} at {one.offset:#x}" for one in table)
        raise _wrong(f"no partition {wanted}; its table has {there}", do=_IS_THERE)
    one = found[0]
    if len(found) > 1 or (one.type, one.subtype) != (DATA, subtype):
        raise _wrong(f"partition {wanted} is not one partition of type {kind}")
    if one.size < min_size or one.size % PAGE_SIZE or one.offset % PAGE_SIZE:
        raise _wrong(f"partition {wanted} has {one.size:#x} bytes at {one.offset:#x}: firmware could not use it")
    return one


def _by_profile(options: EspOptions, why: str) -> NvsPlace:
    if options.offset is None or options.size is None:
        raise _wrong(f"{why}, and the profile does not say where the partition lies", do="add offset and size to it")
    return NvsPlace(offset=options.offset, size=options.size, checked=False)


def _wrong(what: str, do: str = "flash this product's firmware first, or choose the right profile") -> BoardFault:
    return BoardFault(f"wrong partition: {what}", means="nothing was reserved or written", do=do, code=Code.E202)

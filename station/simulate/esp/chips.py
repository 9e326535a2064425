# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs from chip to chip: how it is recognised and where its eFuses and SPI controller are.

Numbers from the chips' technical reference manuals (register summaries) as esptool uses them. A field is a list of
(address, shift, width), lowest bits first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

Field = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpiController:
    """Register offsets of the SPI controller that the flash hangs on. `mosi_bits` None: ESP8266, lengths in USR1."""

    base: int
    usr: int = 0x18
    usr1: int = 0x1C
    usr2: int = 0x20
    miso_bits: int | None = 0x28
    w0: int = 0x58
    address_msb: bool = False


class Unbegun(Enum):
    """What the ROM does with FLASH_DATA and no FLASH_BEGIN before. Where nobody has looked, the worst is taken."""

    REFUSED = auto()
    AFTER_A_REFUSED_BEGIN = auto()
    ACCEPTED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """`chip_id` None: the ROM tells none in GET_SECURITY_INFO, and the chip is known by the word at 0x40001000."""

    name: str
    chip_id: int | None = None
    magic: int = 0
    security_info_bytes: int = 20
    status_bytes: int = 4
    extended_begin: bool = True
    mac: int = 0
    mac_extension: int = 0
    major: Field = ()
    minor: Field = ()
    revision: int = 0
    """Of the silicon that is simulated: major * 100 + minor."""
    spi: SpiController
    uart_clkdiv: int = 0
    clkdiv_hz: int = 40_000_000
    crypt_count: Field = ()
    no_manual_encrypt: Field = ()
    secure_boot: Field = ()
    key_purposes: tuple[Field, ...] = ()
    watchdog: int | None = None
    """Where esptool starts the watchdog (RTC_CNTL_WDTCONFIG0_REG) that restarts the chip."""
    fixed: tuple[tuple[int, int], ...] = ()
    """What other registers read as, (address, word), where esptool asks for more, as for the crystal."""
    stub_through_read: int | None = None
    """Where a pointer to the ROM's flash read function lies: the way into the stub when secure boot is on (S3)."""
    stub_with_secure_boot: bool = True
    secure_download: bool = True
    inflates_whole_windows: bool = False
    """The ROM programs all 32 KB of its inflate window at the end of a compressed write, not only the data."""
    data_without_begin: Unbegun = Unbegun.ACCEPTED
    aligned_begin: bool = False
    """The ROM's FLASH_BEGIN refuses an offset that is not a sector's."""


def _purposes(first: tuple[int, int], *rest: tuple[int, int], width: int = 4) -> tuple[Field, ...]:
    return tuple(((address, shift, width),) for address, shift in (first, *rest))


def _modern(name: str, chip_id: int | None, efuse: int, spi_base: int, **different: object) -> Chip:
    """The layout of ESP32-C3 and its relatives, from which each differs in little."""
    block1 = efuse + 0x44
    chip = Chip(
        name=name,
        chip_id=chip_id,
        mac=block1,
        spi=SpiController(base=spi_base),
        major=((block1 + 20, 24, 2),),
        minor=((block1 + 12, 18, 3), (block1 + 20, 23, 1)),
        crypt_count=((efuse + 0x34, 18, 3),),
        no_manual_encrypt=((efuse + 0x30, 20, 1),),
        secure_boot=((efuse + 0x38, 20, 1),),
        key_purposes=_purposes(
            (efuse + 0x34, 24),
            (efuse + 0x34, 28),
            (efuse + 0x38, 0),
            (efuse + 0x38, 4),
            (efuse + 0x38, 8),
            (efuse + 0x38, 12),
        ),
    )
    return replace(chip, **different)  # type: ignore[arg-type]  # the keys are Chip's own fields


_ESP32_EFUSE = 0x3FF5A000
_S2_EFUSE = 0x3F41A000
_C2_EFUSE = 0x60008800
_C5_EFUSE = 0x600B4800
_C6_EFUSE = 0x600B0800
_P4_EFUSE = 0x5012D000
_EUI64_MIDDLE = 0xFFFE

CHIPS: dict[str, Chip] = {
    chip.name: chip
    for chip in (
        Chip(
            name="esp8266",
            magic=0xFFF0C101,
            security_info_bytes=0,
            status_bytes=2,
            extended_begin=False,
            mac=0x3FF00050,
            spi=SpiController(
                base=0x60000200, usr=0x1C, usr1=0x20, usr2=0x24, miso_bits=None, w0=0x40, address_msb=True
            ),
            uart_clkdiv=0x60000014,
            clkdiv_hz=52_000_000,
            secure_download=False,
            data_without_begin=Unbegun.REFUSED,
        ),
        Chip(
            name="esp32",
            magic=0x00F01D83,
            security_info_bytes=0,
            extended_begin=False,
            mac=_ESP32_EFUSE + 4,
            spi=SpiController(
                base=0x3FF42000, usr=0x1C, usr1=0x20, usr2=0x24, miso_bits=0x2C, w0=0x80, address_msb=True
            ),
            major=((_ESP32_EFUSE + 0x0C, 15, 1), (_ESP32_EFUSE + 0x14, 20, 1), (0x3FF6607C, 31, 1)),
            minor=((_ESP32_EFUSE + 0x14, 24, 2),),
            revision=301,
            uart_clkdiv=0x3FF40014,
            crypt_count=((_ESP32_EFUSE, 20, 7),),
            no_manual_encrypt=((_ESP32_EFUSE + 0x18, 7, 1),),
            secure_boot=((_ESP32_EFUSE + 0x18, 5, 1),),
            # A slow-clock calibration from which the ROM, and esptool after it, computes a crystal of 40 MHz.
            fixed=((_ESP32_EFUSE + 0x10, 128), (0x3FF5F06C, 800 << 7)),
            secure_download=False,
            inflates_whole_windows=True,
            data_without_begin=Unbegun.REFUSED,
            aligned_begin=True,
        ),
        _modern(
            "esp32s2",
            None,
            _S2_EFUSE,
            0x3F402000,
            magic=0x000007C6,
            security_info_bytes=12,
            major=((_S2_EFUSE + 0x44 + 12, 18, 2),),
            minor=((_S2_EFUSE + 0x44 + 16, 4, 3), (_S2_EFUSE + 0x44 + 12, 20, 1)),
            revision=100,
            no_manual_encrypt=((_S2_EFUSE + 0x30, 19, 1),),
            watchdog=0x3F408094,
        ),
        _modern(
            "esp32s3",
            9,
            0x60007000,
            0x60002000,
            revision=2,
            watchdog=0x60008098,
            stub_through_read=0x3FCEF688,
            data_without_begin=Unbegun.AFTER_A_REFUSED_BEGIN,
        ),
        _modern(
            "esp32c2",
            12,
            _C2_EFUSE,
            0x60002000,
            mac=_C2_EFUSE + 0x40,
            major=((_C2_EFUSE + 0x44, 20, 2),),
            minor=((_C2_EFUSE + 0x44, 16, 4),),
            revision=100,
            uart_clkdiv=0x60000014,
            crypt_count=((_C2_EFUSE + 0x30, 7, 3),),
            no_manual_encrypt=((_C2_EFUSE + 0x30, 6, 1),),
            secure_boot=((_C2_EFUSE + 0x30, 21, 1),),
            key_purposes=(),
            watchdog=0x60008084,
        ),
        _modern("esp32c3", 5, 0x60008800, 0x60002000, revision=4, watchdog=0x60008090, stub_with_secure_boot=False),
        _modern(
            "esp32c5",
            23,
            _C5_EFUSE,
            0x60003000,
            mac_extension=_EUI64_MIDDLE,
            major=((_C5_EFUSE + 0x44 + 8, 4, 2),),
            minor=((_C5_EFUSE + 0x44 + 8, 0, 4),),
            revision=100,
            uart_clkdiv=0x60000014,
            clkdiv_hz=48_000_000,
            crypt_count=((_C5_EFUSE + 0x34, 16, 3),),
            secure_boot=((_C5_EFUSE + 0x38, 25, 1),),
            key_purposes=_purposes(
                (_C5_EFUSE + 0x34, 22),
                (_C5_EFUSE + 0x34, 27),
                (_C5_EFUSE + 0x38, 0),
                (_C5_EFUSE + 0x38, 5),
                (_C5_EFUSE + 0x38, 10),
                (_C5_EFUSE + 0x38, 15),
                width=5,
            ),
            watchdog=0x600B1C00,
            fixed=((0x60096110, 48 << 24),),
        ),
        _modern(
            "esp32c6",
            13,
            _C6_EFUSE,
            0x60003000,
            mac_extension=_EUI64_MIDDLE,
            major=((_C6_EFUSE + 0x44 + 12, 22, 2),),
            minor=((_C6_EFUSE + 0x44 + 12, 18, 4),),
            revision=1,
        ),
        _modern(
            "esp32c61",
            20,
            _C5_EFUSE,
            0x60003000,
            major=((_C5_EFUSE + 0x44 + 8, 4, 2),),
            minor=((_C5_EFUSE + 0x44 + 8, 0, 4),),
            revision=100,
            crypt_count=((_C5_EFUSE + 0x30, 23, 3),),
            no_manual_encrypt=((_C5_EFUSE + 0x30, 14, 1),),
            secure_boot=((_C5_EFUSE + 0x34, 26, 1),),
            key_purposes=_purposes(*((_C5_EFUSE + 0x34, shift) for shift in range(0, 24, 4))),
            watchdog=0x600B1C00,
        ),
        _modern(
            "esp32h2",
            16,
            _C6_EFUSE,
            0x60003000,
            mac_extension=_EUI64_MIDDLE,
            major=((_C6_EFUSE + 0x44 + 12, 21, 2),),
            minor=((_C6_EFUSE + 0x44 + 12, 18, 3),),
            revision=2,
        ),
        _modern(
            "esp32p4",
            18,
            _P4_EFUSE,
            0x5008D000,
            major=((_P4_EFUSE + 0x44 + 8, 4, 2), (_P4_EFUSE + 0x44 + 8, 23, 1)),
            minor=((_P4_EFUSE + 0x44 + 8, 0, 4),),
            revision=103,
            watchdog=0x50116000,
        ),
    )
}

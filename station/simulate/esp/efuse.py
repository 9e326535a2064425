# SPDX-License-Identifier: GPL-3.0-or-later
"""What is burnt into one board: its MAC, chip revision and security fuses, as registers and as security info."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

from station.simulate.esp.chips import Chip, Field

_XTS_AES_128_KEY = 4
_SECURE_BOOT_DIGEST0 = 9
_ESP32_FUSES = 0x3FF5A000


class FlashEncryption(StrEnum):
    OFF = "off"
    DEVELOPMENT = "dev"
    RELEASE = "release"


class Download(StrEnum):
    """What the ROM offers in download mode. DISABLED: it never enters it, the firmware starts instead."""

    ENABLED = "enabled"
    SECURE = "secure"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityFuses:
    """The security fuses of one board. The two for JTAG show in GET_SECURITY_INFO only, not in the registers."""

    encryption: FlashEncryption = FlashEncryption.OFF
    secure_boot: bool = False
    download: Download = Download.ENABLED
    soft_jtag_disabled: bool = False
    hard_jtag_disabled: bool = False

    def crypt_count(self, width: int) -> int:
        return {FlashEncryption.OFF: 0, FlashEncryption.DEVELOPMENT: 1, FlashEncryption.RELEASE: (1 << width) - 1}[
            self.encryption
        ]

    def flags(self) -> int:
        return (
            self.secure_boot << 0
            | (self.download is Download.SECURE) << 2
            | self.soft_jtag_disabled << 6
            | self.hard_jtag_disabled << 7
        )

    def purposes(self) -> list[int]:
        keys = [_XTS_AES_128_KEY] if self.encryption is not FlashEncryption.OFF else []
        keys += [_SECURE_BOOT_DIGEST0] if self.secure_boot else []
        return keys


def parse_mac(text: str) -> bytes:
    mac = bytes.fromhex(text.replace(":", "").replace("-", ""))
    if len(mac) != 6:
        raise ValueError(f"not a MAC address: {text}")
    return mac


def mac_crc8(mac: bytes) -> int:
    """CRC-8 with the reflected polynomial 0x8C, as ESP32 keeps it beside its MAC."""
    crc = 0
    for byte in mac:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8C if crc & 1 else 0)
    return crc


def security_info(chip: Chip, security: SecurityFuses) -> bytes:
    """The payload of GET_SECURITY_INFO; empty where the ROM does not know the command."""
    purposes = (security.purposes() + [0] * 7)[:7]
    body = struct.pack("<IB7B", security.flags(), security.crypt_count(3), *purposes)
    if chip.chip_id is not None:
        body += struct.pack("<II", chip.chip_id, 0)
    return body[: chip.security_info_bytes]


def fuse_registers(chip: Chip, mac: bytes, revision: int, security: SecurityFuses) -> dict[int, int]:
    """Address → word for everything that cannot change while the board runs."""
    words: dict[int, int] = dict(chip.fixed)
    words[0x40001000] = chip.magic
    _burn_mac(words, chip, mac)
    major, minor = divmod(revision, 100)
    # ESP32 counts its major revision in ones, not in binary.
    _burn(words, chip.major, (1 << major) - 1 if chip.name == "esp32" else major)
    _burn(words, chip.minor, minor)
    encrypted = security.encryption is not FlashEncryption.OFF
    _burn(words, chip.crypt_count, security.crypt_count(sum(width for _, _, width in chip.crypt_count)))
    _burn(words, chip.no_manual_encrypt, security.encryption is FlashEncryption.RELEASE)
    _burn(words, chip.secure_boot, security.secure_boot)
    for field, purpose in zip(chip.key_purposes, security.purposes(), strict=False):
        _burn(words, field, purpose)
    if chip.name == "esp32" and encrypted:
        _burn(words, ((_ESP32_FUSES, 16, 1), (_ESP32_FUSES + 0x14, 28, 4)), 0b11111)  # key unreadable, CRYPT_CONFIG 0xF
    if chip.name == "esp32c2" and encrypted:
        _burn(words, ((chip.mac - 0x10, 0, 1),), 1)  # key block read-protected
    return words


def _burn_mac(words: dict[int, int], chip: Chip, mac: bytes) -> None:
    number = int.from_bytes(mac, "big")
    if chip.name == "esp8266":
        words[chip.mac] = mac[5] << 24
        words[chip.mac + 4] = mac[3] << 8 | mac[4]
        words[chip.mac + 12] = number >> 24
        return
    words[chip.mac] = words.get(chip.mac, 0) | number & 0xFFFFFFFF
    high = number >> 32 | chip.mac_extension << 16
    if chip.name == "esp32":
        high |= mac_crc8(mac) << 16
    words[chip.mac + 4] = words.get(chip.mac + 4, 0) | high


def _burn(words: dict[int, int], field: Field, value: int) -> None:
    for address, shift, width in field:
        words[address] = words.get(address, 0) | (value & (1 << width) - 1) << shift
        value >>= width

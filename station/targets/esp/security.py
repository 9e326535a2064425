# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip's security fuses leave to a loader, from its security info, or from fuse registers where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HMAC_UP = 8
"""Key purpose: the eFuse block from which firmware derives its NVS key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """False where a chip has no such feature."""

    secure_download: bool = False  # the loader only writes: no reading, no MD5, no MAC, no stub
    secure_boot: bool = False
    flash_encryption: bool = False
    key_purposes: tuple[int, ...] = ()

    def stub_runs_on(self, chip: str) -> bool:
        """ESP32-C3 with secure boot starts no code from RAM."""
        return not self.secure_download and not (chip == "esp32c3" and self.secure_boot)

    def words(self) -> str:
        names = {
            "secure download": self.secure_download,
            "secure boot": self.secure_boot,
            "flash encryption": self.flash_encryption,
        }
        return ", ".join(name for name, on in names.items() if on) or "none"


def from_info(info: Mapping[str, Any]) -> Security:
    """`info`: esptool's parsed GET_SECURITY_INFO. Encryption is on while an odd number of count bits is burnt."""
    flags = info["parsed_flags"]
    return Security(
        secure_download=flags["SECURE_DOWNLOAD_ENABLE"],
        secure_boot=flags["SECURE_BOOT_EN"],
        flash_encryption=info["flash_crypt_cnt"].bit_count() % 2 == 1,
        key_purposes=tuple(info["key_purposes"]),
    )


def from_registers(loader: Any) -> Security:
    """For ESP32; ESP8266 has none of it."""
    if loader.CHIP_NAME == "ESP8266":
        return Security()
    return Security(flash_encryption=bool(loader.get_flash_encryption_enabled()))

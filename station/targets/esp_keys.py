# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an encrypted NVS partition: made for one board and kept in its keys partition, or known from eFuse.

A board's own key is nowhere but on that board. So its keys partition must be readable, which it is as long as flash
encryption is off; after that, firmware reads it and this station cannot.
"""

from __future__ import annotations

import stat
from pathlib import Path

from station.errors import BoardFault, ConfigError
from station.targets.esp_options import Encryption, EspOptions
from station.targets.nvs import crypt

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def hmac_key_from(options: EspOptions) -> bytes | None:
    """The NVS key of the profile's HMAC key file; None for other schemes. ConfigError for a file we must not use."""
    if options.nvs_encryption is not Encryption.HMAC:
        return None
    path = Path(options.hmac_key_file)
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigError(f"{path} is readable by others", do=f"chmod 600 {path}", code="E112")
        return crypt.key_from_hmac(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", do="check hmac_key_file", code="E112") from error
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", do="check hmac_key_file", code="E112") from None


def key_on_board(page: bytes) -> bytes | None:
    """The key in a board's keys partition, None when it is blank. BoardFault E206 for anything else."""
    try:
        return crypt.parse_keys_partition(page)
    except ValueError:
        raise BoardFault(
            "the board's NVS keys partition holds something that is not a plain key",
            means="nothing was written; what it encrypts would be lost",
            do="erase that partition if the board is meant to be new",
            code="E206",
        ) from None

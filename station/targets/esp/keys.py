# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an encrypted NVS partition: made for one board and kept in its keys partition, or known from eFuse.

A board's own key is kept by the ledger as well, sealed, from the moment its identity is married to it. On the board it
lies in the clear until its firmware turns flash encryption on; after that the firmware reads it, and of the two copies
this station has only its own.
"""

from __future__ import annotations

import stat
from pathlib import Path

from station.codes import Code
from station.errors import BoardFault, ConfigError
from station.model import Secret
from station.targets.esp.nvs import crypt
from station.targets.esp.options import Encryption, EspOptions

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def hmac_key_from(options: EspOptions) -> bytes | None:
    """The NVS key of the profile's HMAC key file; None for other schemes. ConfigError for a file we must not use."""
    if options.nvs_encryption is not Encryption.HMAC:
        return None
    path = Path(options.hmac_key_file)
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigError(f"{path} is readable by others", do=f"chmod 600 {path}", code=Code.E112)
        return crypt.key_from_hmac(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", do="check hmac_key_file", code=Code.E112) from error
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", do="check hmac_key_file", code=Code.E112) from None


class BoardKeys:
    """One board's key as its keys partition shows it (`seen`), and as it is to be (`chosen`, by the flow's word)."""

    def __init__(self) -> None:
        self.seen: bytes | None = None
        self.readable = False
        self._ours = False
        self._chosen: bytes | None = None

    def look(self, page: bytes | None) -> None:
        """`page`: the keys partition; None where it cannot be read."""
        self.seen, self.readable = None, False
        if page is not None:
            try:
                self.seen, self.readable = crypt.parse_keys_partition(page), True
            except ValueError:
                """Half written, encrypted, or not ours: `to_write` decides."""

    def choose(self, kept: Secret | None) -> Secret:
        """The ledger's, else the board's own, else a new one; what was chosen once stays."""
        if kept is not None:
            self._ours, self._chosen = True, bytes.fromhex(kept.reveal())
        elif self._chosen is None:
            self._chosen = self.seen or crypt.new_key()
        return Secret(self._chosen.hex())

    @property
    def to_read(self) -> bytes | None:
        """What the firmware reads with: the key on the board, as far as anybody can see it."""
        return self.seen if self.readable else self._chosen

    @property
    def in_place(self) -> bool:
        """Whether the board is seen to have the key that was chosen for it."""
        return self.seen is not None and self.seen == self._chosen

    def to_write(self) -> bytes:
        """Before anything was chosen (a dry run) a key that only measures.

        BoardFault E206 when something is in the keys partition that was not put there for this identity.
        """
        strange = self._chosen is not None and self.seen not in (None, self._chosen)
        if strange or not (self.readable or self._ours):
            raise BoardFault(
                "the board's NVS keys partition holds something else than this board's key",
                means="nothing was written; what it encrypts would be lost",
                do="erase that partition if the board is meant to be new",
                code=Code.E206,
            )
        return self._chosen or self.seen or crypt.new_key()

    def married(self) -> None:
        """What lies on the board may be torn writing of this station's own from now on."""
        if self._chosen is None:
            raise RuntimeError("board_key() comes before write()")
        self._ours = True

# SPDX-License-Identifier: GPL-3.0-or-later
"""The key with which a bench signs its reports: Ed25519 (RFC 8032), in a 0600 file, its private half sealed by the
vault.

Where it is gone, or the vault has another key by now, a new one is made: what the old one signed still stands, since a
report carries its public half and the ledger's audit remembers each that was used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from station.errors import IntegrityAlarm, StationFault
from station.model import Secret
from station.secrets.vault import Vault
from station.whole import put_whole

_ROW = "report signing key"


class SigningKey:
    """Signs; never prints its private half."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(content)


def fingerprint(public: bytes) -> str:
    """What people compare: 32 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:32]


def is_signed_by(public: bytes, signature: bytes, content: bytes) -> bool:
    """False too for what is no public key."""
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
        return True
    return False


def signing_key(path: Path, vault: Vault) -> SigningKey:
    """The one that is kept at `path`, made where there is none that opens. StationFault when it cannot be kept."""
    with suppress(FileNotFoundError, IntegrityAlarm, KeyError, TypeError, ValueError):
        sealed = base64.b64decode(json.loads(path.read_bytes())["sealed"])
        private = base64.b64decode(vault.open(sealed, row=_ROW).reveal())
        return SigningKey(Ed25519PrivateKey.from_private_bytes(private))
    try:
        return _made(path, vault)
    except OSError as error:
        raise StationFault(
            f"the key for reports is not kept in {path.parent}: {error.strerror}",
            do="make the folder writable, or free the disk, and try again",
        ) from error


def _made(path: Path, vault: Vault) -> SigningKey:
    """On the disk before anything is signed with it."""
    private = Ed25519PrivateKey.generate()
    sealed = vault.seal(Secret(base64.b64encode(private.private_bytes_raw()).decode()), row=_ROW)
    text = json.dumps({"schema": 1, "sealed": base64.b64encode(sealed).decode()})
    put_whole(path, text, part=path.with_name(f".{path.name}.{os.getpid()}"))  # two may make one at once
    return SigningKey(private)

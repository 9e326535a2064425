# SPDX-License-Identifier: GPL-3.0-or-later
"""Seals and opens secrets: AES-256-GCM (NIST SP 800-38D), one fresh 96-bit nonce per secret, associated data = the
row's own identity, so that a ciphertext moved to another row does not open.

Three keys come out of the data key by HKDF-SHA256 (RFC 5869): one seals, one fingerprints, one marks the lines of a
witness. A fingerprint lets the ledger compare a secret it no longer holds; without the key it says nothing about the
secret. A data key has 32 bytes, or 64 after a rotation: the first 32 stay for the ledger's life, since what was
fingerprinted is destroyed and what a witness heard cannot be said anew; the last 32 seal, and are exchanged.
"""

from __future__ import annotations

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from station.codes import Code
from station.errors import IntegrityAlarm
from station.model import Secret

KEY_BYTES = 32
_NONCE_BYTES = 12
SEALED_EXTRA_BYTES = _NONCE_BYTES + 16
"""A sealed secret is longer than the secret by nonce and tag."""


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"station-vault-1 " + purpose).derive(data_key)


def _keyed(empty: hmac.HMAC, text: str) -> str:
    """A copy is quicker than to set up the same key again."""
    digest = empty.copy()
    digest.update(text.encode())
    return digest.hexdigest()


class Vault:
    """An open vault. Holds keys in memory; never prints them."""

    __slots__ = ("_aead", "_fingerprints", "_key_id", "_marks")

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) not in (KEY_BYTES, 2 * KEY_BYTES):
            raise ValueError(f"the data key is {KEY_BYTES} or {2 * KEY_BYTES} bytes")
        lasting, sealing = data_key[:KEY_BYTES], data_key[-KEY_BYTES:]
        self._aead = AESGCM(_derive(sealing, b"seal"))
        self._fingerprints = hmac.new(_derive(lasting, b"fingerprint"), digestmod="sha256")
        self._marks = hmac.new(_derive(lasting, b"witness"), digestmod="sha256")
        rotated = f" {_derive(sealing, b'id').hex()}" if len(data_key) > KEY_BYTES else ""
        self._key_id = self.fingerprint(f"station key id{rotated}")[:16]

    def seal(self, secret: Secret, *, row: str) -> bytes:
        """nonce (12) ‖ ciphertext ‖ tag (16). `row` names the row and column it belongs to."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret.reveal().encode(), row.encode())

    def open(self, sealed: bytes, *, row: str) -> Secret:
        """IntegrityAlarm E703 when it was changed, moved, or sealed with another key."""
        try:
            plain = self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode())
        except (InvalidTag, ValueError) as error:
            raise IntegrityAlarm(
                f"the sealed secret of {row} does not open",
                means="the ledger was changed by hand, or the key belongs to another ledger",
                do="stop; restore the key file that belongs to this ledger, or the ledger from its backup",
                code=Code.E703,
            ) from error
        return Secret(plain.decode())

    def fingerprint(self, text: str) -> str:
        """Keyed digest (HMAC-SHA256, 64 hex digits) of `text`."""
        return _keyed(self._fingerprints, text)

    def witness_mark(self, text: str) -> str:
        """Keyed mark (HMAC-SHA256, its first 32 hex digits) of a name or a line that is written outside the ledger."""
        return _keyed(self._marks, text)[:32]

    def key_id(self) -> str:
        """Names the key without telling it; the ledger remembers which key it belongs to."""
        return self._key_id


def rotated(data_key: bytes) -> bytes:
    """Another data key for the same ledger: it seals with a new one, and fingerprints and witnesses go on."""
    return data_key[:KEY_BYTES] + secrets.token_bytes(KEY_BYTES)

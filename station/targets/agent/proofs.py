# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and proofs of version 2 (firmware_templates/agent/PROTOCOL.md §6): pure, no I/O.

All are HMAC-SHA256 of "<word> <about> <uid>". A station that knows an identity's digest asks with upper-case words; a
board answers with lower-case ones, so that neither can be taken for the other.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from station.model import Digest, Identity

TOKEN_BYTES: Final = 16
KEY_BYTES: Final = 12
NOBODYS_KEY: Final = "0" * 2 * KEY_BYTES
"""Of a transaction that is never kept: it marks the board's RAM, or tries its lock."""


def new_nonce() -> str:
    return secrets.token_hex(16)


def token(digest: Digest, word: str, about: str, uid: str) -> str:
    """Proves to the board with that uid that whoever sends it knows what `digest` is of; 32 hex digits."""
    return _mac(bytes.fromhex(digest), word, about, uid)[:TOKEN_BYTES].hex()


def proof(identity: Identity, digest: Digest, nonce: str, uid: str) -> str:
    """What only a board can answer that holds every byte of `identity`, of which `digest` is; 32 hex digits."""
    return _mac(bytes.fromhex(digest), "show", nonce, uid, b" " + _packed(identity))[:TOKEN_BYTES].hex()


def unveiled(veiled: str, key: str, nonce: str, uid: str) -> Digest:
    """The digest behind an answer to SAME (64 hex digits), of a board whose key this is; of any other, nonsense."""
    pad = _mac(bytes.fromhex(key), "same", nonce, uid)
    return Digest(bytes(a ^ b for a, b in zip(bytes.fromhex(veiled), pad, strict=True)).hex())


def _mac(key: bytes, word: str, about: str, uid: str, more: bytes = b"") -> bytes:
    return hmac.new(key, f"{word} {about} {uid}".encode() + more, hashlib.sha256).digest()


def _packed(identity: Identity) -> bytes:
    """As the board stores it: the number of channels, then each field behind its length."""
    parts = [bytes([len(identity.channels)])]
    for certificate in identity:
        parts += [bytes([len(value)]) + value for value in certificate.board_fields()]
    return b"".join(parts)

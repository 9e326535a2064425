# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a PIN or a passphrase dear to guess is dear in each test that has one: a tenth of a second and more. Here
they cost next to nothing. A key's file says what it cost, so any process opens it; a PIN is for tests whose station
runs in their own process.
"""

from __future__ import annotations

import hashlib

from station.model import Secret
from station.secrets import keys

KEY_COST = dict(keys._SCRYPT)
"""As the station has it."""


def cheap_keys() -> None:
    """From now on, in this process."""
    keys._SCRYPT["n"] = 2


def cheap_hash(pin: Secret, salt: bytes) -> bytes:
    """Instead of `station.people.pins._hash`."""
    return hashlib.sha256(salt + pin.reveal().encode()).digest()

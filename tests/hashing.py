# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a PIN or a passphrase dear to guess is dear in each test that has one: a tenth of a second and more. Here
they cost next to nothing, in the tests' own processes and in those that `tests.forked` starts. A key's file says what
it cost, so any process opens it; a PIN is of no use to a station that was started otherwise.
"""

from __future__ import annotations

import hashlib

from station.model import Secret
from station.people import pins
from station.secrets import keys

KEY_COST = dict(keys._SCRYPT)
"""As the station has it."""
PIN_HASH = pins._hash
"""Likewise."""


def cheap() -> None:
    """From now on, in this process."""
    keys._SCRYPT["n"] = 2
    setattr(pins, "_hash", cheap_hash)  # noqa: B010 - a function that its module calls


def cheap_hash(pin: Secret, salt: bytes) -> bytes:
    """Instead of `station.people.pins._hash`: as different for another PIN or salt."""
    return hashlib.sha256(salt + pin.reveal().encode()).digest()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor's PIN: scrypt (RFC 7914, N=2^15 r=8 p=1), and after five wrong ones a minute's wait each time.

Kept in the ledger, so that all stations on one ledger share it and a restart does not forget wrong tries. Each use and
each failure is an audit line.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from station.errors import NeedsPerson, UsageError
from station.ledger.meta import get_meta, set_meta
from station.ledger.store import Ledger
from station.model import Secret

_PIN = "supervisor_pin"
_FAILURES = "supervisor_failures"
_FREE_TRIES = 5
_WAIT_S = 60.0
_SHORTEST = 6


def has_pin(ledger: Ledger) -> bool:
    return get_meta(ledger.connection, _PIN) is not None


def set_pin(ledger: Ledger, pin: Secret) -> None:
    """UsageError when it is shorter than six characters."""
    if len(pin) < _SHORTEST:
        raise UsageError(f"a PIN has at least {_SHORTEST} characters", do="choose a longer one", code="E117")
    salt = secrets.token_bytes(16)
    set_meta(ledger, _PIN, json.dumps({"salt": salt.hex(), "hash": _hash(pin, salt).hex()}), event="supervisor PIN set")


def check_pin(ledger: Ledger, pin: Secret, *, purpose: str, clock: float | None = None) -> None:
    """NeedsPerson E605 for a wrong PIN, E606 too soon after wrong ones, E607 when none was ever set."""
    stored = get_meta(ledger.connection, _PIN)
    if stored is None:
        raise NeedsPerson("no supervisor PIN is set", do="run: station supervisor set-pin", code="E607")
    now = time.time() if clock is None else clock
    failures = json.loads(get_meta(ledger.connection, _FAILURES) or '{"count": 0, "last": 0}')
    waited_s = now - failures["last"]  # negative once a clock that was ahead is set right: nobody waits for years
    if failures["count"] >= _FREE_TRIES and 0 <= waited_s < _WAIT_S:
        raise NeedsPerson("too many wrong PINs", do=f"wait {_WAIT_S - waited_s:.0f} s", code="E606")
    wanted = json.loads(stored)
    if not hmac.compare_digest(_hash(pin, bytes.fromhex(wanted["salt"])), bytes.fromhex(wanted["hash"])):
        failed = json.dumps({"count": failures["count"] + 1, "last": now})
        set_meta(ledger, _FAILURES, failed, event="wrong supervisor PIN", purpose=purpose)
        raise NeedsPerson("wrong PIN", do="try again", code="E605")
    set_meta(ledger, _FAILURES, '{"count": 0, "last": 0}', event="supervisor", purpose=purpose)


def _hash(pin: Secret, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(pin.reveal().encode())

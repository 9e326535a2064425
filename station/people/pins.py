# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators have a badge. Supervisors have a name and a PIN of their own each (scrypt, RFC 7914, N=2^15 r=8 p=1); after
five wrong PINs all of them wait a minute each time.

Kept in the ledger, so that all stations on one ledger share them and a restart does not forget wrong tries. Each use
and each failure is an audit line. A name that is not known gets a wrong PIN's answer, as late. A right PIN forgives its
owner's wrong ones only: nobody guesses a colleague's between two uses of their own.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping, Set
from functools import partial

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from station.codes import Code
from station.errors import NeedsPerson, TooSoon, UsageError
from station.label import surely_scanned
from station.ledger.believed import Although
from station.ledger.store import Ledger
from station.ledger.view import View
from station.meant import perhaps
from station.model import Secret
from station.people.badge import BADGE

UNNAMED = "supervisor"
"""The name of one who was given none, as the only one of a ledger from before supervisors had names."""

_PINS = "supervisor_pin"  # {"named": {name: {"salt", "hash"}}}; before they had names: {"salt", "hash"}
_FAILURES = "supervisor_wrong_pins"  # {"wrong": {name, or "" for unknown ones: how many}, "last": Unix time}
_FREE_TRIES = 5
_WAIT_S = 60.0
_SHORTEST = 6
_LONGEST_NAME = 32


def supervisors(ledger: View) -> tuple[str, ...]:
    """Their names, in order; () while nobody has a PIN."""
    return tuple(sorted(_pins(ledger.facts.get(_PINS))))


def set_pin(ledger: Ledger, name: str, pin: Secret, *, by: str = "") -> None:
    """Changes the PIN of `name`, who is a supervisor from now on; `by` is the supervisor who vouched for it, if any.

    UsageError E117 for a PIN of less than six characters or one that is a badge, and unless `name` has 1 to 32
    printable characters and no blank at its ends.
    """
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise UsageError(
            f"a supervisor's name has 1 to {_LONGEST_NAME} printable characters and no blank at its ends",
            do="choose another one",
            code=Code.E117,
        )
    if len(pin) < _SHORTEST:
        raise UsageError(f"a PIN has at least {_SHORTEST} characters", do="choose a longer one", code=Code.E117)
    if surely_scanned(pin.reveal()):
        raise UsageError("a board's label is no PIN: everybody can read it", do="choose another one", code=Code.E117)
    if BADGE.fullmatch(pin.reveal()):
        raise UsageError("a badge is no PIN: everybody can read it", do="choose another one", code=Code.E117)
    salt = secrets.token_bytes(16)
    entry = {"salt": salt.hex(), "hash": _hash(pin, salt).hex()}

    def with_it(stored: str | None) -> str:
        return json.dumps({"named": _pins(stored) | {name: entry}}, ensure_ascii=False)

    first = None if _pins(ledger.facts.get(_PINS)) else Although.PROVED
    ledger.facts.change(_PINS, with_it, event="supervisor PIN set", although=first, supervisor=name, by=by)


def remove_supervisor(ledger: Ledger, name: str, *, by: str = "") -> None:
    """UsageError E117 for one who is none, and for the last one: then anybody could become the next."""

    def without(stored: str | None) -> str:
        pins = _pins(stored)
        if name not in pins:
            raise UsageError(
                f"{name} is no supervisor here{perhaps(name, pins)}", do="look: station supervisor list", code=Code.E117
            )
        if len(pins) == 1:
            raise UsageError(
                f"{name} is the only supervisor", do="add another first: station supervisor set-pin", code=Code.E117
            )
        return json.dumps({"named": {who: pin for who, pin in pins.items() if who != name}}, ensure_ascii=False)

    ledger.facts.change(_PINS, without, event="supervisor removed", supervisor=name, by=by)


def is_read_by_scanners(typed: str) -> bool:
    """Whether it is a label or a badge: no PIN is."""
    return surely_scanned(typed) or BADGE.fullmatch(typed) is not None


def check_pin(ledger: Ledger, pin: Secret, *, purpose: str, name: str = "", clock: float | None = None) -> str:
    """The supervisor whose PIN it is; without `name`, the only one there is.

    A try is counted before it is looked at, by the transaction that checks whether it is allowed: many at once, or a
    process that dies, get no more of them. A right one is taken back.

    What nobody may have as a PIN, a label or a badge, is no try.

    NeedsPerson E605 for a wrong PIN or name, E606 too soon after wrong ones, E607 when no PIN was ever set, E610 when
    there are several supervisors and none was named.
    """
    require_some(ledger)
    if is_read_by_scanners(pin.reveal()):
        raise NeedsPerson("a label or a badge is no PIN", do="type the PIN", code=Code.E605)
    pins = _pins(ledger.facts.get(_PINS))
    name = _whose(pins, name)
    now = time.time() if clock is None else clock
    claimed = name if name in pins else ""  # a PIN typed in the place of the name is not written down
    before = _count_try(ledger, claimed, now, purpose)
    if not _opens(pin, pins.get(name)):
        ledger.audit.note("wrong supervisor PIN", supervisor=claimed, purpose=purpose)
        raise NeedsPerson("wrong PIN", do="try again", code=Code.E605)
    forgiven = partial(_only_of, names=pins.keys() - {name}, tried=now, before=before)
    ledger.facts.change(
        _FAILURES, forgiven, event="supervisor", although=Although.PROVED, supervisor=name, purpose=purpose
    )
    return name


def _count_try(ledger: Ledger, claimed: str, now: float, purpose: str) -> float:
    """When the one before it was, Unix time. NeedsPerson E606."""
    before = 0.0

    def one_more(stored: str | None) -> str:
        nonlocal before
        _refuse_haste(stored, now)
        wrong, before = _failures(stored)
        return json.dumps({"wrong": wrong | {claimed: wrong.get(claimed, 0) + 1}, "last": now})

    said = {"supervisor": claimed, "purpose": purpose}
    ledger.facts.change(_FAILURES, one_more, event="supervisor PIN tried", although=Although.PROVED, **said)
    return before


def require_some(ledger: Ledger) -> None:
    """NeedsPerson E607 when no PIN was ever set: whoever would be asked for one has none."""
    if not supervisors(ledger):
        raise NeedsPerson("no supervisor PIN is set", do="run: station supervisor set-pin", code=Code.E607)


def _whose(pins: Mapping[str, object], name: str) -> str:
    if not name and len(pins) > 1:
        known = ", ".join(sorted(pins))
        raise NeedsPerson("there are several supervisors", do=f"say which, with --supervisor: {known}", code=Code.E610)
    return name or next(iter(pins))


def _refuse_haste(stored: str | None, now: float) -> None:
    wrong, last = _failures(stored)
    waited_s = now - last  # negative once a clock that was ahead is set right: nobody waits for years
    if sum(wrong.values()) >= _FREE_TRIES and 0 <= waited_s < _WAIT_S:
        raise TooSoon("too many wrong PINs", wait_s=_WAIT_S - waited_s)


def _only_of(stored: str | None, *, names: Set[str], tried: float, before: float) -> str:
    """The wrong ones of these; the right one that was `tried` makes nobody wait."""
    wrong, last = _failures(stored)
    kept = {name: count for name, count in wrong.items() if name in names}
    return json.dumps({"wrong": kept, "last": before if last == tried else last})


def _opens(pin: Secret, entry: dict[str, str] | None) -> bool:
    """Takes as long where there is no entry: a salt and a hash that no PIN has stand for it."""
    salt, wanted = (entry["salt"], entry["hash"]) if entry else (secrets.token_hex(16), secrets.token_hex(32))
    return hmac.compare_digest(_hash(pin, bytes.fromhex(salt)), bytes.fromhex(wanted))


def _pins(stored: str | None) -> dict[str, dict[str, str]]:
    kept = json.loads(stored or '{"named": {}}')
    named: dict[str, dict[str, str]] = kept.get("named", {UNNAMED: kept})
    return named


def _failures(stored: str | None) -> tuple[dict[str, int], float]:
    kept = json.loads(stored or '{"wrong": {}, "last": 0}')
    return kept["wrong"], kept["last"]


def _hash(pin: Secret, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(pin.reveal().encode())

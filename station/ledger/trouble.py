# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a ledger may not be believed: what it calls READY may be on boards. Each is E702; only a recovery ends it."""

from __future__ import annotations

from enum import StrEnum

from station.codes import Code
from station.errors import IntegrityAlarm

CODE = Code.E702


class Trouble(StrEnum):
    """The value is how the text begins, so that a screen in another language can tell which one it is."""

    FILE = "the ledger's file was removed or replaced while it was open"
    WITNESS = "this ledger is older than what is known of it"
    MACHINE = "this ledger is a copy: it belongs to another machine"
    MOVED = "this ledger was moved: its certificates are given out at"


def alarm(trouble: Trouble, detail: str) -> IntegrityAlarm:
    return IntegrityAlarm(f"{trouble}: {detail}", means=MEANS, do=DO[trouble], code=CODE)


def guards_changed(wrong: str) -> IntegrityAlarm:
    """`wrong`: what is not as its steps made it."""
    return IntegrityAlarm(
        f"the ledger's guards were changed: {wrong}",
        means="what they forbid may have been written since",
        do="stop flashing, keep the file, and compare it with the last backup and the printed audit heads",
        code=CODE,
    )


def locked(what: str) -> IntegrityAlarm:
    """For a lock with this code, whose text is `what`."""
    return IntegrityAlarm(what, means=MEANS, do=what_to_do(what), code=CODE)


def trouble_of(what: str) -> Trouble | None:
    """Which one a text tells of; None for a broken chain."""
    return next((trouble for trouble in Trouble if what.startswith(trouble)), None)


def what_to_do(what: str) -> str:
    """For a lock with code E702."""
    trouble = trouble_of(what)
    return DO[trouble] if trouble else "restore a backup: station restore FILE"


MEANS = "what it calls READY may be on boards; no board is begun"
DO = {
    Trouble.FILE: "end the station, put the file back; a supervisor: station recover --reason …",
    Trouble.WITNESS: "a supervisor: station recover --reason …; no unlock ends this",
    Trouble.MACHINE: "go on at the PC it belongs to; or, moved here on purpose, a supervisor: station adopt --reason …",
    Trouble.MOVED: "go on there; only where that one is lost for good, a supervisor: station recover --reason …",
}

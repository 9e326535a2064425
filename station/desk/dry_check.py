# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at one board with a profile: who it is, whether it is the right kind, whether the next identity fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from station.codes import Code
from station.desk.desk import Check, CheckOf
from station.errors import BoardFault, PortFault, StationError
from station.flow.visit import wanted_by
from station.ledger.store import Ledger
from station.model import Holding, Port
from station.profiles.profile import Profile
from station.targets import get_target


def dry_check(
    ledger: Ledger | None, profile: Profile, port: Port | None, by_hand: Callable[[], None]
) -> tuple[Check, ...]:
    """Writes nothing and reserves nothing. PortFault E313 without a board. Without a `ledger` nothing is there yet that
    could need room. `by_hand` is called when it goes on only
    once a person has switched the board off and on."""
    if port is None:
        raise PortFault("no board is plugged in", do="plug one in and try again", code=Code.E313)
    checks: list[Check] = []
    try:
        nobodys = replace(profile, label="")  # of the label below
        session = get_target(profile.target).open(port, nobodys, label="DRYCHECK" if profile.scan_label else None)
    except (BoardFault, PortFault) as error:
        return (_bad(error),)
    try:
        if session.identify_instruction:
            by_hand()
        board = session.identify()
        checks.append(Check(of=CheckOf.UID, good=True, detail=board.uid))
        right = not profile.chips or board.chip in profile.chips
        checks.append(Check(of=CheckOf.CHIP, good=right, detail=board.chip))
        blank = board.holding in (Holding.BLANK, Holding.UNREADABLE)
        good, names = blank or profile.overwrite_unknown, ", ".join(map(str, board.names))
        checks.append(Check(of=CheckOf.HOLDS, good=good, detail=names, holding=board.holding))
        if ledger is not None:
            identity = ledger.peek(*wanted_by(profile))
            session.require_room(identity)
            checks.append(Check(of=CheckOf.ROOM, good=True, detail=str(identity.name)))
    except StationError as error:
        checks.append(_bad(error))
    finally:
        session.close()
    return tuple(checks)


def _bad(error: StationError) -> Check:
    return Check(good=False, error=error)

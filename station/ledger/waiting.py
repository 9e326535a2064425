# SPDX-License-Identifier: GPL-3.0-or-later
"""NVRs that are READY and whose turn has not come: which set waits, for how many cameras, and what each of them needs.

A line of members that has nothing for the board in hand is out of stock, or waits for cameras of a set it began; the
second is never answered with an identity of another kind, which would put all certificates of a set on one board.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from station.errors import NoCertificates
from station.ledger.fitting import of_batches
from station.ledger.left_out import pending
from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction
from station.ledger.values import Takes
from station.model import IdentityKind, State

_NAMED = 3
_NEXT = {
    State.RETIRED: "{one} is retired and never comes, a supervisor decides: flash the NVR without it (station set short"
    " {nvr} --reason …; the profile needs short_sets = true), or end the set (station set end {nvr} --reason …)",
    State.IN_DOUBT: "settle {one}: put its board back in any slot (station resolve)",
    State.WITHHELD: "{one} is withheld: station show {one} says why",
    State.READY: "flash its cameras first: their product {product} goes into the profile's products",
    State.RESERVED: "wait: {one} is being flashed",
    State.WRITING: "wait: {one} is being flashed",
}
"""What to do for the first camera in each state, the most hopeless first."""


def waits_for_cameras(db: Transaction, products: Sequence[str], takes: Takes) -> NoCertificates | None:
    """E500 for the oldest READY NVR of these products, opened or not, whose cameras are not all done; else None."""
    places = ",".join("?" * len(products))
    nvrs = db.execute(
        "SELECT i.id, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id AND c.channel = 0"
        f" WHERE i.state = 'READY' AND i.product_key IN ({places})"
        " AND (i.kind = 'nvr-set' AND i.size > 1 OR i.kind = 'nvr-member' AND i.channel = 0 AND EXISTS"
        f" (SELECT 1 FROM identities m WHERE m.set_of = i.id AND m.channel > 0 AND {pending('m')}))"
        f"{of_batches('i', takes)} ORDER BY i.id LIMIT 2",
        tuple(products),
    ).fetchall()
    return _says(db, nvrs[0], more=len(nvrs) > 1) if nvrs else None


def of_nvr(db: Transaction, standing: Standing) -> NoCertificates | None:
    """E500 for an NVR that was chosen for a board, and one of whose cameras was retired since; else None."""
    if standing.row["kind"] != IdentityKind.MEMBER or standing.row["channel"] != 0:
        return None
    row = db.execute(
        "SELECT i.id, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id"
        " WHERE i.id = ? AND EXISTS"
        f" (SELECT 1 FROM identities m WHERE m.set_of = i.id AND m.channel > 0 AND {pending('m')})",
        (standing.identity_id,),
    ).fetchone()
    return _says(db, row, more=False) if row else None


def _says(db: Transaction, nvr: Row, *, more: bool) -> NoCertificates:
    cameras = db.execute(
        "SELECT c.device_name, c.product_key, i.state FROM certificates c JOIN identities i ON i.id = c.identity"
        f" WHERE (i.id = ? OR i.set_of = ?) AND c.channel > 0 AND {pending('i')} ORDER BY c.channel",
        (nvr["id"], nvr["id"]),
    ).fetchall()
    states = Counter(State(camera["state"]) for camera in cameras)
    named = [f"{camera['device_name']} ({camera['state']})" for camera in cameras[:_NAMED]]
    rest = f" and {len(cameras) - _NAMED} more" if len(cameras) > _NAMED else ""
    firsts = {state: next(c for c in cameras if c["state"] == state) for state in _NEXT if states[state]}
    advice = [
        _NEXT[state].format(one=first["device_name"], nvr=nvr["device_name"], product=first["product_key"])
        for state, first in firsts.items()
    ]
    return NoCertificates(
        f"set {nvr['device_name']} waits for {len(cameras)} camera{'s' * (len(cameras) > 1)}: {', '.join(named)}{rest}"
        + ("; and it is not the only one" if more else ""),
        means="the board was not touched; an NVR is flashed when all its cameras are done",
        do="; ".join(advice),
    )

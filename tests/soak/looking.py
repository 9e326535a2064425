# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into all boards, and compares what is in them with what the cloud issued and the ledger says."""

from __future__ import annotations

from collections import Counter

from station.demo.setting import Demo
from station.model import State
from station.simulate.cloud.issue import Issued

Certificate = tuple[str, str, str]


def certificates(row: Issued) -> list[Certificate]:
    return [(c.product_key, c.device_name, c.device_secret) for c in (row.primary, *row.channels)]


def look_into_all(demo: Demo) -> list[str]:
    """What is wrong once every board is done: none holds another's, none what was not issued, none is left in doubt."""
    issued = {c for row in demo.cloud.batch(demo.batch_id).rows() for c in certificates(row)}
    held = {board.uid: stored for board in demo.boards if (stored := board.holds())}
    carried = Counter(certificate for stored in held.values() for certificate in stored)
    wrong = [f"{name} is on {n} boards" for (_, name, _), n in carried.items() if n > 1]
    wrong += [f"{name} on a board is not as issued" for _, name, _ in set(carried) - issued]
    consumed = {str(row.board_uid): row.name for row in demo.ledger.certificates.unsettled([State.CONSUMED])}
    wrong += [f"board {uid} holds what no row says" for uid in held.keys() - consumed.keys()]
    for uid, name in consumed.items():
        if uid not in held or held[uid][0][:2] != (name.product_key, name.device_name):
            wrong.append(f"{name} is CONSUMED, board {uid} does not hold it")
    left = demo.ledger.certificates.unsettled([State.RESERVED, State.WRITING, State.IN_DOUBT])
    wrong += [f"{row.name} is left {row.state}" for row in left]
    demo.ledger.audit.verify()
    return wrong

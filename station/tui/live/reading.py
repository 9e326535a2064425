# SPDX-License-Identifier: GPL-3.0-or-later
"""What the wall board and the desk both read from the ledger. Nothing here writes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from station.ledger.connection import Connection
from station.ledger.locks import STATION, locks
from station.ledger.queries import search, set_status, tallies, unsettled
from station.ledger.values import CertRow
from station.model import State
from station.tui.desk import Counters, Doubt, SetProgress, StationInfo
from station.tui.live.shift import VisitLog, count, present_shift

_BOARD_FAILED = frozenset({"E203", "E204", "E205", "E207", "E208"})
"""In doubt because the board itself failed while it was written: the bench shows FAIL, and it goes to the red bin."""


def unix(text: str) -> float:
    """The ledger's ISO time as Unix time."""
    return datetime.fromisoformat(text).timestamp()


class Reading:
    """The station as the ledger shows it. `products` are those whose stock counts; none means all."""

    def __init__(self, connection: Connection, name: str, *, products: Sequence[str] = (), profile: str = "") -> None:
        self.connection = connection
        self.name, self.products, self.profile = name, tuple(products), profile
        self._log = VisitLog(connection, time.time())

    def station(self, slots: tuple[str, ...] = ()) -> StationInfo:
        shift = present_shift(self.connection)
        held = locks(self.connection).get(STATION)
        return StationInfo(
            name=self.name,
            slots=slots,
            profile=self.profile,
            product=" ".join(self.products),
            operator=shift.operator if shift else "",
            shift_started=shift.started if shift else 0.0,
            locked=held.what if held else "",
        )

    def counters(self) -> Counters:
        shift, now = present_shift(self.connection), time.time()
        since = shift.started if shift else self._log.since
        if since != self._log.since:
            self._log = VisitLog(self.connection, since)
        counted = count(self._log.visits(), since, now)
        ready = self._in_state(State.READY)
        rate_s = counted.per_hour_shift / 3600
        return replace(
            counted,
            ready=ready,
            seconds_left=ready / rate_s if rate_s else None,
            in_doubt=self._in_state(State.IN_DOUBT, every_product=True),
        )

    def _in_state(self, state: State, *, every_product: bool = False) -> int:
        wanted = () if every_product else self.products
        return sum(
            tally.identities
            for tally in tallies(self.connection)
            if tally.state is state and (not wanted or tally.product_key in wanted)
        )

    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(_doubt(row) for row in unsettled(self.connection))

    def set_progress(self, nvr: str) -> SetProgress | None:
        """How far the set of this NVR is."""
        found = search(self.connection, nvr, limit=1)
        status = set_status(self.connection, found[0].identity_id) if found else None
        if status is None:
            return None
        return SetProgress(name=nvr, done=status.size - len(status.missing), total=status.size)


def _doubt(row: CertRow) -> Doubt:
    return Doubt(
        name=str(row.name),
        uid=row.board_uid or "",
        slot="",
        since=unix(row.changed_at),
        attempt=row.attempt,
        why=row.reason,
        red_bin=row.reason[:4] in _BOARD_FAILED,
    )

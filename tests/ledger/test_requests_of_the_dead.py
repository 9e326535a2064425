# SPDX-License-Identifier: GPL-3.0-or-later
"""A paid call whose process died is unknown at once: no clock that ran ahead leaves it waiting for ever."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from station.ledger.store import Ledger
from station.model import Provider
from tests.waiting import until


def send(ledger: Ledger, request_id: str) -> None:
    ledger.requests.record_sending(
        request_id, provider=Provider.LIVING, operation="generate", product_key="a1Cam", detail={}
    )


def sent_in(ledger: Ledger, year: int) -> None:
    """As by a clock that was wrong."""
    with sqlite3.connect(ledger.path) as raw:
        guards = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'cloud_requests' AND type = 'trigger'"
        found = raw.execute(guards).fetchall()
        for name, _ in found:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE cloud_requests SET sent_at = ?", (f"{year}-01-01T00:00:00.000000Z",))
        for _, sql in found:
            raw.execute(sql)


def states(ledger: Ledger) -> list[str]:
    return [request.state for request in ledger.requests.unanswered()]


def test_the_call_of_a_dead_process_is_unknown_at_once(open_ledger: Callable[[], Ledger]) -> None:
    dead, alive = open_ledger(), open_ledger()
    send(dead, "r1")
    assert states(alive) == ["SENT"]
    dead.close()
    until(lambda: states(alive) == ["UNKNOWN"], lambda: states(alive))  # a server hears of it in its own time


@pytest.mark.sqlite
def test_also_when_its_clock_ran_ahead(open_ledger: Callable[[], Ledger]) -> None:
    dead, alive = open_ledger(), open_ledger()
    send(dead, "r1")
    sent_in(alive, 2099)
    assert states(alive) == ["SENT"]
    dead.close()
    assert states(alive) == ["UNKNOWN"]


def test_one_that_is_under_way_here_waits_for_its_answer(ledger: Ledger) -> None:
    send(ledger, "r1")
    assert states(ledger) == ["SENT"]


@pytest.mark.sqlite
def test_one_of_an_older_station_from_the_future_is_unknown(ledger: Ledger) -> None:
    send(ledger, "r1")
    with sqlite3.connect(ledger.path) as raw:
        raw.execute("UPDATE cloud_requests SET session = NULL")
    assert states(ledger) == ["SENT"]
    sent_in(ledger, 2099)
    assert states(ledger) == ["UNKNOWN"]

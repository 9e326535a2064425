# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line's ledger counts, beside what stands in it: what is in hand is not counted but looked up."""

from __future__ import annotations

from pathlib import Path

from station.ledger.copied_rows import TALLIED
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import evidence, one_in_each_state, single, uid
from tests.postgres.server import Server


def test_what_stands_in_each_state_is_counted_however_it_came_there(
    server: Server, database: str, tmp_path: Path
) -> None:
    older = "INSERT INTO station.tally_parts VALUES ('a1Camera', 'single', 'RESERVED', 0, 5, 5)"
    server.execute(older, database)  # its steps counted what was in hand as well
    connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
    with Ledger(connection, Vault(bytes(32))) as ledger:
        one_in_each_state(ledger)
        for board in (10, 11):  # given back; then by statements one by one, and done
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
            if board == 10:
                ledger.release(claim.attempt, "not there")
                connection.at_once = None  # type: ignore[assignment]
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        ledger.reserve(["a1Ipc", "a1Nvr"], IdentityKind.MEMBER, uid(12), "1", takes=Takes(channels=(0, 9)))
        ledger.found_on_board(ledger.named(single("cam7").name), uid(13))  # type: ignore[arg-type]
        with ledger.book.read() as db:
            counted = [tuple(row) for row in db.execute("SELECT * FROM tallies WHERE identities <> 0")]
            standing = [tuple(row) for row in db.execute(TALLIED)]
        assert sorted(counted) == sorted(standing)
        assert {state for _, _, state, *_ in counted} == set(State)
        ledger.audit.verify()

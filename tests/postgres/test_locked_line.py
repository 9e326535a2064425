# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a line, set by one bench, holds at every other from that moment."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.locks import STATION
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)


@pytest.mark.parametrize("code", [Code.E701, Code.E703, Code.E704, Code.E705, Code.E608])
def test_no_bench_begins_a_board_once_another_has_locked_the_line(
    server: Server, database: str, tmp_path: Path, code: Code
) -> None:
    with ExitStack() as opened:
        one, other = (
            opened.enter_context(Ledger(LineConnection(server.url(database, BENCH), tmp_path / name), Vault(bytes(32))))
            for name in ("one", "other")
        )
        one.receive(BATCH, [single(f"cam{n}") for n in range(4)])
        reserved, doubtful, written = (one.reserve(*SINGLE, uid(n), f"{n}") for n in (1, 2, 3))
        for claim in (doubtful, written):
            one.begin(claim.attempt)
        one.doubt(doubtful.attempt, Code.E301, "unplugged")
        other.locks.lock(STATION, code, "why")
        for begin in (lambda: one.reserve(*SINGLE, uid(4), "4"), lambda: one.begin(reserved.attempt)):
            with pytest.raises(NeedsPerson, match="why") as refused:
                begin()
            assert refused.value.code is Code.E614
        again = one.resume(doubtful.attempt.identity_id, 1, uid(2), "2")
        one.doubt(again, Code.E301, "unplugged")
        one.consume(written.attempt, evidence(written))
        assert one.stock.by_state()[State.CONSUMED] == 1

# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a line, set by one bench, holds at every other from that moment; a bench's own for all its programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.believed import THIS_BENCH
from station.ledger.locks import STATION
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)


@pytest.fixture
def opened(server: Server, database: str, tmp_path: Path) -> Iterator[Callable[[str], Ledger]]:
    """A bench's ledger once more, by its name."""
    with ExitStack() as stack:
        url, vault = server.url(database, BENCH), Vault(bytes(32))
        yield lambda name: stack.enter_context(Ledger(LineConnection(url, tmp_path / name), vault))


@pytest.mark.parametrize("statement_by_statement", [False, True])
def test_no_program_of_a_bench_begins_a_board_once_another_one_has_locked_the_bench(
    opened: Callable[[str], Ledger], monkeypatch: pytest.MonkeyPatch, statement_by_statement: bool
) -> None:
    one, beside, elsewhere = opened("one"), opened("one"), opened("other")
    if statement_by_statement:
        for ledger in (one, elsewhere):
            monkeypatch.setattr(ledger.book.connection, "at_once", None)
    one.receive(BATCH, [single(f"cam{n}") for n in range(6)])
    reserved, doubtful, written = (one.reserve(*SINGLE, uid(n), f"{n}") for n in (1, 2, 3))
    for claim in (doubtful, written):
        one.begin(claim.attempt)
    one.doubt(doubtful.attempt, Code.E301, "unplugged")
    beside.locks.lock(THIS_BENCH, Code.E603, "5 failures in the last 10 boards")
    for begin in (lambda: one.reserve(*SINGLE, uid(4), "4"), lambda: one.begin(reserved.attempt)):
        with pytest.raises(NeedsPerson, match="5 failures") as refused:
            begin()
        assert refused.value.code is Code.E614
    again = one.resume(doubtful.attempt.identity_id, 1, uid(2), "2")
    one.doubt(again, Code.E301, "unplugged")
    one.consume(written.attempt, evidence(written))
    elsewhere.begin(elsewhere.reserve(*SINGLE, uid(5), "1").attempt)
    beside.locks.unlock(STATION, "the needle was replaced", by="Li Wei")
    one.begin(reserved.attempt)
    many = {state: number for state, number in one.stock.by_state().items() if number}
    assert many == {State.READY: 2, State.WRITING: 2, State.IN_DOUBT: 1, State.CONSUMED: 1}


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

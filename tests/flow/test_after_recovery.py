# SPDX-License-Identifier: GPL-3.0-or-later
"""A board that speaks version 2 alone tells what it holds behind a key, and the ledger that had the key is lost: what
the recovered one makes of that board. It is never written twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import NeedsPerson, PortFault
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.recovery import recover
from station.model import CertName, Holding, ReadBack, State
from station.profiles.profile import Profile, SecretMode
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.targets.wire import wire_of
from tests.flow.flow_table import PATIENT, PRODUCT, Table
from tests.flow.wireless import Board, Talkative, differs, heard, visit
from tests.ledger.ledger_samples import PC

VAULT = Vault(bytes(range(32)))
PRODUCT_SECRET = "ProductSecretOfAll"


class Bench:
    """One PC: its ledger can be set back to a copy, with its witnesses or without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.around = Surroundings(home=folder / "witness", machine=PC)
        profile = Profile(name="test", target="agent", products=(PRODUCT,), options=PATIENT)
        self.stack = ExitStack()
        self.table = Table(open_ledger(folder / "state" / "ledger.db", VAULT, self.around), folder, profile, self.stack)

    def close(self) -> None:
        self.table.ledger.close()
        self.stack.close()

    def copy(self) -> None:
        self.table.ledger.close()
        shutil.copytree(self.folder / "state", self.folder / "copy")
        self._open()

    def recover_copy(self, *, witnessed: bool) -> None:
        self.table.ledger.close()
        shutil.rmtree(self.folder / "state")
        shutil.copytree(self.folder / "copy", self.folder / "state")
        if not witnessed:
            shutil.rmtree(self.around.home)
        self._open()
        recover(self.table.ledger, self.around, "as the test says", by="supervisor")

    def _open(self) -> None:
        self.table.ledger = open_ledger(self.folder / "state" / "ledger.db", VAULT, self.around)

    def board(self) -> SimulatedAgentBoard:
        board = SimulatedAgentBoard("ab" + "0" * 13 + "1", self.flash, build=AgentBuild(versions=(2,)))
        return self.stack.enter_context(board)

    def done_board(self) -> tuple[SimulatedAgentBoard, bytes]:
        """One that passed, and its flash."""
        board = self.board()
        assert self.table.flash(board).outcome is Outcome.PASS
        return board, self.flash.read_bytes()

    def gives_product_secrets(self) -> None:
        self.table.profile = replace(self.table.profile, secret=SecretMode.PRODUCT, product_secret=True)

    @property
    def flash(self) -> Path:
        return self.folder / "1.flash"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


KNOWS = pytest.mark.parametrize("witnessed", [True, False], ids=["a witness knows", "no witness is left"])


@KNOWS
@pytest.mark.parametrize("secret", ["", PRODUCT_SECRET], ids=["deviceSecret", "productSecret"])
def test_it_proves_what_it_holds_to_who_has_the_secret_again(bench: Bench, witnessed: bool, secret: str) -> None:
    if secret:
        bench.gives_product_secrets()
    bench.table.stock_up("cam1", "cam2", product_secret=secret)
    bench.copy()
    board, held = bench.done_board()
    bench.recover_copy(witnessed=witnessed)
    assert bench.table.flash(board).outcome is (Outcome.PASS if witnessed else Outcome.ALREADY_DONE)
    assert bench.table.state("cam1") is State.CONSUMED
    again = bench.table.flash(board)
    assert again.outcome is Outcome.ALREADY_DONE
    assert "by name" in again.notes["compared"]
    assert "key" in again.notes["compared"]
    assert bench.flash.read_bytes() == held


@KNOWS
def test_whose_certificate_is_not_here_is_left_as_it_is_until_it_comes_again(bench: Bench, witnessed: bool) -> None:
    bench.copy()
    bench.table.stock_up("cam1")
    board, held = bench.done_board()
    bench.recover_copy(witnessed=witnessed)
    bench.table.stock_up("cam2")
    error = bench.table.flash(board).error
    assert error is not None
    assert error.code == ("E616" if witnessed else "E206")
    assert "batch" in error.do
    bench.table.stock_up("cam1")
    assert bench.table.flash(board).outcome is (Outcome.PASS if witnessed else Outcome.ALREADY_DONE)
    assert bench.table.state("cam1") is State.CONSUMED
    assert bench.flash.read_bytes() == held


@KNOWS
def test_whose_product_secret_is_not_here_waits_for_it_and_raises_no_alarm(bench: Bench, witnessed: bool) -> None:
    bench.gives_product_secrets()
    bench.copy()
    bench.table.stock_up("cam1", product_secret=PRODUCT_SECRET)
    board, held = bench.done_board()
    bench.recover_copy(witnessed=witnessed)
    bench.table.stock_up("cam1")
    error = bench.table.flash(board).error
    assert error is not None
    assert (error.code, "productSecret" in error.what) == ("E600", True)
    bench.table.stock_up("cam1", product_secret=PRODUCT_SECRET)
    assert bench.table.flash(board).outcome is (Outcome.PASS if witnessed else Outcome.ALREADY_DONE)
    assert bench.table.state("cam1") is State.CONSUMED
    assert bench.flash.read_bytes() == held


def test_what_is_read_to_learn_it_leaves_no_secret_in_the_trace(bench: Bench) -> None:
    bench.table.stock_up("cam1")
    bench.copy()
    board = Talkative()
    assert visit(bench.table, board).outcome is Outcome.PASS
    bench.recover_copy(witnessed=False)
    wire_of("1").know("identity", [])
    board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))
    with heard() as lines:
        assert visit(bench.table, board).outcome is Outcome.ALREADY_DONE
    assert len(lines) == 2
    assert not [line for line in lines if "Secretcam1" in line]


def carries_what_was_withheld(bench: Bench) -> Board:
    """Which this ledger has forgotten, and so has every witness."""
    bench.table.stock_up("cam1")
    bench.copy()
    board = Board()
    assert visit(bench.table, board).outcome is Outcome.PASS
    bench.recover_copy(witnessed=False)
    assert bench.table.state("cam1") is State.WITHHELD
    board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))
    return board


def test_what_reads_otherwise_on_a_board_comes_back_by_nobodys_word(bench: Bench) -> None:
    """It may be on that board in part: another one must never get it."""
    board = carries_what_was_withheld(bench)
    board.found = [differs]
    ended = visit(bench.table, board)
    assert (ended.outcome, board.writes) == (Outcome.ALARM, 1)
    with pytest.raises(NeedsPerson) as refused:
        bench.table.ledger.withheld.let_back(CertName(PRODUCT, "cam1"), "it looks unused", by="supervisor")
    assert refused.value.code is Code.E620
    assert bench.table.state("cam1") is State.WITHHELD


def test_a_board_that_goes_while_it_is_learned_is_in_doubt_and_says_what_it_carries(bench: Bench) -> None:
    def pulled(_truth: ReadBack) -> ReadBack:
        raise PortFault("lost", code=Code.E311)

    board = carries_what_was_withheld(bench)
    board.found = [None, pulled]
    ended = visit(bench.table, board)
    assert (ended.outcome, ended.name) == (Outcome.IN_DOUBT, CertName(PRODUCT, "cam1"))
    assert ended.identity_id is not None
    assert bench.table.state("cam1") is State.IN_DOUBT
    board.found = [None]
    assert visit(bench.table, board).outcome is Outcome.PASS
    assert board.writes == 1

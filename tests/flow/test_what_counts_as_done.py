# SPDX-License-Identifier: GPL-3.0-or-later
"""PASS means proof, whatever a target says: each test's target is wrong in one way, and nothing may turn green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from station.bench.tile import paint
from station.codes import Code
from station.errors import BoardFault, PortFault, StationFault
from station.events import Phase, SlotState
from station.ledger.store import Ledger
from station.ledger.values import Takes, VisitRow
from station.ledger.visits import PROFILE
from station.model import (
    BoardInfo,
    BoardUid,
    CertName,
    Holding,
    Identity,
    IdentityKind,
    ReadBack,
    State,
    Verdict,
)
from station.rules import Outcome
from station.targets.base import Progress
from tests.flow.flow_table import PRODUCT, Table
from tests.flow.wireless import UID, Board, code, differs, of_another, unverifiable, visit, without_digest
from tests.raw import disk_fails, raw


def test_a_board_is_closed_once_and_restarted_before_it_passes(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    assert visit(table, board).outcome is Outcome.PASS
    assert (board.writes, board.restarts, board.closed) == (1, 1, 1)


def test_a_person_is_asked_to_switch_the_board_off_and_on_while_it_is_waited_for_and_not_before_or_after(
    table: Table,
) -> None:
    table.stock_up("cam1")
    assert visit(table, Board(instruction="switch it off and on")).outcome is Outcome.PASS
    asked = [paint(told, SlotState.BUSY) for told in table.told]
    assert {event.phase for event in asked if event.do} == {Phase.RESTART}


def test_a_person_is_asked_too_where_a_board_says_who_it_is_only_while_it_starts(table: Table) -> None:
    table.stock_up("cam1")
    board = Board(identify_instruction="switch it off and on")
    assert visit(table, board).outcome is Outcome.PASS
    asked = [(told.phase, bool(told.instruction)) for told in table.told]
    assert {phase for phase, needed in asked if needed} == {Phase.IDENTIFY, Phase.VERIFY_AGAIN}
    assert asked[0] == (Phase.IDENTIFY, False) and asked[-1] == (Phase.CONSUME, False)


def test_a_profile_may_do_without_the_restart_and_the_evidence_says_so(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    assert visit(table, board, prove_after_reset=False).outcome is Outcome.PASS
    assert board.restarts == 0
    with raw(table.ledger.path) as db:
        detail = db.execute("SELECT detail FROM audit WHERE event = 'consumed'").fetchone()[0]
    assert '"after_reset": false' in detail


@pytest.mark.parametrize(
    ("found", "expected", "outcome"),
    [
        ([differs], Code.E204, Outcome.FAIL),
        ([None, differs], Code.E204, Outcome.FAIL),
        ([None, differs, None, differs], Code.E204, Outcome.FAIL),
        ([unverifiable], Code.E211, Outcome.IN_DOUBT),
        ([None, unverifiable], Code.E211, Outcome.IN_DOUBT),
        ([None, of_another], Code.E325, Outcome.IN_DOUBT),
        ([None, without_digest], Code.E204, Outcome.FAIL),
    ],
)
def test_what_a_target_cannot_prove_is_never_consumed(
    table: Table, found: list[Callable[[ReadBack], ReadBack] | None], expected: str, outcome: Outcome
) -> None:
    table.stock_up("cam1")
    ended = visit(table, Board(found=found))
    assert (ended.outcome, code(ended)) == (outcome, expected)
    assert table.state("cam1") is State.IN_DOUBT


def test_a_second_write_in_one_visit_is_a_second_attempt_on_the_same_board(table: Table) -> None:
    table.stock_up("cam1")
    board = Board(found=[differs, None])
    ended = visit(table, board)
    assert (ended.outcome, ended.attempt, board.writes) == (Outcome.PASS, 2, 2)
    assert list(ended.notes) == ["attempt 1"]


@pytest.mark.parametrize("fault", [code for code in Code if code.startswith("E2")])
def test_only_a_fault_of_the_wire_or_the_flash_is_worth_another_write(
    table: Table, monkeypatch: pytest.MonkeyPatch, fault: Code
) -> None:
    """A board that is silent, is another one, or refuses for a reason would get the identity's bytes for nothing."""
    table.stock_up("cam1")
    board, tried = Board(), []

    def write(_identity: Identity, _progress: Progress) -> None:
        tried.append(fault)
        raise BoardFault("no", code=fault)

    monkeypatch.setattr(board, "write", write)
    assert code(visit(table, board)) == fault
    assert len(tried) == (2 if fault in ("E203", "E204", "E208") else 1)
    assert table.state("cam1") is State.IN_DOUBT


def test_no_second_write_goes_to_a_board_that_was_swapped(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()

    def swapped(truth: ReadBack) -> ReadBack:
        board.info = replace(board.info, uid=BoardUid("cd00000000000009"))
        return differs(truth)

    board.found = [swapped, None]
    ended = visit(table, board)
    assert (ended.outcome, code(ended), board.writes) == (Outcome.IN_DOUBT, "E209", 1)


def test_a_board_swapped_after_the_last_readback_does_not_pass(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()

    def swapped(truth: ReadBack) -> ReadBack:
        board.info = replace(board.info, uid=BoardUid("cd00000000000009"))
        return truth

    board.found = [None, swapped]
    assert code(visit(table, board)) == "E209"
    assert table.state("cam1") is State.IN_DOUBT


def in_doubt(table: Table, board: Board) -> None:
    board.found = [unverifiable]
    assert visit(table, board).outcome is Outcome.IN_DOUBT
    board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))


def test_a_locked_board_in_doubt_is_not_written_again(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)
    board.info, board.found = replace(board.info, locked=True), [differs]
    assert (visit(table, board).outcome, board.writes) == (Outcome.FAIL, 1)
    board.found = [None]
    assert (visit(table, board).outcome, board.writes) == (Outcome.PASS, 1)


def test_a_board_in_doubt_that_holds_its_identity_is_reset_and_read_again_before_it_is_done(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)
    board.found, before = [None], board.restarts
    assert (visit(table, board).outcome, board.writes, board.restarts - before) == (Outcome.PASS, 1, 1)


@pytest.mark.parametrize(
    ("after_reset", "expected"),
    [(differs, Code.E204), (unverifiable, Code.E211), (of_another, Code.E325), (without_digest, Code.E204)],
)
def test_a_board_in_doubt_whose_identity_does_not_survive_its_reset_stays_in_doubt(
    table: Table, after_reset: Callable[[ReadBack], ReadBack], expected: str
) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)
    board.found = [None, after_reset]
    assert (code(visit(table, board)), board.writes, table.state("cam1")) == (expected, 1, State.IN_DOUBT)


def test_a_board_in_doubt_that_is_swapped_for_another_while_it_is_proved_stays_in_doubt(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)

    def swapped(truth: ReadBack) -> ReadBack:
        board.info = replace(board.info, uid=BoardUid("cd00000000000009"))
        return truth

    board.found = [None, swapped]
    assert (code(visit(table, board)), board.writes, table.state("cam1")) == ("E209", 1, State.IN_DOUBT)


def test_a_board_in_doubt_that_goes_while_it_is_compared_is_in_doubt_and_no_mere_removal(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)

    def pulled(_truth: ReadBack) -> ReadBack:
        raise PortFault("lost", code=Code.E311)

    board.found = [pulled]
    ended = visit(table, board)
    assert (ended.outcome, ended.name, ended.attempt) == (Outcome.IN_DOUBT, CertName(PRODUCT, "cam1"), 1)
    assert ended.identity_id is not None


def test_a_board_in_doubt_that_has_no_room_any_more_stays_in_doubt(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    in_doubt(table, board)

    def full(_identity: Identity) -> None:
        raise BoardFault("no room", code=Code.E205)

    board.found, board.room = [differs], full
    assert (code(visit(table, board)), board.writes, table.state("cam1")) == ("E205", 1, State.IN_DOUBT)


@pytest.mark.parametrize(
    ("lie", "outcome", "told"),
    [
        (None, Outcome.ALREADY_DONE, ""),
        (of_another, Outcome.FAIL, "E213"),
        (lambda t: replace(t, digest=None, verdict=Verdict.BLANK), Outcome.FAIL, "E213"),
        (lambda t: replace(t, digest=None, verdict=Verdict.TORN), Outcome.STATION_FAULT, "E613"),
        (without_digest, Outcome.ALREADY_DONE, ""),  # it cannot be read back: by its name
    ],
    ids=["the same", "another", "blank", "torn", "unreadable"],
)
def test_done_before_is_what_was_consumed_and_nothing_else(
    table: Table, lie: Callable[[ReadBack], ReadBack] | None, outcome: Outcome, told: str
) -> None:
    table.stock_up("cam1", "cam2")
    board = Board()
    visit(table, board)
    board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))
    board.found = [lie]
    ended = visit(table, board)
    assert (ended.outcome, code(ended)) == (outcome, told)
    assert (board.writes, table.state("cam2")) == (1, State.READY)


@pytest.mark.parametrize(
    ("flashed_by", "ended"), [("fctry", "E202"), ("test", "E213"), ("", "E213")], ids=["another", "this", "unknown"]
)
def test_a_done_board_has_not_lost_what_another_profile_gave_it(table: Table, flashed_by: str, ended: str) -> None:
    """It may lie in another partition, or in another form."""
    table.stock_up("cam1")
    board = Board()
    passed = visit(table, board)
    assert (passed.outcome, table.profile.name) == (Outcome.PASS, "test")
    details = {PROFILE: flashed_by} if flashed_by else {}
    row = VisitRow(at=1.0, slot="1", outcome=Outcome.PASS, board_uid=UID, identity_id=passed.identity_id)
    table.ledger.visits.record(replace(row, details=details))
    seen = visit(table, board)
    assert (code(seen), table.state("cam1")) == (ended, State.CONSUMED)
    board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))
    assert visit(table, board).outcome is Outcome.ALREADY_DONE


def test_room_is_asked_again_when_another_slot_took_the_identity_it_was_asked_for(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.stock_up("cam1", "a-longer-name")
    asked: list[str] = []
    board = Board(room=lambda identity: asked.append(identity.name.device_name))
    peek = Ledger.peek

    def overtaken(ledger: Ledger, products: list[str], kind: IdentityKind, takes: Takes) -> Identity:
        found = peek(ledger, products, kind, takes)
        ledger.reserve(products, kind, BoardUid("cd02"), "2")
        return found

    monkeypatch.setattr(Ledger, "peek", overtaken)
    assert visit(table, board).outcome is Outcome.PASS
    assert asked == ["cam1", "a-longer-name"]


def test_why_a_board_was_not_begun_is_told_also_where_its_certificate_cannot_be_given_back(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By that it goes on by itself, or not."""

    def taken(ledger: Ledger, *_attempt: object, **_key: object) -> None:
        disk_fails(ledger)
        raise StationFault("another bench had it", code=Code.E329)

    table.stock_up("cam1")
    monkeypatch.setattr(Ledger, "begin", taken)
    board = Board()
    assert (code(visit(table, board)), board.writes) == (Code.E329, 0)
    disk_fails(table.ledger, fails=False)


def test_a_doubt_keeps_why_it_is_one_and_its_next_look_is_the_next_attempt(table: Table) -> None:
    table.stock_up("cam1")
    board = Board(found=[unverifiable])
    assert visit(table, board).outcome is Outcome.IN_DOUBT
    (doubt,) = table.ledger.certificates.unsettled()
    assert (doubt.code, doubt.attempt) == (Code.E211, 1)
    board.found = [differs, None]
    again = visit(table, board)
    assert (again.outcome, again.attempt, again.name) == (Outcome.PASS, 2, CertName(PRODUCT, "cam1"))


@pytest.mark.parametrize(("in_write", "outcome"), [(True, Outcome.IN_DOUBT), (False, Outcome.STATION_FAULT)])
def test_a_defect_after_the_first_byte_is_a_doubt_like_any_other(
    table: Table, monkeypatch: pytest.MonkeyPatch, *, in_write: bool, outcome: Outcome
) -> None:
    def defect(*_args: object) -> None:
        raise ZeroDivisionError("a defect")

    table.stock_up("cam1")
    board = Board()
    monkeypatch.setattr(board, "write" if in_write else "identify", defect)
    ended = visit(table, board)
    assert (ended.outcome, code(ended), board.closed) == (outcome, "E399", 1)
    assert table.state("cam1") is (State.IN_DOUBT if in_write else State.READY)


@pytest.mark.parametrize("kept", [True, False])
def test_the_product_secret_goes_on_the_board_only_where_the_profile_says_so(table: Table, *, kept: bool) -> None:
    table.stock_up("cam1", product_secret="PS")
    board = Board()
    assert visit(table, board, product_secret=kept).outcome is Outcome.PASS
    assert board.held is not None
    assert bool(board.held.primary.product_secret) is kept


@pytest.mark.parametrize("holding", [Holding.IDENTITY, Holding.UNREADABLE])
def test_a_done_board_of_another_product_is_not_done_for_this_profile(table: Table, holding: Holding) -> None:
    table.stock_up("cam1")
    assert visit(table, Board()).outcome is Outcome.PASS
    board = Board(info=BoardInfo(uid=UID, chip="c", holding=holding, names=(CertName(PRODUCT, "cam1"),)))
    told = visit(table, board, products=("a1Other",))
    assert (told.outcome, code(told)) == (Outcome.FAIL, Code.E202)
    assert (board.writes, board.restarts) == (0, 0)
    assert table.ledger.stock.by_state()[State.CONSUMED] == 1


def test_a_board_in_doubt_is_not_written_under_the_profile_of_another_product(table: Table) -> None:
    table.stock_up("cam1")
    board = Board(found=[differs])
    assert visit(table, board).outcome is not Outcome.PASS
    board = Board()
    told = visit(table, board, products=("a1Other",))
    assert (code(told), board.writes, told.married) == (Code.E202, 0, False)
    assert table.ledger.stock.by_state()[State.IN_DOUBT] == 1
    assert visit(table, Board()).outcome is Outcome.PASS

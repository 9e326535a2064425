# SPDX-License-Identifier: GPL-3.0-or-later
"""A board that is at the port while another one is written: it is named, it alarms wherever it shows up, and the first
one waits for a supervisor's word on it. Whatever the target.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from station.codes import Code, Exit
from station.errors import AnotherBoard, BoardFault, ConfigError, IntegrityAlarm, LedgerFault
from station.model import BoardInfo, BoardUid, CertName, Holding, Identity, IdentityKind, ReadBack, State
from station.rules import Fate, Outcome
from station.targets.base import Progress
from tests.flow.flow_table import PRODUCT, Table
from tests.flow.wireless import UID, Board, code, differs, visit
from tests.raw import disk_fails, raw

OTHER = BoardUid("cd00000000000009")
CAM1 = CertName(PRODUCT, "cam1")


def become_other(board: Board) -> None:
    board.info = replace(board.info, uid=OTHER)


def swapped_after_write(board: Board) -> None:
    """The other one is at the port when it is read back, and reads differently."""

    def lie(truth: ReadBack) -> ReadBack:
        become_other(board)
        return differs(truth)

    board.found = [lie, None]


def swapped_in_write(board: Board) -> None:
    """The other one answers no line of the write."""
    write = board.write

    def refuse(identity: Identity, progress: Progress) -> None:
        write(identity, progress)
        become_other(board)
        raise BoardFault("no answer", code=Code.E201)

    board.write = refuse  # type: ignore[method-assign]


def found_in_write(board: Board) -> None:
    """The target itself finds out, with something on its way."""

    def refuse(identity: Identity, progress: Progress) -> None:
        become_other(board)
        raise AnotherBoard(OTHER, f"{OTHER} answers", unsent=False)

    board.write = refuse  # type: ignore[method-assign]


def swapped_at_the_end(board: Board) -> None:
    """It shows an equal identity even after the restart, and is another board."""

    def lie(truth: ReadBack) -> ReadBack:
        become_other(board)
        return truth

    board.found = [None, lie]


SWAPS = [swapped_after_write, swapped_in_write, found_in_write, swapped_at_the_end]


@pytest.fixture
def swapped(table: Table) -> Table:
    table.stock_up("cam1", "cam2")
    board = Board()
    swapped_after_write(board)
    visit(table, board)
    return table


def the_first(**info: object) -> Board:
    return Board(replace(Board().info, **info))  # type: ignore[arg-type]


def the_other(**info: object) -> Board:
    return the_first(uid=OTHER, **info)


@pytest.mark.parametrize("swap", SWAPS)
def test_the_other_board_is_named_and_recorded_wherever_it_is_noticed(
    table: Table, swap: Callable[[Board], None]
) -> None:
    table.stock_up("cam1", "cam2")
    board = Board()
    swap(board)
    ended = visit(table, board)
    assert (ended.outcome, code(ended)) == (Outcome.IN_DOUBT, "E209")
    assert ended.error is not None and OTHER in ended.error.what + ended.error.means
    (stranger,) = table.ledger.strangers.open()
    assert (stranger.uid, stranger.name, stranger.married_to, stranger.attempt) == (OTHER, CAM1, UID, 1)
    assert table.state("cam1") is State.IN_DOUBT
    assert [row.name for row in table.ledger.certificates.search(OTHER)] == [CAM1]
    table.ledger.audit.verify()


@pytest.mark.parametrize(
    "shows_up",
    [
        {},
        {"holding": Holding.TORN},
        {"holding": Holding.IDENTITY, "names": (CAM1,)},
        {"chip": "another kind", "locked": True},
    ],
    ids=str,
)
def test_it_alarms_wherever_it_shows_up_and_takes_nothing(swapped: Table, shows_up: dict[str, object]) -> None:
    other = the_other(**shows_up)
    ended = visit(swapped, other, chips=("c",), overwrite_unknown=True)
    assert (ended.outcome, code(ended), other.writes) == (Outcome.ALARM, "E701", 0)
    assert isinstance(ended.error, IntegrityAlarm) and "cam1" in ended.error.what
    assert swapped.state("cam2") is State.READY


def test_it_alarms_on_a_slot_of_another_kind_too(swapped: Table) -> None:
    agent = swapped.board(9)
    agent.uid = OTHER
    ended = swapped.flash(agent)
    assert code(ended) == "E701"


@pytest.mark.parametrize("truth", [True, False], ids=["it reads equal", "it reads blank"])
def test_the_first_board_is_neither_written_nor_consumed_before_a_supervisor_spoke(
    swapped: Table, *, truth: bool
) -> None:
    first = Board()
    first.held = swapped.ledger.identity(1) if truth else None
    ended = visit(swapped, first)
    assert (code(ended), ended.error and ended.error.exit, first.writes) == ("E630", Exit.PERSON_NEEDED, 0)
    assert ended.outcome is Outcome.STATION_FAULT  # no failure of this board, and no slot is locked for it
    assert swapped.state("cam1") is State.IN_DOUBT


def test_once_the_other_one_is_wiped_both_are_boards_like_any_other(swapped: Table) -> None:
    assert swapped.ledger.strangers.settle(OTHER, Fate.WIPED, "erased and looked at", by="Li Wei") == [CAM1]
    assert swapped.ledger.strangers.awaited_by(1) is None
    assert visit(swapped, Board()).outcome is Outcome.PASS
    assert visit(swapped, the_other()).outcome is Outcome.PASS
    assert swapped.state("cam2") is State.CONSUMED
    swapped.ledger.audit.verify()


def test_once_the_other_one_is_scrapped_the_first_goes_on_and_the_other_must_never_be_seen_again(
    swapped: Table,
) -> None:
    swapped.ledger.strangers.settle(OTHER, Fate.SCRAPPED, "crushed", by="Li Wei")
    assert visit(swapped, Board()).outcome is Outcome.PASS
    back = visit(swapped, the_other())
    assert code(back) == "E701"
    assert back.error is not None and "scrapped" in back.error.what


def test_what_became_of_it_is_said_once_and_is_in_the_audit(swapped: Table) -> None:
    swapped.ledger.strangers.settle(OTHER, Fate.WIPED, "erased", by="Li Wei")
    with pytest.raises(ConfigError):
        swapped.ledger.strangers.settle(OTHER, Fate.SCRAPPED, "no, crushed", by="Li Wei")
    with raw(swapped.ledger.path) as db:
        line = db.execute("SELECT board_uid, detail FROM audit WHERE event = 'stranger settled'").fetchone()
    assert line["board_uid"] == OTHER
    assert all(word in line["detail"] for word in ("wiped", "erased", "Li Wei"))


def test_a_retired_identity_leaves_the_alarm_on_the_other_board(swapped: Table) -> None:
    swapped.ledger.retire(CAM1, "the other board is lost", by="Li Wei")
    assert code(visit(swapped, the_other())) == "E701"
    assert visit(swapped, Board()).outcome is Outcome.PASS
    assert swapped.state("cam2") is State.CONSUMED


def test_a_second_swap_for_the_same_board_names_a_second_stranger(swapped: Table) -> None:
    swapped.ledger.strangers.settle(OTHER, Fate.WIPED, "erased", by="Li Wei")
    board = Board()
    swapped_after_write(board)
    visit(swapped, board)
    (again,) = swapped.ledger.strangers.open()
    assert (again.uid, again.attempt) == (OTHER, 2)
    swapped.ledger.audit.verify()


def test_a_board_whose_writes_name_it_leaves_nothing_on_the_other_one(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = Board(names_the_board=True)
    swapped_after_write(board)
    assert code(visit(table, board)) == "E209"
    assert table.ledger.strangers.open() == []
    assert visit(table, Board()).outcome is Outcome.PASS
    assert visit(table, the_other()).outcome is Outcome.PASS


def test_an_agent_board_that_is_swapped_leaves_no_stranger(table: Table) -> None:
    table.stock_up("cam1")
    assert code(table.flash(table.board(1, uid_after_reset=OTHER))) == "E209"
    assert table.ledger.strangers.open() == []


def test_a_stranger_that_the_disk_did_not_take_is_recorded_when_the_doubt_is(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()

    def swapped_and_full(truth: ReadBack) -> ReadBack:
        become_other(board)
        disk_fails(table.ledger)
        return differs(truth)

    board.found = [swapped_and_full, None]
    assert code(visit(table, board)) == "E209"
    disk_fails(table.ledger, fails=False)
    assert table.state("cam1") is State.WRITING
    assert code(visit(table, Board())) == "E630"
    assert [one.uid for one in table.ledger.strangers.open()] == [OTHER]
    assert code(visit(table, the_other())) == "E701"


@pytest.mark.parametrize("answers", [Code.E201, Code.E209, Code.E211, Code.E205])
def test_only_a_damaged_write_is_worth_another_one(table: Table, answers: str) -> None:
    """A board that does not answer may be another one by the time it does; one that was changed is."""
    table.stock_up("cam1")
    board = Board()
    write = board.write

    def fail(identity: Identity, progress: Progress) -> None:
        write(identity, progress)
        raise BoardFault("so it ended", code=Code[answers])

    board.write = fail  # type: ignore[method-assign]
    assert (code(visit(table, board)), board.writes) == (answers, 1)
    assert table.state("cam1") is State.IN_DOUBT


def test_a_board_that_was_swapped_and_swapped_back_is_not_written_again(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()
    write = board.write

    def swapped(identity: Identity, progress: Progress) -> None:
        write(identity, progress)
        raise AnotherBoard(OTHER, f"{OTHER} answers", unsent=False)

    board.write = swapped  # type: ignore[method-assign]
    assert (code(visit(table, board)), board.writes) == ("E209", 1)
    assert table.ledger.strangers.at(OTHER)


def test_what_a_target_saw_of_another_board_is_not_made_less_by_who_answers_afterwards(table: Table) -> None:
    """Its writes name the board they are for: of what is asked after them, nothing could be on the other one."""
    table.stock_up("cam1")
    board = Board(names_the_board=True)
    found_in_write(board)
    assert code(visit(table, board)) == "E209"
    assert [one.uid for one in table.ledger.strangers.open()] == [OTHER]


def test_another_board_that_the_target_finds_when_it_asks_why_is_why(table: Table) -> None:
    """Two on one line, say: whoever was silent in the write, the first board is not to blame."""
    table.stock_up("cam1")
    board = Board()

    def both_answer() -> BoardInfo:
        raise AnotherBoard(OTHER, f"{OTHER} answers too", unsent=False)

    def damaged(identity: Identity, progress: Progress) -> None:
        board.identify = both_answer  # type: ignore[method-assign]
        raise BoardFault("damaged", code=Code.E208)

    board.write = damaged  # type: ignore[method-assign]
    ended = visit(table, board)
    assert (ended.outcome, code(ended)) == (Outcome.IN_DOUBT, "E209")
    assert [one.uid for one in table.ledger.strangers.open()] == [OTHER]


def test_so_it_is_where_nobody_can_tell_which_other_board_it_was(table: Table) -> None:
    """An ESP that tells two MACs, say: it is no board for the red bin."""
    table.stock_up("cam1")
    board = Board()

    def two() -> BoardInfo:
        raise BoardFault("it has two MACs", code=Code.E209)

    def differs_now(identity: Identity, progress: Progress) -> None:
        board.identify = two  # type: ignore[method-assign]
        raise BoardFault("differs", code=Code.E204)

    board.write = differs_now  # type: ignore[method-assign]
    ended = visit(table, board)
    assert (ended.outcome, code(ended)) == (Outcome.IN_DOUBT, "E209")
    assert table.ledger.strangers.open() == []


@pytest.mark.parametrize(
    "fault", [LedgerFault("full", code=Code.E301), ZeroDivisionError()], ids=["the disk", "a defect"]
)
def test_a_board_that_is_not_to_blame_is_asked_nothing_more(table: Table, fault: Exception) -> None:
    """A person may have to switch it off and on for that."""
    table.stock_up("cam1")
    board, asked = Board(), list[bool]()

    def count() -> BoardInfo:
        asked.append(True)
        return board.info

    def fails(identity: Identity, progress: Progress) -> None:
        asked.clear()
        raise fault

    board.identify = count  # type: ignore[method-assign]
    board.write = fails  # type: ignore[method-assign]
    assert visit(table, board).outcome is Outcome.IN_DOUBT
    assert not asked


def test_a_failed_board_that_says_nothing_any_more_is_not_written_again(table: Table) -> None:
    table.stock_up("cam1")
    board = Board()

    def dumb() -> None:
        raise BoardFault("no answer", code=Code.E201)

    def gone(truth: ReadBack) -> ReadBack:
        board.identify = dumb  # type: ignore[assignment, method-assign]
        return differs(truth)

    board.found = [gone, None]
    assert (code(visit(table, board)), board.writes) == ("E204", 1)


# -- boards known only by their label ----------------------------------------------------------------------------------


def in_doubt_by_label(table: Table) -> Board:
    table.stock_up("cam1", "cam2")
    pulled = the_first(by_label=True)

    def silent(identity: Identity, progress: Progress) -> None:
        raise BoardFault("no answer", code=Code.E201)

    pulled.write = silent  # type: ignore[method-assign]
    visit(table, pulled)
    assert table.state("cam1") is State.IN_DOUBT
    return the_first(by_label=True)


def test_a_blank_board_under_the_label_of_one_in_doubt_is_shown_to_a_person(table: Table) -> None:
    board = in_doubt_by_label(table)
    ended = visit(table, board)
    assert (code(ended), ended.error and ended.error.exit, board.writes) == ("E631", Exit.PERSON_NEEDED, 0)
    assert ended.outcome is Outcome.STATION_FAULT  # nothing was tried: neither a stay in doubt nor a failure
    assert table.state("cam1") is State.IN_DOUBT


def test_what_a_supervisor_vouches_for_is_written_once_more_and_no_more(table: Table) -> None:
    board = in_doubt_by_label(table)
    assert table.ledger.strangers.vouch(CAM1, "serial number looked at", by="Li Wei") == UID
    board.found = [None, differs, differs]
    assert code(visit(table, board)) == "E204"
    assert board.writes == 1  # it shows nothing of it: even now it may be another one
    board.held, board.found = None, [None]
    assert code(visit(table, board)) == "E631"
    table.ledger.strangers.vouch(CAM1, "looked at again", by="Li Wei")
    assert visit(table, board).outcome is Outcome.PASS
    with raw(table.ledger.path) as db:
        assert db.execute("SELECT count(*) FROM audit WHERE event = 'vouched'").fetchone()[0] == 2
    table.ledger.audit.verify()


def test_a_labelled_board_that_shows_a_part_is_that_board_and_is_written_again(table: Table) -> None:
    board = in_doubt_by_label(table)
    board.held, board.found = table.ledger.identity(1), [differs, None]
    assert visit(table, board).outcome is Outcome.PASS


def test_a_board_with_a_uid_of_its_own_that_reads_blank_is_written_again_without_asking(table: Table) -> None:
    board = in_doubt_by_label(table)
    board.info = replace(board.info, by_label=False)
    assert visit(table, board).outcome is Outcome.PASS


def test_nobody_vouches_for_what_is_not_in_doubt(table: Table) -> None:
    table.stock_up("cam1")
    with pytest.raises(ConfigError):
        table.ledger.strangers.vouch(CAM1, "why", by="Li Wei")


# -- the database refuses it, whoever writes ---------------------------------------------------------------------------


def test_the_schema_lets_no_doubt_be_settled_while_its_stranger_is_about(swapped: Table) -> None:
    with pytest.raises(IntegrityAlarm, match="its fate comes first"):
        swapped.ledger.resume(1, 1, UID, "1")
    with pytest.raises(IntegrityAlarm, match="part of another"):
        swapped.ledger.reserve([PRODUCT], IdentityKind.SINGLE, OTHER, "1")
    swapped.ledger.strangers.settle(OTHER, Fate.SCRAPPED, "crushed", by="Li Wei")
    swapped.ledger.resume(1, 1, UID, "1")
    with pytest.raises(IntegrityAlarm, match="part of another"):
        swapped.ledger.reserve([PRODUCT], IdentityKind.SINGLE, OTHER, "1")


FORBIDDEN = {
    "DELETE FROM strangers": "no row of strangers",
    "UPDATE strangers SET fate = 'wiped', settled_line = 1": "said once, with an audit line",
    "UPDATE strangers SET board_uid = 'ab01'": "said once",
    "INSERT INTO strangers (board_uid, identity, attempt, found_line) VALUES ('ab01', 1, 1, 1)": "audit line",
    "INSERT OR REPLACE INTO strangers SELECT * FROM strangers": "UNIQUE",
    "INSERT INTO vouched VALUES (1, 1, 1)": "nobody vouches",
}


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_the_record_cannot_be_bent(swapped: Table, sql: str) -> None:
    with sqlite3.connect(swapped.ledger.path) as raw, pytest.raises(sqlite3.IntegrityError) as caught:
        raw.execute(sql)
    assert FORBIDDEN[sql] in str(caught.value)


@pytest.mark.parametrize("sql", ["DELETE FROM strangers", "UPDATE strangers SET board_uid = 'ab01'"])
def test_a_record_bent_by_force_breaks_the_audit(swapped: Table, sql: str) -> None:
    with sqlite3.connect(swapped.ledger.path) as raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'strangers'")
        for name, _ in (kept := guards.fetchall()):
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(sql)
        for _, guard in kept:
            raw.execute(guard)
    with pytest.raises(IntegrityAlarm, match="no stranger any more"):
        swapped.ledger.audit.verify()


@pytest.fixture
def carrier(table: Table) -> Table:
    """cam1 is in doubt on the first board, and the other one came in with it."""
    table.stock_up("cam1", "cam2")
    board = Board()
    board.found = [differs, differs]
    visit(table, board)
    assert table.state("cam1") is State.IN_DOUBT
    ended = visit(table, the_other(holding=Holding.IDENTITY, names=(CAM1,)))
    assert (ended.outcome, code(ended)) == (Outcome.ALARM, "E701")
    return table


def test_what_was_seen_on_another_board_is_not_written_to_its_own_before_a_supervisor_spoke(carrier: Table) -> None:
    (stranger,) = carrier.ledger.strangers.open()
    assert (stranger.uid, stranger.name, stranger.married_to) == (OTHER, CAM1, UID)
    first = Board()
    assert (code(visit(carrier, first)), first.writes) == ("E630", 0)
    carrier.ledger.strangers.settle(OTHER, Fate.WIPED, "erased and looked at", by="Li Wei")
    assert visit(carrier, Board()).outcome is Outcome.PASS
    carrier.ledger.audit.verify()


def test_a_word_for_the_blank_board_under_a_label_does_not_outweigh_what_was_seen(carrier: Table) -> None:
    carrier.ledger.strangers.vouch(CAM1, "it never left the hand", by="Li Wei")
    first = the_first(by_label=True)
    assert (code(visit(carrier, first)), first.writes) == ("E630", 0)


def test_a_board_seen_again_is_the_same_stranger(carrier: Table) -> None:
    assert code(visit(carrier, the_other(holding=Holding.IDENTITY, names=(CAM1,)))) == "E701"
    assert len(carrier.ledger.strangers.open()) == 1


def test_a_board_that_another_one_took_the_place_of_for_a_moment_is_no_stranger(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    first = Board()
    first.found = [differs, differs]
    visit(table, first)
    board = the_other(holding=Holding.IDENTITY, names=(CAM1,))
    looks = [board.info, replace(board.info, holding=Holding.BLANK, names=())]
    board.identify = lambda: looks.pop(0)  # type: ignore[method-assign]
    assert (code(visit(table, board)), board.writes) == ("E209", 0)
    assert table.ledger.strangers.open() == []


@pytest.mark.parametrize(
    "told",
    [AnotherBoard(UID, "two boards answer", unsent=False), BoardFault("it has two MACs", code=Code.E209)],
    ids=["it is known which", "it is not"],
)
def test_a_board_beside_which_another_one_answers_is_accused_of_nothing(table: Table, told: BoardFault) -> None:
    """Two on one line, say, of which one was silent at first."""
    table.stock_up("cam1", "cam2")
    first = Board()
    first.found = [differs, differs]
    visit(table, first)
    board = the_other(holding=Holding.IDENTITY, names=(CAM1,))
    looks = iter([board.info])

    def asked() -> BoardInfo:
        for look in looks:
            return look
        raise told

    board.identify = asked  # type: ignore[method-assign]
    ended = visit(table, board)
    assert (ended.outcome, ended.error, board.writes) == (Outcome.STATION_FAULT, told, 0)
    assert table.ledger.strangers.open() == []


def test_a_clone_of_what_is_done_leaves_its_own_board_as_it_is(table: Table) -> None:
    table.stock_up("cam1")
    first = Board()
    assert visit(table, first).outcome is Outcome.PASS
    assert code(visit(table, the_other(holding=Holding.IDENTITY, names=(CAM1,)))) == "E701"
    assert table.ledger.strangers.open() == []


def test_a_clone_alarms_also_where_nothing_can_be_written(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    visit(table, Board())
    disk_fails(table.ledger)
    ended = visit(table, the_other(holding=Holding.IDENTITY, names=(CAM1,)))
    disk_fails(table.ledger, fails=False)
    assert (ended.outcome, code(ended)) == (Outcome.ALARM, "E701")

# SPDX-License-Identifier: GPL-3.0-or-later
"""A reservation that a power cut took, as no disk was waited for: its identity and its attempt's number are given out
again, maybe to another board, and whoever had it begins nothing by it and gives nothing of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from station.codes import Code
from station.errors import LedgerFault, StationError
from station.ledger import age
from station.ledger.sqlite import connection, sweeping
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import Attempt, IdentityKind, State
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid
from tests.postgres.lent import Lent
from tests.raw import file_of

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
LAST = "event = 'reserved' AND seq = (SELECT max(seq) FROM audit)"
FORGET = (
    f"UPDATE identities SET state = 'READY', attempt = attempt - 1, version = version - 1, board_uid = NULL,"
    f" slot = NULL, owner = NULL WHERE id = (SELECT identity FROM audit WHERE {LAST});"
    f" DELETE FROM audit WHERE {LAST}"
)


@pytest.fixture
def lose(
    engine: str, ledger: Ledger, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """The last line of all, a reservation's, and what it did."""
    monkeypatch.setattr(sweeping, "PACE_S", 3600.0)  # what is in SQLite's log has to stay there
    if engine == "sqlite":
        return lambda: forge(file_of(ledger).path, FORGET)
    again = "SELECT setval('audit_seq_seq', max(seq)) FROM audit"
    emptied: Lent = request.getfixturevalue("emptied")
    return lambda: emptied.past_the_guards(["identities", "audit"], f"{FORGET}; {again}")


@pytest.fixture
def in_hand(ledger: Ledger, lose: Callable[[], None]) -> Attempt:
    """What slot 1 reserved for board 1, and was lost."""
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    attempt = ledger.reserve(*SINGLE, uid(1), "1").attempt
    lose()
    assert ledger.bound_to(uid(1)) is None
    return attempt


def refused(step: Callable[[], None]) -> Code | None:
    with pytest.raises(LedgerFault) as fault:
        step()
    return fault.value.code


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "by statements"])
@pytest.mark.parametrize(
    ("board", "slot", "same_session"),
    [(2, "2", True), (1, "2", True), (2, "1", False), (1, "1", False)],
)
def test_what_another_one_has_is_neither_begun_nor_given_back_by_who_lost_it(
    in_hand: Attempt,
    ledger: Ledger,
    open_ledger: Callable[[], Ledger],
    monkeypatch: pytest.MonkeyPatch,
    *,
    board: int,
    slot: str,
    same_session: bool,
    at_once: bool,
) -> None:
    other = ledger if same_session else open_ledger()
    claim = other.reserve(*SINGLE, uid(board), slot)
    assert (claim.attempt.identity_id, claim.attempt.number) == (in_hand.identity_id, in_hand.number)
    if not at_once:
        monkeypatch.setattr(ledger.book.connection, "at_once", None)
    assert refused(lambda: ledger.begin(in_hand)) is Code.E329
    assert refused(lambda: ledger.release(in_hand, "not begun")) is Code.E329
    assert ledger.recover() == []
    bound = ledger.bound_to(uid(board))
    assert bound is not None and bound.state is State.RESERVED
    other.begin(claim.attempt)
    assert ledger.recover() == []
    assert refused(lambda: ledger.begin(in_hand)) in (Code.E329, Code.E323)
    other.consume(claim.attempt, evidence(claim))
    assert [line.to_state for line in ledger.audit.history(uid=uid(board))] == ["RESERVED", "WRITING", "CONSUMED"]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "by statements"])
def test_what_another_one_had_and_gave_back_is_lost_just_so_and_the_board_goes_on(
    in_hand: Attempt,
    ledger: Ledger,
    open_ledger: Callable[[], Ledger],
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_once: bool,
) -> None:
    other = open_ledger()
    other.release(other.reserve(*SINGLE, uid(2), "2").attempt, "not begun")
    if not at_once:
        monkeypatch.setattr(ledger.book.connection, "at_once", None)
    assert refused(lambda: ledger.begin(in_hand)) is Code.E329
    assert refused(lambda: ledger.release(in_hand, "not begun")) is Code.E329
    claim = ledger.reserve(*SINGLE, uid(1), "1")
    assert ledger.recover() == []
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def test_who_lost_it_reserves_anew_and_goes_on(in_hand: Attempt, ledger: Ledger) -> None:
    """In the same slot, with the same number: what was not begun before says nothing of it."""
    assert refused(lambda: ledger.begin(in_hand)) is Code.E329
    assert refused(lambda: ledger.release(in_hand, "not begun")) is Code.E329
    claim = ledger.reserve(*SINGLE, uid(1), "1")
    assert claim.attempt == in_hand
    assert ledger.recover() == []
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def test_nothing_outside_of_the_ledger_remembers_what_may_be_lost(ledger: Ledger, lose: Callable[[], None]) -> None:
    """Neither the mark of how far its chain went, nor a head on paper."""
    ledger.receive(BATCH, [single("cam1")])
    ledger.reserve(*SINGLE, uid(1), "1")
    engine = ledger.book.connection
    age.remember(engine)
    printed = [ledger.audit.head().hash] + ([] if engine.bench else [ledger.audit.pinned_now().hash])
    lose()
    assert not age.forgot_something(engine)
    assert age.remember_more(engine)
    assert all(ledger.audit.contains(head) for head in printed)


def test_who_follows_the_log_by_its_numbers_misses_no_line(ledger: Ledger, lose: Callable[[], None]) -> None:
    """The number of what was lost is another line's then."""
    ledger.receive(BATCH, [single("cam1")])
    ledger.reserve(*SINGLE, uid(1), "1")
    told = list(ledger.audit.log())
    lose()
    claim = ledger.reserve(*SINGLE, uid(2), "2")
    ledger.begin(claim.attempt)
    told += ledger.audit.log(after=told[-1].seq)
    assert told == list(ledger.audit.log())
    assert [line.board_uid for line in told if line.to_state == "RESERVED"] == [uid(2)]


@contextmanager
def levels(ledger: Ledger) -> Iterator[list[int]]:
    """SQLite's `synchronous` at each commit: 1 is NORMAL, which waits for no disk, 2 is FULL."""
    sqlite, found = file_of(ledger)._sqlite, list[int]()

    def note(sql: str) -> None:
        if sql == "COMMIT":
            sqlite.set_trace_callback(None)
            found.append(sqlite.execute("PRAGMA synchronous").fetchone()[0])
            sqlite.set_trace_callback(note)

    sqlite.set_trace_callback(note)
    yield found
    sqlite.set_trace_callback(None)


@pytest.mark.sqlite
def test_no_write_but_a_reservation_goes_without_the_disk(ledger: Ledger) -> None:
    """Whatever became of the write before."""
    ledger.receive(BATCH, [single("cam1")])
    with levels(ledger) as found:
        claim = ledger.reserve(*SINGLE, uid(1), "1")
        with pytest.raises(StationError), ledger.book.write(carried=True):
            _ = 1 / 0
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
    assert found == [1, 2, 2]


@pytest.mark.sqlite
def test_what_opens_a_set_waits_for_the_disk(ledger: Ledger) -> None:
    """Its members are rows that others go on from."""
    ledger.receive(BATCH, [nvr_set("nvr1", 2)])
    with levels(ledger) as found:
        ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1", takes=Takes(channels=(2, 2)))
    assert found == [2]


@pytest.mark.sqlite
def test_a_level_that_is_not_known_is_set_anew(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where Ctrl-C came just then."""
    opened, ordinary = file_of(ledger), connection._set_synchronous

    def interrupted(*arguments: object) -> None:
        ordinary(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_set_synchronous", interrupted)
        with pytest.raises(KeyboardInterrupt), opened.write(carried=True):
            pass
    with opened.write():
        assert opened._sqlite.execute("PRAGMA synchronous").fetchone()[0] == 2

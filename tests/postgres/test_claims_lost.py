# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that dies with a reservation, or a board's stay, which it had not yet written to its log: no disk was waited
for. Others get what was lost, whoever had it goes on with something else, and nobody takes that for a ledger that was
set back. A stay is made good where its board is done, and nobody outside was told of one that was lost.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from station.bench import headless
from station.codes import Code, Exit
from station.errors import LedgerFault, StationError
from station.ledger import age
from station.ledger.outbox import Due, Receivers
from station.ledger.postgres import line_heads
from station.ledger.server import BENCH
from station.ledger.stay_events import StayEvent
from station.ledger.store import Ledger
from station.ledger.values import Claim, VisitRow
from station.ledger.visits import Visits
from station.model import Attempt, BoardUid, IdentityKind, Secret, State
from station.outbox.courier import AT_ONCE, Courier
from station.outbox.event import Event, event_of
from station.printing.feeding import _Feeder
from station.printing.printer import Printer
from station.profiles.sticker import Sticker
from station.report.counters import ShiftCount
from station.rules import Outcome
from station.simulate.printer import LabelPrinter
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.ledger.test_printed import again
from tests.outbox.stays import Mes, stayed
from tests.postgres.line_benches import Line
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
UID = BoardUid("b0a1")


@pytest.fixture(autouse=True)
def _nobody_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """That would be a commit which is waited for."""
    monkeypatch.setattr(line_heads, "EVERY_S", 3600.0)


@pytest.fixture
def memory_goes(server: Server) -> Iterator[Callable[[], None]]:
    """One of the server's processes is killed, and it begins anew with its log."""

    def goes() -> None:
        with psycopg.connect(server.url(), autocommit=True) as seen, suppress(psycopg.OperationalError):
            server.tell_log_writer(signal.SIGKILL)
            while True:
                seen.execute("SELECT pg_sleep(0.01)")
        server.wait()
        server.tell_log_writer(signal.SIGSTOP)

    server.tell_log_writer(signal.SIGSTOP)  # only a commit that waits for it writes the log from now on
    yield goes
    server.tell_log_writer(signal.SIGCONT)  # who drops a database waits for it


@pytest.fixture
def reservation_goes(memory_goes: Callable[[], None], server: Server, database: str) -> Callable[[Attempt], bool]:
    """Whether it went with the server's memory: not where something else had it write the log before."""

    def goes(attempt: Attempt) -> bool:
        memory_goes()
        sql = "SELECT attempt FROM station.identities WHERE id = %s"
        with psycopg.connect(server.url(database)) as db:
            (kept,) = db.execute(sql, (attempt.identity_id,)).fetchone() or (0,)
        return bool(kept < attempt.number)

    return goes


@pytest.fixture
def stay_goes(memory_goes: Callable[[], None], server: Server, database: str) -> Callable[[BoardUid], bool]:
    """Likewise."""

    def goes(board: BoardUid) -> bool:
        memory_goes()
        with psycopg.connect(server.url(database)) as db:
            return db.execute("SELECT 1 FROM station.visits WHERE board_uid = %s", (board,)).fetchone() is None

    return goes


def reserve(ledger: Ledger, board: int) -> Claim:
    """As a slot does, which comes again where the server was only just reached anew."""
    for _ in range(3):
        try:
            return ledger.reserve(*SINGLE, uid(board), "1")
        except LedgerFault as away:
            assert away.code is Code.E329
    raise AssertionError("the server was never reached")


def flash(ledger: Ledger, claim: Claim) -> None:
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def test_what_a_killed_server_lost_goes_to_another_bench_and_locks_nothing(
    open_bench: Callable[[str], Ledger], reservation_goes: Callable[[Attempt], bool]
) -> None:
    one, other = open_bench("one"), open_bench("other")
    one.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    for board, bench in enumerate((one, other)):
        flash(bench, reserve(bench, board))
    while not reservation_goes((lost := _reserve_and_remember(one)).attempt):
        one.recover()
        one.release(lost.attempt, "not lost")
    found = reserve(other, 12)
    assert (found.attempt.identity_id, found.attempt.number) == (lost.attempt.identity_id, lost.attempt.number)
    another = reserve(one, 13)  # by then all was asked again of the server
    with pytest.raises(LedgerFault) as gone:
        one.begin(lost.attempt)
    assert gone.value.code is Code.E329
    for bench, claim in ((other, found), (one, another)):
        flash(bench, claim)
    assert one.stock.by_state()[State.CONSUMED] == 4
    assert one.locks.held() == other.locks.held() == {}
    one.audit.verify()


def _reserve_and_remember(ledger: Ledger) -> Claim:
    """What was seen in the ledger by then, as every bench does in between."""
    claim = reserve(ledger, 11)
    assert age.remember_more(ledger.book.connection)
    return claim


@pytest.fixture
def line(server: Server, database: str, tmp_path: Path) -> Iterator[Line]:
    one = Line(server.url(database, BENCH), tmp_path)
    yield one
    for bench in one.benches:
        bench.unplug()


def test_a_bench_whose_reservation_was_lost_goes_on_by_itself(
    line: Line, reservation_goes: Callable[[Attempt], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    line.stock_up(2)
    bench, ordinary, lost = line.bench(1), Ledger.begin, list[bool]()

    def begin(ledger: Ledger, attempt: Attempt, *, board_key: Secret | None = None) -> None:
        if not any(lost):
            lost.append(reservation_goes(attempt))
        ordinary(ledger, attempt, board_key=board_key)

    monkeypatch.setattr(Ledger, "begin", begin)
    bench.plug(UID)
    done = bench.shell("flash", "--json", "--count", "1")
    assert (done.code, done.json[-1]["passed"]) == (Exit.OK, 1), done.err
    assert any(lost) and len(line.held()[UID]) == 1
    assert line.violations() == []


def test_a_stay_that_a_killed_server_lost_is_made_good_and_is_no_ledger_set_back(
    open_bench: Callable[[str], Ledger], stay_goes: Callable[[BoardUid], bool]
) -> None:
    one, other = open_bench("one"), open_bench("other")
    one.missed_stays.expect({"1": {"profile": "cam"}})
    one.receive(BATCH, [single(f"cam{n}") for n in range(9)])
    for board in range(9):
        claim = reserve(one, board)
        flash(one, claim)
        stayed(one, board, Outcome.PASS, identity_id=claim.attempt.identity_id, attempt=1, code=None)
        for bench in (one, other):
            assert age.remember_more(bench.book.connection)
        if stay_goes(uid(board)):
            break
    else:
        raise AssertionError("something else had the log written each time")
    for bench in (one, other):
        assert age.remember_more(bench.book.connection)
        bench.close()
    again = open_bench("one")
    assert [visit.board_uid for visit in again.visits.since(0)][board:] == [uid(board)]
    again.audit.verify()


def test_who_remembers_numbers_of_stays_counts_anew_where_some_were_lost(
    open_bench: Callable[[str], Ledger], stay_goes: Callable[[BoardUid], bool]
) -> None:
    """They are others' by then."""
    one = open_bench("one")
    one.receive(BATCH, [single(f"cam{n}") for n in range(9)])
    with LabelPrinter() as printer:
        feeder = _Feeder(one, Printer(where=printer.where), lambda: {"cam": Sticker()}, lambda _notice: None)
        counted = ShiftCount(one, 0.0)
        for board in range(9):
            claim = reserve(one, board)
            flash(one, claim)
            stayed(one, board)
            remembered = one.visits.since(0.0)[-1].number
            assert (counted.counters(0.0).failed, feeder.try_to_print()) == (board + 1, None)
            if stay_goes(uid(board)):
                break
        else:
            raise AssertionError("something else had the log written each time")
        again(one, board, claim.attempt.identity_id, Outcome.PASS)
        assert counted.counters(0.0) == ShiftCount(one, 0.0).counters(0.0)
        assert one.visits.since(0.0)[-1].number <= remembered
        assert feeder.try_to_print() is None
        assert one.printed.copies(claim.attempt.identity_id) == 1


def test_no_receiver_is_told_of_a_stay_that_the_server_may_still_lose(
    open_bench: Callable[[str], Ledger], stay_goes: Callable[[BoardUid], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, mes, lost = open_bench("one"), Mes(), list[bool]()
    one.outbox.begin("mes")
    deliver = mes.deliver

    def delivered(event: Event) -> None:
        deliver(event)
        lost.append(stay_goes(uid(1)))

    monkeypatch.setattr(mes, "deliver", delivered)
    stayed(one, 1)
    with suppress(StationError):
        Courier(mes, one, "", lambda *_: None).send()
    assert (mes.told, lost) == ([1], [False])


def test_no_receiver_is_told_of_a_stay_that_was_lost_before_it_could_last(
    open_bench: Callable[[str], Ledger], stay_goes: Callable[[BoardUid], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, mes, due, lost = open_bench("one"), Mes(), Receivers.due, list[bool]()
    one.outbox.begin("mes")

    def found(receivers: Receivers, receiver: str, limit: int) -> Due:
        answer = due(receivers, receiver, limit)
        if limit == AT_ONCE and not lost:
            lost.append(stay_goes(uid(1)))
        return answer

    monkeypatch.setattr(Receivers, "due", found)
    stayed(one, 1)
    Courier(mes, one, "", lambda *_: None).send()
    assert (len(lost), mes.told) == (1, [])


def test_no_program_is_told_of_a_stay_that_the_server_may_still_lose(
    line: Line, stay_goes: Callable[[BoardUid], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    line.stock_up(1)
    bench, lost = line.bench(1), list[bool]()

    def told(stay: StayEvent, name: str) -> Event:
        lost.append(stay_goes(BoardUid(stay.uid)))
        return event_of(stay, name)

    monkeypatch.setattr(headless, "event_of", told)
    bench.plug(UID)
    done = bench.shell("flash", "--json", "--events", "results", "--count", "1")
    assert ([one["event"] for one in done.json], lost) == (["visit", "summary"], [False]), done.err


def test_a_program_is_not_told_of_a_stay_that_the_server_has_lost(
    line: Line, stay_goes: Callable[[BoardUid], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor of another one that has its number."""
    line.stock_up(1)
    bench, record, lost = line.bench(1), Visits.record, list[bool]()

    def recorded(visits: Visits, visit: VisitRow) -> int:
        monkeypatch.setattr(Visits, "record", record)
        number = record(visits, visit)
        lost.append(stay_goes(BoardUid(UID)))
        with line.ledger() as office:
            stayed(office, 7)
        return number

    monkeypatch.setattr(Visits, "record", recorded)
    bench.plug(UID)
    done = bench.shell("flash", "--json", "--events", "results", "--count", "1")
    visits = [one["uid"] for one in done.json if one["event"] == "visit"]
    assert (done.code, visits) == (Exit.OK, [] if lost[0] else [UID]), done.err


def test_the_log_tells_of_a_stay_whatever_others_have_not_committed(
    open_bench: Callable[[str], Ledger], server: Server
) -> None:
    """That nobody writes to the disk by itself."""
    one = open_bench("one")
    stayed(one, 1)
    with psycopg.connect(server.url()) as other:
        other.execute("CREATE TABLE not_committed (n bigint)")
        told = [line.event for line in one.audit.log()]
        other.rollback()
    assert told[-1] == "visit"


def test_what_the_log_tells_of_no_power_cut_takes(
    open_bench: Callable[[str], Ledger], stay_goes: Callable[[BoardUid], bool]
) -> None:
    """Whoever goes on behind the last line misses none: its number would be another one's."""
    one = open_bench("one")
    stayed(one, 1)
    told = [line.event for line in one.audit.log()]
    assert not (stay_goes(uid(1)) and "visit" in told)
    stayed(one, 2)
    one.outbox.make_last()
    assert [line.event for line in one.audit.log()][-1] == "visit"

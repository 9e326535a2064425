# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the state machine: pure, without I/O. DESIGN §3 draws it; the schema refuses what is not here.

The one rule: once the first byte may have left, an identity is married to that board for life.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from station.codes import Blame, Code, Then
from station.model import BoardInfo, BoardUid, CertName, Holding, State, Verdict

TRANSITIONS: frozenset[tuple[State, State]] = frozenset(
    {
        (State.READY, State.RESERVED),
        (State.READY, State.WITHHELD),  # found on a board although nothing was ever sent: it is out there
        (State.READY, State.RETIRED),  # expired, or a supervisor
        (State.WITHHELD, State.RETIRED),
        (State.WITHHELD, State.READY),  # a supervisor, as `way_back` allows
        (State.READY, State.IN_DOUBT),  # a witness or its board tells of a write that a set-back ledger lost
        (State.WITHHELD, State.IN_DOUBT),  # the same
        (State.RESERVED, State.READY),  # nothing was sent
        (State.RESERVED, State.WRITING),
        (State.WRITING, State.CONSUMED),
        (State.WRITING, State.IN_DOUBT),
        (State.IN_DOUBT, State.WRITING),  # the same board, a new attempt
        (State.IN_DOUBT, State.CONSUMED),  # the same board, equal: no rewrite
        (State.IN_DOUBT, State.RETIRED),  # a supervisor
        (State.CONSUMED, State.RETIRED),  # a supervisor, with a reason
    }
)

MARRIED = frozenset({State.WRITING, State.IN_DOUBT, State.CONSUMED})
"""Bytes may have left: the board uid is fixed."""

BOUND = MARRIED | {State.RESERVED}
"""A board may have one identity in these states."""


def may(before: State, after: State) -> bool:
    return (before, after) in TRANSITIONS


class WayBack(StrEnum):
    """Whether a supervisor may let an identity back into the queue, or what is in the way."""

    OPEN = "open"
    NOT_WITHHELD = "not withheld"
    ON_A_BOARD = "on a board"  # it is out there: never
    DISPUTED = "disputed"  # two sources disagree about it: a person chooses first
    ASK_FIRST = "ask first"  # the cloud, what it says of it now
    IN_USE = "in use"  # so the cloud said when it was asked again
    BY_NAME = "by its name alone"  # a witness tells of a doubt that this ledger has lost: not with its batch


def way_back(state: State, *, on_a_board: bool, disputed: bool, from_cloud: bool, asked: bool, in_use: bool) -> WayBack:
    """`asked`: the cloud, since it was withheld; `in_use`: what it said then."""
    if state is not State.WITHHELD:
        return WayBack.NOT_WITHHELD
    if on_a_board:
        return WayBack.ON_A_BOARD
    if disputed:
        return WayBack.DISPUTED
    if from_cloud and not asked:
        return WayBack.ASK_FIRST
    if from_cloud and in_use:
        return WayBack.IN_USE
    return WayBack.OPEN


def recovered(state: State) -> State:
    """What a dead process's row becomes at start-up."""
    return {State.RESERVED: State.READY, State.WRITING: State.IN_DOUBT}.get(state, state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of one identity, without its secret."""

    identity_id: int
    name: CertName
    state: State
    attempt: int
    board_uid: BoardUid | None


class Choice(StrEnum):
    """Which content of a disputed name a person keeps."""

    HELD = "held"
    ARRIVED = "arrived"


class Fate(StrEnum):
    """What became of a stranger, by a supervisor's word."""

    WIPED = "wiped"  # it holds nothing of the identity any more and is a board like any other
    SCRAPPED = "scrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A board that was at the port while another one was written: `uid` may hold a part of `name`, which is married to
    `married_to`. Only a witness may know of it: then the certificate may not be here (`name` None), and neither is its
    board known. `found_at`: ISO 8601, UTC.
    """

    uid: BoardUid
    name: CertName | None
    married_to: BoardUid | None
    attempt: int
    found_at: str
    fate: Fate | None = None


class Plan(StrEnum):
    """What to do with a board that was just identified."""

    TAKE_NEW = "take-new"
    CHECK_DONE = "check-done"  # consumed: read, compare, take nothing
    RESOLVE = "resolve"  # in doubt: compare, then consume, or write the same identity again
    BUSY_ELSEWHERE = "busy-elsewhere"  # the same uid is being written in another slot or process
    CLONE = "clone"  # it carries an identity that belongs to another board
    LEARN = "learn"  # after a recovery: it carries what was withheld, and is where that is, if it reads back equal
    FOUND_UNSENT = "found-unsent"  # it carries an identity of ours that was never sent
    CHANGED = "changed"  # its own identity was consumed here, and it no longer carries it
    UNCLEAR = "unclear"  # its own identity was consumed here, and what it holds cannot be made out
    UNPROVED_LABEL = "unproved-label"  # its label alone says that its identity was consumed here, and it shows no such
    FORETOLD = "foretold"  # a witness says what it carries, and that is not here
    REFUSE_UNKNOWN = "refuse-unknown"
    REFUSE_LOCKED = "refuse-locked"


def plan_for(
    board: BoardInfo,
    mine: Known | None,
    carried: Known | None,
    *,
    overwrite_unknown: bool,
    may_learn: bool = False,
    foretold: bool = False,
    otherwise: bool = False,
) -> Plan:
    """The re-plug decision. `mine`: the identity bound to this uid; `carried`: ours by the name the board carries;
    `may_learn`: a recovery withheld that one, and this may be its board; `foretold`: a witness gave this board an
    identity that is not here: then nothing else is written to it, nor is it called a stranger's; `otherwise`: a witness
    gave this board the carried one, with other contents than are here: then no reading proves anything."""
    plan = _plan(board, mine, carried, overwrite_unknown=overwrite_unknown, may_learn=may_learn)
    if otherwise and plan in (Plan.LEARN, Plan.FOUND_UNSENT):
        return Plan.FORETOLD
    holds_mine = mine is not None and board.names[:1] == (mine.name,)
    return Plan.FORETOLD if foretold and plan in _WRITES_OR_REFUSES and not holds_mine else plan


_WRITES_OR_REFUSES = frozenset({Plan.TAKE_NEW, Plan.RESOLVE, Plan.REFUSE_UNKNOWN, Plan.REFUSE_LOCKED})


def _plan(
    board: BoardInfo, mine: Known | None, carried: Known | None, *, overwrite_unknown: bool, may_learn: bool
) -> Plan:
    if carried is not None and (mine is None or carried.identity_id != mine.identity_id):
        if may_learn and mine is None and carried.board_uid is None:
            return Plan.LEARN
        return _carries_another(board, mine, carried)
    if mine is not None:
        return _plan_known(board, mine, overwrite_unknown=overwrite_unknown)
    if board.holding in (Holding.BLANK, Holding.UNREADABLE):
        return Plan.REFUSE_LOCKED if board.locked else Plan.TAKE_NEW
    if not overwrite_unknown:
        return Plan.REFUSE_UNKNOWN
    return Plan.REFUSE_LOCKED if board.locked else Plan.TAKE_NEW


def _carries_another(board: BoardInfo, mine: Known | None, carried: Known) -> Plan:
    if carried.board_uid is None:
        return Plan.FOUND_UNSENT
    if carried.board_uid != board.uid:
        return Plan.CLONE
    # Carried belonged to this very board and was retired by a supervisor: rework.
    if mine is not None:
        return Plan.RESOLVE if mine.state is State.IN_DOUBT else _not_there(board)
    return Plan.REFUSE_LOCKED if board.locked else Plan.TAKE_NEW


def _plan_known(board: BoardInfo, mine: Known, *, overwrite_unknown: bool) -> Plan:
    if mine.state in (State.RESERVED, State.WRITING):
        return Plan.BUSY_ELSEWHERE
    holds_mine = board.names[:1] == (mine.name,)
    readable = board.holding is Holding.IDENTITY
    if mine.state is State.CONSUMED:
        if board.holding is Holding.TORN and not board.names:
            return Plan.UNCLEAR
        seen = holds_mine or (board.holding is Holding.UNREADABLE and not board.by_label)
        return Plan.CHECK_DONE if seen else _not_there(board)
    if readable and not holds_mine and not overwrite_unknown:
        return Plan.REFUSE_UNKNOWN
    return Plan.RESOLVE


def _not_there(board: BoardInfo) -> Plan:
    """A done board that does not show its identity; under a label alone it may be another one, and that one done."""
    return Plan.UNPROVED_LABEL if board.by_label else Plan.CHANGED


def is_same_board(board: BoardInfo, uid: BoardUid, name: CertName | None) -> bool:
    """Whether this is surely the board that `name` was just being written to. A label proves nothing; there, what it
    shows must be what was sent: a blank board, or one with another name, may be one that took its place.
    """
    if board.uid != uid or not board.by_label:
        return board.uid == uid
    return board.names[0] == name if board.names else board.holding is Holding.TORN


def may_be_another(board: BoardInfo, mine: CertName, found: Verdict, *, vouched: bool) -> bool:
    """A board in doubt that shows nothing of its identity, known by nothing but its label: the label may be on the
    wrong board, and the one that was written may be elsewhere. So it is where nothing can be read. `vouched`: a
    supervisor says that it is the one.
    """
    shows_other = bool(board.names) and board.names[0] != mine
    shows_nothing = found in (Verdict.BLANK, Verdict.UNVERIFIABLE)
    return board.by_label and (shows_nothing or shows_other) and not vouched


class Outcome(StrEnum):
    """How one board's visit to a slot ended."""

    PASS = "PASS"  # noqa: S105 - the word on the tile
    FAIL = "FAIL"  # the board is to blame
    ALREADY_DONE = "ALREADY_DONE"
    IN_DOUBT = "IN_DOUBT"
    STATION_FAULT = "STATION_FAULT"
    ALARM = "ALARM"
    REMOVED = "REMOVED"  # pulled before anything was sent
    WRONG_LABEL = "WRONG_LABEL"  # another board's was scanned: nobody failed, and the board waits for its own

    @property
    def counts_as_failure(self) -> bool:
        """For the lock-out: a board left in doubt failed too."""
        return self in (Outcome.FAIL, Outcome.IN_DOUBT)

    @property
    def is_judged(self) -> bool:
        """Something was done with the board; of a station's fault, or of a board done before, nothing follows."""
        return self in (Outcome.PASS, Outcome.FAIL, Outcome.IN_DOUBT)


class Counted(StrEnum):
    """What a run counts; every stay that stands in the history is in one of these."""

    PASSED = "passed"
    FAILED = "failed"
    ALREADY_DONE = "already_done"
    LEFT_IN_DOUBT = "left_in_doubt"
    STATION_FAULTS = "station_faults"  # nothing was done with the board, and it is not to blame
    ALARMS = "alarms"
    WRONG_SCANS = "wrong_scans"


COUNTED_AS: Mapping[Outcome, Counted] = {
    Outcome.PASS: Counted.PASSED,
    Outcome.FAIL: Counted.FAILED,
    Outcome.ALREADY_DONE: Counted.ALREADY_DONE,
    Outcome.IN_DOUBT: Counted.LEFT_IN_DOUBT,
    Outcome.STATION_FAULT: Counted.STATION_FAULTS,
    Outcome.ALARM: Counted.ALARMS,
    Outcome.WRONG_LABEL: Counted.WRONG_SCANS,
}
"""The one table from how a stay ended to where it counts. What was REMOVED before anything was sent counts nowhere."""


def counts_in_yield(outcome: Outcome, code: Code | None) -> bool:
    """Whether a visit says something of its board: what a hand, a label, a cable or the station did says nothing."""
    return outcome is Outcome.PASS or (outcome.is_judged and (code is None or code.counts_in_yield))


LAST = 10
"""Stays that the station's lock-out looks back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """How many failures in a row lock a slot, and how many of the last ten the station."""

    in_a_row: int = 3
    of_last_ten: int = 5


USUAL = LockOut()


def counts_to_lock(outcome: Outcome, code: Code | None) -> bool:
    """Whether a stay is looked at for the lock-out: what the station or a cloud did says nothing of boards or of a
    fixture, also where it left one in doubt. A cable that goes in mid-write blames no board, and may be the fixture's.
    """
    return outcome.is_judged and (code is None or code.blame not in (Blame.STATION, Blame.CLOUD))


def slot_locks(outcomes: Sequence[Outcome], limits: LockOut = USUAL) -> bool:
    """`outcomes` of one slot since its last unlock, those that count, oldest first: failures in a row are probably the
    fixture."""
    judged = [o for o in outcomes if o.is_judged][-limits.in_a_row :]
    return len(judged) == limits.in_a_row and all(o.counts_as_failure for o in judged)


def station_locks(outcomes: Sequence[Outcome], limits: LockOut = USUAL) -> bool:
    """`outcomes` of all slots since the last unlock, those that count, oldest first: too many failures of the last ten,
    or any alarm."""
    judged = [o for o in outcomes if o.is_judged][-LAST:]
    return Outcome.ALARM in outcomes or sum(o.counts_as_failure for o in judged) >= limits.of_last_ten


def outranks(code: Code, stands: Code) -> bool:
    """Whether a lock's cause takes the place of the one that stands: an alarm does, unless that is one too. A
    ledger that may not be believed comes before every other alarm: no unlock ends that."""
    if Then.RECOVERY in code.then:
        return Then.RECOVERY not in stands.then
    return code.is_alarm and not stands.is_alarm


class BoardCount:
    """Unique boards by their judged visits, taken one by one in the order the ledger stored them.

    A board counts once, as its last judged visit says: passed, failed, or neither while it is in doubt. So a board that
    failed and then passed is a passed board. Its first judged visit alone says whether it passed at once; a doubt is no
    pass. A visit without a uid, from a board that never answered, is a board of its own. What `counts_in_yield` leaves
    out, a fault of the station above all, changes nothing. Kept for each board: its last outcome, or the
    code it failed with.
    """

    def __init__(self) -> None:
        self._last: dict[BoardUid, Outcome | Code] = {}
        self._standing: Counter[Outcome | Code] = Counter()
        self._boards = self._at_once = 0

    def take(self, uid: BoardUid | None, outcome: Outcome, code: Code | None) -> None:
        if not counts_in_yield(outcome, code):
            return
        before = self._last.get(uid) if uid else None
        if before is None:
            self._boards += 1
            self._at_once += outcome is Outcome.PASS
        else:
            self._standing[before] -= 1
        now = code if outcome is Outcome.FAIL and code is not None else outcome
        self._standing[now] += 1
        if uid:
            self._last[uid] = now

    @property
    def passed(self) -> int:
        return self._standing[Outcome.PASS]

    @property
    def failed(self) -> int:
        return self._standing[Outcome.FAIL] + sum(count for _, count in self.failures)

    @property
    def failures(self) -> tuple[tuple[Code, int], ...]:
        """The failed boards by their last code, most frequent first. They add up to `failed`: none is without."""
        failed = [(code, count) for code, count in self._standing.items() if isinstance(code, Code) and count]
        return tuple(sorted(failed, key=lambda one: (-one[1], one[0])))

    @property
    def first_pass(self) -> float | None:
        """Share of the boards that passed at once, 0..1; None before the first."""
        return self._at_once / self._boards if self._boards else None

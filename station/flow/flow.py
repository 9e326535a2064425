# SPDX-License-Identifier: GPL-3.0-or-later
"""One board from plug to PASS; reads top to bottom like the work instruction on the wall.

    identify → what do we know of this board? → room for it? → reserve → WRITING on disk → write → read back
    → reset → read back again → same board still? → locked, where the profile says so → CONSUMED with evidence

Whatever goes wrong before WRITING leaves the identity READY; whatever goes wrong after leaves it married to the board
and IN_DOUBT. `flash` returns how it ended, a defect of the station (E399) included.
"""

from __future__ import annotations

from contextlib import suppress

from station import refusals
from station.codes import Code, Then
from station.errors import (
    AnotherBoard,
    BoardFault,
    StationError,
    defect,
    place_of,
)
from station.events import Phase
from station.flow import told
from station.flow.turning_away import exchanged, turned_away
from station.flow.visit import KIND_OF, Job, Visit, at, done, identify, introduce, judge, progress, wanted_by
from station.ledger.values import Claim
from station.model import (
    Attempt,
    BoardInfo,
    BoardUid,
    Evidence,
    Identity,
    IdentityKind,
    Port,
    ReadBack,
    Secret,
    State,
    Verdict,
)
from station.rules import Known, Outcome, Plan, is_same_board, may_be_another, plan_for
from station.targets.base import Session
from station.targets.wire import wire_of
from station.visiting import visiting


def flash(job: Job, port: Port, *, label: str | None = None, serial: str = "") -> Visit:
    """Give the board at `port` its identity, or find out why not. `serial`: as `serial_number` has it, "" for none.
    Where the caller is `visiting`, it is that visit; else one of its own."""
    visit = Visit(slot=port.slot)
    with visiting(visit.id):
        told.begun(visit, port.url, job.profile.name)
        _flash(job, port, visit, label, serial)
        told.ended(visit)
    return visit


def _flash(job: Job, port: Port, visit: Visit, label: str | None, serial: str) -> None:
    job.give_way()
    try:
        session = job.target.open(port, job.profile, label=label)
        try:
            _work(job, session, visit, label, serial)
        finally:
            session.close()
    except StationError as error:
        visit.error = error
        visit.outcome = judge(visit, error)
    except Exception as error:  # a defect of ours: it must not stop the other slots, nor hide a doubt
        visit.error = defect(error)
        visit.error.__cause__ = error
        visit.outcome = judge(visit, visit.error)


def _work(job: Job, session: Session, visit: Visit, label: str | None, serial: str) -> None:
    at(job, visit, Phase.IDENTIFY)
    board = identify(job, session, visit)
    visit.board = board
    at(job, visit, Phase.IDENTIFY, 0.5)
    _require_no_stranger(job, board.uid)
    _require_right_board(job, board, label)
    mine = _identity_of(job, board.uid)
    if mine is not None:
        _require_of_this_product(job, board, mine)
        _require_nobody_else(job, mine)
    carried = job.ledger.named(board.names[0]) if board.names else None
    key = session.board_key(job.ledger.board_key(mine.identity_id) if mine else None)
    plan = _plan(job, board, mine, carried)
    if plan in _WORKED_ON and job.profile.serial.is_asked:
        visit.serial = _tied(job, board.uid, serial, visit.slot, may_lack=plan is not Plan.TAKE_NEW)
    if plan is Plan.TAKE_NEW:
        _flash_new(job, session, visit, board, key)
    elif plan is Plan.CHECK_DONE and mine is not None:
        _check_done(job, session, visit, board, mine)
    elif plan is Plan.RESOLVE and mine is not None:
        _resolve(job, session, visit, board, mine, key=key)
    elif plan is Plan.LEARN and carried is not None:
        _learn(job, session, visit, board, carried)
    else:
        raise turned_away(job, session, visit, plan, board, mine, carried)


def _tied(job: Job, uid: BoardUid, serial: str, slot: str, *, may_lack: bool) -> str:
    """The board's serial number, on disk before anything is written to it. One that it got in another visit need not
    be scanned again."""
    if serial:
        taken = job.ledger.serials.give(uid, serial, slot)
        if taken is not None:
            raise refusals.of_serial(uid, serial, taken.serial, taken.board)
        return serial
    known = job.ledger.serials.of(uid)
    if not known and job.profile.serial.is_required and not may_lack:
        raise refusals.no_serial(uid)
    return known


_WORKED_ON = frozenset({Plan.TAKE_NEW, Plan.CHECK_DONE, Plan.RESOLVE, Plan.LEARN})


def _plan(job: Job, board: BoardInfo, mine: Known | None, carried: Known | None) -> Plan:
    """What the rules say of this board, with what the ledger and its witnesses know of the two identities."""
    ledger = job.ledger
    # A done board's witness is not asked: its own identity is here. Asking goes through all names.
    is_done = mine is not None and mine.state is State.CONSUMED
    return plan_for(
        board,
        mine,
        carried,
        overwrite_unknown=job.profile.overwrite_unknown,
        may_learn=carried is not None and ledger.learning.may_learn(carried, board.uid),
        foretold=not is_done and ledger.outside.carries_unknown(board.uid),
        otherwise=carried is not None and ledger.outside.carries_otherwise(board.uid, carried),
    )


def _require_no_stranger(job: Job, uid: BoardUid) -> None:
    """What a board holds that was in the slot while another one was written is unknown, whatever it reads as."""
    stranger = job.ledger.strangers.at(uid)
    if stranger is not None:
        raise refusals.stranger(stranger)


def _require_of_this_product(job: Job, board: BoardInfo, mine: Known) -> None:
    if other := refusals.of_product(job.profile, board, mine):
        raise other


def _require_nobody_else(job: Job, mine: Known) -> None:
    """What a stranger may hold a part of is neither written nor proved before that one's fate is known."""
    awaited = job.ledger.strangers.awaited_by(mine.identity_id)
    if awaited is not None:
        raise refusals.waits_for(awaited)


def _require_right_board(job: Job, board: BoardInfo, label: str | None) -> None:
    refusal = refusals.of_board(job.profile, board, label)
    if refusal is not None:
        raise refusal
    other = job.other_slot(board.uid)
    if other is not None:
        raise refusals.in_two_slots(board.uid, other)


def _identity_of(job: Job, uid: BoardUid) -> Known | None:
    mine = job.ledger.bound_to(uid)
    if mine is None or mine.state not in (State.RESERVED, State.WRITING):
        return mine
    job.ledger.recover()  # whoever had it may be gone; a living owner keeps it
    return job.ledger.bound_to(uid)


# -- a new identity ----------------------------------------------------------------------------------------------------


def _flash_new(job: Job, session: Session, visit: Visit, board: BoardInfo, key: Secret | None) -> None:
    if not job.take_new:
        raise refusals.not_in_doubt(board.uid)
    at(job, visit, Phase.RESERVE)
    products, kind, takes = wanted_by(job.profile, job.permit.batches)
    next_in_line = job.profile.as_stored(job.ledger.peek(products, kind, takes))
    session.require_room(next_in_line)
    job.permit.ask(board.uid, visit.serial)
    claim = job.ledger.reserve(products, kind, board.uid, visit.slot, takes=takes, order=job.permit.order)
    identity = _hidden(visit, job.profile.as_stored(claim.identity))
    try:
        introduce(job, visit, claim)
        if identity.name != next_in_line.name:  # another slot was faster
            session.require_room(identity)
        job.ledger.begin(claim.attempt, board_key=key)
    except BaseException as error:
        with suppress(StationError):  # the ledger is the trouble: start-up recovery will release it
            job.ledger.release(claim.attempt, error.what if isinstance(error, StationError) else place_of(error))
        raise
    _write_until_proved(job, session, visit, identity, claim.attempt)


def _write_until_proved(job: Job, session: Session, visit: Visit, identity: Identity, attempt: Attempt) -> None:
    """The row is WRITING when this is called, and is CONSUMED or IN_DOUBT when it ends."""
    visit.married = True
    for tries_left in reversed(range(job.write_attempts)):
        try:
            evidence = _write_once(job, session, visit, identity, attempt)
            at(job, visit, Phase.CONSUME)
            job.ledger.consume(attempt, evidence)
        except BaseException as failed:
            error, is_same = _who_failed(job, session, visit, attempt, failed)
            _leave_in_doubt(job, attempt, error)
            if error is not failed:
                raise error from failed
            if not (tries_left and is_same and isinstance(error, BoardFault) and Then.WRITE_AGAIN in error.code.then):
                raise
            visit.notes[f"attempt {attempt.number}"] = str(error)
            attempt = job.ledger.resume(attempt.identity_id, attempt.number, attempt.board_uid, attempt.slot)
            visit.attempt = attempt.number
        else:
            done(job, visit, Outcome.PASS)
            return


def _who_failed(
    job: Job, session: Session, visit: Visit, attempt: Attempt, failed: BaseException
) -> tuple[BaseException, bool]:
    """Why the write failed, and whether the board it was meant for is still there: when another one answers, that is
    why. A board that says nothing any more leaves it at what is known.
    """
    if not isinstance(failed, BoardFault) or isinstance(failed, AnotherBoard):
        return failed, False
    try:
        now = identify(job, session, visit)
    except StationError as error:
        return error if error.code is Code.E209 else failed, False
    if now.uid != attempt.board_uid:
        return refusals.another_board(attempt.board_uid, now.uid, unsent=session.names_the_board), False
    return failed, is_same_board(now, attempt.board_uid, visit.name)


def _leave_in_doubt(job: Job, attempt: Attempt, error: BaseException) -> None:
    code, why = (error.code, error.what) if isinstance(error, StationError) else (Code.E399, place_of(error))
    stranger = error.uid if isinstance(error, AnotherBoard) and not error.unsent else ""
    with suppress(StationError):  # the disk is the trouble: the row stays WRITING, start-up turns it
        job.ledger.doubt(attempt, code, why, stranger=stranger)


def _write_once(job: Job, session: Session, visit: Visit, identity: Identity, attempt: Attempt) -> Evidence:
    at(job, visit, Phase.WRITE)
    session.write(identity, progress(job, visit, Phase.WRITE))
    at(job, visit, Phase.VERIFY)
    _require_equal(session.read_back(identity, progress(job, visit, Phase.VERIFY)))
    return _prove(job, session, visit, identity, attempt.board_uid)


def _prove(job: Job, session: Session, visit: Visit, identity: Identity, uid: BoardUid) -> Evidence:
    """What survives a reset, on the board we began with: the only thing that counts."""
    if job.profile.prove_after_reset:
        visit.instruction = session.instruction
        at(job, visit, Phase.RESTART)
        session.restart()
        visit.instruction = ""
    at(job, visit, Phase.VERIFY_AGAIN)
    found = session.read_back(identity, progress(job, visit, Phase.VERIFY_AGAIN))
    _require_equal(found)
    uid_after = _require_same_board(job, session, visit, uid)
    if found.digest is None:
        raise refusals.differs("the board gives no digest of what it holds")
    session.lock(found.digest)
    return Evidence(
        expected=identity.digest(),
        read=found.digest,
        uid_before=uid,
        uid_after=uid_after,
        method=found.method,
        after_reset=job.profile.prove_after_reset,
    )


# -- a board we know ---------------------------------------------------------------------------------------------------


def _resolve(job: Job, session: Session, visit: Visit, board: BoardInfo, mine: Known, *, key: Secret | None) -> None:
    """In doubt: equal → consume without a rewrite; anything else → the same identity again, on this same board."""
    identity = _hidden(visit, job.profile.as_stored(job.ledger.identity(mine.identity_id)))
    attempt = Attempt(identity_id=mine.identity_id, number=mine.attempt, board_uid=board.uid, slot=visit.slot)
    introduce(job, visit, Claim(identity=identity, attempt=attempt))
    visit.married = True
    at(job, visit, Phase.VERIFY)
    found = session.read_back(identity, progress(job, visit, Phase.VERIFY))
    if found.verdict is Verdict.EQUAL:
        evidence = _prove(job, session, visit, identity, board.uid)
        at(job, visit, Phase.CONSUME)
        job.ledger.consume(attempt, evidence, expect=State.IN_DOUBT)
        done(job, visit, Outcome.PASS)
        return
    if board.locked:
        raise refusals.locked_otherwise(board.uid)
    vouched = job.ledger.strangers.is_vouched(mine.identity_id, mine.attempt)
    if may_be_another(board, mine.name, found.verdict, vouched=vouched):
        raise refusals.blank_under_its_label(mine)
    if missing := refusals.of_missing_secret(job.profile, identity, in_doubt=True):
        raise missing
    session.require_room(identity)
    resumed = job.ledger.resume(mine.identity_id, mine.attempt, board.uid, visit.slot, board_key=key)
    visit.attempt = resumed.number
    _write_until_proved(job, session, visit, identity, resumed)


def _learn(job: Job, session: Session, visit: Visit, board: BoardInfo, carried: Known) -> None:
    """After a recovery: it carries what was withheld. Equal in every byte, it is where that identity is; nothing is
    written, whatever it holds."""
    if KIND_OF[job.profile.identity] is IdentityKind.MEMBER:
        job.ledger.learning.open_as_member(board.names[0])
        carried = job.ledger.named(board.names[0]) or carried
    identity = _hidden(visit, job.profile.as_stored(job.ledger.identity(carried.identity_id)))
    if missing := refusals.of_missing_secret(job.profile, identity, in_doubt=False):
        raise missing  # without it nothing reads back equal
    at(job, visit, Phase.VERIFY)
    found = session.read_back(identity, progress(job, visit, Phase.VERIFY))
    if found.verdict is Verdict.TORN:  # what is beside the identity: its firmware repairs that
        raise refusals.unclear(carried, found.detail)
    if found.verdict is not Verdict.EQUAL:
        raise turned_away(job, session, visit, Plan.FOUND_UNSENT, board, None, carried)
    if other := exchanged(board, identify(job, session, visit)):
        raise other  # what was read need not be on the board that said its uid, and that is married for life
    attempt = job.ledger.learning.learn(carried, board.uid, visit.slot)
    introduce(job, visit, Claim(identity=identity, attempt=attempt))
    visit.married = True
    evidence = _prove(job, session, visit, identity, board.uid)
    at(job, visit, Phase.CONSUME)
    job.ledger.consume(attempt, evidence, expect=State.IN_DOUBT)
    visit.notes["learned"] = "after a recovery: it was done before"
    done(job, visit, Outcome.ALREADY_DONE)


def _check_done(job: Job, session: Session, visit: Visit, board: BoardInfo, mine: Known) -> None:
    visit.name, visit.identity_id, visit.attempt = mine.name, mine.identity_id, mine.attempt
    visit.set = job.ledger.sets.status_of(mine.identity_id)
    at(job, visit, Phase.VERIFY)
    found = session.read_back(None, progress(job, visit, Phase.VERIFY))
    if found.verdict is Verdict.TORN:
        raise refusals.unclear(mine, found.detail)
    if found.digest is not None and not job.ledger.is_what_was_consumed(mine.identity_id, found.digest):
        raise turned_away(job, session, visit, Plan.CHANGED, board, mine, None)
    if found.digest is None and found.verdict is not Verdict.UNVERIFIABLE:
        raise turned_away(job, session, visit, Plan.CHANGED, board, mine, None)
    at(job, visit, Phase.VERIFY, 1.0)
    if found.digest is None:
        visit.notes["compared"] = f"by name: {found.detail or 'this kind of board cannot be read back'}"
    else:
        session.lock(found.digest)  # it may have been done before the profile asked for that
    done(job, visit, Outcome.ALREADY_DONE)


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_equal(found: ReadBack) -> None:
    if found.verdict is Verdict.UNVERIFIABLE:
        raise refusals.unverifiable()
    if found.verdict is not Verdict.EQUAL:
        raise refusals.differs(found.detail or found.verdict)


def _require_same_board(job: Job, session: Session, visit: Visit, uid: BoardUid) -> BoardUid:
    after = identify(job, session, visit).uid
    if after != uid:
        raise refusals.another_board(uid, after, unsent=session.names_the_board)
    return after


def _hidden(visit: Visit, identity: Identity) -> Identity:
    """From now on no trace of this slot's wire shows its secrets."""
    secrets = [secret for one in identity for secret in (one.device_secret, one.product_secret)]
    wire_of(visit.slot).know("identity", secrets)
    return identity

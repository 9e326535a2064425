# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the board in a slot, what the flow works with, and how each step of it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from station.codes import Blame, Code, Then
from station.errors import IntegrityAlarm, NeedsPerson, StationError
from station.events import Phase
from station.ledger.store import Ledger
from station.ledger.values import Claim, SetStatus, Takes, WorkOrder
from station.logger import logger
from station.model import BoardInfo, BoardUid, CertName, IdentityKind
from station.profiles.profile import IdentityMode, Profile
from station.rules import Outcome
from station.targets.base import Progress, Session, Target
from station.visiting import new_visit, present_visit

LOG = logger("visit")

WRONG_SCAN = frozenset({Code.E212, Code.E217})
"""Something else was scanned than is on this board: it is asked for again."""

KIND_OF = {
    IdentityMode.SINGLE: IdentityKind.SINGLE,
    IdentityMode.NVR_SET: IdentityKind.SET,
    IdentityMode.NVR_MEMBERS: IdentityKind.MEMBER,
}


def wanted_by(profile: Profile, batches: tuple[int, ...] = ()) -> tuple[tuple[str, ...], IdentityKind, Takes]:
    """What of a ledger's stock goes on this profile's boards; of these batches alone, where any are named."""
    takes = Takes(
        channels=profile.channels,
        product_secret=profile.product_secret,
        short_sets=profile.short_sets,
        batches=batches,
    )
    return profile.products, KIND_OF[profile.identity], takes


@dataclass(slots=True)
class Visit:
    """What is known of the board in the slot so far; the bench paints it. `id`: see `visiting`."""

    slot: str
    id: str = field(default_factory=lambda: present_visit() or new_visit())
    phase: Phase = Phase.IDENTIFY
    fraction: float = 0.0  # of the phase
    board: BoardInfo | None = None
    name: CertName | None = None
    identity_id: int | None = None
    attempt: int = 0
    serial: str = ""  # of the board, once it is on disk
    channels: int = 0
    channel: int | None = None
    set: SetStatus | None = None
    instruction: str = ""  # what a person must do with the board now
    married: bool = False  # bytes may have left during this visit
    outcome: Outcome = Outcome.REMOVED
    error: StationError | None = None
    notes: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    steps: list[tuple[Phase, float]] = field(default_factory=list)  # each with the seconds since it began


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What the factory wants of a board that is to get an identity. `ask` raises for one that may not have it, by its
    uid and serial number; `order`: what it is begun for; `batches`: those whose certificates are given, as `Takes` has
    them."""

    ask: Callable[[BoardUid, str], None] = lambda _uid, _serial: None
    order: WorkOrder | None = None
    batches: tuple[int, ...] = ()


FREE = Permit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the flow works with. `tell` is called at each step; `other_slot(uid)`: which other slot holds it.

    `give_way` is called before each of them, when neither the board nor the ledger waits for anything: it may take a
    moment, so that others are served first.
    """

    ledger: Ledger
    target: Target
    profile: Profile
    tell: Callable[[Visit], None]
    other_slot: Callable[[BoardUid], str | None] = lambda _uid: None
    write_attempts: int = 2
    permit: Permit = FREE
    take_new: bool = True  # off: only boards that are known are worked on
    give_way: Callable[[], None] = lambda: None


def introduce(job: Job, visit: Visit, claim: Claim) -> None:
    """The identity it is to have, or has."""
    visit.name, visit.identity_id = claim.identity.name, claim.attempt.identity_id
    visit.attempt, visit.channels = claim.attempt.number, len(claim.identity.channels)
    visit.set = job.ledger.sets.status_of(claim.attempt.identity_id)
    if claim.identity.kind is IdentityKind.MEMBER:
        visit.channel = job.ledger.sets.channel_of(claim.attempt.identity_id)
    at(job, visit, Phase.RESERVE, 1.0)


def done(job: Job, visit: Visit, outcome: Outcome) -> None:
    """How it ended, where it ended well."""
    visit.outcome = outcome
    if visit.set is not None and visit.identity_id is not None:
        visit.set = job.ledger.sets.status_of(visit.identity_id)


def at(job: Job, visit: Visit, phase: Phase, fraction: float = 0.0) -> None:
    """Its phase from now on; the bench paints it."""
    if visit.steps:  # at the first one the board was just opened, and may say who it is only now
        job.give_way()
    if not visit.steps or visit.steps[-1][0] is not phase:
        visit.steps.append((phase, time.monotonic() - visit.began))
        visit.phase = phase
        LOG.info("slot %s: %s%s", visit.slot, phase, board_and_name(visit))
    visit.phase, visit.fraction = phase, fraction
    job.tell(replace(visit))


def identify(job: Job, session: Session, visit: Visit) -> BoardInfo:
    """Who is it? Some boards say so only while they start, and some of those are started by hand."""
    if not session.identify_instruction:
        return session.identify()
    visit.instruction = session.identify_instruction
    at(job, visit, visit.phase, visit.fraction)
    board = session.identify()
    visit.instruction = ""
    at(job, visit, visit.phase, visit.fraction)
    return board


def board_and_name(visit: Visit) -> str:
    """What is known so far, for the log."""
    board = f", board {visit.board.uid}" if visit.board else ""
    return f"{board}, {visit.name} attempt {visit.attempt}" if visit.name else board


def progress(job: Job, visit: Visit, phase: Phase) -> Progress:
    """For whoever does the work of a phase. What is so far already is not told again."""

    def tell(fraction: float) -> None:
        if (visit.phase, visit.fraction) != (phase, fraction):
            at(job, visit, phase, fraction)

    return tell


def judge(visit: Visit, error: StationError) -> Outcome:
    """Whose fault it was, as yield and the tile have it."""
    if isinstance(error, IntegrityAlarm):
        return Outcome.ALARM
    if isinstance(error, NeedsPerson):  # nothing was written in this visit, and nothing is the board's fault
        return Outcome.STATION_FAULT
    if visit.married:
        return Outcome.FAIL if Then.RED_BIN in error.code.then else Outcome.IN_DOUBT
    if error.code is Code.E311:
        return Outcome.REMOVED
    if error.code in WRONG_SCAN:
        return Outcome.WRONG_LABEL
    return Outcome.FAIL if error.code.blame is Blame.BOARD else Outcome.STATION_FAULT

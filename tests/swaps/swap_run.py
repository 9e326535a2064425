# SPDX-License-Identifier: GPL-3.0-or-later
"""One exchange at one byte of a whole visit, and what comes of it when both boards are put in again and a supervisor
has spoken. Whether it was right is seen in both boards' storage.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from station.events import Phase
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Certificate, CertName, Identity, Provider, Secret, State
from station.rules import Fate, Outcome
from station.secrets.vault import Vault
from station.targets import get_target
from tests.swaps.swap_kinds import PRODUCT, Fixture, Plugged

NAMES = ("cam-0001", "cam-0002", "cam-0003")
LATE = ("E201", "E208", "E311")
"""How a simulated board ends that a busy machine made late."""
PART = 8
"""Characters of a secret that are no chance."""


def secret_of(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def identity(name: str) -> Identity:
    return Identity(
        primary=Certificate(
            product_key=PRODUCT,
            device_name=name,
            device_secret=Secret(secret_of(name)),
            product_secret=Secret("ps0123456789abcd"),
        )
    )


@dataclass(frozen=True, slots=True)
class Case:
    """`other_is_done`: B carries an identity of its own, which this station gave it."""

    step: str
    at: int
    late: bool
    other_is_done: bool


@dataclass(slots=True)
class Result:
    """`wrong` must stay empty. `unnoticed`: PASS, and the identity is on a board with another label."""

    wrong: list[str] = field(default_factory=list)
    ended: str = ""
    stranger: bool = False
    unnoticed: bool = False


@dataclass(slots=True)
class Station:
    """A ledger with stock, and a fixture."""

    fixture: Fixture
    ledger: Ledger

    def visit(self, plugged: Plugged, board: str, tell: Callable[[Visit], None] = lambda _visit: None) -> Visit:
        profile = self.fixture.profile
        job = Job(ledger=self.ledger, target=get_target(profile.target), profile=profile, tell=tell)
        label = self.fixture.uid(board) if self.fixture.by_label else None
        return flash(job, plugged.port, label=label)

    def put_in(self, board: str) -> str:
        """By itself; how that ended: PASS, ALREADY_DONE, or a code."""
        for _ in range(3):  # a simulated board may be late on a busy machine
            with self.fixture.plugged(board) as plugged:
                seen = self.visit(plugged, board)
            if seen.error is None or seen.error.code not in LATE:
                break
        return seen.error.code if seen.error else str(seen.outcome)

    def state(self, name: str) -> tuple[State, str | None]:
        known = self.ledger.named(CertName(PRODUCT, name))
        assert known is not None
        return known.state, known.board_uid


def open_station(make: Callable[[Path], Fixture], folder: Path) -> Station:
    folder.mkdir(parents=True)
    ledger = Ledger(folder / "ledger.db", Vault(secrets.token_bytes(32)))
    batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
    ledger.receive(batch, [identity(name) for name in NAMES])
    return Station(make(folder), ledger)


def steps_of(make: Callable[[Path], Fixture], folder: Path) -> dict[str, range]:
    """Which bytes to the board belong to which step of a visit without any exchange."""
    station = open_station(make, folder)
    station.fixture.wait_long()
    marks: list[tuple[str, int]] = []
    with station.ledger, station.fixture.swapped(None, late=False) as plugged:

        def tell(visit: Visit) -> None:
            known = {Phase.WRITE: f"write {visit.fraction:.2f}", Phase.RESERVE: Phase.WRITE}
            marks.append((str(known.get(visit.phase, visit.phase)), plugged.sent()))

        seen = station.visit(plugged, "A", tell)
        assert seen.outcome is Outcome.PASS, seen.error
        end = plugged.sent()
    found: dict[str, range] = {"open": range(marks[0][1])}
    for (step, start), (_, following) in zip(marks, [*marks[1:], ("", end)], strict=True):
        known = found.get(step, range(start, start))
        if following > start:
            found[step] = range(known.start if known else start, following)
    return {step: where for step, where in found.items() if where}


def run(make: Callable[[Path], Fixture], case: Case, folder: Path) -> Result:
    station, result = open_station(make, folder), Result()
    with station.ledger:
        if case.other_is_done:
            assert station.put_in("B") == Outcome.PASS
        first = NAMES[1] if case.other_is_done else NAMES[0]
        with station.fixture.swapped(case.at, late=case.late) as plugged:
            seen = station.visit(plugged, "A")
        result.ended = seen.error.code if seen.error else str(seen.outcome)
        _judge_first(station, first, seen, result)
        _put_both_in_again(station, first, result)
        _judge_end(station, first, result)
    return result


def _judge_first(station: Station, name: str, seen: Visit, result: Result) -> None:
    fixture, secret = station.fixture, secret_of(name)
    on_a, on_b = fixture.holds("A", secret), fixture.holds("B", secret)
    part_on_b = fixture.holds("B", secret, part=PART)
    if result.ended == "E399":
        result.wrong.append("a defect of the station")
    result.stranger = fixture.uid("B") in {one.uid for one in station.ledger.strangers.open()}
    result.unnoticed = fixture.by_label and seen.outcome is Outcome.PASS and not on_a
    if seen.outcome is Outcome.ALARM and not fixture.by_label:
        result.wrong.append(f"an alarm, and both boards are good: {result.ended}")
    if seen.outcome is Outcome.PASS and not (on_a or (result.unnoticed and seen.name == CertName(PRODUCT, name))):
        held_by_b = seen.board is not None and seen.board.uid == fixture.uid("B")
        if not held_by_b:  # exchanged before it was identified: then B is simply the board
            result.wrong.append("PASS, and the board does not hold it")
    if seen.board is not None and seen.board.uid == fixture.uid("B"):
        return
    if on_a and on_b:
        result.wrong.append("on two boards")
    if part_on_b and not (result.stranger or fixture.by_label):
        result.wrong.append("a part on B, which nobody recorded")


def _put_both_in_again(station: Station, name: str, result: Result) -> None:
    """As people do: B first, which must take nothing while it may hold a part, then A; a supervisor speaks; again."""
    fixture, secret = station.fixture, secret_of(name)
    part_on_b = fixture.holds("B", secret, part=PART)
    state_before = station.state(name)
    ended = station.put_in("B")
    late = ended in LATE
    if result.stranger and ended != "E701":
        result.wrong.append(f"the stranger came in again: {ended}")
    if part_on_b and state_before[1] != fixture.uid("B") and ended in (Outcome.PASS, Outcome.ALREADY_DONE):
        result.wrong.append(f"B holds a part and came in again: {ended}")
    ended = station.put_in("A")
    if result.stranger and ended != "E630":
        result.wrong.append(f"A did not wait: {ended}")
    for one in station.ledger.strangers.open():
        fixture.wipe("B")
        station.ledger.strangers.settle(BoardUid(one.uid), Fate.WIPED, "erased and looked at", by="Li Wei")
    if ended == "E631":
        if late and part_on_b:  # the station could not see it, the supervisor who looks for it does
            fixture.wipe("B")
        station.ledger.strangers.vouch(CertName(PRODUCT, name), "it never left the hand", by="Li Wei")
    if ended not in (Outcome.PASS, Outcome.ALREADY_DONE, "E213", "E633"):
        ended = station.put_in("A")
    if not result.unnoticed and ended not in (Outcome.PASS, Outcome.ALREADY_DONE):
        result.wrong.append(f"A in the end: {ended}")


def _judge_end(station: Station, name: str, result: Result) -> None:
    fixture = station.fixture
    for each in NAMES:
        carriers = [board for board in ("A", "B") if fixture.holds(board, secret_of(each))]
        state, uid = station.state(each)
        if len(carriers) > 1:
            result.wrong.append(f"in the end {each} is on two boards")
        if state is State.CONSUMED and not fixture.by_label and [uid] != [fixture.uid(b) for b in carriers]:
            wiped = result.stranger and uid == fixture.uid("B")
            if not wiped:
                result.wrong.append(f"in the end {each} is CONSUMED on {uid} and found on {carriers}")
    station.ledger.audit.verify()


def summed(results: list[Result]) -> Counter[str]:
    counts: Counter[str] = Counter(positions=len(results))
    for one in results:
        counts["wrong"] += bool(one.wrong)
        counts["two boards"] += any("two boards" in text for text in one.wrong)
        counts["strangers"] += one.stranger
        counts["unnoticed"] += one.unnoticed
        counts[one.ended] += 1
    return counts

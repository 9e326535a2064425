# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that may not be believed: what is in hand is ended as what it is, and no more is begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.codes import Code
from station.errors import IntegrityAlarm, NeedsPerson
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.ledger.values import Claim
from station.model import IdentityKind, Secret, State
from station.people.pins import set_pin, supervisors
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

PRODUCTS = ["a1Camera"]


@pytest.fixture
def in_hand(ledger: Ledger) -> dict[str, Claim]:
    """One identity each that is reserved, is being written, and is in doubt; and a READY one. Then it is locked."""
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    names = ("reserved", "written", "doubtful")
    claims = {
        name: ledger.reserve(PRODUCTS, IdentityKind.SINGLE, uid(n), f"slot-{n}") for n, name in enumerate(names, 1)
    }
    for name in ("written", "doubtful"):
        ledger.begin(claims[name].attempt)
    ledger.doubt(claims["doubtful"].attempt, Code.E301, "unplugged")
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: board x was written")
    return claims


def state(ledger: Ledger, claim: Claim) -> State:
    known = ledger.named(claim.identity.name)
    assert known is not None
    return known.state


def test_a_board_in_hand_gets_its_proof(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    ledger.consume(in_hand["written"].attempt, evidence(in_hand["written"]))
    assert state(ledger, in_hand["written"]) is State.CONSUMED


def test_a_board_in_hand_may_come_in_doubt_or_be_given_up(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    ledger.doubt(in_hand["written"].attempt, Code.E301, "unplugged")
    ledger.release(in_hand["reserved"].attempt, "nothing was sent")
    assert state(ledger, in_hand["written"]) is State.IN_DOUBT
    assert state(ledger, in_hand["reserved"]) is State.READY


def test_a_dead_process_board_is_in_doubt(
    ledger: Ledger, in_hand: dict[str, Claim], open_ledger: Callable[[], Ledger]
) -> None:
    ledger.close()
    assert [known.name for known in open_ledger().recover()] == [in_hand["written"].identity.name]


def test_no_board_is_begun(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    doubtful = in_hand["doubtful"].attempt
    for begin in (
        lambda: ledger.reserve(PRODUCTS, IdentityKind.SINGLE, uid(9), "slot-9"),
        lambda: ledger.begin(in_hand["reserved"].attempt),
        lambda: ledger.resume(doubtful.identity_id, doubtful.number, doubtful.board_uid, "slot-9"),
    ):
        with pytest.raises(IntegrityAlarm, match="older than what is known of it"):
            begin()
    assert state(ledger, in_hand["reserved"]) is State.RESERVED
    assert state(ledger, in_hand["doubtful"]) is State.IN_DOUBT


def test_a_board_in_doubt_waits_for_the_recovery(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    doubtful = in_hand["doubtful"]
    with pytest.raises(NeedsPerson) as refused:
        ledger.consume(doubtful.attempt, evidence(doubtful), expect=State.IN_DOUBT)
    assert refused.value.code == "E614"
    assert state(ledger, doubtful) is State.IN_DOUBT


def test_no_lock_is_lifted_the_slot_s_neither(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    ledger.locks.lock("slot-1", Code.E602, "three in a row")
    for scope in ("slot-1", STATION):
        with pytest.raises(NeedsPerson, match="no unlock ends this"):
            ledger.locks.unlock(scope, "as the test says", by="Li")


def test_the_first_supervisor_is_made_and_no_other(ledger: Ledger, in_hand: dict[str, Claim]) -> None:
    set_pin(ledger, "Li", Secret("246810"))
    with pytest.raises(NeedsPerson, match="no unlock ends this"):
        set_pin(ledger, "Zhao", Secret("246810"), by="Li")
    assert supervisors(ledger) == ("Li",)

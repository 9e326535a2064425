# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes something wait for a person, of each kind by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import MappingProxyType

from station.codes import Code
from station.ledger import foretold, strangers, taking_over
from station.ledger.foretold import WARY
from station.ledger.locks import STATION
from station.ledger.matters import MatterKind
from station.ledger.odd import OddItem
from station.ledger.scan_backs import SCAN_BACK
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.ledger.values import BatchKey, VisitRow
from station.ledger.witness_lines import STRANGER, Line, name_mark
from station.model import (
    Attempt,
    BoardUid,
    Certificate,
    CertName,
    Digest,
    Evidence,
    Identity,
    IdentityKind,
    Method,
    Provider,
    Secret,
)
from station.rules import Outcome

BOARD, OTHER = BoardUid.parse("5a00000000000001"), BoardUid.parse("5a00000000000002")
CAM = CertName("a1Cam", "cam1")


def begun(ledger: Ledger) -> Attempt:
    attempt = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BOARD, "slot-1").attempt
    ledger.begin(attempt)
    return attempt


def in_doubt(ledger: Ledger) -> None:
    ledger.doubt(begun(ledger), Code.E301, "unplugged")


def locked(ledger: Ledger) -> None:
    ledger.locks.lock("slot-1", Code.E602, "three in a row")


def not_believed(ledger: Ledger) -> None:
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: board x was written")


def disputed(ledger: Ledger) -> None:
    page = [Identity(primary=Certificate(product_key="a1Cam", device_name="cam1", device_secret=Secret("another")))]
    ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Cam"), page)


def set_aside(ledger: Ledger) -> None:
    item = OddItem(item="a1Cam/odd", place="page 1", why="no secret", raw="{}", seen_at="")
    ledger.odd.record(Provider.LIVING, "77", [item])


def withheld_by_a_recovery(ledger: Ledger) -> None:
    with ledger.book.write() as db:
        assert taking_over.withhold_ready(db, "station", limit=9) == 1


def found(ledger: Ledger) -> None:
    known = ledger.named(CAM)
    assert known is not None
    ledger.found_on_board(known, BOARD)


def stranger(ledger: Ledger) -> None:
    attempt = begun(ledger)
    ledger.consume(attempt, evidence())
    with ledger.book.write() as db:
        assert strangers.record(db, OTHER, attempt.identity_id, attempt.number, "slot-1", actor="station")


def stranger_to_what_is_not_here(ledger: Ledger) -> None:
    told(ledger, CertName("a1Cam", "cam9"), OTHER, kind=STRANGER)


def told_and_not_here(ledger: Ledger) -> None:
    told(ledger, CertName("a1Cam", "cam9"), OTHER)


def told_and_elsewhere(ledger: Ledger) -> None:
    ledger.consume(begun(ledger), evidence())
    told(ledger, CAM, OTHER)


def no_witness_was_left(ledger: Ledger) -> None:
    ledger.facts.set(WARY, "2026-01-01T00:00:00+00:00", event="not every witness was heard")


def label_owed(ledger: Ledger) -> None:
    """Of a slot that the configuration does not have."""
    attempt = begun(ledger)
    ledger.consume(attempt, evidence())
    stay = VisitRow(
        at=time.time(),
        slot="slot-9",
        outcome=Outcome.PASS,
        board_uid=BOARD,
        identity_id=attempt.identity_id,
        seconds=1.0,
        details={SCAN_BACK: "demanded"},
    )
    ledger.visits.record(stay)


def no_known_outcome(ledger: Ledger) -> None:
    ledger.requests.record_sending(
        "request-1", provider=Provider.LIVING, operation="generate", product_key="a1Cam", detail={}
    )
    ledger.requests.record_answer("request-1", state="UNKNOWN")


def registration_waits(ledger: Ledger) -> None:
    camera = Certificate(
        provider=Provider.IOTDA, product_key="p", device_name="d", device_secret=Secret("s"), node_id="d"
    )
    ledger.registrations.plan("register-1", [Identity(primary=camera)])
    ledger.registrations.doubt(
        "register-1", ledger.registrations.planned("register-1")[0], camera.name, "nobody knows whose it is"
    )


def told(ledger: Ledger, name: CertName, uid: BoardUid, kind: str = IdentityKind.SINGLE) -> None:
    """A recovery heard of it from a witness."""
    line = Line(seq=900, head="f" * 64, name=name_mark(ledger.book.vault, name), kind=kind, board_uid=uid)
    with ledger.book.write() as db:
        foretold.keep(db, line)


def evidence() -> Evidence:
    same = Digest("d")
    uids = {"uid_before": BOARD, "uid_after": BOARD}
    return Evidence(expected=same, read=same, **uids, method=Method.READBACK, after_reset=True)


OPEN: MappingProxyType[Callable[[Ledger], None], tuple[MatterKind, str]] = MappingProxyType(
    {
        in_doubt: (MatterKind.IN_DOUBT, "put board 5a00000000000001 back in any slot"),
        locked: (MatterKind.LOCKED, "slot-1: E602"),
        label_owed: (MatterKind.LABEL, "station unlock slot-9 --reason"),
        not_believed: (MatterKind.LOCKED, "the station: E702"),
        disputed: (MatterKind.DISPUTED, "station conflict list"),
        set_aside: (MatterKind.ODD, "station batch odd 77"),
        withheld_by_a_recovery: (MatterKind.WITHHELD, "station release --batch 77"),
        found: (MatterKind.FOUND, "station retire a1Cam/cam1"),
        stranger: (MatterKind.STRANGER, "station stranger settle 5a00000000000002"),
        stranger_to_what_is_not_here: (MatterKind.STRANGER, "station stranger settle 5a00000000000002"),
        told_and_not_here: (MatterKind.UNKNOWN, "board 5a00000000000002 has an identity that is not here"),
        told_and_elsewhere: (MatterKind.ELSEWHERE, "a witness says 5a00000000000002"),
        no_witness_was_left: (MatterKind.NO_WITNESS, "station recover --over"),
        no_known_outcome: (MatterKind.REQUEST, "request-1 (generate"),
        registration_waits: (MatterKind.REGISTER, "station batch show register-1"),
    }
)
"""What is made open: how a line about it begins, and what it says. A board under two spellings, TWICE, and a SET are in
tests/ledger/test_spellings.py and tests/ledger/test_short_sets.py."""

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which labels wait for the printer: one a board, of what is consumed, until a line says that it was printed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.ledger.printed import PrintedBefore
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.ledger.visits import LABEL
from station.model import BoardUid, CertName, IdentityKind
from station.rules import Outcome
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid

Open = Callable[[], Ledger]


def passed(ledger: Ledger, number: int, *, kind: IdentityKind = IdentityKind.SINGLE, wants: bool = True) -> int:
    """A board that got the next identity and whose stay was recorded."""
    product = "a1Camera" if kind is IdentityKind.SINGLE else "a1Nvr"
    claim = ledger.reserve([product], kind, uid(number), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    again(ledger, number, claim.attempt.identity_id, Outcome.PASS, wants=wants)
    return claim.attempt.identity_id


def again(
    ledger: Ledger, number: int, identity: int, outcome: Outcome, *, wants: bool = True, profile: str = "cam"
) -> None:
    stay = VisitRow(
        at=time.time(),
        slot="1",
        outcome=outcome,
        board_uid=uid(number),
        identity_id=identity,
        seconds=1.0,
        details={LABEL: profile} if wants else {},
    )
    ledger.visits.record(stay)


def waiting(ledger: Ledger, after: int = 0) -> list[int]:
    return [one.identity_id for one in ledger.printed.waiting(after=after)[0]]


def test_each_board_waits_once_until_its_label_was_printed(open_ledger: Open) -> None:
    ledger = open_ledger()
    ledger.receive(BATCH, [single("cam1"), single("cam2"), single("cam3"), nvr_set("nvr", 2)])
    first, second, unasked = passed(ledger, 1), passed(ledger, 2), passed(ledger, 3, wants=False)
    again(ledger, 1, first, Outcome.ALREADY_DONE)
    assert waiting(ledger) == [first, second] and unasked not in waiting(ledger)
    label = ledger.printed.on_label(first)
    assert (label.fields["device"], label.fields["uid"], label.fields["set"]) == ("cam1", uid(1), "")
    ledger.printed.note(label, copy=0)
    assert (waiting(ledger), ledger.printed.copies(first)) == ([second], 1)
    ledger.retire(CertName("a1Camera", "cam2"), "scrap", by="Li Wei")
    assert waiting(ledger) == []
    nvr = passed(ledger, 4, kind=IdentityKind.SET)
    ledger.serials.give(uid(4), "SN4", "1")
    fields = ledger.printed.on_label(nvr).fields
    assert (fields["set"], fields["channel"], fields["serial"]) == ("nvr", "0", "SN4")
    _, newest = ledger.printed.waiting()
    assert (waiting(ledger), waiting(ledger, after=newest)) == ([nvr], [])
    ledger.audit.verify()


def test_of_two_who_print_a_label_at_once_one_does(open_ledger: Open) -> None:
    ledger = open_ledger()
    ledger.receive(BATCH, [single("cam1")])
    label = ledger.printed.on_label(passed(ledger, 1))
    ledger.printed.note(label, copy=0)
    with pytest.raises(PrintedBefore, match="cam1 was printed before") as caught:
        open_ledger().printed.note(label, copy=0)
    ledger.printed.note(label, copy=1, why="it was torn")
    assert (caught.value.code, ledger.printed.copies(label.identity_id)) == ("E121", 2)


def test_a_board_that_an_older_station_spelt_otherwise_has_its_serial_number(tmp_path: Path) -> None:
    """On its label, and it is found by it. Only a file has such boards."""
    spelt, file = BoardUid("sn5a00c0ffee01"), tmp_path / "state" / "ledger.db"
    with Ledger(file, Vault(bytes(range(32)))) as ledger:
        ledger.receive(BATCH, [single("cam1")])
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, spelt, "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        with closing(sqlite3.connect(file)) as old, old:
            old.execute("INSERT INTO spellings VALUES (?,?)", (spelt, "5a00c0ffee01"))
        ledger.serials.give(BoardUid("5a00c0ffee01"), "SN1", "1")
        fields = ledger.printed.on_label(claim.attempt.identity_id).fields
        assert (fields["uid"], fields["serial"]) == ("5a00c0ffee01", "SN1")
        assert [found.name.device_name for found in ledger.certificates.search("sn1")] == ["cam1"]

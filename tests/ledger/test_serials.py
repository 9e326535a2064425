# SPDX-License-Identifier: GPL-3.0-or-later
"""A board has one serial number, a serial number is of one board, and only a supervisor changes that."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from station.desk.searching import find
from station.errors import IntegrityAlarm, StationError
from station.ledger import audit
from station.ledger.serials import Taken
from station.ledger.store import Ledger
from station.model import IdentityKind
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

Open = Callable[[], Ledger]


@pytest.fixture
def given(open_ledger: Open) -> Ledger:
    """Board 1 has SN1."""
    ledger = open_ledger()
    assert ledger.serials.give(uid(1), "SN1", "2") is None
    return ledger


def test_it_is_given_once_and_is_that_boards(given: Ledger) -> None:
    assert given.serials.give(uid(1), "SN1", "2") is None
    assert given.serials.give(uid(2), "SN1", "2") == Taken(serial="SN1", board=uid(1))
    assert given.serials.give(uid(1), "SN2", "2") == Taken(serial="SN1", board=uid(1))
    assert (given.serials.of(uid(1)), given.serials.of(uid(2)), given.serials.board_of("SN2")) == ("SN1", "", None)
    (line,) = given.audit.log(events=["serial given"])
    assert (line.board_uid, line.slot, line.detail) == (uid(1), "2", '{"serial": "SN1"}')


def test_only_a_supervisor_takes_it_away_and_what_was_is_kept(given: Ledger) -> None:
    assert given.serials.correct(uid(1), "SN9", "the neighbour's was scanned", by="Li Wei") == "SN1"
    assert given.serials.give(uid(2), "SN1", "3") is None
    assert (given.serials.of(uid(1)), given.serials.of(uid(2))) == ("SN9", "SN1")
    assert given.serials.correct(uid(1), "", "its label came off", by="Li Wei") == "SN9"
    assert (given.serials.of(uid(1)), given.serials.board_of("SN9")) == ("", uid(1))  # who had it last
    for wanted, code in (("", "E116"), ("SN1", "E217")):
        with pytest.raises(StationError) as caught:
            given.serials.correct(uid(1), wanted, "why", by="Li Wei")
        assert caught.value.code == code
    taken = [line.detail for line in given.audit.log(events=["serial taken away"])]
    assert ["SN1" in taken[0], "SN9" in taken[1], "Li Wei" in taken[0]] == [True] * 3
    given.audit.verify()


@pytest.mark.parametrize("proof", ["older", "of another number"])
def test_only_its_own_later_line_takes_it_away(given: Ledger, proof: str) -> None:
    given.serials.correct(uid(1), "", "its label came off", by="Li Wei")
    assert given.serials.give(uid(1), "SN1", "2") is None
    with pytest.raises(IntegrityAlarm, match="until a supervisor takes it away"), given.book.write() as db:
        sql = "SELECT max(seq) AS seq FROM audit WHERE event = 'serial taken away'"
        line = db.execute(sql).fetchone()["seq"]
        if proof == "of another number":
            about, detail = audit.About(board_uid=uid(1)), {"serial": "SN7"}
            line = audit.append(db, "serial taken away", actor="x", about=about, detail=detail).seq
        db.execute("UPDATE serials SET ended_line = ? WHERE ended_line IS NULL", (line,))
    assert given.serials.of(uid(1)) == "SN1"


def test_a_line_about_another_number_gives_none(given: Ledger) -> None:
    with pytest.raises(IntegrityAlarm, match="I10"), given.book.write() as db:
        line = audit.append(
            db, "serial given", actor="x", about=audit.About(board_uid=uid(2)), detail={"serial": "SN7"}
        )
        db.execute("INSERT INTO serials (board_uid, serial, given_line) VALUES (?,?,?)", (uid(2), "SN8", line.seq))


def test_of_many_that_scan_the_same_one_board_gets_it(open_ledger: Open) -> None:
    ledger = open_ledger()
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda n: ledger.serials.give(uid(n), "SN1", "1") is None, range(4)))
    assert got.count(True) == 1
    ledger.audit.verify()


def test_a_board_is_found_by_it_also_after_a_rework(given: Ledger) -> None:
    given.receive(BATCH, [single("cam1"), single("cam2")])
    for name in ("cam1", "cam2"):
        claim = given.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
        given.begin(claim.attempt)
        given.consume(claim.attempt, evidence(claim))
        if name == "cam1":
            given.retire(claim.identity.name, "rework", by="Li Wei")
    assert [row.name.device_name for row in given.certificates.search("sn1")] == ["cam1", "cam2"]
    found = find(given, "SN1")
    assert (found.uid, len(found.certificates), found.lines[1].event) == (uid(1), 2, "reserved")
    assert "serial given" in {line.event for line in found.lines}
    assert {trace.serial for trace in given.traces.all()} == {"SN1"}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE serials SET serial = 'SN3'",
        "UPDATE serials SET board_uid = 'ab99'",
        "DELETE FROM serials",
        "UPDATE serials SET ended_line = given_line",
        "INSERT INTO serials (board_uid, serial, given_line) VALUES ('ab99', 'SN4', 1)",
    ],
)
def test_a_row_that_no_line_tells_of_is_found(given: Ledger, open_ledger: Open, forgery: str) -> None:
    path = given.path
    given.close()
    forge(path, forgery)
    with open_ledger() as ledger, pytest.raises(IntegrityAlarm, match="serial number"):
        ledger.audit.verify()

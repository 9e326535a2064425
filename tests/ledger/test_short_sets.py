# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR one of whose cameras was retired waits for a supervisor's word; the database keeps it so, whoever writes."""

from __future__ import annotations

import pytest

from station.errors import ConfigError, IntegrityAlarm, NoCertificates
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import CertName, IdentityKind, State
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, uid

NVR, IPC = "a1Nvr", "a1Ipc"
LEAVE_OUT = "INSERT INTO cameras_left_out SELECT identity,"
N1 = CertName(NVR, "n1")
SHORT = Takes(short_sets=True)


def camera(number: int) -> CertName:
    return CertName(IPC, f"n1-ipc{number}")


def flash(ledger: Ledger, board: int) -> str:
    claim = ledger.reserve([IPC, NVR], IdentityKind.MEMBER, uid(board), "1", takes=SHORT)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    return claim.identity.name.device_name


def state(ledger: Ledger, name: CertName) -> State:
    known = ledger.named(name)
    assert known
    return known.state


@pytest.fixture
def stuck(ledger: Ledger) -> Ledger:
    """A set of three: the first camera done, the second done and scrapped, the third READY."""
    ledger.receive(BATCH, [nvr_set("n1", 3)])
    assert [flash(ledger, 1), flash(ledger, 2)] == ["n1-ipc1", "n1-ipc2"]
    ledger.retire(camera(2), "scrap: burnt board", by="Li Wei")
    return ledger


def test_nothing_goes_by_itself_and_the_wait_is_told_with_both_ways_out(stuck: Ledger) -> None:
    assert flash(stuck, 3) == "n1-ipc3"
    with pytest.raises(NoCertificates) as said:
        stuck.reserve([IPC, NVR], IdentityKind.MEMBER, uid(4), "1")
    assert "station set short n1" in said.value.do and "station set end n1" in said.value.do
    [waiting] = stuck.short_sets.waiting()
    assert (waiting.nvr, waiting.retired) == (N1, (camera(2),))
    assert stuck.stock.flashable([IPC, NVR], IdentityKind.MEMBER, SHORT).count() == 0


def test_by_a_word_the_nvr_goes_out_without_it_and_still_waits_for_the_others(stuck: Ledger) -> None:
    assert stuck.short_sets.leave_out(N1, "sold with two", by="Li Wei") == (camera(2),)
    assert stuck.short_sets.waiting() == []
    assert stuck.stock.flashable([IPC, NVR], IdentityKind.MEMBER, SHORT).count() == 2
    assert [flash(stuck, 3), flash(stuck, 4)] == ["n1-ipc3", "n1"]
    known = stuck.named(N1)
    assert known
    status = stuck.sets.status_of(known.identity_id)
    assert status and (status.size, status.missing) == (3, ())
    stuck.audit.verify()
    [told] = [line for line in stuck.audit.history(identity_id=known.identity_id) if line.event == "cameras left out"]
    assert all(word in told.detail for word in ("Li Wei", "sold with two", "n1-ipc2"))


def test_a_camera_retired_after_the_word_needs_another_one(stuck: Ledger) -> None:
    stuck.short_sets.leave_out(N1, "sold with two", by="Li Wei")
    flash(stuck, 3)
    stuck.retire(camera(3), "scrap", by="Li Wei")
    with pytest.raises(NoCertificates, match="n1-ipc3"):
        flash(stuck, 4)
    with pytest.raises(ConfigError):
        stuck.short_sets.leave_out(CertName(NVR, "n9"), "sold with one", by="Li Wei")
    stuck.short_sets.leave_out(N1, "sold with one", by="Li Wei")
    assert flash(stuck, 4) == "n1"
    with pytest.raises(ConfigError):
        stuck.short_sets.leave_out(N1, "again", by="Li Wei")


def test_an_ended_set_leaves_its_flashed_cameras_on_record_and_gives_out_nothing(stuck: Ledger) -> None:
    ended = stuck.short_sets.end(N1, "camera 2 scrapped", by="Li Wei")
    assert (ended.retired, ended.kept) == ((camera(3),), (camera(1),))
    assert [state(stuck, name) for name in (N1, camera(1), camera(3))] == [State.RETIRED, State.CONSUMED, State.RETIRED]
    with pytest.raises(NoCertificates, match="no READY"):
        flash(stuck, 3)
    with pytest.raises(ConfigError):
        stuck.short_sets.end(N1, "again", by="Li Wei")
    stuck.audit.verify()


def test_a_set_does_not_end_while_a_camera_is_in_hand(stuck: Ledger) -> None:
    stuck.reserve([IPC], IdentityKind.MEMBER, uid(3), "1")
    with pytest.raises(ConfigError, match="being flashed"):
        stuck.short_sets.end(N1, "camera 2 scrapped", by="Li Wei")
    assert state(stuck, N1) is State.READY


@pytest.mark.parametrize(
    "sql",
    [
        f"{LEAVE_OUT} 'x', 'why', 'now' FROM certificates WHERE device_name = 'n1-ipc1'",
        f"{LEAVE_OUT} 'x', 'why', 'now' FROM certificates WHERE device_name = 'n1'",
        f"{LEAVE_OUT} 'x', '', 'now' FROM certificates WHERE device_name = 'n1-ipc2'",
        "UPDATE identities SET state = 'RESERVED', attempt = attempt + 1, board_uid = 'x', slot = '1', owner = 'o'"
        " WHERE id = (SELECT identity FROM certificates WHERE device_name = 'n1')",
    ],
)
def test_the_database_refuses_it_whoever_writes(stuck: Ledger, sql: str) -> None:
    with pytest.raises(IntegrityAlarm), stuck.book.write() as db:
        db.execute(sql)


@pytest.mark.parametrize("sql", ["DELETE FROM cameras_left_out", "UPDATE cameras_left_out SET reason = 'other'"])
@pytest.mark.sqlite  # a bench's role may not even try
def test_a_word_stays(stuck: Ledger, sql: str) -> None:
    stuck.short_sets.leave_out(N1, "sold with two", by="Li Wei")
    with pytest.raises(IntegrityAlarm), stuck.book.write() as db:
        db.execute(sql)

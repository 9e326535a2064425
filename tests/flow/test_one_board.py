# SPDX-License-Identifier: GPL-3.0-or-later
"""One board from plug to PASS, and every way it can go otherwise. What counts is what is inside the board."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from station.codes import Code
from station.errors import LedgerFault, StationFault
from station.events import Phase
from station.flow.visit import Visit
from station.ledger.store import Ledger
from station.model import BoardUid, CertName, Identity, IdentityKind, State
from station.profiles.profile import IdentityMode
from station.rules import Known, Outcome
from station.targets.agent.target import AgentSession
from tests.flow.flow_table import HASTY, Table
from tests.raw import file_of, raw, vault_of


def code(visit: Visit) -> str:
    return visit.error.code if visit.error else ""


def test_a_blank_board_gets_the_next_identity_and_proves_it_after_a_reset(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    visit = table.flash(table.board(1))
    assert visit.outcome is Outcome.PASS
    assert table.holds(1) == ["cam1"]
    assert (table.state("cam1"), table.state("cam2")) == (State.CONSUMED, State.READY)
    phases = list(dict.fromkeys(v.phase for v in table.told))
    assert phases == list(Phase)
    so_far = [(v.phase, v.fraction, v.board, v.name, v.attempt) for v in table.told]
    assert not [one for one, next_one in pairwise(so_far) if one == next_one], "told again"
    table.ledger.audit.verify()


def test_a_board_put_in_again_is_already_done_and_takes_nothing(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)
    table.flash(board)
    assert table.flash(board, slot="5").outcome is Outcome.ALREADY_DONE
    assert table.state("cam2") is State.READY


def test_no_stock_touches_no_board(table: Table) -> None:
    visit = table.flash(table.board(1))
    assert (visit.outcome, code(visit)) == (Outcome.STATION_FAULT, "E500")
    assert table.holds(1) == []


def test_a_clone_stops_everything(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    table.flash(table.board(1))
    visit = table.flash(table.board(2, store=1))
    assert (visit.outcome, code(visit)) == (Outcome.ALARM, "E701")
    assert table.state("cam2") is State.READY


def test_an_unknown_identity_is_refused_unless_the_profile_allows_it(table: Table) -> None:
    table.stock_up("cam1")
    table.flash(table.board(1))
    (table.folder / "2.flash").write_bytes((table.folder / "1.flash").read_bytes())
    other = Table(Ledger(table.folder / "other.db", vault_of(table.ledger)), table.folder, table.profile, table.stack)
    other.stock_up("elsewhere")
    assert code(other.flash(other.board(2))) == "E206"
    assert other.holds(2) == ["cam1"]
    other.profile = replace(table.profile, overwrite_unknown=True)
    assert other.flash(other.board(2)).outcome is Outcome.PASS
    assert other.holds(2) == ["elsewhere"]
    other.ledger.close()


def test_an_identity_found_on_a_board_that_was_never_sent_is_withheld(
    table: Table, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The ledger is an old backup: the certificate is out already."""
    table.stock_up("cam1")
    backup = sqlite3.connect(tmp_path_factory.mktemp("b") / "backup.db")
    with raw(table.ledger.path) as db:
        db.backup(backup)
    table.flash(table.board(1))
    path = backup.execute("PRAGMA database_list").fetchone()[2]
    backup.close()

    Path(path).chmod(0o600)
    old = Table(Ledger(Path(path), vault_of(table.ledger)), table.folder, table.profile, table.stack)
    visit = old.flash(old.board(1))
    assert (visit.outcome, code(visit)) == (Outcome.ALARM, "E705")
    assert old.state("cam1") is State.WITHHELD
    old.ledger.close()


def test_an_identity_found_on_a_board_while_another_slot_takes_it_stops_everything_too(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Table(Ledger(table.folder / "other.db", vault_of(table.ledger)), table.folder, table.profile, table.stack)
    other.stock_up("cam1")
    board = table.board(1)
    other.flash(board)
    other.ledger.close()
    table.stock_up("cam1")
    named = Ledger.named

    def taken_meanwhile(ledger: Ledger, name: CertName) -> Known | None:
        found = named(ledger, name)
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid("ab02"), "2")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "named", taken_meanwhile)
        visit = table.flash(board)
    assert (visit.outcome, code(visit)) == (Outcome.ALARM, "E705")
    assert table.state("cam1") is State.RESERVED


@pytest.mark.parametrize(
    ("faults", "expected", "state"),
    [
        ({"refuses_flash": True}, {Code.E203}, State.IN_DOUBT),
        ({"flips_stored_byte": True}, {Code.E204, Code.E203}, State.IN_DOUBT),
        ({"dead_after": 0}, {Code.E201}, State.READY),
        ({"dead_after": 2}, {Code.E201}, State.IN_DOUBT),
        ({"uid_after_reset": "cd00000000000009"}, {Code.E209}, State.IN_DOUBT),
        ({"ignores_reset": True}, {Code.E203, Code.E201, Code.E208, Code.E215}, State.IN_DOUBT),
    ],
    ids=lambda v: "-".join(map(str, v)) if isinstance(v, dict) else "",
)
def test_a_bad_board_never_passes_and_keeps_its_identity(
    table: Table, faults: dict[str, Any], expected: set[str], state: State
) -> None:
    table.stock_up("cam1", "cam2")
    if "dead_after" in faults or "ignores_reset" in faults:
        table.profile = replace(table.profile, options=HASTY)
    visit = table.flash(table.board(1, **faults))
    assert visit.outcome is not Outcome.PASS
    assert code(visit) in expected
    assert table.state("cam1") is state
    if state is State.IN_DOUBT:  # a healthy second board gets another identity, and the first one keeps its own
        assert table.flash(table.board(2)).outcome is Outcome.PASS
        assert table.holds(2) == ["cam2"]
        known = table.ledger.named(CertName("a1Camera", "cam1"))
        assert known is not None
        assert known.board_uid == "ab00000000000001"


def test_a_board_in_doubt_comes_back_and_is_consumed_without_a_rewrite(table: Table) -> None:
    table.stock_up("cam1")
    board = table.board(1)

    def pulled_plug(visit: Visit) -> None:
        if visit.phase is Phase.VERIFY_AGAIN:
            board.unplug()

    assert table.flash(board, tell=pulled_plug).outcome is Outcome.IN_DOUBT
    assert table.state("cam1") is State.IN_DOUBT
    assert table.holds(1) == ["cam1"]
    board.plug()
    table.told.clear()
    visit = table.flash(board, slot="9")
    assert visit.outcome is Outcome.PASS
    assert Phase.WRITE not in {v.phase for v in table.told}
    assert table.state("cam1") is State.CONSUMED


def test_a_board_in_doubt_that_is_blank_gets_the_same_identity_again(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)

    def pulled_plug(visit: Visit) -> None:
        if visit.phase is Phase.WRITE:
            board.unplug()

    assert table.flash(board, tell=pulled_plug).outcome is Outcome.IN_DOUBT
    assert table.holds(1) == []
    board.plug()
    assert table.flash(board).outcome is Outcome.PASS
    assert table.holds(1) == ["cam1"]
    assert table.state("cam2") is State.READY


def test_pulled_before_the_first_byte_the_identity_is_free_again(table: Table) -> None:
    table.stock_up("cam1")
    board = table.board(1)

    def pulled_plug(visit: Visit) -> None:
        if visit.phase is Phase.RESERVE and visit.fraction == 1.0:
            raise StationFault("pulled", code=Code.E311)

    assert table.flash(board, tell=pulled_plug).outcome is Outcome.REMOVED
    assert table.state("cam1") is State.READY


def test_when_the_disk_fails_after_the_write_a_restart_finds_the_doubt(
    table: Table, reopen: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    table.stock_up("cam1")

    def full_disk(*_args: object, **_kwargs: object) -> None:
        raise LedgerFault("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "consume", full_disk)
        patch.setattr(Ledger, "doubt", full_disk)
        assert table.flash(table.board(1)).outcome is Outcome.IN_DOUBT
    assert table.state("cam1") is State.WRITING
    reopen()
    assert table.state("cam1") is State.IN_DOUBT
    assert table.flash(table.board(1)).outcome is Outcome.PASS


def test_the_wrong_chip_is_refused_before_anything_is_reserved(table: Table) -> None:
    table.stock_up("cam1")
    visit = table.flash(table.board(1), profile=replace(table.profile, chips=("esp32c3",)))
    assert code(visit) == "E202"
    assert table.state("cam1") is State.READY
    assert visit.attempt == 0


def test_an_identity_that_does_not_fit_is_refused_before_anything_is_reserved(table: Table) -> None:
    table.stock_set("a-name-that-is-fine", 65)
    profile = replace(table.profile, identity=IdentityMode.NVR_SET)
    visit = table.flash(table.board(1), profile=profile)
    assert code(visit) == "E205"
    assert visit.attempt == 0


def test_a_label_of_another_board_is_refused(table: Table) -> None:
    table.stock_up("cam1")
    profile = replace(table.profile, scan_label=True)
    assert code(table.flash(table.board(1), profile=profile)) == "E212"  # none was scanned
    assert code(table.flash(table.board(1), label="AB:00:00:00:00:00:00:02", profile=profile)) == "E212"
    assert table.flash(table.board(1), label="AB:00:00:00:00:00:00:01", profile=profile).outcome is Outcome.PASS


def test_the_same_uid_in_a_second_slot_is_refused(table: Table) -> None:
    table.stock_up("cam1")
    assert code(table.flash(table.board(1), other_slot=lambda _uid: "slot 2")) == "E210"
    assert table.holds(1) == []


def test_only_known_boards_are_settled_when_nothing_new_may_be_taken(table: Table) -> None:
    table.stock_up("cam1")
    assert code(table.flash(table.board(1), take_new=False)) == "E214"
    assert table.state("cam1") is State.READY


def test_a_consumed_board_that_was_changed_is_refused_until_a_supervisor_retires_it(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)
    table.flash(board)
    board.unplug()
    (table.folder / "1.flash").unlink()
    fresh = table.board(1)
    assert code(table.flash(fresh)) == "E213"
    table.ledger.retire(CertName("a1Camera", "cam1"), "rework: flash replaced", by="Li Wei")
    assert table.flash(fresh).outcome is Outcome.PASS
    assert table.holds(1) == ["cam2"]


def test_a_reworked_board_that_still_carries_its_retired_identity_takes_a_new_one(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)
    table.flash(board)
    table.ledger.retire(CertName("a1Camera", "cam1"), "rework", by="Li Wei")
    assert table.flash(board).outcome is Outcome.PASS
    assert table.holds(1) == ["cam2"]


def test_a_whole_nvr_set_goes_on_one_board(table: Table) -> None:
    table.stock_set("nvr", 16)
    visit = table.flash(table.board(1), profile=replace(table.profile, identity=IdentityMode.NVR_SET))
    assert visit.outcome is Outcome.PASS
    assert table.holds(1) == ["nvr", *(f"nvr-{n}" for n in range(1, 17))]


def test_members_become_boards_of_their_own_and_tell_what_is_missing(table: Table) -> None:
    table.stock_set("nvr", 2)
    profile = replace(table.profile, identity=IdentityMode.NVR_MEMBERS, products=("a1Ipc", "a1Camera"))
    visits = [table.flash(table.board(n), profile=profile) for n in (1, 2, 3)]
    assert [v.outcome for v in visits] == [Outcome.PASS] * 3
    assert [v.channel for v in visits] == [1, 2, 0]
    assert [v.set and v.set.missing for v in visits] == [(0, 2), (0,), ()]
    assert [table.holds(n) for n in (1, 2, 3)] == [["nvr-1"], ["nvr-2"], ["nvr"]]


def test_a_defect_that_quotes_the_secret_leaves_a_doubt_and_no_trace_of_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.stock_up("cam1")

    def quoting(_session: object, identity: Identity, _progress: object) -> None:
        raise ValueError(f"cannot pack {identity.primary.device_secret.reveal()}")

    monkeypatch.setattr(AgentSession, "write", quoting)
    visit = table.flash(table.board(1))
    assert (visit.outcome, code(visit)) == (Outcome.IN_DOUBT, "E399")
    assert "ValueError at test_one_board.py" in str(visit.error)
    told = [*map(str, table.ledger.certificates.unsettled()), *map(str, table.ledger.audit.history(identity_id=1))]
    assert not [line for line in [str(visit.error), *told] if "Secretcam1" in line]


def test_each_step_gives_way_first_and_never_while_the_ledger_or_a_board_that_was_just_opened_waits(
    table: Table,
) -> None:
    """A board may say who it is only while it starts."""
    table.stock_up("cam1")
    asked: list[int] = []

    def give_way() -> None:
        connection = file_of(table.ledger)
        assert not connection._sqlite.in_transaction
        assert not connection._lock._is_owned()  # type: ignore[attr-defined]
        asked.append(len(table.told))

    assert table.flash(table.board(1), give_way=give_way).outcome is Outcome.PASS
    assert asked == list(range(len(table.told)))

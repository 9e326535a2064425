# SPDX-License-Identifier: GPL-3.0-or-later
"""A console says who its board is and what it holds one after the other. Exchanged in between, one board's uid comes
with what another one holds: neither is accused of anything, nor is one of them given what the other one has.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import PortFault
from station.events import Phase
from station.flow.visit import Visit
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.recovery import recover
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardInfo, Provider, State
from station.rules import Outcome
from station.secrets.vault import Vault
from station.targets.console.table import parse_console
from station.targets.console.target import ConsoleSession
from tests.ledger.ledger_samples import PC
from tests.raw import raw
from tests.sampled import sampled
from tests.swaps.swap_kinds import FIXTURES, PRODUCT, ConsoleFixture, Fixture
from tests.swaps.swap_run import NAMES, Station, identity, open_station, secret_of, steps_of
from tests.swaps.test_swaps import BY_UID

EACH = sampled(BY_UID, 2)
KEY = bytes(range(32))


@pytest.fixture
def station(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Station]:
    opened = open_station(FIXTURES[request.param], tmp_path / "run")
    opened.fixture.wait_long()
    with opened.ledger:
        yield opened


def given_elsewhere(station: Station, folder: Path) -> None:
    """B has the first certificate of the same stock from another station."""

    def its_boards(_folder: Path) -> Fixture:
        return station.fixture

    other = open_station(its_boards, folder / "other")
    with other.ledger:
        assert other.put_in("B") == Outcome.PASS
    assert station.fixture.holds("B", secret_of(NAMES[0]))


def exchanged(station: Station, folder: Path, *, before: str) -> Visit:
    """A says its uid, and B is there before the first reading is asked for, or what follows both."""
    assert isinstance(station.fixture, ConsoleFixture)
    spec = parse_console(station.fixture.profile.options)
    readings = 2 * sum(len(step.line + spec.line_end) for step in spec.read)
    end = steps_of(FIXTURES[station.fixture.dialect], folder / "probe")["identify"].stop
    with station.fixture.swapped(end - readings if before == "reading" else end, late=True) as plugged:
        seen = station.visit(plugged, "A")
    assert seen.board is not None and seen.board.uid == station.fixture.uid("A")
    return seen


def recovered(folder: Path) -> Ledger:
    """The same stock, after its witnesses were lost."""
    around, path, vault = Surroundings(home=folder / "witness", machine=PC), folder / "state" / "ledger.db", Vault(KEY)
    with open_ledger(path, vault, around) as ledger:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        ledger.receive(batch, [identity(name) for name in NAMES])
    shutil.rmtree(around.home)
    ledger = open_ledger(path, vault, around)
    recover(ledger, around, "as the test says", by="Li Wei")
    return ledger


def refused(seen: Visit) -> str:
    assert seen.error is not None
    assert seen.outcome is Outcome.STATION_FAULT  # nothing was tried, and no board is to blame
    return seen.error.code


@pytest.mark.parametrize("station", EACH, indirect=True)
def test_a_new_board_is_not_called_the_clone_of_the_one_that_took_its_place(station: Station, tmp_path: Path) -> None:
    assert station.put_in("B") == Outcome.PASS
    assert refused(exchanged(station, tmp_path, before="reading")) == "E209"
    assert station.ledger.strangers.open() == []
    assert station.state(NAMES[0]) == (State.CONSUMED, station.fixture.uid("B"))
    assert (station.put_in("A"), station.put_in("B")) == (Outcome.PASS, Outcome.ALREADY_DONE)


@pytest.mark.parametrize("station", EACH, indirect=True)
def test_what_is_in_doubt_on_the_board_that_came_waits_for_nobody(station: Station, tmp_path: Path) -> None:
    def pulled(visit: Visit) -> None:
        if visit.phase is Phase.RESTART:
            raise PortFault("the cable is out", code=Code.E311)

    with station.fixture.plugged("B") as plugged:
        assert station.visit(plugged, "B", pulled).outcome is Outcome.IN_DOUBT
    assert refused(exchanged(station, tmp_path, before="reading")) == "E209"
    assert station.ledger.strangers.open() == []
    assert (station.put_in("A"), station.put_in("B")) == (Outcome.PASS, Outcome.PASS)


@pytest.mark.parametrize("station", EACH, indirect=True)
@pytest.mark.parametrize("before", ["reading", "verify"])
def test_a_done_board_has_not_lost_its_identity_to_a_blank_one(station: Station, tmp_path: Path, before: str) -> None:
    assert station.put_in("A") == Outcome.PASS
    assert refused(exchanged(station, tmp_path, before=before)) == "E209"
    assert (station.put_in("A"), station.put_in("B")) == (Outcome.ALREADY_DONE, Outcome.PASS)


@pytest.mark.parametrize("station", EACH, indirect=True)
def test_what_was_never_sent_is_withheld_and_found_on_the_board_that_has_it(station: Station, tmp_path: Path) -> None:
    given_elsewhere(station, tmp_path)
    assert refused(exchanged(station, tmp_path, before="reading")) == "E209"
    assert station.state(NAMES[0])[0] is State.WITHHELD
    with raw(tmp_path / "run" / "ledger.db") as db:
        assert [row["board_uid"] for row in db.execute("SELECT board_uid FROM found_on_boards")] == [
            station.fixture.uid("B")
        ]
    assert station.put_in("B") == "E705"
    assert station.put_in("A") == Outcome.PASS and station.fixture.holds("A", secret_of(NAMES[1]))


@pytest.mark.parametrize("station", EACH, indirect=True)
def test_what_a_recovery_withheld_is_learned_by_the_board_that_has_it(station: Station, tmp_path: Path) -> None:
    given_elsewhere(station, tmp_path)
    with recovered(tmp_path) as station.ledger:
        assert refused(exchanged(station, tmp_path, before="reading")) == "E209"
        assert station.state(NAMES[0]) == (State.WITHHELD, None)
        assert station.put_in("B") == Outcome.ALREADY_DONE
        assert station.state(NAMES[0]) == (State.CONSUMED, station.fixture.uid("B"))


@pytest.mark.parametrize("station", EACH, indirect=True)
@pytest.mark.parametrize("is_pulled", [False, True])
def test_a_clone_is_one_also_where_it_says_nothing_any_more(
    station: Station, tmp_path: Path, is_pulled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert station.put_in("A") == Outcome.PASS
    (station.fixture.folder / "B.store").write_bytes(station.fixture.stored("A"))
    if is_pulled:
        asked = ConsoleSession.identify

        def once(session: ConsoleSession) -> BoardInfo:
            monkeypatch.setattr(ConsoleSession, "identify", pulled)
            return asked(session)

        def pulled(_session: ConsoleSession) -> BoardInfo:
            raise PortFault("the cable is out", code=Code.E311)

        monkeypatch.setattr(ConsoleSession, "identify", once)
    with station.fixture.plugged("B") as plugged:
        seen = station.visit(plugged, "B")
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.ALARM, "E701")

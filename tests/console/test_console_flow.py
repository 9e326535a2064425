# SPDX-License-Identifier: GPL-3.0-or-later
"""Vendor consoles through the whole flow on a real ledger: PASS, ALREADY DONE, doubt resolved, and never twice.

What the boards hold is read from their storage files, not asked.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Port, Provider, Secret, State
from station.rules import Outcome
from station.secrets.keys import create_key, open_vault
from station.simulate.cable import Cable
from station.simulate.console import DIALECTS, ConsoleBoard, Quirks, read_identity
from station.targets.console.target import ConsoleTarget
from tests.console.console_bench import UIDS, a_profile
from tests.sampled import sampled

PRODUCT = "a1B2c3D4e5F"


def certificate(number: int) -> Certificate:
    return Certificate(
        product_key=PRODUCT,
        device_name=f"cam-{number:04}",
        device_secret=Secret(f"{number:032x}"),
        product_secret=Secret("ps0123456789abcd"),
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    create_key(state / "station.key")
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as opened:
        batch = BatchKey(provider=Provider.LIVING, product_key=PRODUCT, batch_id="b1")
        opened.receive(batch, [Identity(primary=certificate(n)) for n in range(1, 5)])
        yield opened


class Fixture:
    """One socket; boards by number, each with its own storage for life."""

    def __init__(self, folder: Path, ledger: Ledger, dialect: str) -> None:
        self.folder, self.dialect = folder, dialect
        self.job = Job(
            ledger=ledger,
            target=ConsoleTarget(),
            profile=a_profile(dialect, common={"products": [PRODUCT]}),
            tell=lambda _visit: None,
        )

    def uid(self, number: int) -> str:
        return f"35265610036787{number}" if self.dialect in UIDS else f"a1b2c3d4e5{number:02x}"

    def visit(self, number: int, *, cable: int | None = None, label: str = "", **quirks: Any) -> Visit:
        """`cable`: seed of one that damages every twentieth line. `label`: as it is printed."""
        link, behind = self.folder / "slot1", self.folder / "behind"
        store = self.folder / f"board{number}.json"
        board = ConsoleBoard(
            self.dialect,
            uid=self.uid(number),
            store=store,
            link=link if cable is None else behind,
            quirks=Quirks(**quirks),
        )
        scanned = label or self.uid(number) if self.job.profile.scan_label else None
        with board, Cable(str(behind), link, rate=0.05, seed=cable) if cable is not None else nullcontext():
            return flash(self.job, Port(url=str(link), slot="1"), label=scanned)

    def holds(self, number: int) -> str | None:
        found = read_identity(self.folder / f"board{number}.json", self.dialect)
        return found[0].device_name if found else None


@pytest.fixture
def fixture(tmp_path: Path, ledger: Ledger) -> Callable[[str], Fixture]:
    return lambda dialect: Fixture(tmp_path, ledger, dialect)


every_console = pytest.mark.parametrize("dialect", DIALECTS)
some_consoles = pytest.mark.parametrize("dialect", sampled(list(DIALECTS), 3, 1))
"""Where `test_console_profiles` has the same of every console, without a ledger."""


@every_console
def test_two_boards_get_two_identities_and_a_done_board_takes_none(
    dialect: str, fixture: Callable[[str], Fixture], ledger: Ledger
) -> None:
    bench = fixture(dialect)
    first, second = bench.visit(1), bench.visit(2)
    assert (first.outcome, second.outcome) == (Outcome.PASS, Outcome.PASS), (first.error, second.error)
    again = bench.visit(1)
    assert again.outcome is Outcome.ALREADY_DONE, again.error
    assert (bench.holds(1), bench.holds(2)) == ("cam-0001", "cam-0002")
    known = [ledger.named(certificate(n).name) for n in (1, 2, 3)]
    assert [k.state for k in known if k] == [State.CONSUMED, State.CONSUMED, State.READY]


@some_consoles
def test_a_board_that_stores_it_wrong_keeps_its_identity_and_gets_it_again(
    dialect: str, fixture: Callable[[str], Fixture], ledger: Ledger
) -> None:
    bench = fixture(dialect)
    field = "psk" if dialect == "nordic-cmng" else "deviceSecret"
    spoiled = bench.visit(1, changes=field)
    assert spoiled.outcome is not Outcome.PASS
    assert spoiled.error is not None and spoiled.error.code == "E204"
    assert bench.visit(2).outcome is Outcome.PASS
    assert bench.holds(2) == "cam-0002"  # the first one is married to the first board
    healed = bench.visit(1)
    assert healed.outcome is Outcome.PASS, healed.error
    assert read_identity(bench.folder / "board1.json", dialect) == [_as_stored(bench, certificate(1))]


@pytest.mark.parametrize("dialect", sampled(list(DIALECTS), 3, 2))
def test_a_board_that_forgets_is_never_called_done(
    dialect: str, fixture: Callable[[str], Fixture], ledger: Ledger
) -> None:
    bench = fixture(dialect)
    forgetful = bench.visit(1, forgets=True)
    assert forgetful.outcome is not Outcome.PASS
    known = ledger.named(certificate(1).name)
    assert known is not None and known.state is State.IN_DOUBT
    if bench.job.profile.scan_label:  # for all the station knows it is another board with this one's label
        asked = bench.visit(1)
        assert asked.error is not None and (asked.error.code, asked.error.exit) == ("E631", Exit.PERSON_NEEDED)
        assert bench.holds(1) is None
        ledger.strangers.vouch(certificate(1).name, "it never left the fixture", by="Li Wei")
    assert bench.visit(1).outcome is Outcome.PASS
    assert bench.holds(1) == "cam-0001"


def _as_stored(bench: Fixture, issued: Certificate) -> Certificate:
    whole = Identity(primary=issued)
    return (whole if bench.job.profile.product_secret else whole.without_product_secret()).primary


@pytest.mark.parametrize("dialect", ["alios-linkkey-a", "zephyr-settings", "esp-at-sysmfg", "nordic-cmng"])
def test_a_cable_that_damages_lines_costs_visits_and_never_a_wrong_pass(
    dialect: str, fixture: Callable[[str], Fixture], ledger: Ledger
) -> None:
    bench = fixture(dialect)
    for number in (1, 2):
        for seed in range(8):
            visit = bench.visit(number, cable=seed)
            if visit.outcome is Outcome.PASS:
                break
            if visit.error is not None and visit.error.code == "E631" and visit.name is not None:
                ledger.strangers.vouch(visit.name, "it never left the fixture", by="Li Wei")
        assert visit.outcome is Outcome.PASS, visit.error
        assert visit.name is not None
        assert bench.holds(number) == visit.name.device_name
        known = ledger.named(visit.name)
        assert known is not None and known.board_uid == bench.uid(number)
    issued = [_as_stored(bench, certificate(n)) for n in range(1, 5)]
    held = [read_identity(bench.folder / f"board{n}.json", dialect) for n in (1, 2)]
    assert held[0] != held[1]
    assert all(found and found[0] in issued for found in held)


SPELT = [
    "A1:B2:C3:D4:E5:01",
    "a1-b2-c3-d4-e5-01",
    "SNA1B2C3D4E501",
    "MAC:A1:B2:C3:D4:E5:01",
    "Ａ１Ｂ２Ｃ３Ｄ４Ｅ５０１",
]


def test_a_board_known_by_its_label_is_one_board_in_every_spelling(
    fixture: Callable[[str], Fixture], ledger: Ledger
) -> None:
    bench = fixture("at-idmau")
    assert bench.visit(1, label="a1b2c3d4e501").outcome is Outcome.PASS
    for spelling in SPELT:
        again = bench.visit(1, label=spelling)
        assert again.outcome is Outcome.ALREADY_DONE, (spelling, again.error)
    known = [ledger.named(certificate(n).name) for n in (1, 2)]
    assert [k.state for k in known if k] == [State.CONSUMED, State.READY]

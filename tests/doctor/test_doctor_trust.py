# SPDX-License-Identifier: GPL-3.0-or-later
"""What `station doctor` says of a ledger that is not the one it was, each on real files, and nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from station.doctor import Level
from station.doctor.trust import check_lock, check_machine, check_witnesses
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.ledger.trouble import CODE, Trouble
from station.ledger.view import look_at
from station.model import CertName, IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, PC, evidence, single, uid

VAULT = Vault(bytes(range(32)))
OTHER = {part: frozenset({"another"}) for part in PC}
Told = Callable[[], list[tuple[Level, str]]]


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(home=tmp_path / "home" / "witness", further=(tmp_path / "stick" / "w",), machine=PC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def witnesses(path: Path, around: Surroundings) -> Told:
    (around.further[0].parent).mkdir()
    works(path, around, "cam1", 1)

    def told() -> list[tuple[Level, str]]:
        with look_at(path) as ledger:
            return [(finding.level, finding.what) for finding in check_witnesses(ledger, VAULT, around)]

    return told


def works(path: Path, around: Surroundings, name: str, board: int) -> None:
    with open_ledger(path, VAULT, around) as ledger:
        ledger.receive(BATCH, [single(name)])
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))


def test_witnesses_that_are_up_to_date_are_called_so(witnesses: Told) -> None:
    assert [level for level, _ in witnesses()] == [Level.OK, Level.OK]


def test_a_ledger_that_no_command_opened_has_no_witness_yet(path: Path, around: Surroundings) -> None:
    open_ledger(path, VAULT, Surroundings(home=path / "not" / "a" / "folder", machine=PC)).close()
    with look_at(path) as ledger:
        (finding,) = check_witnesses(ledger, VAULT, around)
    assert (finding.level, "none yet" in finding.what) == (Level.OK, True)


def test_a_witness_that_is_away_is_a_warning_and_all_of_them_are_wrong(witnesses: Told, around: Surroundings) -> None:
    shutil.rmtree(around.further[0].parent)
    home, stick = witnesses()
    assert home[0] is Level.OK
    assert (stick[0], str(around.further[0]) in stick[1]) == (Level.WARNING, True)
    shutil.rmtree(around.home)
    ((level, what),) = witnesses()
    assert (level, "E328" in what) == (Level.WRONG, True)


def test_a_witness_that_is_ahead_is_wrong(witnesses: Told, path: Path, around: Surroundings, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    with open_ledger(path, VAULT, around) as ledger:
        ledger.retire(CertName("a1Camera", "cam1"), "scrap", by="boss")
    shutil.rmtree(path.parent)
    shutil.copytree(tmp_path / "copy", path.parent)
    for level, what in witnesses():
        assert (level, "E702" in what, "1 lines" in what) == (Level.WRONG, True, True), what


def test_a_witness_that_lacks_lines_or_holds_damaged_ones_is_told(witnesses: Told, around: Surroundings) -> None:
    (home,) = around.home.glob("*.witness")
    header, line, *rest = home.read_bytes().splitlines(keepends=True)
    home.write_bytes(b"".join([header, line.replace(b"[1", b"[7"), *rest]))
    (level, what), (other, _) = witnesses()
    assert (level, "lacks 1 lines, 1 are damaged" in what, other) == (Level.WARNING, True, Level.OK), what


@pytest.mark.parametrize(
    ("machine", "levels"),
    [(PC, []), (OTHER, [Level.WRONG]), ({"machine-id": frozenset({"m"})}, [Level.WARNING])],
    ids=["its own", "another", "shows nothing"],
)
def test_the_machine_is_told(
    path: Path, around: Surroundings, machine: dict[str, frozenset[str]], levels: list[Level]
) -> None:
    open_ledger(path, VAULT, around).close()
    with look_at(path) as ledger:
        found = list(check_machine(ledger, VAULT, Surroundings(home=around.home, machine=machine)))
    assert [finding.level for finding in found] == levels
    assert all(finding.do for finding in found)


def test_a_ledger_that_is_bound_to_no_machine_is_told(path: Path, around: Surroundings) -> None:
    Ledger(path, VAULT).close()
    with look_at(path) as ledger:
        (finding,) = check_machine(ledger, VAULT, around)
    assert (finding.level, "bound to none" in finding.what) == (Level.OK, True)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_the_lock_that_only_a_recovery_ends_says_what_to_do(path: Path, around: Surroundings, trouble: Trouble) -> None:
    with open_ledger(path, VAULT, around) as ledger:
        ledger.locks.lock("", CODE, f"{trouble}: x")
    with look_at(path) as looked:
        (finding,) = check_lock(looked)
    assert (finding.level, trouble in finding.what) == (Level.WRONG, True)
    assert "station recover" in finding.do or "station adopt" in finding.do

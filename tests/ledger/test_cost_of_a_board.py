# SPDX-License-Identifier: GPL-3.0-or-later
"""What a board costs the ledger, witness included: counted in statements, not in seconds. Who needs one more writes the
new number here, and why.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.ledger.opening import Surroundings, open_ledger
from station.ledger.sqlite.file import File
from station.ledger.store import Ledger
from station.ledger.transaction import Foot
from station.ledger.values import Takes
from station.ledger.witness_lines import decode, told_by_chain
from station.model import IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, PC, evidence, nvr_set, single, uid
from tests.raw import file_of

VAULT = Vault(bytes(range(32)))
CAMERA = (["a1Camera"], IdentityKind.SINGLE)
RESERVED = ["BEGIN", "locks", "identities", "identities", "certificates", "audit", "INSERT", "UPDATE", "COMMIT"]
WRITTEN = ["BEGIN", "locks", "identities", "conflicts", "certificates", "audit", "INSERT", "UPDATE", "COMMIT"]
CONSUMED = ["BEGIN", "identities", "certificates", "audit", "INSERT", "UPDATE", "UPDATE", "COMMIT"]


class Counting:
    """The connection of SQLite, and what is asked of it: statements by their verb, looks by their last table."""

    def __init__(self, sqlite: sqlite3.Connection) -> None:
        self._sqlite = sqlite
        self.asked: list[str] = []

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        tables = re.findall(r"(?:FROM|JOIN) (\w+)", sql)
        self.asked.append(tables[-1] if sql.startswith("SELECT") else sql.split(maxsplit=1)[0])
        return self._sqlite.execute(sql, *values)

    def foot(self, chain: str) -> Foot:
        return File.foot(self, chain)  # type: ignore[arg-type]  # it asks by `execute`

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqlite, name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home" / "witness"


@pytest.fixture
def ledger(tmp_path: Path, home: Path) -> Iterator[Ledger]:
    around = Surroundings(home=home, machine=PC)
    with open_ledger(tmp_path / "state" / "ledger.db", VAULT, around) as opened:
        opened.receive(BATCH, [*(single(f"cam{n}") for n in range(9)), nvr_set("nvr1", 2), nvr_set("nvr2", 1)])
        yield opened


def flash(ledger: Ledger, board: int, products: list[str], kind: IdentityKind) -> None:
    claim = ledger.reserve(products, kind, uid(board), "1", takes=Takes(channels=(0, 9)))
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def test_a_board_is_reserved_written_and_consumed_in_so_many_statements(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(file_of(ledger)._sqlite)
    monkeypatch.setattr(file_of(ledger), "_sqlite", counting)
    flash(ledger, 1, *CAMERA)
    lowered, raised = ["PRAGMA"], ["PRAGMA", "PRAGMA"]  # whether the disk is waited for: that it is is read back
    assert counting.asked == [*lowered, *RESERVED, *raised, *WRITTEN, *CONSUMED]


def test_no_statement_of_a_board_is_compiled_for_the_next_one(ledger: Ledger) -> None:
    """SQLite does so by itself where a value might decide whether an index holds, and that costs more than the rest."""
    compiled = Counter[str]()

    def one_more(_: int, table: str | None, *others: object) -> int:
        compiled[table or ""] += 1
        return sqlite3.SQLITE_OK

    file_of(ledger)._sqlite.set_authorizer(one_more)
    flash(ledger, 1, *CAMERA)
    assert compiled["identities"] > 0  # it is asked
    compiled.clear()
    flash(ledger, 2, *CAMERA)
    assert compiled.keys() <= {"synchronous"}  # as said above; a few microseconds each


def test_what_the_witness_hears_of_a_board_is_what_the_chain_says_of_it(ledger: Ledger, home: Path) -> None:
    """It is told from what the transaction has in hand; the chain is asked when a witness comes back."""
    for board, (products, kind) in enumerate(
        [CAMERA, (["a1Nvr"], IdentityKind.SET), *[(["a1Nvr", "a1Ipc"], IdentityKind.MEMBER)] * 2]
    ):
        flash(ledger, board, products, kind)
    (journal,) = home.glob("*.witness")
    _, *lines = journal.read_bytes().splitlines()
    with ledger.book.read() as db:
        said = list(told_by_chain(db, VAULT, 0))
    assert [decode(VAULT, journal.stem, line) for line in lines] == said
    assert [line.kind for line in said] == ["single", "nvr-set", "nvr-member", "nvr-member"]

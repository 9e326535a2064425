# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a ledger has lived through, its copy is the same row by row, and lives on alone."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.errors import IntegrityAlarm, StationError
from station.ledger import copied_rows
from station.ledger.moving import move
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.model import IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, PC, evidence, nvr_set, single, uid
from tests.sampled import examples

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "dispute", "set", "flash", "doubt", "retire", "fact", "lock"]), st.integers(0, 9)
    ),
    max_size=12,
)
VAULT = Vault(bytes(range(32)))


def live(ledger: Ledger, step: str, number: int) -> None:
    match step:
        case "receive":
            ledger.receive(BATCH, [single(f"cam{number}"), single(f"other{number}")])
        case "dispute":
            ledger.receive(BATCH, [single(f"cam{number}", iot_id="x"), single(f"other{number}", cloud_status=1)])
        case "set":
            ledger.receive(BATCH, [nvr_set(f"nvr{number}", 2)])
        case "flash" | "doubt" | "retire":
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
            ledger.begin(claim.attempt)
            if step == "flash":
                ledger.consume(claim.attempt, evidence(claim))
                return
            ledger.doubt(claim.attempt, Code.E311, "unplugged")
            if step == "retire":
                ledger.retire(claim.identity.name, "scrap", by="Li Wei")
        case "fact":
            ledger.facts.set("shift", str(number), event="shift begins")
        case "lock":
            ledger.locks.lock(f"slot-{number}", Code.E603, "failed")


@given(steps=STEPS)
@settings(max_examples=examples(16), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_copy_is_the_same_row_by_row(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Surroundings(home=Path(folder) / "witness" / "home", machine=PC)
        file, to = Path(folder) / "state" / "ledger.db", Path(folder) / "new" / "ledger.db"
        with open_ledger(file, VAULT, home) as ledger:
            for step in steps:
                with suppress(StationError):
                    live(ledger, *step)
        done = move(
            str(file), str(to), VAULT, home, actor="b", say=lambda _notice: None, show=lambda _done, _total: None
        )
        with open_ledger(file, VAULT, home) as old, open_ledger(to, VAULT, home) as new:
            assert old.audit.verify() == new.audit.verify() == done.head
            assert old.stock.tallies() == new.stock.tallies()
            with old.book.read() as here, new.book.read() as there:
                assert copied_rows.difference(here, there, lambda _many: None) == ""
            new.receive(BATCH, [single("one more")])
            new.reserve(["a1Camera"], IdentityKind.SINGLE, uid(99), "1")
            with pytest.raises(IntegrityAlarm):
                old.reserve(["a1Camera"], IdentityKind.SINGLE, uid(98), "1")

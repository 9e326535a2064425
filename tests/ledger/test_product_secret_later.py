# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate without its product's secret gets it once, while it is in stock or in doubt, and never another."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from station.codes import Code
from station.ledger.store import Ledger
from station.model import Identity, IdentityKind, Secret, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

KEY = bytes(range(32))


def dressed(identity: Identity, secret: str = "OfTheProduct") -> Identity:
    return replace(identity, primary=replace(identity.primary, product_secret=Secret(secret)))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state" / "ledger.db", Vault(KEY))


def held(ledger: Ledger, name: str) -> Secret | None:
    known = ledger.named(single(name).name)
    assert known is not None
    return ledger.identity(known.identity_id).primary.product_secret


def take(ledger: Ledger, *, until: State) -> str:
    """The next one in line, brought into this state; its name."""
    claim = ledger.reserve(("a1Camera",), IdentityKind.SINGLE, uid(1), "1")
    if until is not State.RESERVED:
        ledger.begin(claim.attempt)
    if until is State.IN_DOUBT:
        ledger.doubt(claim.attempt, Code.E311, "unplugged")
    if until is State.CONSUMED:
        ledger.consume(claim.attempt, evidence(claim))
    return claim.identity.name.device_name


def test_it_comes_with_a_later_pull_and_stays_the_first(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    assert held(ledger, "cam1") is None
    receipt = ledger.receive(BATCH, [dressed(single("cam1")), single("cam2")])
    assert (receipt.dressed, receipt.unchanged, receipt.new) == (1, 2, 0)
    assert (held(ledger, "cam1"), held(ledger, "cam2")) == (Secret("OfTheProduct"), None)
    assert ledger.receive(BATCH, [dressed(single("cam1"), "another")]).dressed == 0
    assert held(ledger, "cam1") == Secret("OfTheProduct")
    ledger.audit.verify()


def test_what_is_in_doubt_may_be_given_it_too(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1")])
    name = take(ledger, until=State.IN_DOUBT)
    assert ledger.receive(BATCH, [dressed(single(name))]).dressed == 1
    assert ledger.receive(BATCH, [dressed(single(name), "another")]).dressed == 0
    assert held(ledger, "cam1") == Secret("OfTheProduct")
    ledger.audit.verify()


@pytest.mark.parametrize("state", [State.RESERVED, State.WRITING, State.CONSUMED])
def test_what_is_in_hand_or_done_stays_as_it_was_sent(ledger: Ledger, state: State) -> None:
    ledger.receive(BATCH, [single("cam1")])
    name = take(ledger, until=state)
    assert ledger.receive(BATCH, [dressed(single(name))]).dressed == 0
    with (
        sqlite3.connect(ledger.path) as raw,
        pytest.raises(sqlite3.IntegrityError, match="as the cloud issued it"),
    ):
        raw.execute("UPDATE certificates SET product_secret = x'00'")


def test_the_schema_lets_nothing_else_change_with_it(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1")])
    raw = sqlite3.connect(ledger.path, isolation_level=None)
    for more in ("secret = x'00'", "iot_id = 'another'", "cloud_status = 1", "content = x'00'"):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(f"UPDATE certificates SET product_secret = x'00', {more}")
    ledger.receive(BATCH, [dressed(single("cam1"))])
    for other in ("x'00'", "NULL"):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(f"UPDATE certificates SET product_secret = {other}")
    raw.close()

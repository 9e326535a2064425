# SPDX-License-Identifier: GPL-3.0-or-later
"""Two sources disagree about an identity: as the boards' own storage shows, none ever has the refused content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Attempt, Identity, Provider, Secret, State
from station.rules import Choice, Outcome
from station.simulate.agent_board import read_identity
from tests.flow.flow_table import PRODUCT, Table, certificate


def arrives(ledger: Ledger, source: str, secret: str) -> None:
    batch = BatchKey(provider=Provider.LIVING, batch_id=source, product_key=PRODUCT, source=source)
    ledger.receive(batch, [Identity(primary=replace(certificate("cam1"), device_secret=Secret(secret)))])


def secret_on(table: Table, number: int) -> str:
    [only] = read_identity(table.folder / f"{number}.flash") or []
    return only.device_secret.reveal()


@pytest.mark.parametrize(("choice", "secret"), [(Choice.HELD, "Cut"), (Choice.ARRIVED, "CutNoMore")])
def test_a_board_gets_what_a_person_chose_and_nothing_before(table: Table, choice: Choice, secret: str) -> None:
    arrives(table.ledger, "cut.csv", "Cut")
    arrives(table.ledger, "whole.csv", "CutNoMore")
    visit = table.flash(table.board(1))
    assert visit.error is not None
    assert (visit.error.code, table.holds(1)) == ("E500", [])
    table.ledger.disputes.settle(table.ledger.disputes.open(), choice, "looked", by="Li Wei")
    assert table.flash(table.board(2)).outcome is Outcome.PASS
    assert secret_on(table, 2) == secret
    arrives(table.ledger, "cut.csv", "Cut")
    arrives(table.ledger, "whole.csv", "CutNoMore")
    assert table.flash(table.board(2)).outcome is Outcome.ALREADY_DONE
    table.ledger.audit.verify()


def test_a_dispute_that_comes_after_the_choice_for_a_board_leaves_it_blank(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives(table.ledger, "cut.csv", "Cut")
    begin = Ledger.begin

    def late(ledger: Ledger, attempt: Attempt, **key: Secret | None) -> None:
        arrives(ledger, "whole.csv", "CutNoMore")
        begin(ledger, attempt, **key)

    monkeypatch.setattr(Ledger, "begin", late)
    visit = table.flash(table.board(1))
    assert visit.error is not None
    assert (visit.error.code, visit.outcome, table.holds(1)) == ("E619", Outcome.STATION_FAULT, [])
    assert table.state("cam1") is State.WITHHELD

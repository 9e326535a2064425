# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever waits for a person, of each kind by itself: `status` names it, in words and for programs, and ends in 6, or
in 7 for an integrity alarm; so does `doctor`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.codes import Code, Exit
from station.ledger.locks import STATION
from station.ledger.matters import MatterKind
from station.ledger.store import Ledger
from tests.cli.cli_shell import Shell
from tests.ledger.open_matters import OPEN, not_believed
from tests.sampled import sampled


def test_each_kind_is_here() -> None:
    assert {kind for kind, _ in OPEN.values()} == set(MatterKind) - {MatterKind.TWICE, MatterKind.SET}


def test_where_nothing_waits_nobody_is_needed(shell: Shell) -> None:
    shell.stock_up("cam1")
    assert (shell("status").code, shell("resolve").code) == (Exit.OK, Exit.OK)
    assert shell("status", "--json").json[0]["needs_person"] == []


@pytest.mark.parametrize("make", sampled(list(OPEN), 2), ids=lambda make: make.__name__)
def test_it_is_told_and_a_person_is_needed(shell: Shell, make: Callable[[Ledger], None]) -> None:
    kind, says = OPEN[make]
    ends = Exit.INTEGRITY if make is not_believed else Exit.PERSON_NEEDED
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        make(ledger)
    for _again in range(2):
        told = shell("status")
        assert told.code == ends, told
        assert any(line.startswith(kind) and says in line for line in told.out.splitlines()), told
    told = shell("status", "--json")
    assert told.code == ends, told
    waiting = told.json[0]["needs_person"]
    assert [one["kind"] for one in waiting] == [kind]
    assert says in f"{waiting[0]['what']} {waiting[0]['do']}"


@pytest.mark.parametrize("code", [Code.E701, Code.E702, Code.E703, Code.E704, Code.E705])
def test_a_lock_by_an_alarm_ends_in_7_whoever_is_asked(shell: Shell, code: Code) -> None:
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        ledger.locks.lock(STATION, code, "x")
    assert (shell("status").code, shell("doctor").code) == (Exit.INTEGRITY, Exit.INTEGRITY)


def test_a_whole_chain_of_a_ledger_not_to_be_believed_is_no_success(shell: Shell) -> None:
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        not_believed(ledger)
    told = shell("audit", "verify", "--json")
    assert (told.code, told.json[0]["intact"]) == (Exit.INTEGRITY, True)
    assert "older than what is known of it" in str(told.json[0]["locked"])
    assert "station recover" in told.err

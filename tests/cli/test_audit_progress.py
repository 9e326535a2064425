# SPDX-License-Identifier: GPL-3.0-or-later
"""`station audit verify` of a long ledger: how far it is stands on a terminal, never before the answer nor in a log."""

from __future__ import annotations

import pytest

from station.codes import Exit
from tests.cli.cli_shell import Shell


@pytest.fixture
def long(shell: Shell) -> Shell:
    """Its ledger has more lines than are told at once."""
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        for _ in range(1000):
            ledger.audit.note("shift begins")
    return shell


def test_a_log_has_the_answer_alone(long: Shell) -> None:
    done = long("audit", "verify")
    assert (done.code, done.err, done.out[:10]) == (Exit.OK, "", "intact: 10"), done


def test_the_answer_has_a_line_of_its_own_on_a_terminal(long: Shell) -> None:
    code, shown = long.on_terminal("audit", "verify", answers=[])
    assert (code, [line for line in shown.splitlines() if line.startswith("intact: ")] != []) == (Exit.OK, True), shown

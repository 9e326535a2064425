# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's word on boards that were exchanged, at the command line: listed, settled with a PIN and a reason."""

from __future__ import annotations

import pytest

from station.codes import Code, Exit
from station.model import BoardUid, IdentityKind
from tests.cli.cli_shell import PIN, Shell

MINE, OTHER = BoardUid("ab00000000000001"), BoardUid("cd00000000000009")


@pytest.fixture
def shell_in_doubt(shell: Shell) -> Shell:
    """cam1 is in doubt on MINE, and OTHER may hold a part of it."""
    shell.stock_up("cam1", "cam2")
    assert shell("supervisor", "set-pin", "--name", "Li Wei", "--new-pin-file", shell.private("pin", PIN)).code == 0
    with shell.open_ledger() as ledger:
        claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, MINE, "1")
        ledger.begin(claim.attempt)
        ledger.doubt(claim.attempt, Code.E209, "another board", stranger=OTHER)
    return shell


def pin(shell: Shell) -> tuple[str, str]:
    return "--pin-file", str(shell.folder / "pin")


def test_a_stranger_is_listed_with_what_waits_for_it(shell_in_doubt: Shell) -> None:
    told = shell_in_doubt("stranger", "list")
    assert (told.code, OTHER in told.out, "cam1" in told.out) == (Exit.PERSON_NEEDED, True, True)
    (one,) = shell_in_doubt("stranger", "list", "--json").json
    assert (one["board_uid"], one["married_to"]) == (OTHER, MINE)
    assert f"find board {OTHER}" in shell_in_doubt("resolve").out
    assert f"find board {OTHER}" in shell_in_doubt("status").out
    assert shell_in_doubt("resolve", "--json").json[0]["waits_for"] == OTHER
    assert "cam1" in shell_in_doubt("show", OTHER).out


def test_what_became_of_it_takes_a_pin_a_reason_and_a_known_board(shell_in_doubt: Shell) -> None:
    settle = ("stranger", "settle", OTHER, "--as", "wiped", "--yes", "--reason")
    assert shell_in_doubt(*settle, "erased").code == Exit.PERSON_NEEDED
    assert shell_in_doubt(*settle, "  ", *pin(shell_in_doubt)).code == Exit.USAGE
    unknown = shell_in_doubt(
        "stranger", "settle", "ee01", "--as", "wiped", "--yes", "--reason", "erased", *pin(shell_in_doubt)
    )
    assert (unknown.code, "E116" in unknown.err) == (Exit.USAGE, True)
    done = shell_in_doubt(*settle, "erased", *pin(shell_in_doubt))
    assert (done.code, "no longer waits" in done.err) == (0, True)
    assert shell_in_doubt("stranger", "list").code == 0
    assert "by Li Wei" in shell_in_doubt("show", "cam1").out
    assert shell_in_doubt("audit", "verify").code == 0


def test_vouching_for_a_blank_board_takes_a_pin_and_is_kept(shell_in_doubt: Shell) -> None:
    asked = shell_in_doubt("vouch", "cam1", "--reason", "why", *pin(shell_in_doubt))
    assert "may be written once more, to the blank board under its label: nobody was asked" in asked.err, asked
    vouch = ("vouch", "cam1", "--yes", "--reason", "it never left the fixture")
    assert shell_in_doubt(*vouch).code == Exit.PERSON_NEEDED
    done = shell_in_doubt(*vouch, *pin(shell_in_doubt))
    assert (done.code, MINE in done.err) == (0, True)
    assert shell_in_doubt("vouch", "cam2", "--yes", "--reason", "why not", *pin(shell_in_doubt)).code == Exit.USAGE
    assert "vouched" in shell_in_doubt("show", "cam1").out

# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no way back is said and asked about on a terminal; where nobody can be asked, it needs --yes."""

from __future__ import annotations

import pytest

from station.codes import Exit
from station.people.pins import supervisors
from tests.cli.cli_shell import PIN, Shell

WHY = ("--reason", "so")
COMMANDS = {
    "retire": ("retire", "door0001", *WHY),
    "keep": ("conflict", "keep", "held", "door0001", *WHY),
    "remove": ("supervisor", "remove", "Zhao"),
}
OF_EACH = pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))


@pytest.fixture
def office(shell: Shell) -> Shell:
    """A disputed certificate and two supervisors, with one PIN."""
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--name", "Li", "--new-pin-file", pin).code == 0
    assert shell("supervisor", "set-pin", "--name", "Zhao", "--new-pin-file", pin, "--pin-file", pin).code == 0
    for name, secret in (("a", "36b3216fdaee"), ("b", "36b3216fdaeeb975729fae923d5a4fd1")):
        file = shell.folder / f"{name}.csv"
        file.write_text(f"ProductKey,DeviceName,DeviceSecret\na1Xw2y3z4Q5,door0001,{secret}\n")
        shell("import", str(file))
    return shell


def given(office: Shell, command: tuple[str, ...]) -> tuple[str, ...]:
    return (*command, "--supervisor", "Li", "--pin-file", str(office.folder / "pin"))


def stands(office: Shell) -> tuple[object, ...]:
    with office.open_ledger() as ledger:
        rows = [(row.state, row.why) for row in ledger.certificates.page(limit=9)]
        return rows, len(ledger.disputes.open()), supervisors(ledger), ledger.audit.head()


@OF_EACH
def test_where_nobody_can_be_asked_it_needs_to_be_said(office: Shell, command: tuple[str, ...]) -> None:
    before = stands(office)
    done = office(*given(office, command))
    assert (done.code, "E600" in done.err, "--yes" in done.err) == (Exit.PERSON_NEEDED, True, True), done
    assert stands(office)[:3] == before[:3]
    assert office(*given(office, command), "--yes").code == Exit.OK
    assert stands(office)[:3] != before[:3]


@OF_EACH
def test_on_a_terminal_a_no_changes_nothing_and_a_yes_does(office: Shell, command: tuple[str, ...]) -> None:
    before = stands(office)[:3]
    code, shown = office.on_terminal(*given(office, command), answers=[("Go on?", "n")])
    assert (code, stands(office)[:3]) == (Exit.INTERRUPTED, before), shown
    code, shown = office.on_terminal(*given(office, command), answers=[("Go on?", "y")])
    assert (code, stands(office)[:3] != before) == (Exit.OK, True), shown


def test_a_program_that_reads_the_answer_is_not_asked(office: Shell) -> None:
    code, shown = office.on_terminal(*given(office, COMMANDS["keep"]), "--json", answers=[])
    assert (code, "Go on?" in shown, "--yes" in shown) == (Exit.PERSON_NEEDED, False, True)

# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no way back is said and asked about on a terminal; where nobody can be asked, it needs --yes."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from station.cli import cli
from station.codes import Exit
from station.people.pins import supervisors
from tests.cli.cli_shell import PIN, Shell

WHY = ("--reason", "so")
COMMANDS = {
    "retire": ("retire", "door0001", *WHY),
    "keep": ("conflict", "keep", "held", "door0001", *WHY),
    "remove": ("supervisor", "remove", "Zhao"),
}
ASKED = {
    *("retire", "rework", "set end", "conflict keep", "vouch", "stranger settle", "supervisor remove"),
    *("recover", "adopt", "restore", "doctor", "release", "ledger copy", "batch settle"),
    *("batch generate", "batch generate-nvr", "batch register", "batch reset-secret"),
}
"""It costs money, or has no way back: a yes."""
NAMED_AGAIN = {"batch freeze", "batch unfreeze", "batch delete", "batch orphans"}
"""In a cloud, which this ledger cannot set right: its name once more."""
NOT_FINAL = {
    "unlock": "it locks itself again",
    "flash": "only with --no-lockout, for one run",
    "set short": "a camera that is brought in again makes it whole",
    "serial correct": "may be corrected again",
    "outbox skip": "the event stays in the ledger; `outbox retry` sends it",
    "supervisor set-pin": "may be set again",
    **dict.fromkeys(("pull", "batch pull"), "only with --any-length: what comes in may be withheld or retired"),
    "key import": "keeps the one there was",
    "conflict show": "only looks",
}
"""What a supervisor's PIN is asked for, and no yes."""
OF_EACH = pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each with the names of its options."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        yield f"{path}{name}", {option.removeprefix("--") for one in found.params for option in one.opts}
        if isinstance(found, click.Group):
            yield from commands(found, f"{path}{name} ")


def test_what_is_final_is_asked_about_and_all_else_has_a_reason_not_to_be() -> None:
    options = dict(commands(cli))
    assert {name for name, has in options.items() if "yes" in has} == ASKED
    assert {name for name, has in options.items() if "confirm" in has} == NAMED_AGAIN
    assert {name for name, has in options.items() if "pin-file" in has} <= ASKED | NAMED_AGAIN | NOT_FINAL.keys()


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

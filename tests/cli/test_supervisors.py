# SPDX-License-Identifier: GPL-3.0-or-later
"""Several supervisors at the command line: each with their own PIN, by file or terminal, and named in the audit."""

from __future__ import annotations

import pytest

from station.codes import Code, Exit
from station.model import Secret
from station.people.pins import check_pin
from tests.cli.cli_shell import PIN, Done, Shell
from tests.ledger.open_matters import label_owed
from tests.raw import raw

LI, WANG = "Li Wei", "王芳"
WANGS_PIN, NEW_PIN = "135790", "975310"


class Office:
    """A station with two supervisors, and files with their PINs."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.li, self.wang, self.new = (
            shell.private(name, pin) for name, pin in (("li", PIN), ("wang", WANGS_PIN), ("new", NEW_PIN))
        )
        assert self("set-pin", "--name", LI, "--new-pin-file", self.li).code == 0
        assert self("set-pin", "--name", WANG, "--new-pin-file", self.wang, "--pin-file", self.li).code == 0

    def __call__(self, *arguments: str) -> Done:
        return self.shell("supervisor", *arguments)

    def opens(self, name: str, pin: str) -> bool:
        with self.shell.open_ledger() as ledger:
            return check_pin(ledger, Secret(pin), name=name, purpose="test") == name


@pytest.fixture
def office(shell: Shell) -> Office:
    return Office(shell)


def test_the_only_supervisor_of_a_new_station_needs_no_name(shell: Shell) -> None:
    nobody = shell("supervisor", "list")
    assert (nobody.code, nobody.out, "set-pin" in nobody.err) == (0, "", True)
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--new-pin-file", pin).code == 0
    assert shell("supervisor", "list").out == "supervisor\n"
    assert shell("supervisor", "set-pin", "--new-pin-file", pin).code == Exit.PERSON_NEEDED
    assert shell("supervisor", "set-pin", "--new-pin-file", pin, "--pin-file", pin).code == 0


def test_supervisors_are_listed_and_removed_but_for_the_last_one(office: Office) -> None:
    assert office("list").out.splitlines() == [LI, WANG]
    assert office("list", "--json").json == [{"schema": 1, "name": LI}, {"schema": 1, "name": WANG}]
    assert "E610" in office("remove", WANG, "--yes", "--pin-file", office.li).err
    assert office("remove", "nobody", "--yes", "--supervisor", LI, "--pin-file", office.li).code == Exit.USAGE
    assert office("remove", WANG, "--yes", "--supervisor", LI, "--pin-file", office.li).code == 0
    last = office("remove", LI, "--yes", "--pin-file", office.li)
    assert (last.code, "only supervisor" in last.err) == (Exit.USAGE, True)
    assert office("list").out.splitlines() == [LI]


def test_only_their_owner_changes_a_pin_and_any_supervisor_adds_another(office: Office) -> None:
    change = ("set-pin", "--name", WANG, "--new-pin-file", office.new)
    assert office(*change).code == Exit.PERSON_NEEDED
    assert "E605" in office(*change, "--pin-file", office.li).err
    others = office(*change, "--supervisor", LI, "--pin-file", office.li)
    assert (others.code, f"only {WANG}" in others.err) == (Exit.USAGE, True)
    assert office.opens(WANG, WANGS_PIN)
    assert office(*change, "--pin-file", office.wang).code == 0
    assert office.opens(WANG, NEW_PIN)
    third = ("set-pin", "--name", "Zhao", "--new-pin-file", office.li)
    assert "E610" in office(*third, "--pin-file", office.li).err
    assert office(*third, "--supervisor", LI, "--pin-file", office.li).code == 0
    assert office.opens("Zhao", PIN)


def test_a_name_that_cannot_be_shown_is_refused_and_never_printed(office: Office) -> None:
    done = office(
        "set-pin", "--name", "\x1b[2J", "--new-pin-file", office.new, "--supervisor", LI, "--pin-file", office.li
    )
    assert (done.code, "E117" in done.err, "\x1b" in done.err) == (Exit.USAGE, True, False)
    assert "E605" in office("remove", WANG, "--yes", "--supervisor", "\x1b[2J", "--pin-file", office.li).err


def test_the_history_says_which_supervisor_retired_and_unlocked(office: Office) -> None:
    shell = office.shell
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        ledger.locks.lock("1", Code.E602, "3 failures in a row")
    retire = ("retire", "cam1", "--reason", "scrap", "--yes")
    assert "E610" in shell(*retire, "--pin-file", office.wang).err
    assert shell(*retire, "--supervisor", LI, "--pin-file", office.wang).code == Exit.PERSON_NEEDED
    assert shell(*retire, "--supervisor", WANG, "--pin-file", office.wang).code == 0
    last = shell("show", "cam1", "--json").json[0]["history"][-1]
    assert (last["event"], last["detail"]) == ("retired", {"why": "scrap", "by": WANG})
    assert f"by {WANG}" in shell("show", "cam1").out.splitlines()[-1]
    assert shell("unlock", "1", "--reason", "cleaned", "--supervisor", LI, "--pin-file", office.li).code == 0
    with shell.open_ledger() as ledger, raw(ledger.path) as db:
        row = db.execute("SELECT detail FROM audit WHERE event = 'unlocked'").fetchone()
    assert f'"by": "{LI}"' in row["detail"]


def test_a_label_that_a_slot_of_before_owes_is_waived_by_its_name(office: Office) -> None:
    shell = office.shell
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        label_owed(ledger)
    waive = ("unlock", "slot-9", "--reason", "torn", "--supervisor", LI, "--pin-file", office.li)
    assert (shell("status").code, shell(*waive).code, shell("status").code) == (Exit.PERSON_NEEDED, 0, 0)
    assert "nothing is locked" in shell(*waive).err


def test_on_a_terminal_the_name_and_the_pin_are_asked_for_and_the_pin_is_not_shown(office: Office) -> None:
    office.shell.stock_up("cam1", "cam2")
    retire = ("retire", "--reason", "scrap", "--yes")
    code, shown = office.shell.on_terminal(
        *retire, "cam1", answers=[("Supervisor (", "nobody"), ("nobody", WANG), (f"PIN of {WANG}", WANGS_PIN)]
    )
    assert (code, "RETIRED" in shown, LI in shown, WANGS_PIN in shown) == (0, True, True, False), shown
    code, shown = office.shell.on_terminal(*retire, "cam2", "--supervisor", LI, answers=[(f"PIN of {LI}", PIN)])
    assert (code, "Supervisor (" in shown, PIN in shown) == (0, False, False), shown


def test_on_a_terminal_a_new_pin_is_typed_twice(office: Office) -> None:
    code, shown = office.shell.on_terminal(
        "supervisor",
        "set-pin",
        "--name",
        LI,
        answers=[(f"PIN of {LI}", PIN), (f"New PIN of {LI}", NEW_PIN), ("Repeat for confirmation", NEW_PIN)],
    )
    assert (code, NEW_PIN in shown) == (0, False), shown
    assert office.opens(LI, NEW_PIN)


def test_a_dry_run_needs_no_pin_and_says_whose_would_be_asked_for(shell: Shell) -> None:
    shell.stock_up("cam1")
    retire = ("retire", "cam1", "--reason", "x", "--dry-run")
    first, pin = shell(*retire), shell.private("pin", PIN)
    assert (first.code, "none is set yet: station supervisor set-pin" in first.err) == (Exit.OK, True)
    assert (
        "会询问：班长密码，还没有设置过：station supervisor set-pin" in shell("--set", "bench.language=zh", *retire).err
    )
    assert shell("supervisor", "set-pin", "--name", LI, "--new-pin-file", pin).code == Exit.OK
    then = shell(*retire)
    assert (then.code, f"it would ask: PIN of {LI}\n" in then.err, "RETIRED" in then.err) == (Exit.OK, True, True)


def test_who_cannot_be_asked_is_told_by_which_option_to_answer(shell: Shell) -> None:
    shell.stock_up("cam1")
    retire = ("retire", "cam1", "--reason", "x", "--yes")
    never = shell(*retire)
    assert (never.code, "E607" in never.err, "station supervisor set-pin" in never.err) == (
        Exit.PERSON_NEEDED,
        True,
        True,
    )
    new = shell("supervisor", "set-pin")
    assert (new.code, "E600" in new.err, "--new-pin-file" in new.err) == (Exit.PERSON_NEEDED, True, True)
    assert shell("supervisor", "set-pin", "--new-pin-file", shell.private("pin", PIN)).code == 0
    mute = shell(*retire)
    assert (mute.code, "E600" in mute.err, "--pin-file" in mute.err) == (Exit.PERSON_NEEDED, True, True)
    backup = shell("backup", str(shell.folder / "b"), "--with-key")
    assert (backup.code, "--new-passphrase-file" in backup.err) == (Exit.USAGE, True)

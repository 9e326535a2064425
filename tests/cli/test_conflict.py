# SPDX-License-Identifier: GPL-3.0-or-later
"""Two files that disagree, at the command line: exit 6 until a supervisor has chosen; never a secret on the screen."""

from __future__ import annotations

import pytest

from station.codes import Exit
from station.model import CertName, State
from tests.cli.cli_shell import PIN, Done, Shell

CUT = "36b3216fdaee"
WHOLE = "36b3216fdaeeb975729fae923d5a4fd1"
NAME = CertName("a1Xw2y3z4Q5", "door0001")


class Office:
    """A station that took in a wrong file and then the right one, and a supervisor."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.pin = shell.private("pin", PIN)
        assert shell("supervisor", "set-pin", "--new-pin-file", self.pin).code == 0
        assert self.take(CUT).code == 0
        self.second = self.take(WHOLE)

    def take(self, secret: str) -> Done:
        file = self.shell.folder / f"with-{len(secret)}.csv"
        file.write_text(f"ProductKey,DeviceName,DeviceSecret\n{NAME.product_key},{NAME.device_name},{secret}\n")
        return self.shell("import", str(file))

    def __call__(self, *arguments: str) -> Done:
        done = self.shell("conflict", *arguments)
        assert CUT not in done.out + done.err
        return done

    def keep(self, which: str, *arguments: str) -> Done:
        return self("keep", which, *arguments, "--reason", "the first was cut off", "--pin-file", self.pin, "--yes")

    def secret_and_state(self) -> tuple[str, State]:
        with self.shell.open_ledger() as ledger:
            known = ledger.named(NAME)
            assert known is not None
            return ledger.identity(known.identity_id).primary.device_secret.reveal(), known.state


@pytest.fixture
def office(shell: Shell) -> Office:
    return Office(shell)


def test_a_person_is_needed_until_one_has_chosen(office: Office) -> None:
    assert office.second.code == Exit.PERSON_NEEDED
    assert "door0001 came with other content" in office.second.err
    assert office.secret_and_state() == (CUT, State.WITHHELD)
    assert office.take(WHOLE).code == Exit.PERSON_NEEDED
    status = office.shell("status")
    assert (status.code, "DISPUTED  1 came" in status.out) == (Exit.PERSON_NEEDED, True)
    assert office("list").code == Exit.PERSON_NEEDED
    [line] = office("list", "--json").json
    assert (line["device_name"], line["state"], line["choosable"]) == ("door0001", "WITHHELD", ["held", "arrived"])
    assert [line[side]["source"] for side in ("held", "arrived")] == ["with-12.csv", "with-32.csv"]
    assert "secret: 12 characters held, 32 arrived" in office("show", "door0001").out


@pytest.mark.parametrize(("which", "secret"), [("held", CUT), ("arrived", WHOLE)])
def test_a_supervisors_choice_ends_it(office: Office, which: str, secret: str) -> None:
    assert office.keep(which, "door0001").code == 0
    assert office.secret_and_state() == (secret, State.READY)
    assert office("list").code == 0
    again = office.take(WHOLE)
    assert again.code == 0
    assert ("decided against" in again.err) == (which == "held")
    with office.shell.open_ledger() as ledger:
        ledger.audit.verify()


def test_all_that_came_with_a_file_is_chosen_at_once(office: Office) -> None:
    batch = office("list", "--json").json[0]["arrived"]["batch"]
    done = office.keep("arrived", "--batch", batch, "--json")
    assert (done.code, done.json[0]["name"], done.json[0]["waits"]) == (0, str(NAME), "")
    assert office.secret_and_state()[0] == WHOLE


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["held"], "which?"),
        (["held", "nobody"], "nothing of nobody"),
        (["held", "--batch", "9"], "nothing of batch 9"),
    ],
)
def test_what_is_not_in_dispute_cannot_be_chosen(office: Office, arguments: list[str], why: str) -> None:
    done = office.keep(*arguments)
    assert (done.code, why in done.err) == (Exit.USAGE, True)


def test_nobody_chooses_without_a_pin_or_a_reason(office: Office) -> None:
    assert office("keep", "arrived", "door0001", "--reason", "so").code == Exit.PERSON_NEEDED
    assert office("keep", "arrived", "door0001", "--reason", " ", "--pin-file", office.pin).code == Exit.USAGE
    assert office.secret_and_state() == (CUT, State.WITHHELD)
